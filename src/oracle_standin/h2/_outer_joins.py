"""Outer joins in Oracle's old form, ``a.x = b.y (+)``, as LEFT JOIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.errors import OracleError, not_modelled

if TYPE_CHECKING:
    from oracle_standin.h2._translate import Translator

__all__ = ["is_outer_mark", "old_outer_join"]

_BEHIND = ("GROUP", "HAVING", "ORDER", "OFFSET", "FETCH", "FOR", "UNION", "MINUS", "INTERSECT", "EXCEPT",
           "CONNECT", "START")  # fmt: skip


def is_outer_mark(t: Translator, i: int) -> bool:
    """Return whether ``(+)`` stands at a position."""
    return t.symbol(i, "(") and t.symbol(i + 1, "+") and t.symbol(i + 2, ")")


def old_outer_join(t: Translator, i: int) -> tuple[str, int] | None:
    """Translate the FROM at a position with its WHERE, if that has ``(+)`` in it.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what Oracle refuses: ORA-25156 with JOIN, ORA-01719 with OR,
        ORA-01468 with two outer tables in a condition, ORA-01416 for two that
        wait for each other.
    """
    where, end = _extent(t, i)
    marks = _marks(t, where, end)
    if not marks:
        return None
    if any(t.word(n, "JOIN") for n in range(i, where)):
        raise OracleError(
            25156,
            "old style outer join (+) cannot be used with ANSI joins",
            offset=t.tokens[marks[0]].start,
        )
    tables = {_alias(t, b): t.render(a, b) for a, b in t.items(i + 1, where)}
    outer: dict[str, list[tuple[int, int]]] = {}
    rest = []
    for a, b in _conditions(t, where + 1, end):
        name = _outer_table(t, a, b)
        if name is None:
            rest.append((a, b))
        elif name not in tables:
            raise not_modelled("(+) on a column without its table's name", offset=t.tokens[a].start)
        else:
            outer.setdefault(name, []).append((a, b))
    placed = [name for name in tables if name not in outer]
    sql = "FROM " + " CROSS JOIN ".join(tables[name] for name in placed)
    waiting = [name for name in tables if name in outer]
    while waiting:
        ready = next((n for n in waiting if _needs(t, outer[n], tables) <= {*placed, n}), None)
        if ready is None or not placed:
            raise OracleError(1416, "two tables cannot be outer-joined to each other")
        joined = " AND ".join(t.render(a, b) for a, b in outer[ready])
        sql += f" LEFT JOIN {tables[ready]} ON {joined}"
        placed.append(ready)
        waiting.remove(ready)
    if rest:
        sql += " WHERE " + " AND ".join(t.render(a, b) for a, b in rest)
    return sql, end


def _extent(t: Translator, i: int) -> tuple[int, int]:
    """Return where the WHERE of a FROM stands, and where it ends."""
    end = t.end_of_clause(i + 1, len(t.tokens), *_BEHIND)
    return t.end_of_clause(i + 1, end, "WHERE"), end


def _marks(t: Translator, start: int, end: int) -> list[int]:
    """Return where ``(+)`` stands, other than in subqueries."""
    found, n = [], start
    while n < end:
        if t.symbol(n, "(") and t.word(n + 1, "SELECT", "WITH"):
            n = t.closing(n)
        elif is_outer_mark(t, n):
            found.append(n)
        n += 1
    return found


def _alias(t: Translator, end: int) -> str:
    """Return the name by which columns of a table are qualified."""
    last = t.tokens[end - 1]
    if not t.name(end - 1):
        raise not_modelled("(+) with a query without a name", offset=last.start)
    return last.value


def _conditions(t: Translator, start: int, end: int) -> list[tuple[int, int]]:
    """Return the conditions that are joined by AND."""
    found, first, between = [], start, False
    for n in t.outermost(start, end):
        if not t.word(n, "AND", "OR", "BETWEEN"):
            continue
        if t.word(n, "OR"):
            raise OracleError(
                1719, "outer join operator (+) not allowed in operand of OR or IN", offset=t.tokens[n].start
            )
        if t.word(n, "BETWEEN"):
            between = True
        elif between:
            between = False
        else:
            found.append((first, n))
            first = n + 1
    return [*found, (first, end)]


def _outer_table(t: Translator, a: int, b: int) -> str | None:
    """Return the table whose columns a condition marks."""
    names = {t.tokens[n - 3].value if t.symbol(n - 2, ".") else "" for n in _marks(t, a, b)}
    if len(names) > 1:
        raise OracleError(
            1468, "a predicate may reference only one outer-joined table", offset=t.tokens[a].start
        )
    return names.pop() if names else None


def _needs(t: Translator, conditions: list[tuple[int, int]], tables: dict[str, str]) -> set[str]:
    """Return the tables that conditions name."""
    return {
        t.tokens[n].value
        for a, b in conditions
        for n in range(a, b)
        if t.symbol(n + 1, ".") and t.tokens[n].value in tables
    }
