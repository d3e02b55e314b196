"""Queries, cut into their blocks and clauses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._tree import Group, Item, groups, is_query, is_symbol, is_word, name_at, split, word

__all__ = ["Block", "Query", "Table", "queries", "tables"]

_SET_OPERATORS = ("UNION", "INTERSECT", "MINUS", "EXCEPT")
_CLAUSES = (
    "FROM",
    "WHERE",
    "START",
    "CONNECT",
    "GROUP",
    "HAVING",
    "MODEL",
    "ORDER",
    "OFFSET",
    "FETCH",
    "FOR",
)


_SECOND_WORDS = {
    "START": ("WITH",),
    "CONNECT": ("BY",),
    "GROUP": ("BY",),
    "ORDER": ("BY", "SIBLINGS"),
    "FETCH": ("FIRST", "NEXT"),
}


@dataclass(slots=True)
class Block:
    """A ``SELECT ...``, or a query in parentheses, between two set operators.

    Attributes
    ----------
    items : `list`
        All of it.
    clauses : `dict` [`str`, `list`]
        What follows the first word of each clause, such as ``GROUP`` (then
        beginning with ``BY``); `SELECT` is the first of them.
    heads : `dict` [`str`, `Token`]
        The first word of each clause.
    """

    items: list[Item]
    clauses: dict[str, list[Item]] = field(default_factory=dict)
    heads: dict[str, Token] = field(default_factory=dict)

    @property
    def distinct(self) -> bool:
        """Whether equal rows are shown once."""
        return is_word(self.clauses.get("SELECT", ()), 0, "DISTINCT", "UNIQUE")

    @property
    def select_list(self) -> list[list[Item]]:
        """What is selected, item by item."""
        items = self.clauses["SELECT"]
        return split(items[1:] if is_word(items, 0, "DISTINCT", "UNIQUE", "ALL") else items)


@dataclass(slots=True)
class Query:
    """A query without its WITH clause.

    Attributes
    ----------
    blocks : `list` [`Block`]
        What set operators connect; clauses of the whole are in the last one.
    operators : `list` [`list`]
        The words of each set operator.
    nested : `bool`
        Whether it stands in parentheses.
    """

    blocks: list[Block]
    operators: list[list[Token]]
    nested: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What a FROM clause names: a table, or something without a name of its own."""

    schema: str | None
    name: str | None
    alias: str | None


def queries(root: Group) -> Iterator[Query]:
    """Yield all queries of a statement, from the outside to the inside."""
    for group in groups(root):
        items: Sequence[Item] = group.items
        if is_word(items, 0, "WITH"):
            items = _behind_with(items)
        if is_word(items, 0, "SELECT") or (items and isinstance(items[0], Group) and is_query(items[0])):
            query = _query(items, nested=group is not root)
            if len(query.blocks) > 1 or is_word(items, 0, "SELECT"):
                yield query


def _behind_with(items: Sequence[Item]) -> Sequence[Item]:
    """Return what follows a WITH clause."""
    for place in range(1, len(items)):
        behind = items[place - 1]
        if is_word(items, place, "SELECT"):
            return items[place:]
        if isinstance(items[place], Group) and isinstance(behind, Group):
            return items[place:]
    return ()


def _query(items: Sequence[Item], *, nested: bool) -> Query:
    query = Query(blocks=[], operators=[], nested=nested)
    begin = place = 0
    while place < len(items):
        if _is_set_operator(items, place):
            query.blocks.append(_block(items[begin:place]))
            words = [items[place]]
            while is_word(items, place + 1, "ALL", "DISTINCT"):
                place += 1
                words.append(items[place])
            query.operators.append([item for item in words if isinstance(item, Token)])
            begin = place + 1
        place += 1
    query.blocks.append(_block(items[begin:]))
    return query


