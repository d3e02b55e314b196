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
    acts: bool
    query: str


# H2 joins its dictionary row by row, so three plain queries are faster than one: each is read once.
_RULES = """SELECT CONSTRAINT_SCHEMA, CONSTRAINT_NAME, UNIQUE_CONSTRAINT_SCHEMA, UNIQUE_CONSTRAINT_NAME,
    DELETE_RULE
FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS"""
_TABLES = """SELECT CONSTRAINT_SCHEMA, CONSTRAINT_NAME, TABLE_SCHEMA, TABLE_NAME
FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS"""
_COLUMNS = """SELECT CONSTRAINT_SCHEMA, CONSTRAINT_NAME, QUOTE_IDENT(COLUMN_NAME),
    POSITION_IN_UNIQUE_CONSTRAINT
FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE ORDER BY ORDINAL_POSITION"""
_ACTIONS = ("CASCADE", "SET NULL")


class DeferredKeys:
    """The keys of one database that are checked at commit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: set[Table] = set()
        self._keys: list[_Key] = []
        self._acts = False
        self._generation = -1

    def defer(self, session: H2Session, table: Table) -> None:
        """Check the keys of a table at commit from now on.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if one of them acts on deletion, which H2 would not do any
            more (ORA-03001).
        """
        acting = any(row[-1] in _ACTIONS for row in session.database.execute(_RULES))
        if acting and any(table in (key.child, key.parent) and key.acts for key in _keys(session)):
            raise not_modelled("a deferred key beside one with ON DELETE CASCADE or SET NULL")
        session.native(f"ALTER TABLE {quoted(table[0])}.{quoted(table[1])} SET REFERENTIAL_INTEGRITY FALSE")
        with self._lock:
            self._tables.add(table)
            self._generation = -1

    def violated(self, session: H2Session) -> OracleError | None:
        """Return the error of a key that the session's changes violate, if there is one."""
        if not self._tables:
            return None
        changed = session.database.locks.held(session)
        for key in self._current(session):
            # What cascades changes tables that are not locked.
            if not (self._acts or key.child in changed or key.parent in changed):
                continue
            if session.native_value(key.query) is not None:
                return OracleError(
                    2291, f"integrity constraint ({key.owner}.{key.name}) violated - parent key not found"
                )
        return None

    def _current(self, session: H2Session) -> list[_Key]:
        with self._lock:
            generation = session.database.ddl_generation
            if self._generation != generation:
                keys = _keys(session)
                self._acts = any(key.acts for key in keys)
                self._keys = [key for key in keys if {key.child, key.parent} & self._tables]
                there = {key.child for key in self._keys} | {key.parent for key in self._keys}
                self._tables &= there
                self._generation = generation
            return self._keys


def _keys(session: H2Session) -> list[_Key]:
    """Return all foreign keys."""
    execute = session.database.execute
    tables = {(row[0], row[1]): (row[2] or "", row[3] or "") for row in execute(_TABLES)}
    columns: dict[tuple[str | None, str | None], list[tuple[str, int]]] = {}
    for schema, name, column, position in execute(_COLUMNS):
        columns.setdefault((schema, name), []).append((column or "", int(position or 0)))
    found = []
    for schema, name, parent_schema, parent_name, rule in execute(_RULES):
        child, parent = (schema, name), (parent_schema, parent_name)
        if child not in tables or parent not in tables:
            continue
        pairs = [(column, columns[parent][position - 1][0]) for column, position in columns[child]]
        found.append(
            _Key(
                owner=schema or "",
                name=name or "",
                child=tables[child],
                parent=tables[parent],
                acts=rule in _ACTIONS,
                query=_orphan(tables[child], tables[parent], pairs),
            )
        )
    return found


def _orphan(child: Table, parent: Table, pairs: list[tuple[str, str]]) -> str:
    """Return the query for a row without a parent."""
    given = " AND ".join(f"C.{column} IS NOT NULL" for column, _ in pairs)
    equal = " AND ".join(f"P.{other} = C.{column}" for column, other in pairs)
    return (
        f"SELECT 1 FROM {quoted(child[0])}.{quoted(child[1])} C WHERE {given} AND NOT EXISTS"  # noqa: S608 - names are quoted
        f" (SELECT 1 FROM {quoted(parent[0])}.{quoted(parent[1])} P WHERE {equal}) FETCH FIRST ROW ONLY"
    )
