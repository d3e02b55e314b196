"""Rows made of DUAL: ``SELECT 1, 'a' FROM DUAL UNION ALL SELECT 2, 'b' FROM DUAL ...``.

Clients insert many rows so.  H2 takes each UNION ALL for a query around all
before it, for which 1200 of them need 10 s and more than 256 MB: so they are
given to it as VALUES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._text import quoted
from oracle_standin.engine._tokens import Tokens

if TYPE_CHECKING:
    from oracle_standin.h2._translate import Translator

__all__ = ["rows_of_dual"]

_LEAST = 16
"""Rows from which on they are VALUES."""

# What makes of an expression more than a value of its own, or of the query more than its row.
_MORE = ("SELECT", "DISTINCT", "UNIQUE", "ALL", "OVER", "ROWNUM", "LEVEL", "DUMMY", "ROWID", "NEXTVAL",
         "CURRVAL", "COUNT", "SUM", "MIN", "MAX", "AVG", "LISTAGG", "MEDIAN", "STDDEV")  # fmt: skip

Range = tuple[int, int]


def rows_of_dual(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate such a query that begins at a position, if it is one of many rows."""
    rows, behind = _rows(t, i)
    if len(rows) < _LEAST or (behind < len(t.tokens) and not t.symbol(behind, ")")):
        return None
    if len({len(row) for row in rows}) != 1:
        return None
    names = [_alias(t, item) for item in rows[0]]
    rows[0] = [item if name is None else _without(t, item) for item, name in zip(rows[0], names, strict=True)]
    labels = ", ".join(quoted(name or f"C{n}") for n, name in enumerate(names, 1))
    values = ", ".join("(" + ", ".join(t.render(*item) for item in row) + ")" for row in rows)
    return f"SELECT * FROM (VALUES {values}) AS ROWS$({labels})", behind  # noqa: S608 - it is the translated statement


def _rows(t: Tokens, i: int) -> tuple[list[list[Range]], int]:
    rows: list[list[Range]] = []
    while t.word(i, "SELECT"):
        end = t.end_of_clause(i + 1, len(t.tokens), "FROM")
        if not t.word(end + 1, "DUAL") or any(
            t.word(n, *_MORE) or (t.symbol(n, "*") and t.symbol(n + 1, ",", ")")) for n in range(i + 1, end)
        ):
            return [], i
        rows.append([_unnamed(t, item) if rows else item for item in t.items(i + 1, end)])
        i = end + 2
        if not (t.word(i, "UNION") and t.word(i + 1, "ALL")):
            break
        i += 2
    return rows, i


def _alias(t: Tokens, item: Range) -> str | None:
    """Return the name that a select list gives an item; that of a column there is none of."""
    start, end = item
    named = end - start > 1 and t.name(end - 1) and not t.symbol(end - 2, *"+-*/.(,", "||")
    return t.tokens[end - 1].value if named and not t.word(end - 1, "END", "DAY", "SECOND", "MONTH") else None


def _without(t: Tokens, item: Range) -> Range:
    start, end = item
    return start, end - (2 if t.word(end - 2, "AS") else 1)


def _unnamed(t: Tokens, item: Range) -> Range:
    return item if _alias(t, item) is None else _without(t, item)