def _is_set_operator(items: Sequence[Item], place: int) -> bool:
    """Return whether a set operator stands here; in old versions EXCEPT is also a name like any other."""
    if not is_word(items, place, *_SET_OPERATORS) or is_word(items, place - 1, "MULTISET", "AS"):
        return False
    behind = place + 2 if is_word(items, place + 1, "ALL", "DISTINCT") else place + 1
    return is_word(items, behind, "SELECT", "VALUES") or (
        behind < len(items) and isinstance(items[behind], Group) and not is_symbol(items, place - 1, ".")
    )


def _block(items: Sequence[Item]) -> Block:
    block = Block(items=list(items))
    current: list[Item] = []
    for place, item in enumerate(items):
        head = _clause_head(items, place, block)
        if head and isinstance(item, Token):
            current = block.clauses.setdefault(head, [])
            block.heads.setdefault(head, item)
        else:
            current.append(item)
    return block


def _clause_head(items: Sequence[Item], place: int, block: Block) -> str:
    """Return the clause that begins here, if one does."""
    if place == 0:
        return "SELECT" if is_word(items, 0, "SELECT") else ""
    found = word(items, place)
    if found not in _CLAUSES or is_symbol(items, place - 1, ".") or is_word(items, place - 1, "AS"):
        return ""
    in_list = "SELECT" in block.clauses and "FROM" not in block.clauses
    if found == "FROM":
        # IS NOT DISTINCT FROM is a comparison.
        begins = in_list and not is_word(items, place - 1, "DISTINCT")
    elif found in _SECOND_WORDS:
        begins = is_word(items, place + 1, *_SECOND_WORDS[found])
    elif found == "OFFSET":
        begins = any(is_word(items, n, "ROW", "ROWS") for n in range(place + 2, len(items)))
    elif found == "MODEL":
        begins = not in_list and isinstance(items[-1], Group)
    else:
        begins = True
    return found if begins else ""


def tables(block: Block) -> list[Table]:
    """Return what the FROM clause of a block names, at its own level and in joins in parentheses."""
    found: list[Table] = []
    pending = [block.clauses.get("FROM", [])]
    while pending:
        items = pending.pop()
        place = 0
        expected = True
        while place < len(items):
            item = items[place]
            if is_symbol(items, place, ",") or is_word(items, place, "JOIN", "APPLY"):
                expected = True
                place += 1
            elif not expected:
                place += 1
            elif isinstance(item, Group) and not is_query(item):
                pending.append(item.items)
                expected = False
                place += 1
            else:
                table, place = _table(items, place)
                found.append(table)
                expected = False
    return found


_NO_ALIAS = frozenset(
    (
        *("AS", "CROSS", "FULL", "INNER", "JOIN", "LEFT", "MATCH_RECOGNIZE", "NATURAL", "ON", "OUTER"),
        *("PARTITION", "PIVOT", "RIGHT", "SAMPLE", "SUBPARTITION", "UNPIVOT", "USING", "VERSIONS"),
    )
)


def _table(items: Sequence[Item], place: int) -> tuple[Table, int]:
    """Return the table that is named here, and the place behind its alias."""
    parts, behind = name_at(items, place)
    plain = bool(parts) and not (behind < len(items) and isinstance(items[behind], Group))
    if not parts:
        behind = place + 1
    elif not plain:
        behind += 1
    alias = None
    if behind < len(items) and not is_word(items, behind, *_NO_ALIAS):
        item = items[behind]
        if isinstance(item, Token) and item.kind in {TokenKind.NAME, TokenKind.QUOTED}:
            alias, behind = item.value, behind + 1
            plain = plain and not isinstance(items[behind] if behind < len(items) else None, Group)
    elif is_word(items, behind, "PARTITION", "PIVOT", "UNPIVOT", "MATCH_RECOGNIZE", "VERSIONS", "AS"):
        plain = False
    if not plain or any(part.value == "" for part in parts):
        return Table(None, None, alias), behind
    name = parts[-1].value
    schema = parts[-2].value if len(parts) > 1 else None
    return Table(schema, name, alias or name), behind
