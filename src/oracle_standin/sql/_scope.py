"""What names mean, as far as the tables are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from oracle_standin.sql._blocks import Block, tables
from oracle_standin.sql._tree import Item, name_at
from oracle_standin.values import DataType

__all__ = ["LOBS", "Catalogue", "Scope"]

LOBS = (DataType.CLOB, DataType.BLOB)


class Catalogue(Protocol):
    """What the rules have to know about tables; the engine supplies it."""

    def columns(self, schema: str | None, table: str) -> Mapping[str, DataType] | None:
        """Return the columns of a table or view, or `None` if there is none of that name.

        Parameters
        ----------
        schema : `str` or `None`
            As the dictionary has it; `None` for the session's current schema
            and what synonyms reach.
        table : `str`
            As the dictionary has it: upper case unless it was quoted.
        """


class Scope:
    """The columns that a block of a query can see."""

    def __init__(self, block: Block, catalogue: Catalogue, defined: set[str]) -> None:
        self.known: dict[str, Mapping[str, DataType]] = {}
        self.complete = True
        for table in tables(block):
            found = None
            if table.name is not None and (table.schema is not None or table.name not in defined):
                found = catalogue.columns(table.schema, table.name)
            if found is None or table.alias is None:
                self.complete = False
            else:
                self.known[table.alias] = found

    def lob(self, items: Sequence[Item]) -> DataType | None:
        """Return the type of a large object, if these items are a column of such a type."""
        found = self.types(items)
        return found[0] if len(found) == 1 and found[0] in LOBS else None

    def types(self, items: Sequence[Item]) -> list[DataType]:
        """Return the types of the columns that these items, which are a name, may mean; none if unknown."""
        parts, behind = name_at(items, 0)
        if not parts or behind != len(items):
            return []
        column = parts[-1].value
        if len(parts) == 1:
            return [columns[column] for columns in self.known.values() if column in columns]
        columns = self.known.get(parts[-2].value, {})
        return [columns[column]] if column in columns else []

    def has(self, name: str) -> bool:
        """Return whether a column of this name is, or may be, in sight."""
        return not self.complete or any(name in columns for columns in self.known.values())
