"""Large objects of the real driver."""

from __future__ import annotations

import oracledb
import pytest

from oracle_standin.values import DataType
from tests.oracle_standin.server.conftest import WAYS
from tests.support.fake_oracle import FakeDatabase, FakeLob, Query, column

every_way = pytest.mark.parametrize("way", WAYS, indirect=True)
CLOB, NCLOB, BLOB = (
    column("C", DataType.CLOB),
    column("N", DataType.CLOB, national=True),
    column("B", DataType.BLOB),
)
TEXT = "é漢x" * 20_000
BYTES = bytes(range(256)) * 300
QUERY = "select id, c, n, b from t"


@pytest.fixture
def stored(database: FakeDatabase) -> list[tuple[FakeLob, FakeLob, FakeLob]]:
    """Rows with LOBs in the database."""
    rows = [
        (
            FakeLob(CLOB.spec, TEXT + str(n), temporary=False),
            FakeLob(NCLOB.spec, "n" + TEXT, temporary=False),
            FakeLob(BLOB.spec, BYTES, temporary=False),
        )
        for n in range(5)
    ]
    database.queries[QUERY] = Query(
        [column("ID"), CLOB, NCLOB, BLOB],
        [(n, *lobs) for n, lobs in enumerate(rows)] + [(9, None, None, None)],
    )
    return rows


@every_way
def test_locators(connection: oracledb.Connection, stored: list[tuple[FakeLob, FakeLob, FakeLob]]) -> None:
    """LOB columns come as handles with their size, and are read whole or piecewise."""
    cursor = connection.cursor()
    for _ in range(2):
        rows = cursor.execute(QUERY).fetchall()
        assert [row[0] for row in rows] == [0, 1, 2, 3, 4, 9]
        assert rows[5][1:] == (None, None, None)
        _, clob, nclob, blob = rows[3]
        assert (clob.size(), nclob.size(), blob.size()) == (len(TEXT) + 1, len(TEXT) + 1, len(BYTES))
        assert (clob.read(), nclob.read(), blob.read()) == (TEXT + "3", "n" + TEXT, BYTES)
        assert (clob.read(2, 5), blob.read(255, 3), clob.read(1_000_000)) == (TEXT[1:6], b"\xfe\xff\x00", "")
        assert clob.getchunksize() == 8060


@every_way
def test_as_text_and_bytes(
    connection: oracledb.Connection, stored: list[tuple[FakeLob, FakeLob, FakeLob]]
) -> None:
    """LOB columns come as text and bytes when the client asks for that."""
    cursor = connection.cursor()
    cursor.arraysize = 2
    for _ in range(2):
        rows = cursor.execute(QUERY, fetch_lobs=False).fetchall()
        assert rows == [*((n, f"{TEXT}{n}", "n" + TEXT, BYTES) for n in range(5)), (9, None, None, None)]


def test_by_a_type_handler(
    connection: oracledb.Connection, stored: list[tuple[FakeLob, FakeLob, FakeLob]]
) -> None:
    """A handler that asks for LONG and for numbers as text gets what it asks for."""

    def handler(cursor: oracledb.Cursor, metadata: oracledb.FetchInfo) -> oracledb.Var | None:
        match metadata.type_code:
            case oracledb.DB_TYPE_CLOB | oracledb.DB_TYPE_NCLOB:
                return cursor.var(oracledb.DB_TYPE_LONG, arraysize=cursor.arraysize)
            case oracledb.DB_TYPE_BLOB:
                return cursor.var(oracledb.DB_TYPE_LONG_RAW, arraysize=cursor.arraysize)
            case oracledb.DB_TYPE_NUMBER:
                return cursor.var(oracledb.DB_TYPE_VARCHAR, 255, arraysize=cursor.arraysize)
        return None

    cursor = connection.cursor()
    cursor.outputtypehandler = handler
    assert cursor.execute(QUERY).fetchone() == ("0", TEXT + "0", "n" + TEXT, BYTES)


def test_writing(connection: oracledb.Connection, stored: list[tuple[FakeLob, FakeLob, FakeLob]]) -> None:
    """What is written to a handle is in the database's LOB; trimming and gaps work."""
    _, clob, nclob, blob = connection.cursor().execute(QUERY).fetchone()
    clob.write("ABC", 2)
    nclob.write("漢", 1)
    blob.trim(2)
    blob.write(b"z", 5)
    first = stored[0]
    assert first[0].data[:5] == TEXT[0] + "ABC" + TEXT[4]
    assert first[1].data[0] == "漢"
    assert first[2].data == b"\x00\x01\x00\x00z"
    assert blob.size() == 5
    with pytest.raises(oracledb.DatabaseError, match="ORA-22926"):
        blob.trim(1000)


@every_way
def test_temporary_lobs(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """Temporary LOBs are made, written, bound as the same object, and freed."""
    for kind, data in (
        (oracledb.DB_TYPE_CLOB, TEXT),
        (oracledb.DB_TYPE_NCLOB, TEXT),
        (oracledb.DB_TYPE_BLOB, BYTES),
    ):
        lob = connection.createlob(kind)
        assert lob.size() == 0
        lob.write(data)
        assert lob.read() == data
        connection.cursor().execute("insert into t values (:1)", [lob])
        (bound,) = database.rows[-1]
        assert isinstance(bound, FakeLob)
        assert (bound.data, bound.national) == (data, kind is oracledb.DB_TYPE_NCLOB)
        del lob
        connection.ping()


def test_open_and_close(connection: oracledb.Connection) -> None:
    """A LOB that is opened says so until it is closed."""
    lob = connection.createlob(oracledb.DB_TYPE_BLOB)
    assert not lob.isopen()
    lob.open()
    assert lob.isopen()
    with pytest.raises(oracledb.DatabaseError, match="ORA-22293"):
        lob.open()
    lob.close()
    with pytest.raises(oracledb.DatabaseError, match="ORA-22289"):
        lob.close()
