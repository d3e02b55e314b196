"""Foreign keys that are checked at commit, which H2 has none of.

H2 keeps such a key and does not check it: a table's keys can only be switched
off together.  So all keys from and to a table with a deferred one are checked
here, when the transaction ends.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from oracle_standin.engine._text import quoted
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.h2._foreign_keys import ForeignKey, Table, foreign_keys

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["DeferredKeys"]


class DeferredKeys:
    """The keys of one database that are checked at commit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: set[Table] = set()
        self._keys: list[ForeignKey] = []
        self._generation = -1

    def defer(self, session: H2Session, table: Table) -> None:
        """Check the keys of a table at commit from now on.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if one of them acts on deletion, which H2 would not do any
            more (ORA-03001).
        """
        for key in foreign_keys(session.database):
            if table in (key.child, key.parent) and key.on_delete in {"CASCADE", "SET NULL"}:
                raise not_modelled("a deferred key beside one with ON DELETE CASCADE or SET NULL")
        session.native(f"ALTER TABLE {quoted(table[0])}.{quoted(table[1])} SET REFERENTIAL_INTEGRITY FALSE")
        with self._lock:
            self._tables.add(table)
            self._generation = -1

    def violated(self, session: H2Session) -> OracleError | None:
        """Return the error of a key that the session's changes violate, if there is one."""
        if not self._tables:
            return None
        for key in self._current(session):
            if session.native_value(_unmatched(key)) is not None:
                return OracleError(
                    2291, f"integrity constraint ({key.owner}.{key.name}) violated - parent key not found"
                )
        return None

    def _current(self, session: H2Session) -> list[ForeignKey]:
        with self._lock:
            generation = session.database.ddl_generation
            if self._generation != generation:
                self._keys = [
                    key for key in foreign_keys(session.database) if {key.child, key.parent} & self._tables
                ]
                there = {key.child for key in self._keys} | {key.parent for key in self._keys}
                self._tables &= there
                self._generation = generation
            return self._keys


def _unmatched(key: ForeignKey) -> str:
    """Return a query that finds a row if the key is violated."""
    given = " AND ".join(f"C.{column} IS NOT NULL" for column in key.columns)
    pairs = zip(key.columns, key.parent_columns, strict=True)
    equal = " AND ".join(f"P.{parent} = C.{column}" for column, parent in pairs)
    child, parent = (f"{quoted(owner)}.{quoted(name)}" for owner, name in (key.child, key.parent))
    return (
        f"SELECT 1 FROM {child} C WHERE {given} AND NOT EXISTS"  # noqa: S608 - names are quoted
        f" (SELECT 1 FROM {parent} P WHERE {equal}) FETCH FIRST ROW ONLY"
    )
