"""Rules for INSERT, UPDATE, DELETE and MERGE."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.profiles import Profile
from oracle_standin.sql._rules_conditions import check_condition
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._tree import Group, Item, is_query, is_symbol, is_word, name_at, split, word
from oracle_standin.sql._words import RESERVED

__all__ = ["check_dml"]

_FIRST_WITH_JOINS = 23


def check_dml(root: Group, profile: Profile) -> None:
    """Apply the rules for the statement's first word."""
    items = root.items
    match word(items, 0):
        case "INSERT":
            _check_insert(items, profile)
        case "UPDATE":
            _check_update(items, profile)
        case "DELETE":
            _check_delete(items, profile)
        case "MERGE":
            _check_merge(items, profile)
    _check_returning(items, profile)


def _start(items: Sequence[Item], place: int) -> int:
    """Return where the item at a place begins; beyond the last, where that ends."""
    return items[place].start if place < len(items) else items[-1].end


def _target(items: Sequence[Item], place: int) -> int:
    """Return the place behind the name of the table that is changed."""
    if place < len(items) and isinstance(items[place], Group):
        return place + 1
    if (
        is_word(items, place, "ONLY", "TABLE")
        and place + 1 < len(items)
        and isinstance(items[place + 1], Group)
    ):
        return place + 2
    parts, behind = name_at(items, place)
    if parts and parts[-1].kind is TokenKind.NAME and parts[-1].value in RESERVED and len(parts) == 1:
        raise refusal(903, parts[0].start)
    if is_word(items, behind, "PARTITION", "SUBPARTITION"):
        behind += 2
        if behind - 1 < len(items) and not isinstance(items[behind - 1], Group):
            behind += 1
    return behind


def _find(items: Sequence[Item], begin: int, *words: str) -> int:
    """Return the place of the first of these words, or the end."""
    return next((n for n in range(begin, len(items)) if is_word(items, n, *words)), len(items))


def _check_returning(items: Sequence[Item], profile: Profile) -> None:
    place = next(
        (
            n
            for n in range(2, len(items))
            if is_word(items, n, "RETURNING", "RETURN")
            and not is_symbol(items, n - 1, ".", ",", "=")
            and not is_symbol(items, n + 1, ".", ",", "=")
            and not is_word(items, n - 1, "SET", "INTO", "AS")
        ),
        None,
    )
    if place is None:
        return
    if not any(is_word(items, n, "INTO") for n in range(place, len(items))):
        raise refusal(925, items[-1].end)
    if is_word(items, place, "RETURN"):
        # Clients know a returning bind by the long word alone, and send a value for others.
        raise not_modelled("RETURN ... INTO; write RETURNING", offset=items[place].start)
    queried = is_word(items, 0, "INSERT") and any(is_word(items, n, "SELECT") for n in range(place))
    if (queried or is_word(items, 0, "MERGE")) and profile.major < _FIRST_WITH_JOINS:
        raise refusal(933, items[place].start)


def _check_insert(items: Sequence[Item], profile: Profile) -> None:
    if not is_word(items, 1, "INTO", "ALL", "FIRST", "WHEN"):
        raise refusal(925, _start(items, 1))
    if not is_word(items, 1, "INTO"):
        return
    place = _target(items, 2)
    if is_word(items, place, "AS") or (is_word(items, place, "SET") and profile.major < _FIRST_WITH_JOINS):
        raise refusal(926, items[place].start)
    if (
        place < len(items)
        and isinstance(items[place], Token)
        and not is_word(items, place, "VALUES", "SELECT", "WITH", "DEFAULT", "SET", "BY")
    ):
        place += 1  # an alias
    _check_inserted(items, place, profile)
    for found in range(place, len(items)):
        if is_word(items, found, "ON") and is_word(items, found + 1, "CONFLICT", "DUPLICATE"):
            raise refusal(933, items[found].start)


def _check_inserted(items: Sequence[Item], place: int, profile: Profile) -> None:
    """Check the list of columns, if there is one, and the VALUES."""
    columns: int | None = None
    listed = items[place] if place < len(items) else None
    if isinstance(listed, Group) and not is_query(listed):
        columns = _check_columns(listed)
        place += 1
    if is_word(items, place, "DEFAULT"):
        raise refusal(926, items[place].start)
    values = items[place + 1] if place + 1 < len(items) else None
    if is_word(items, place, "VALUES") and isinstance(values, Group):
        _check_values(values, columns)
        if is_symbol(items, place + 2, ",") and profile.major < _FIRST_WITH_JOINS:
            raise refusal(933, items[place + 2].start)


def _check_columns(listed: Group) -> int:
    """Check the list of columns of an INSERT; return how many they are."""
    names: set[str] = set()
    parts = split(listed.items)
    for part in parts:
        name, behind = name_at(part, 0)
        if not name or behind != len(part):
            raise refusal(928, _start(part, 0) if part else listed.end - 1)
        column = name[-1]
        if column.kind is TokenKind.NAME and column.value in RESERVED:
            raise refusal(928, column.start)
        if column.value in names:
            raise refusal(957, column.start)
        names.add(column.value)
    return len(parts)


def _check_values(values: Group, columns: int | None) -> None:
    if not values.items:
        raise refusal(936, values.end - 1)
    count = len(split(values.items))
    if columns is not None and count != columns:
        raise refusal(947 if count < columns else 913, values.start)


