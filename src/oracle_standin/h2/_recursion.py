"""WITH queries that name themselves, of which H2 wants to be told."""

from __future__ import annotations

from oracle_standin.engine._tokens import Tokens

__all__ = ["names_itself"]


def names_itself(t: Tokens) -> bool:
    """Return whether a query of a statement's WITH names itself."""
    for i in range(len(t.tokens)):
        if t.word(i, "AS") and t.symbol(i + 1, "("):
            name = _with_name(t, i)
            if name is not None and _used_inside(t, i + 1, name):
                return True
    return False


def _with_name(t: Tokens, i: int) -> str | None:
    """Return the name of ``name [(columns)] AS (``, if the AS is one of WITH."""
    j = i - 1
    if t.symbol(j, ")"):
        while j >= 0 and not t.symbol(j, "("):
            j -= 1
        j -= 1
    if j > 0 and t.name(j) and (t.word(j - 1, "WITH") or t.symbol(j - 1, ",")):
        return t.tokens[j].value
    return None


def _used_inside(t: Tokens, opening: int, name: str) -> bool:
    depth = 0
    for i in range(opening, len(t.tokens)):
        depth += t.symbol(i, "(") - t.symbol(i, ")")
        if depth == 0:
            return False
        follows = t.word(i - 1, "FROM", "JOIN") or t.symbol(i - 1, ",")
        if follows and t.name(i) and t.tokens[i].value == name and not t.symbol(i + 1, "."):
            return True
    return False
