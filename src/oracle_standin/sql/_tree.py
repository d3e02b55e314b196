"""A statement's tokens, by parentheses.

Most of SQL's structure lies in its parentheses: within one pair, the words of
a clause can be found by looking for them, since what an operand contains is
hidden in a `Group` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._texts import refusal

__all__ = ["Group", "Item", "groups", "is_query", "is_symbol", "is_word", "name_at", "split", "tree", "word"]


@dataclass(slots=True)
class Group:
    """What stands between two parentheses, or the whole statement.

    Attributes
    ----------
    start, end : `int`
        Where it stands in the text, with its parentheses.
    items : `list`
        Tokens and groups, in order.
    """

    start: int
    end: int = 0
    items: list[Item] = field(default_factory=list)


Item = Token | Group


def tree(tokens: Sequence[Token]) -> Group:
    """Return the statement as a group.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if a parenthesis has no partner: ORA-00907, ORA-00933.
    """
    root = Group(0)
    stack = [root]
    for token in tokens:
        if token.is_symbol("("):
            group = Group(token.start)
            stack[-1].items.append(group)
            stack.append(group)
        elif token.is_symbol(")"):
            if len(stack) == 1:
                raise refusal(933, token.start)
            stack.pop().end = token.end
        else:
            stack[-1].items.append(token)
    end = tokens[-1].end if tokens else 0
    if len(stack) > 1:
        raise refusal(907, end)
    root.end = end
    return root


def groups(root: Group) -> Iterator[Group]:
    """Yield a group and all groups in it, from the outside to the inside."""
    pending = [root]
    while pending:
        group = pending.pop()
        yield group
        pending.extend(item for item in reversed(group.items) if isinstance(item, Group))


def is_word(items: Sequence[Item], place: int, *words: str) -> bool:
    """Return whether one of these words stands at a place; beyond the ends there is none."""
    if not 0 <= place < len(items):
        return False
    item = items[place]
    return isinstance(item, Token) and item.kind is TokenKind.NAME and item.value in words


def is_symbol(items: Sequence[Item], place: int, *symbols: str) -> bool:
    """Return whether one of these symbols stands at a place; beyond the ends there is none."""
    if not 0 <= place < len(items):
        return False
    item = items[place]
    return isinstance(item, Token) and item.is_symbol(*symbols)


def word(items: Sequence[Item], place: int) -> str:
    """Return the unquoted word at a place, in upper case; empty if there is none."""
    if not 0 <= place < len(items):
        return ""
    item = items[place]
    return item.value if isinstance(item, Token) and item.kind is TokenKind.NAME else ""


def name_at(items: Sequence[Item], place: int) -> tuple[list[Token], int]:
    """Return the parts of the name that begins at a place, and the place behind it.

    No parts if there is no name; a link to another database is passed over.
    """
    parts: list[Token] = []
    while place < len(items):
        item = items[place]
        if not isinstance(item, Token) or item.kind not in {TokenKind.NAME, TokenKind.QUOTED}:
            break
        parts.append(item)
        place += 1
        if not is_symbol(items, place, "."):
            break
        place += 1
    if parts and is_symbol(items, place, "@"):
        _, place = name_at(items, place + 1)
    return parts, place


def split(items: Sequence[Item], separator: str = ",") -> list[list[Item]]:
    """Return the parts between separators; one empty part if there is nothing."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if isinstance(item, Token) and item.is_symbol(separator):
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def is_query(group: Group) -> bool:
    """Return whether a group is a query, possibly in more parentheses."""
    seen: Item = group
    while isinstance(seen, Group):
        if is_word(seen.items, 0, "SELECT", "WITH"):
            return True
        if not seen.items:
            return False
        seen = seen.items[0]
    return False
