"""Names of a query's columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from oracle_standin.engine._types import read_type
from oracle_standin.sql._scanner import Token, TokenKind, scan
from oracle_standin.values import TypeSpec

__all__ = ["casts", "labels"]

_OPERANDS = (TokenKind.QUOTED, TokenKind.STRING, TokenKind.NUMBER, TokenKind.BIND)
_LAST_WORDS = ("END", "NULL", "DAY", "SECOND", "MONTH", "YEAR", "HOUR", "MINUTE", "ZONE", "LOCAL")
"""Words that may end an expression."""
_BEFORE_OPERAND = (
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "BETWEEN",
    "IS",
    "PRIOR",
    "DISTINCT",
    "ALL",
    "UNIQUE",
    "THEN",
    "ELSE",
    "WHEN",
    "CASE",
    "TO",
    "FROM",
)
_LONGEST = 128


@lru_cache(maxsize=1024)
def labels(text: str) -> tuple[dict[int, str], dict[int, str]]:
    """Return the names of computed columns without an alias: their source text without blanks.

    Parameters
    ----------
    text : `str`
        A query.

    Returns
    -------
    from_front, from_back : `dict` [`int`, `str`]
        Names by position from 0, up to the first ``*``; and by position from
        the end, -1 is the last, for those behind the last ``*``.
    """
    tokens = scan(text)
    start, end = _select_list(tokens)
    ranges = _items(tokens, start, end)
    stars = [n for n, (a, b) in enumerate(ranges) if tokens[b - 1].is_symbol("*") and b - a in (1, 3, 5)]
    front, back = {}, {}
    for n, (a, b) in enumerate(ranges):
        name = _computed_name(text, tokens, a, b)
        if name is None:
            continue
        if not stars or n < stars[0]:
            front[n] = name
        elif n > stars[-1]:
            back[n - len(ranges)] = name
    return front, back


@lru_cache(maxsize=1024)
def casts(text: str) -> dict[int, TypeSpec]:
    """Return the types of a query's columns that are a CAST, by position; none behind a ``*``.

    H2 knows of a computed number only that it is one.
    """
    tokens = scan(text)
    found: dict[int, TypeSpec] = {}
    for n, (a, b) in enumerate(_items(tokens, *_select_list(tokens))):
        if tokens[b - 1].is_symbol("*"):
            break
        spec = _cast_type(tokens, a)
        if spec is not None:
            found[n] = spec
    return found


def _cast_type(tokens: Sequence[Token], i: int) -> TypeSpec | None:
    """Return the type of a CAST at a position; not of one in a subquery, which Oracle does not see either."""
    if not (tokens[i].is_word("CAST") and i + 1 < len(tokens) and tokens[i + 1].is_symbol("(")):
        return None
    depth = 0
    for j in range(i + 1, len(tokens)):
        depth += tokens[j].is_symbol("(") - tokens[j].is_symbol(")")
        if depth == 0:
            behind = tokens[j + 1] if j + 1 < len(tokens) else None
            ends = (
                behind is None
                or behind.is_symbol(",", ")")
                or behind.kind in (TokenKind.NAME, TokenKind.QUOTED)
            )
            at = next((n for n in range(j, i, -1) if tokens[n].is_word("AS")), None)
            return read_type(tokens, at + 1)[0].spec if ends and at is not None else None
    return None


def _select_list(tokens: Sequence[Token]) -> tuple[int, int]:
    """Return the range of the outermost query's select list."""
    depth, start = 0, None
    # Parentheses around the whole query do not count.
    base = next((i for i, token in enumerate(tokens) if not token.is_symbol("(")), 0)
    for i in range(base, len(tokens)):
        token = tokens[i]
        depth += token.is_symbol("(") - token.is_symbol(")")
        if depth == 0 and start is None and token.is_word("SELECT"):
            start = i + 1
            if start < len(tokens) and tokens[start].is_word("DISTINCT", "ALL", "UNIQUE"):
                start += 1
        elif depth == 0 and start is not None and token.is_word("FROM", "UNION", "MINUS", "INTERSECT"):
            return start, i
    return (start, len(tokens)) if start is not None else (0, 0)


def _items(tokens: Sequence[Token], start: int, end: int) -> list[tuple[int, int]]:
    ranges, depth, first = [], 0, start
    for i in range(start, end):
        depth += tokens[i].is_symbol("(") - tokens[i].is_symbol(")")
        if depth == 0 and tokens[i].is_symbol(","):
            ranges.append((first, i))
            first = i + 1
    ranges.append((first, end))
    return [(a, b) for a, b in ranges if a < b]


def _computed_name(text: str, tokens: Sequence[Token], a: int, b: int) -> str | None:
    """Return the name of an expression; `None` if it is a column or has an alias."""
    last = tokens[b - 1]
    named = last.kind in (TokenKind.NAME, TokenKind.QUOTED)
    if named and (b - a == 1 or tokens[b - 2].is_symbol(".")):
        if all(tokens[i].is_symbol(".") for i in range(a + 1, b, 2)):
            # A pseudo column such as NEXTVAL or USER is named as it is written.
            return last.value if last.kind is TokenKind.NAME else None
    elif named and not last.is_word(*_LAST_WORDS):
        before = tokens[b - 2]
        if before.is_symbol(")") or before.kind in _OPERANDS:
            return None
        if before.kind is TokenKind.NAME and not before.is_word(*_BEFORE_OPERAND):
            return None
    if last.is_symbol("*") and b - a in (1, 3, 5):
        return None
    return "".join(text[t.start : t.end] for t in tokens[a:b]).upper()[:_LONGEST]
