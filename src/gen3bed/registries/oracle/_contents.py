"""What a schema holds, and how it is made to hold that again.

Making the 48 tables of a registry takes some 150 statements that each commit.
Making one that was used as good as new takes a third of that: what was added
is dropped, rows are deleted, and the few that a new registry has are put back.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import oracledb

from gen3bed.registries.oracle._admin import quoted

__all__ = ["Contents", "ContentsLostError", "read_contents", "restore"]

_TABLES = "SELECT table_name FROM user_tables"
_SEQUENCES = "SELECT sequence_name FROM user_sequences WHERE sequence_name NOT LIKE 'ISEQ$$%'"
_REFERENCES = """
SELECT c.table_name, p.table_name
  FROM user_constraints c JOIN user_constraints p ON p.constraint_name = c.r_constraint_name
 WHERE c.constraint_type = 'R'
"""


_BOUND_AS_READ = frozenset(
    {
        oracledb.DB_TYPE_CLOB,
        oracledb.DB_TYPE_TIMESTAMP,
        oracledb.DB_TYPE_TIMESTAMP_TZ,
        oracledb.DB_TYPE_TIMESTAMP_LTZ,
    }
)
"""Types that the driver does not bind as such by itself: it makes a DATE, which
has no fractions of a second, of a `~datetime.datetime`."""


class ContentsLostError(Exception):
    """A table that the schema had at first is not there any more."""


@dataclass(frozen=True, kw_only=True)
class _Rows:
    columns: tuple[str, ...]
    types: tuple[Any, ...]
    values: list[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Tables and sequences of a schema, and the rows.

    Attributes
    ----------
    tables : `tuple` [`str`, ...]
        Names, each before those that it refers to.
    sequences : `frozenset` [`str`]
        Names.  Where they stand is not kept: numbers are not given twice.
    rows : `dict`
        Rows of the tables that have any.
    """

    tables: tuple[str, ...]
    sequences: frozenset[str]
    rows: dict[str, _Rows]


def read_contents(connection: oracledb.Connection) -> Contents:
    """Return what the schema of a connection's user holds."""
    with connection.cursor() as cursor:
        tables = set(_names(cursor, _TABLES))
        order: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter(dict.fromkeys(tables, ()))
        for child, parent in cursor.execute(_REFERENCES).fetchall():
            if child != parent:
                order.add(parent, child)
        return Contents(
            tables=tuple(order.static_order()),
            sequences=frozenset(_names(cursor, _SEQUENCES)),
            rows={name: _read(cursor, name) for name in _filled(cursor, tables)},
        )


def restore(connection: oracledb.Connection, contents: Contents) -> None:
    """Make the schema of a connection's user hold what it held.

    Raises
    ------
    ContentsLostError
        Raised if a table or sequence is missing; nothing was changed then.
    """
    with connection.cursor() as cursor:
        tables, sequences = set(_names(cursor, _TABLES)), set(_names(cursor, _SEQUENCES))
        if missing := {*contents.tables, *contents.sequences} - tables - sequences:
            raise ContentsLostError(", ".join(sorted(missing)))
        for name in sorted(tables.difference(contents.tables)):
            cursor.execute(f"DROP TABLE {quoted(name)} CASCADE CONSTRAINTS PURGE")
        for name in sorted(sequences - contents.sequences):
            cursor.execute(f"DROP SEQUENCE {quoted(name)}")
        filled = set(_filled(cursor, contents.tables))
        for name in contents.tables:
            if name in filled:
                cursor.execute(f"DELETE FROM {quoted(name)}")  # noqa: S608 - quoted
        for name in reversed(contents.tables):
            if name in contents.rows:
                _write(cursor, name, contents.rows[name])
    connection.commit()


def _names(cursor: oracledb.Cursor, query: str) -> list[str]:
    return [name for (name,) in cursor.execute(query).fetchall()]


def _filled(cursor: oracledb.Cursor, tables: Iterable[str]) -> list[str]:
    """Return which tables have rows, in one round trip."""
    asks = [f"SELECT '{name}' FROM {quoted(name)} WHERE ROWNUM = 1" for name in tables]  # noqa: S608 - quoted
    return _names(cursor, " UNION ALL ".join(asks)) if asks else []


def _read(cursor: oracledb.Cursor, name: str) -> _Rows:
    cursor.execute(f"SELECT * FROM {quoted(name)}", fetch_lobs=False)  # noqa: S608 - quoted
    columns, types = zip(*((c.name, c.type_code) for c in cursor.description or ()), strict=True)
    return _Rows(columns=columns, types=types, values=cursor.fetchall())


def _write(cursor: oracledb.Cursor, name: str, rows: _Rows) -> None:
    columns = ", ".join(map(quoted, rows.columns))
    binds = ", ".join(f":{number}" for number in range(1, len(rows.columns) + 1))
    cursor.setinputsizes(*(t if t in _BOUND_AS_READ else None for t in rows.types))
    cursor.executemany(f"INSERT INTO {quoted(name)} ({columns}) VALUES ({binds})", rows.values)  # noqa: S608 - quoted
