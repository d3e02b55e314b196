"""Foreign keys that are checked at commit, which H2 has none of.

H2 keeps such a key and does not check it: a table's keys can only be switched
off together.  So all keys from and to a table with a deferred one are checked
here, when the transaction ends.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oracle_standin.engine._text import quoted
from oracle_standin.errors import OracleError, not_modelled

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["DeferredKeys"]

Table = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class _Key:
    owner: str
    name: str
    child: Table
    parent: Table
    query: str


_KEYS = """SELECT C.CONSTRAINT_SCHEMA, C.CONSTRAINT_NAME, C.TABLE_SCHEMA, C.TABLE_NAME,
    P.TABLE_SCHEMA, P.TABLE_NAME,
    R.DELETE_RULE,
    (SELECT LISTAGG(QUOTE_IDENT(K.COLUMN_NAME), ',') WITHIN GROUP (ORDER BY K.ORDINAL_POSITION)
        FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE K
        WHERE K.CONSTRAINT_SCHEMA = C.CONSTRAINT_SCHEMA AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME),
    (SELECT LISTAGG(QUOTE_IDENT(U.COLUMN_NAME), ',') WITHIN GROUP (ORDER BY K.ORDINAL_POSITION)
        FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE K JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE U
            ON U.CONSTRAINT_SCHEMA = P.CONSTRAINT_SCHEMA AND U.CONSTRAINT_NAME = P.CONSTRAINT_NAME
            AND U.ORDINAL_POSITION = K.POSITION_IN_UNIQUE_CONSTRAINT
        WHERE K.CONSTRAINT_SCHEMA = C.CONSTRAINT_SCHEMA AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME)
FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS R
JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS C
    ON C.CONSTRAINT_SCHEMA = R.CONSTRAINT_SCHEMA AND C.CONSTRAINT_NAME = R.CONSTRAINT_NAME
JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS P
    ON P.CONSTRAINT_SCHEMA = R.UNIQUE_CONSTRAINT_SCHEMA AND P.CONSTRAINT_NAME = R.UNIQUE_CONSTRAINT_NAME"""


class DeferredKeys:
    """The keys of one database that are checked at commit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: set[Table] = set()
        self._keys: list[_Key] = []
        self._generation = -1

    def defer(self, session: H2Session, table: Table) -> None:
        """Check the keys of a table at commit from now on.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if one of them acts on deletion, which H2 would not do any
            more (ORA-03001).
        """
        rows = session.database.execute(_KEYS)
        for row in rows:
            if table in ((row[2], row[3]), (row[4], row[5])) and row[6] in ("CASCADE", "SET NULL"):
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
            if session.native_value(key.query) is not None:
                return OracleError(
                    2291, f"integrity constraint ({key.owner}.{key.name}) violated - parent key not found"
                )
        return None

    def _current(self, session: H2Session) -> list[_Key]:
        with self._lock:
            generation = session.database.ddl_generation
            if self._generation != generation:
                self._keys = [
                    _key([part or "" for part in row])
                    for row in session.database.execute(_KEYS)
                    if {(row[2], row[3]), (row[4], row[5])} & self._tables
                ]
                there = {key.child for key in self._keys} | {key.parent for key in self._keys}
                self._tables &= there
                self._generation = generation
            return self._keys


def _key(row: list[str]) -> _Key:
    columns, parents = row[7].split(","), row[8].split(",")
    given = " AND ".join(f"C.{column} IS NOT NULL" for column in columns)
    equal = " AND ".join(f"P.{parent} = C.{column}" for column, parent in zip(columns, parents, strict=True))
    child, parent = (row[2], row[3]), (row[4], row[5])
    query = (
        f"SELECT 1 FROM {quoted(child[0])}.{quoted(child[1])} C WHERE {given} AND NOT EXISTS"  # noqa: S608 - names are quoted
        f" (SELECT 1 FROM {quoted(parent[0])}.{quoted(parent[1])} P WHERE {equal}) FETCH FIRST ROW ONLY"
    )
    return _Key(owner=row[0], name=row[1], child=child, parent=parent, query=query)
