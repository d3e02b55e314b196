"""Rules for UNION and the other set operators: equal numbers of columns, of like types."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.sql._blocks import Block, Query
from oracle_standin.sql._rules_groups import without_alias
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._scope import Scope
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._tree import Item, is_symbol
from oracle_standin.values import DataType

__all__ = ["check_sets"]

_FAMILIES = {
    DataType.VARCHAR2: "text",
    DataType.CHAR: "text",
    DataType.NUMBER: "number",
    DataType.BINARY_FLOAT: "number",
    DataType.BINARY_DOUBLE: "number",
    DataType.DATE: "time",
    DataType.TIMESTAMP: "time",
    DataType.TIMESTAMP_TZ: "time",
    DataType.TIMESTAMP_LTZ: "time",
    DataType.RAW: "raw",
    DataType.CLOB: "CLOB",
    DataType.BLOB: "BLOB",
}


def check_sets(query: Query, scopes: Sequence[Scope]) -> None:
    """Refuse parts with unequal numbers of columns (ORA-01789), or of unlike types (ORA-01790).

    Parameters
    ----------
    query : `~oracle_standin.sql._blocks.Query`
        The query.
    scopes : `~collections.abc.Sequence` [`~oracle_standin.sql._scope.Scope`]
        What each of its blocks can see; columns of unknown type are not judged.
    """
    first: list[Sequence[Item]] | None = None
    families: list[str] = []
    for block, scope in zip(query.blocks, scopes, strict=True):
        listed = _listed(block)
        if listed is None:
            continue
        found = [_family(item, scope) for item in listed]
        if first is None:
            first, families = listed, found
            continue
        if len(listed) != len(first):
            raise refusal(1789, query.blocks[0].items[0].start)
        for item, here, there in zip(first, families, found, strict=True):
            if here and there and here != there:
                raise refusal(1790, item[0].start)


def _listed(block: Block) -> list[Sequence[Item]] | None:
    """Return what is selected, or `None` if there is a star in it."""
    if len(block.clauses) == 0 or "SELECT" not in block.clauses:
        return None
    listed = [without_alias(item) for item in block.select_list]
    return None if any(is_symbol(item, len(item) - 1, "*") or not item for item in listed) else listed


def _family(item: Sequence[Item], scope: Scope) -> str:
    """Return what types go with that of an item; empty if it is not known."""
    only = item[0] if len(item) == 1 else None
    if isinstance(only, Token) and only.kind is TokenKind.NUMBER:
        return "number"
    if isinstance(only, Token) and only.kind is TokenKind.STRING:
        return "text" if only.value else ""
    types = scope.types(item)
    return _FAMILIES.get(types[0], "") if len(types) == 1 else ""
