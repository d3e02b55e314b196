"""Strings whose buffers are longer than those of a VARCHAR2 can be."""

from __future__ import annotations

from collections.abc import Iterator

import oracledb
import pytest

pytestmark = pytest.mark.h2

_SHORT, _LONG = "x" * 8191, "x" * 8192
"""Four bytes are reserved for a character: 8192 of them need more than 32767."""


@pytest.fixture(autouse=True)
def _table(cursor: oracledb.Cursor) -> Iterator[None]:
    cursor.execute("CREATE TABLE long_binds (id NUMBER PRIMARY KEY, c CLOB)")
    yield
    cursor.execute("DROP TABLE long_binds")


def test_long_binds_go_into_columns(cursor: oracledb.Cursor) -> None:
    """A long string is a value of INSERT and UPDATE, also in an array."""
    cursor.executemany("INSERT INTO long_binds VALUES (:1, :2)", [(1, "a"), (2, _LONG), (3, None)])
    cursor.execute("UPDATE long_binds SET c = :1 WHERE id = :2", [_LONG, 1])
    cursor.execute("SELECT id, LENGTH(c) FROM long_binds ORDER BY id")
    assert cursor.fetchall() == [(1, 8192), (2, 8192), (3, None)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM long_binds WHERE c LIKE :1",
        "DELETE FROM long_binds WHERE c LIKE :1",
        "INSERT INTO long_binds (id, c) SELECT 1, :1 FROM dual",
        "MERGE INTO long_binds t USING (SELECT :1 c FROM dual) s ON (t.id = 1)"  # noqa: ISC004 - in two lines
        " WHEN MATCHED THEN UPDATE SET t.c = s.c",
    ],
)
def test_long_binds_go_nowhere_else(cursor: oracledb.Cursor, statement: str) -> None:
    """In a query, MERGE, DELETE and INSERT with a query a long string is refused, a shorter one not."""
    cursor.execute(statement, [_SHORT])
    with pytest.raises(oracledb.DatabaseError, match="ORA-01461"):
        cursor.execute(statement, [_LONG])
