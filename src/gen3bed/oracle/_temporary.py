"""Private temporary tables that are used again within a transaction.

A session has 16 of them at most, and the end of the transaction drops them.
Whether DROP TABLE ends the transaction is not documented, so what is no longer
used is kept for the next use with the same columns: datasets of many types
are imported in one transaction, each import with a table of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from lsst.daf.butler import ddl

from gen3bed.oracle._types import column_type

__all__ = ["PREFIX", "TemporaryTables"]

PREFIX = "ora$ptt_"
"""How a private temporary table's name must begin (the parameter PRIVATE_TEMP_TABLE_PREFIX)."""

Shape = tuple[tuple[str, str], ...]


class TemporaryTables:
    """Names of the tables that a transaction has made."""

    def __init__(self) -> None:
        self._free: dict[Shape, list[str]] = {}
        self._shapes: dict[str, Shape] = {}

    def take(self, fields: Iterable[ddl.FieldSpec]) -> tuple[str, bool]:
        """Return the name of a table with these columns, and whether it exists and may have rows."""
        shape = tuple((field.name, repr(column_type(field, temporary=True))) for field in fields)
        free = self._free.get(shape)
        name = free.pop() if free else f"{PREFIX}tmp_{uuid.uuid4().hex}"
        exists = name in self._shapes
        self._shapes[name] = shape
        return name, exists

    def give_back(self, name: str) -> None:
        """Take note that a table is no longer used; those that got their name elsewhere are not kept."""
        if name in self._shapes:
            self._free.setdefault(self._shapes[name], []).append(name)

    def forget(self) -> None:
        """Take note that the tables are gone, or may be: the transaction has ended, or a part was undone."""
        self._free.clear()
        self._shapes.clear()
