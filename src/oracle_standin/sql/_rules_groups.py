"""Rules for GROUP BY: what is selected has to be grouped by, or aggregated."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.sql._blocks import Block
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._scope import Scope
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._tree import Group, Item, is_query, is_symbol, is_word, name_at, split, word
from oracle_standin.sql._words import words

__all__ = ["check_groups", "without_alias"]

_AGGREGATES = words(
    """
    ANY_VALUE APPROX_COUNT APPROX_COUNT_DISTINCT APPROX_MEDIAN APPROX_PERCENTILE APPROX_SUM AVG BIT_AND_AGG
    BIT_OR_AGG BIT_XOR_AGG COLLECT CORR CORR_K CORR_S COUNT COVAR_POP COVAR_SAMP CUME_DIST DENSE_RANK
    GROUPING GROUPING_ID GROUP_ID JSON_ARRAYAGG JSON_OBJECTAGG LISTAGG MAX MEDIAN MIN PERCENTILE_CONT
    PERCENTILE_DISC PERCENT_RANK RANK REGR_AVGX REGR_AVGY REGR_COUNT REGR_INTERCEPT REGR_R2 REGR_SLOPE
    REGR_SXX REGR_SXY REGR_SYY STATS_MODE STDDEV STDDEV_POP STDDEV_SAMP SUM VARIANCE VAR_POP VAR_SAMP XMLAGG
    """
)
_BEHIND_AGGREGATE = ("FILTER", "FROM", "IGNORE", "KEEP", "RESPECT", "WITHIN")

Shape = tuple[object, ...]


def check_groups(block: Block, scope: Scope, *, aliases: bool) -> None:
    """Refuse columns that are neither grouped by nor aggregated.

    Parameters
    ----------
    block : `~oracle_standin.sql._blocks.Block`
        A SELECT.
    scope : `~oracle_standin.sql._scope.Scope`
        Only columns that it knows are refused.
    aliases : `bool`
        Whether the version groups by aliases of the select list.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised with ORA-00979, or ORA-00937 if nothing is grouped by.
    """
    clause = block.clauses.get("GROUP")
    selected = [without_alias(item) for item in block.select_list]
    if clause is None and not any(_aggregates(item) for item in selected):
        return
    keys = [key for part in split((clause or [])[1:]) for key in _keys(part)]
    if aliases:
        if is_word(clause or (), 1, "ALL"):
            return
        named = {_alias(item): part for item, part in zip(block.select_list, selected, strict=True)}
        keys += [named[key[0].value] for key in keys if isinstance(key[0], Token) and key[0].value in named]
    checked = _Grouped(scope, keys, 979 if clause else 937)
    for item in selected:
        if is_symbol(item, len(item) - 1, "*") and scope.known:
            raise refusal(checked.number, item[0].start)
        checked.check(item)
    checked.check(block.clauses.get("HAVING", ()))


class _Grouped:
    """Looks for columns outside of keys and aggregates."""

    def __init__(self, scope: Scope, keys: Sequence[Sequence[Item]], number: int) -> None:
        self.scope = scope
        self.number = number
        self.shapes = {_shape(key) for key in keys}
        self.lengths = sorted({len(key) for key in keys}, reverse=True)
        names = [name_at(key, 0) for key in keys]
        self.columns = [
            parts for (parts, behind), key in zip(names, keys, strict=True) if parts and behind == len(key)
        ]

    def check(self, items: Sequence[Item]) -> None:
        """Raise an error for the first such column."""
        place = 0
        while place < len(items):
            length = next((n for n in self.lengths if _shape(items[place : place + n]) in self.shapes), 0)
            if length:
                place += length
                continue
            place = self._pass(items, place)

    def _pass(self, items: Sequence[Item], place: int) -> int:
        """Check what begins here, and return the place behind it."""
        item = items[place]
        if isinstance(item, Group):
            if not is_query(item):
                self.check(item.items)
            return place + 1
        parts, behind = name_at(items, place)
        if not parts:
            return place + 1
        arguments = items[behind] if behind < len(items) else None
        if isinstance(arguments, Group) and not is_symbol(arguments.items, 0, "+"):
            return self._call(items, behind, parts, arguments)
        if self.scope.types(items[place:behind]) and not self._is_key(parts):
            raise refusal(self.number, parts[0].start)
        return behind

    def _call(self, items: Sequence[Item], place: int, parts: Sequence[Token], arguments: Group) -> int:
        behind = place + 1
        while is_word(items, behind, *_BEHIND_AGGREGATE) or isinstance(
            items[behind] if behind < len(items) and behind > place + 1 else None, Group
        ):
            behind += 2 if is_word(items, behind, "FROM", "IGNORE", "RESPECT", "WITHIN") else 1
        if is_word(items, behind, "OVER"):
            return behind + 2
        if parts[-1].value not in _AGGREGATES and not is_query(arguments):
            self.check(arguments.items)
        return behind

    def _is_key(self, parts: Sequence[Token]) -> bool:
        """Return whether a column is one of those that are grouped by."""
        return any(
            key[-1].value == parts[-1].value
            and (len(key) == 1 or len(parts) == 1 or key[-2].value == parts[-2].value)
            for key in self.columns
        )


def _keys(part: Sequence[Item]) -> list[Sequence[Item]]:
    """Return what one item of GROUP BY groups by: itself, and what is in its parentheses."""
    if not part:
        return []
    found: list[Sequence[Item]] = [part]
    if is_word(part, 0, "ROLLUP", "CUBE", "GROUPING") or isinstance(part[0], Group):
        inner = part[-1]
        if isinstance(inner, Group) and not is_query(inner):
            found += [key for listed in split(inner.items) for key in _keys(listed)]
    return found


def _shape(items: Sequence[Item]) -> Shape:
    """Return what makes two expressions the same."""
    return tuple(
        _shape(item.items) if isinstance(item, Group) else (item.kind in _LITERALS, item.value)
        for item in items
    )


_LITERALS = {TokenKind.STRING, TokenKind.NUMBER, TokenKind.BIND}


def _aggregates(items: Sequence[Item]) -> bool:
    """Return whether there is an aggregate of this block in these items."""
    for place, item in enumerate(items):
        if not isinstance(item, Group) or is_query(item):
            continue
        called = word(items, place - 1) if place else ""
        if called in _AGGREGATES and not is_symbol(items, place - 2, "."):
            if not any(is_word(items, n, "OVER") for n in range(place + 1, len(items))):
                return True
        elif called != "OVER" and _aggregates(item.items):
            return True
    return False


def _alias(item: Sequence[Item]) -> str:
    last = item[-1]
    return last.value if len(without_alias(item)) < len(item) and isinstance(last, Token) else ""


def without_alias(item: Sequence[Item]) -> Sequence[Item]:
    """Return an item of a select list without its alias."""
    for place in range(1, len(item)):
        if is_word(item, place, "AS"):
            return item[:place]
    last = item[-1] if item else None
    if len(item) < 2 or not isinstance(last, Token):  # noqa: PLR2004
        return item
    named = last.kind is TokenKind.QUOTED or (last.kind is TokenKind.NAME and last.value != "END")
    before = item[-2]
    operand = isinstance(before, Group) or before.kind is not TokenKind.SYMBOL
    return item[:-1] if named and operand and not is_word(item, len(item) - 2, "PRIOR") else item
