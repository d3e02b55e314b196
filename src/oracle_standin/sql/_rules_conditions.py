"""Rules for conditions, operators and calls."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.profiles import Profile
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._tree import Group, Item, groups, is_query, is_symbol, is_word, name_at, split, word
from oracle_standin.sql._words import FOREIGN_FUNCTIONS, FOREIGN_TYPES, RESERVED

__all__ = [
    "check_calls",
    "check_condition",
    "check_lists",
    "check_qualified",
    "check_selected_condition",
    "check_type",
]

_FIRST_WITH_BOOLEANS = 23
_COMPARISONS = ("=", "<>", "!=", "^=", "<", ">", "<=", ">=")
_CONDITION_WORDS = ("AND", "BETWEEN", "IN", "IS", "LIKE", "LIKE2", "LIKE4", "LIKEC", "OR")


def check_condition(items: Sequence[Item], profile: Profile) -> None:
    """Refuse a column, bind or literal that stands for a condition, in versions without BOOLEAN."""
    if profile.major >= _FIRST_WITH_BOOLEANS or not items:
        return
    pending: list[Sequence[Item]] = [items]
    while pending:
        for part in _predicates(pending.pop()):
            if len(part) == 1 and isinstance(part[0], Group):
                if not is_query(part[0]):
                    pending.append(part[0].items)
            elif _is_bare_operand(part):
                raise refusal(920, part[-1].end)


def _predicates(items: Sequence[Item]) -> list[list[Item]]:
    """Cut a condition at AND, OR and NOT; the AND of BETWEEN and what CASE contains are left alone."""
    parts: list[list[Item]] = [[]]
    cases = betweens = 0
    for place, item in enumerate(items):
        found = word(items, place)
        if found in {"CASE", "END"} and not is_symbol(items, place - 1, "."):
            cases += 1 if found == "CASE" else -1
        elif found == "BETWEEN":
            betweens += 1
        elif cases == 0 and found == "AND" and betweens:
            betweens -= 1
        elif cases == 0 and found in {"AND", "OR"}:
            parts.append([])
            continue
        elif found == "NOT" and not parts[-1]:
            continue
        parts[-1].append(item)
    return [part for part in parts if part]


def _is_bare_operand(part: Sequence[Item]) -> bool:
    first = part[0]
    if isinstance(first, Group):
        return False
    if first.kind in {TokenKind.BIND, TokenKind.NUMBER, TokenKind.STRING}:
        return len(part) == 1
    parts, behind = name_at(part, 0)
    # TRUE and FALSE have an error of their own.
    return bool(parts) and behind == len(part) and not is_word(part, 0, "TRUE", "FALSE")


def check_selected_condition(item: Sequence[Item]) -> None:
    """Refuse a condition as an item of a select list, in versions without BOOLEAN."""
    if is_word(item, 0, "EXISTS", "NOT") and len(item) > 1:
        raise refusal(936, item[0].start)
    cases = 0
    for place, part in enumerate(item):
        found = word(item, place)
        if found in {"CASE", "END"}:
            cases += 1 if found == "CASE" else -1
        elif cases:
            continue
        elif isinstance(part, Group):
            if _is_condition(part) and (place == 0 or is_symbol(item, place - 1, "+", "-", "*", "/", "||")):
                raise refusal(907, _comparison(part.items))
        elif place and (is_symbol(item, place, *_COMPARISONS) or _is_condition_word(item, place)):
            raise refusal(923, part.start)


def _is_condition_word(items: Sequence[Item], place: int) -> bool:
    return is_word(items, place, *_CONDITION_WORDS) and not is_word(items, place - 1, "AS")


def _is_condition(group: Group) -> bool:
    return not is_query(group) and _comparison(group.items) >= 0


def _comparison(items: Sequence[Item]) -> int:
    """Return where the first comparison outside of CASE stands, or -1."""
    cases = 0
    for place, item in enumerate(items):
        found = word(items, place)
        if found in {"CASE", "END"}:
            cases += 1 if found == "CASE" else -1
        elif cases == 0 and is_symbol(items, place, *_COMPARISONS):
            return item.start
    return -1


def check_lists(root: Group, profile: Profile) -> None:
    """Refuse IN lists that are too long or empty."""
    for group in groups(root):
        items = group.items
        for place in range(1, len(items)):
            listed = items[place]
            if not isinstance(listed, Group) or not is_word(items, place - 1, "IN") or is_query(listed):
                continue
            if not listed.items:
                raise refusal(936, listed.end - 1)
            commas = [item for item in listed.items if isinstance(item, Token) and item.is_symbol(",")]
            # The limit is one of single expressions; it does not hold for lists of lists.
            if len(commas) >= profile.in_list_limit and not isinstance(listed.items[0], Group):
                raise refusal(1795, commas[profile.in_list_limit - 1].start, profile.in_list_limit)


_ARGUMENTS = {"NVL": (2, 2), "NVL2": (3, 3), "NULLIF": (2, 2), "COALESCE": (2, None), "DECODE": (3, None)}
_NO_CALL_BEHIND = ("FROM", "INTO", "JOIN", "TABLE", "UPDATE", "WITH")


def check_calls(root: Group, profile: Profile) -> None:
    """Refuse functions that Oracle has not, and wrong numbers of arguments of some that it has."""
    for group in groups(root):
        items = group.items
        for place in range(len(items) - 1):
            arguments = items[place + 1]
            name = word(items, place)
            if not name or not isinstance(arguments, Group) or is_symbol(items, place - 1, ".", "@"):
                continue
            if is_word(items, place + 2, "AS") and _is_definition(items, place):
                continue
            _check_call(items, place, name, arguments, profile)


def _is_definition(items: Sequence[Item], place: int) -> bool:
    """Return whether this is ``name (columns) AS (query)``."""
    return place + 3 < len(items) and isinstance(items[place + 3], Group)


def _check_call(items: Sequence[Item], place: int, name: str, arguments: Group, profile: Profile) -> None:
    start = items[place].start
    if name == "CAST":
        _check_cast(arguments, profile)
        return
    elsewhere = name in FOREIGN_FUNCTIONS or (name == "CEILING" and profile.major < _FIRST_WITH_BOOLEANS)
    if elsewhere and not is_word(items, place - 1, *_NO_CALL_BEHIND):
        ordered = next(
            (item for n, item in enumerate(arguments.items) if is_word(arguments.items, n, "ORDER")), None
        )
        if ordered is not None:
            raise refusal(907, ordered.start)
        raise refusal(904, start, f'"{name}"')
    if not arguments.items:
        return
    count = len(split(arguments.items))
    if name in _ARGUMENTS:
        fewest, most = _ARGUMENTS[name]
        if count < fewest and most is None:
            raise refusal(938, start)
        if count < fewest or (most is not None and count > most):
            raise refusal(909, start)
    elif (name == "CONCAT" and (count < 2 or (count > 2 and profile.major < _FIRST_WITH_BOOLEANS))) or (  # noqa: PLR2004 - Oracle's limits
        name == "COUNT" and count > 1
    ):
        raise refusal(909, start)


def _check_cast(arguments: Group, profile: Profile) -> None:
    for place in range(1, len(arguments.items)):
        if is_word(arguments.items, place, "AS"):
            check_type(arguments.items[place + 1 :], profile)


_LONGEST = {
    "VARCHAR2": 4000,
    "VARCHAR": 4000,
    "NVARCHAR2": 2000,
    "RAW": 2000,
    "CHAR": 2000,
    "CHARACTER": 2000,
    "NCHAR": 1000,
}
_WITH_LENGTH = ("VARCHAR2", "VARCHAR", "NVARCHAR2", "RAW")
_SINCE = {"BOOLEAN": 23, "BOOL": 23, "VECTOR": 23, "JSON": 21}
_GREATEST_PRECISION = 38
_GREATEST_FRACTION = 9


def check_type(items: Sequence[Item], profile: Profile) -> None:
    """Check the data type that begins here.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a type of another version or database (ORA-00902), without
        its length (ORA-00906), too long (ORA-00910), of no length (ORA-01723)
        or with more digits than there are (ORA-01727, ORA-01728, ORA-30088).
    """
    name = word(items, 0)
    if is_symbol(items, 1, ".") or not name:
        return
    if name in FOREIGN_TYPES or profile.major < _SINCE.get(name, 0):
        raise refusal(902, items[0].start)
    given = items[1] if len(items) > 1 else None
    if not isinstance(given, Group):
        if name in _WITH_LENGTH:
            raise refusal(906, items[0].end)
        return
    numbers = [_integer(part) for part in split(given.items)]
    if None in numbers or not numbers:
        return
    number = _size_error(name, numbers[0] or 0, numbers[1] or 0 if len(numbers) > 1 else 0)
    if number:
        raise refusal(number, given.start + 1)


def _size_error(name: str, size: int, scale: int) -> int:
    """Return the number of the error that a type's size is, or 0."""
    if name in _LONGEST:
        return 1723 if size == 0 else 910 if size > _LONGEST[name] else 0
    if name in {"NUMBER", "NUMERIC", "DECIMAL", "DEC"}:
        return 1727 if not 1 <= size <= _GREATEST_PRECISION else 1728 if not -84 <= scale <= 127 else 0  # noqa: PLR2004 - Oracle's limits
    return 30088 if name == "TIMESTAMP" and size > _GREATEST_FRACTION else 0


def _integer(items: Sequence[Item]) -> int | None:
    """Return a number, also a negative one or one with BYTE or CHAR behind it."""
    sign = -1 if is_symbol(items, 0, "-") else 1
    digits = items[1 if sign < 0 else 0] if len(items) > (sign < 0) else None
    if isinstance(digits, Token) and digits.kind is TokenKind.NUMBER and digits.value.isdigit():
        return sign * int(digits.value)
    return None


def check_qualified(root: Group) -> None:
    """Refuse a reserved word behind a point."""
    for group in groups(root):
        for place in range(2, len(group.items)):
            item = group.items[place]
            if (
                isinstance(item, Token)
                and item.kind is TokenKind.NAME
                and item.value in RESERVED
                and is_symbol(group.items, place - 1, ".")
            ):
                raise refusal(1747, item.start)
