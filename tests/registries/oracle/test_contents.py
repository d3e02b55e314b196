"""Tests of schemas that are brought back to what they held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import oracledb
import pytest

from gen3bed.registries.oracle._contents import ContentsLostError, read_contents, restore
from gen3bed.services import Service
from gen3bed.services.oracle import connect

pytestmark = pytest.mark.h2

_LONG = "x" * 50_000


@pytest.fixture
def connection(own_schema: Service) -> Iterator[oracledb.Connection]:
    """Yield a connection to a schema with two tables that refer to each other's rows, and a sequence."""
    with connect(own_schema.url) as made:
        _run(
            made,
            'CREATE TABLE parent (id NUMBER(19) PRIMARY KEY, up NUMBER REFERENCES parent, "size" NUMBER)',
            "CREATE TABLE child (id NUMBER(19) PRIMARY KEY, parent NUMBER(19) REFERENCES parent (id))",
            "CREATE TABLE a_kind (x BINARY_DOUBLE, t TIMESTAMP, c CHAR(4), doc CLOB)",
            "CREATE SEQUENCE numbers",
            "INSERT INTO parent VALUES (1, NULL, 5)",
            "INSERT INTO child VALUES (1, 1)",
            "INSERT INTO a_kind VALUES (1.5, TIMESTAMP '2026-11-25 12:34:56.789012', 'ab', :1)",
            binds=[_LONG],
        )
        made.commit()
        yield made


def _run(connection: oracledb.Connection, *statements: str, binds: Any = ()) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            if ":1" in statement:
                cursor.setinputsizes(oracledb.DB_TYPE_CLOB)
                cursor.execute(statement, list(binds))
            else:
                cursor.execute(statement)


def _rows(connection: oracledb.Connection, table: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1", fetch_lobs=False)  # noqa: S608 - our own text
        return [str(row) for row in cursor]


def test_what_was_added_changed_and_removed_is_undone(connection: oracledb.Connection) -> None:
    """Rows of every type come back as they were; new tables, sequences and rows are gone."""
    tables = ("parent", "child", "a_kind")
    before = [_rows(connection, table) for table in tables]
    contents = read_contents(connection)
    _run(
        connection,
        "CREATE TABLE added (parent NUMBER(19) REFERENCES parent (id))",
        "CREATE SEQUENCE more",
        "INSERT INTO parent VALUES (2, 1, NULL)",
        "INSERT INTO child VALUES (2, 2)",
        "INSERT INTO added VALUES (2)",
        'UPDATE parent SET "size" = 7',
        "DELETE FROM a_kind",
    )
    connection.commit()
    restore(connection, contents)
    assert [_rows(connection, table) for table in tables] == before
    assert read_contents(connection).tables == contents.tables
    assert read_contents(connection).sequences == {"NUMBERS"}


def test_tables_come_before_those_that_they_refer_to(connection: oracledb.Connection) -> None:
    """The order is that in which rows can be deleted; a table may refer to itself."""
    tables = read_contents(connection).tables
    assert tables.index("CHILD") < tables.index("PARENT")


def test_a_lost_table_is_an_error_before_anything_is_changed(connection: oracledb.Connection) -> None:
    """A schema of which a part is gone is not repaired but given up."""
    contents = read_contents(connection)
    _run(connection, "DROP TABLE child", "CREATE TABLE added (a NUMBER)")
    with pytest.raises(ContentsLostError, match="CHILD"):
        restore(connection, contents)
    assert _rows(connection, "added") == []


def test_an_empty_schema_has_nothing(own_schema: Service) -> None:
    """A schema without tables can be read and restored."""
    with connect(own_schema.url) as connection:
        contents = read_contents(connection)
        _run(connection, "CREATE TABLE added (a NUMBER)")
        restore(connection, contents)
        assert read_contents(connection).tables == ()
