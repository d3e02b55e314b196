"""Deletions that reach a table on two ways.

Oracle checks keys when the whole statement is done.  H2 checks them while a
deletion cascades: if a row goes by one key, it complains of a row that refers
to it and that another key of the same statement would have deleted as well.
Rows that refer to the deleted ones themselves are so deleted before.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from oracle_standin.engine._text import quoted
from oracle_standin.h2._foreign_keys import ForeignKey, Table, foreign_keys

if TYPE_CHECKING:
    from oracle_standin.h2._database import H2Database

__all__ = ["Cascades"]

_DELETE = "DELETE FROM "


class Cascades:
    """The keys of one database by which a deletion reaches a table that it also reaches on another way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[Table, list[ForeignKey]] = {}
        self._generation = -1

    def before(self, database: H2Database, table: Table, deletion: str) -> list[str]:
        """Return the deletions, in H2's SQL, that have to come before one.

        Parameters
        ----------
        database : `H2Database`
            Where it is run.
        table : `tuple` [`str`, `str`]
            Owner and name of the table that rows are deleted from.
        deletion : `str`
            The deletion in H2's SQL; each of those returned has its binds.
        """
        with self._lock:
            if self._generation != database.ddl_generation:
                self._keys = _double_ways(foreign_keys(database))
                self._generation = database.ddl_generation
            keys = self._keys.get(table, [])
        if not deletion.startswith(_DELETE):
            return []
        return [_deletion(key, deletion.removeprefix(_DELETE)) for key in keys]


def _double_ways(keys: list[ForeignKey]) -> dict[Table, list[ForeignKey]]:
    """Return the cascading keys per parent whose child also refers to another child of that parent."""
    cascading = [key for key in keys if key.on_delete == "CASCADE"]
    found: dict[Table, list[ForeignKey]] = {}
    for key in cascading:
        siblings = {other.child for other in cascading if other.parent == key.parent} - {key.child}
        if any(other.child == key.child and other.parent in siblings for other in keys):
            found.setdefault(key.parent, []).append(key)
    return found


def _deletion(key: ForeignKey, rest: str) -> str:
    columns, parents = ", ".join(key.columns), ", ".join(key.parent_columns)
    child = f"{quoted(key.child[0])}.{quoted(key.child[1])}"
    return f"DELETE FROM {child} WHERE ({columns}) IN (SELECT {parents} FROM {rest})"  # noqa: S608 - names are quoted
