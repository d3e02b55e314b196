"""ORDER BY with the aliases of columns within expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.h2._text import joined

if TYPE_CHECKING:
    from oracle_standin.h2._translate import Translator

__all__ = ["order_by"]


def order_by(t: Translator, i: int, end: int) -> tuple[str, int]:
    """Translate the outermost ORDER BY, where Oracle takes aliases within expressions, and H2 alone."""
    aliases = _aliases(t)
    stop = t.end_of_clause(i + 2, end, "FETCH", "OFFSET", "FOR")
    keys = []
    for a, b in t.items(i + 2, stop):
        last = b
        while t.word(last - 1, "ASC", "DESC", "NULLS", "FIRST", "LAST"):
            last -= 1
        parts = []
        j = a
        while j < b:
            name = t.tokens[j].value if t.name(j) else None
            alone = last - a == 1 or t.symbol(j + 1, ".", "(") or t.symbol(j - 1, ".")
            if name in aliases and not alone:
                parts.append(f"({t.render(*aliases[name])})")
                j += 1
            else:
                part, j = t.one(j, b)
                parts.append(part)
        keys.append(joined(parts))
    return "ORDER BY " + ", ".join(keys), stop


def _aliases(t: Translator) -> dict[str, tuple[int, int]]:
    """Return the outermost query's computed columns, by alias."""
    start, found = None, {}
    for i in t.outermost(0, len(t.tokens)):
        if t.word(i, "SELECT") and start is None:
            start = i + 1
        elif t.word(i, "UNION", "MINUS", "INTERSECT", "EXCEPT"):
            return {}
        elif start is not None and t.word(i, "FROM"):
            for a, b in t.items(start, i):
                if b - a > 2 and t.word(b - 2, "AS"):  # noqa: PLR2004 - more than AS and the alias
                    found[t.tokens[b - 1].value] = (a, b - 2)
            return found
    return found