def _check_update(items: Sequence[Item], profile: Profile) -> None:
    place = _target(items, 1)
    if is_word(items, place, "AS"):
        raise refusal(971, items[place].start)
    if not is_word(items, place, "SET"):
        place += 1  # an alias
    if not is_word(items, place, "SET"):
        raise refusal(971, _start(items, min(place, len(items))))
    end = _find(items, place, "WHERE", "FROM", "RETURNING", "RETURN", "LOG", "ORDER", "LIMIT")
    _check_assignments(items[place + 1 : end])
    if is_word(items, end, "FROM") and profile.major < _FIRST_WITH_JOINS:
        raise refusal(933, items[end].start)
    if is_word(items, end, "ORDER", "LIMIT"):
        raise refusal(933, items[end].start)
    _check_where(items, profile)


def _check_assignments(items: Sequence[Item]) -> None:
    names: set[str] = set()
    for part in split(items):
        target = part[0] if part else None
        if isinstance(target, Group):
            if len(part) == 3 and isinstance(part[2], Group) and not is_query(part[2]):  # noqa: PLR2004 - a name, = and a parenthesis
                raise refusal(1767, part[2].start)
            continue
        name, behind = name_at(part, 0)
        if not name or not is_symbol(part, behind, "="):
            continue
        column = name[-1]
        if column.kind is TokenKind.NAME and column.value in RESERVED:
            raise refusal(1747, column.start)
        if behind + 1 == len(part):
            raise refusal(936, part[behind].end)
        if column.value in names:
            raise refusal(957, column.start)
        names.add(column.value)


def _check_delete(items: Sequence[Item], profile: Profile) -> None:
    place = _target(items, 2 if is_word(items, 1, "FROM") else 1)
    if is_word(items, place, "AS", "USING", "LIMIT"):
        raise refusal(933, items[place].start)
    for found in range(place, len(items)):
        limited = is_word(items, found, "LIMIT") and not is_symbol(items, found - 1, ".")
        if limited and found + 2 == len(items):
            raise refusal(933, items[found].start)
        joined = is_word(items, found, "FROM") and not is_word(items, found - 1, "DISTINCT")
        if joined and profile.major < _FIRST_WITH_JOINS:
            raise refusal(933, items[found].start)
        if is_word(items, found, "USING") and found == place + 1:
            raise refusal(933, items[found].start)
    _check_where(items, profile)


def _check_where(items: Sequence[Item], profile: Profile) -> None:
    begin = _find(items, 0, "WHERE")
    if begin < len(items):
        check_condition(
            items[begin + 1 : _find(items, begin, "RETURNING", "RETURN", "LOG", "ORDER")], profile
        )


def _check_merge(items: Sequence[Item], profile: Profile) -> None:
    if not is_word(items, 1, "INTO"):
        raise refusal(925, _start(items, 1))
    place = _target(items, 2)
    alias, place = _alias(items, place, "USING")
    if not is_word(items, place, "USING"):
        raise refusal(2012, _start(items, place))
    place = (
        place + 2
        if place + 1 < len(items) and isinstance(items[place + 1], Group)
        else _target(items, place + 1)
    )
    _, place = _alias(items, place, "ON")
    condition = items[place + 1] if place + 1 < len(items) else None
    if not is_word(items, place, "ON") or not (
        isinstance(condition, Group) or profile.major >= _FIRST_WITH_JOINS
    ):
        raise refusal(969, _start(items, place))
    if isinstance(condition, Group):
        check_condition(condition.items, profile)
    for found in range(place, len(items)):
        if is_word(items, found, "MATCHED") and not is_word(items, found + 1, "THEN"):
            raise refusal(905, _start(items, found + 1))
        if is_word(items, found, "THEN") and is_word(items, found + 1, "DELETE"):
            raise refusal(905, items[found + 1].start)
    parts, _ = name_at(items, 2)
    if isinstance(condition, Group) and parts:
        _check_joined_columns(items, condition, {alias or parts[-1].value, parts[-1].value})


def _alias(items: Sequence[Item], place: int, behind: str) -> tuple[str | None, int]:
    """Return an alias, if one stands before a word, and the place behind it."""
    item = items[place] if place < len(items) else None
    named = isinstance(item, Token) and item.kind in {TokenKind.NAME, TokenKind.QUOTED}
    if named and isinstance(item, Token) and not item.is_word(behind, "AS"):
        return item.value, place + 1
    return None, place


def _check_joined_columns(items: Sequence[Item], condition: Group, target: set[str]) -> None:
    """Refuse to change a column by which rows were found."""
    joined: set[str] = set()
    pending = [condition]
    while pending:
        inner = pending.pop().items
        for place in range(len(inner) - 2):
            table, column = inner[place], inner[place + 2]
            named = is_symbol(inner, place + 1, ".")
            if named and isinstance(table, Token) and isinstance(column, Token) and table.value in target:
                joined.add(column.value)
        pending.extend(item for item in inner if isinstance(item, Group) and not is_query(item))
    begin = _find(items, 0, "SET")
    for part in split(items[begin + 1 : _find(items, begin, "WHERE", "WHEN", "DELETE")]):
        name, behind = name_at(part, 0)
        if not name or not is_symbol(part, behind, "=") or name[-1].value not in joined:
            continue
        if len(name) == 1 or name[-2].value in target:
            shown = f'"{min(target) if len(name) == 1 else name[-2].value}"."{name[-1].value}"'
            raise OracleError(
                38104, f"Columns referenced in the ON Clause cannot be updated: {shown}", offset=name[0].start
            )
