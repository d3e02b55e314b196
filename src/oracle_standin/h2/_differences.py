"""Differences of dates: days in Oracle, an interval in H2, to which a DATE is a timestamp.

Two DATEs differ by a NUMBER of days; as soon as one of them is a TIMESTAMP
they differ by an interval.  H2 keeps both as timestamps, so what is a DATE is
told here, from the text, the types of binds and the declared types of columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from oracle_standin.engine._tokens import Tokens
from oracle_standin.sql._scanner import TokenKind
from oracle_standin.values import DataType, TypeSpec

if TYPE_CHECKING:
    from oracle_standin.h2._translate import Translator

__all__ = ["ColumnTypes", "Differences"]

ColumnTypes = Callable[[str | None, str], Mapping[str, DataType] | None]
"""Returns the columns of a table or view, by schema and name."""

# What an expression may begin behind: these words, and symbols other than those that end an operand.
_BEFORE = ("SELECT", "DISTINCT", "ALL", "UNIQUE", "WHERE", "AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "CASE",
           "BETWEEN", "BY", "ON", "HAVING", "SET", "IN", "LIKE", "RETURNING", "VALUES")  # fmt: skip
_ENDS_OPERAND = (")", ".", "+", "-", "*", "/", "@")
_AFTER_FROM = ("WHERE", "GROUP", "HAVING", "ORDER", "CONNECT", "START", "UNION", "MINUS", "INTERSECT",
               "EXCEPT", "FETCH", "OFFSET", "FOR", "SET", "WHEN")  # fmt: skip

_DATES = ("TO_DATE", "ADD_MONTHS", "LAST_DAY", "NEXT_DAY")
_LIKE_FIRST = ("MAX", "MIN", "GREATEST", "LEAST", "COALESCE", "NVL", "NULLIF", "LAG", "LEAD", "FIRST_VALUE",
               "LAST_VALUE", "ANY_VALUE", "MEDIAN")  # fmt: skip
_CUT = ("TRUNC", "ROUND")
_TIMES = (DataType.DATE, DataType.TIMESTAMP, DataType.TIMESTAMP_TZ, DataType.TIMESTAMP_LTZ)


class _Term(NamedTuple):
    minus: bool
    start: int
    end: int
    product: bool


class Differences:
    """Finds the differences of two DATEs in a statement.

    Parameters
    ----------
    translator : `Translator`
        Of the statement.
    types : `~collections.abc.Mapping` [`int`, `~oracle_standin.values.TypeSpec`]
        Types of the binds, by their positions among the tokens.
    columns : `ColumnTypes`
        Finds tables.
    """

    def __init__(self, translator: Translator, types: Mapping[int, TypeSpec], columns: ColumnTypes) -> None:
        self._t = translator
        self._types = types
        self._columns = columns
        self._tables: list[Mapping[str, DataType]] | None = None
        self._aliases: dict[str, tuple[int, int]] | None = None
        self._asked: set[str] = set()

    def find(self) -> dict[int, list[tuple[int, int]]]:
        """Return, by where its first operand begins, where the minus and the end of each difference are."""
        found: dict[int, list[tuple[int, int]]] = {}
        if not any(token.is_symbol("-") for token in self._t.tokens):
            return found
        for i in range(len(self._t.tokens)):
            if self._begins(i):
                self._chain(i, found)
        return found

    def _begins(self, i: int) -> bool:
        if i == 0 or self._t.word(i, "SELECT", "WITH"):
            return False
        before = self._t.tokens[i - 1]
        if before.kind is TokenKind.SYMBOL:
            return not before.is_symbol(*_ENDS_OPERAND)
        return before.is_word(*_BEFORE)

    def _chain(self, start: int, found: dict[int, list[tuple[int, int]]] | None = None) -> DataType | None:
        """Return the type of a sum by its beginning, if it is a point in time; note its differences."""
        kind: DataType | None = None
        for n, term in enumerate(self._terms(start)):
            other = None if term.product else self._type(term.start, term.end)
            if n == 0:
                kind = other
            elif term.minus and kind is DataType.DATE and other is DataType.DATE:
                if found is not None:
                    found.setdefault(start, []).append((term.start - 1, term.end))
                kind = None
            elif term.minus and other is not None:
                # Two points in time of which one is a TIMESTAMP: an interval.
                kind = None
            else:
                kind = kind or other
        return kind

    def _terms(self, start: int) -> list[_Term]:
        terms: list[_Term] = []
        i, minus, end = start, False, len(self._t.tokens)
        while i < end:
            behind = self._operand(i)
            product = False
            while self._t.symbol(behind, "*", "/") and behind + 1 < end:
                product = True
                behind = self._operand(behind + 1)
            terms.append(_Term(minus, i, behind, product))
            if not self._t.symbol(behind, "+", "-"):
                break
            minus = self._t.symbol(behind, "-")
            i = behind + 1
        return terms

    def _operand(self, i: int) -> int:
        if self._t.word(i, "DATE", "TIMESTAMP") and self._t.kind(i + 1, TokenKind.STRING):
            return i + 2
        if self._t.word(i, "INTERVAL") and self._t.kind(i + 1, TokenKind.STRING):
            return (
                self._unit(self._unit(i + 2) + 1)
                if self._t.word(self._unit(i + 2), "TO")
                else self._unit(i + 2)
            )
        return self._t.operand_end(i)

    def _unit(self, i: int) -> int:
        """Return the position behind ``DAY`` or ``DAY(3)``."""
        return self._t.closing(i + 1) + 1 if self._t.symbol(i + 1, "(") else i + 1

    def _type(self, start: int, end: int) -> DataType | None:  # noqa: PLR0911 - a branch per form of an operand
        """Return the type of an operand, if it is a point in time."""
        t = self._t
        if t.symbol(start, "("):
            if t.word(start + 1, "SELECT"):
                return self._selected(start + 1)
            return self._chain(start + 1)
        if t.kind(start, TokenKind.BIND):
            spec = self._types.get(start)
            return spec.type if spec is not None and spec.type in _TIMES else None
        if t.kind(start + 1, TokenKind.STRING):
            return {"DATE": DataType.DATE, "TIMESTAMP": DataType.TIMESTAMP}.get(t.tokens[start].value)
        if t.word(start, "SYSDATE", "CURRENT_DATE"):
            return DataType.DATE
        if t.word(start, "SYSTIMESTAMP", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"):
            return DataType.TIMESTAMP
        if t.word(start, "CASE"):
            then = next((i for i in t.outermost(start, end) if t.word(i, "THEN")), None)
            return None if then is None else self._chain(then + 1)
        if t.symbol(start + 1, "("):
            return self._call(start)
        return self._column(end - 1)

    def _call(self, start: int) -> DataType | None:
        t = self._t
        name, close = t.tokens[start].value, t.closing(start + 1)
        args = t.items(start + 2, close)
        if name in _DATES:
            return DataType.DATE
        if name == "CAST" and t.word(close - 1, "DATE"):
            return DataType.DATE
        if name in _CUT and args:
            # What is cut is a DATE, also of a timestamp.
            known = len(args) > 1 and t.kind(args[1][0], TokenKind.STRING)
            return DataType.DATE if known or self._chain(args[0][0]) is not None else None
        place = {"DECODE": 2, "NVL2": 1}.get(name, 0 if name in _LIKE_FIRST else None)
        return None if place is None or place >= len(args) else self._chain(args[place][0])

    def _selected(self, select: int) -> DataType | None:
        first = select + 1
        while self._t.word(first, "DISTINCT", "ALL", "UNIQUE"):
            first += 1
        return self._chain(first)

    def _column(self, i: int) -> DataType | None:
        if not self._t.name(i):
            return None
        name = self._t.tokens[i].value
        if self._tables is None:
            self._tables = [
                found for place in self._table_names() if (found := self._columns(*place)) is not None
            ]
        kinds = {columns[name] for columns in self._tables if name in columns}
        if kinds:
            (kind, *others) = kinds
            return kind if kind in _TIMES and not others else None
        if self._aliases is None:
            self._aliases = _aliases(self._t)
        if name not in self._aliases or name in self._asked:
            return None
        self._asked.add(name)
        try:
            return self._chain(self._aliases[name][0])
        finally:
            self._asked.discard(name)

    def _table_names(self) -> set[tuple[str | None, str]]:
        """Return schema and name of what the statement takes for tables."""
        t = self._t
        found: set[tuple[str | None, str]] = set()
        for i in range(len(t.tokens)):
            if t.word(i, "JOIN", "UPDATE", "INTO", "USING"):
                found |= _table(t, i + 1)
            elif t.word(i, "FROM"):
                stop = t.end_of_clause(i + 1, len(t.tokens), *_AFTER_FROM)
                for start, _ in t.items(i + 1, stop):
                    found |= _table(t, start)
        return found


def _table(t: Tokens, i: int) -> set[tuple[str | None, str]]:
    if not t.name(i):
        return set()
    if t.symbol(i + 1, ".") and t.name(i + 2):
        return {(t.tokens[i].value, t.tokens[i + 2].value)}
    return {(None, t.tokens[i].value)}


def _aliases(t: Tokens) -> dict[str, tuple[int, int]]:
    """Return the expressions that select lists give a name to."""
    found: dict[str, tuple[int, int]] = {}
    for i in range(len(t.tokens)):
        if not t.word(i, "SELECT"):
            continue
        first = i + 1
        while t.word(first, "DISTINCT", "ALL", "UNIQUE"):
            first += 1
        for a, b in t.items(first, t.end_of_clause(first, len(t.tokens), "FROM")):
            if b - a > 1 and t.name(b - 1) and not t.symbol(b - 2, ".", "+", "-", "*", "/"):
                found.setdefault(t.tokens[b - 1].value, (a, b - 1))
    return found
