"""Queries of the real driver: types, fetches, describes, cursors."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import oracledb
import pytest

from oracle_standin.errors import OracleError
from oracle_standin.values import DataType, YearMonth
from tests.oracle_standin.server.conftest import WAYS
from tests.support.fake_oracle import FakeDatabase, FakeLob, FakeResult, Query, column

every_way = pytest.mark.parametrize("way", WAYS, indirect=True)
ECHO = "select :1 from dual"
MOMENT = dt.datetime(2026, 2, 28, 23, 59, 58, 123456)  # noqa: DTZ001

VALUES: list[tuple[Any, Any]] = [
    (None, 0),
    (None, 1),
    (None, -1),
    (None, 10**37),
    (None, -(10**20) - 7),
    (None, 1.5),
    (None, -0.001),
    (None, "x"),
    (None, "é漢\N{GRINNING FACE}" * 30),
    (None, "y" * 4000),
    (None, b"\x00\xff"),
    (None, b"r" * 2000),
    (None, MOMENT.replace(microsecond=0)),
    (None, dt.timedelta(days=3, hours=4, microseconds=5)),
    (None, -dt.timedelta(days=3, hours=4, microseconds=5)),
    (oracledb.DB_TYPE_NVARCHAR, "é漢\N{GRINNING FACE}"),
    (oracledb.DB_TYPE_CHAR, "c  "),
    (oracledb.DB_TYPE_NCHAR, "nç"),
    (oracledb.DB_TYPE_TIMESTAMP, MOMENT),
    (oracledb.DB_TYPE_TIMESTAMP, MOMENT.replace(microsecond=0)),
    (oracledb.DB_TYPE_TIMESTAMP_TZ, MOMENT),
    (oracledb.DB_TYPE_TIMESTAMP_LTZ, MOMENT),
    (oracledb.DB_TYPE_BINARY_DOUBLE, -1.25e300),
    (oracledb.DB_TYPE_BINARY_FLOAT, 0.5),
    (oracledb.DB_TYPE_INTERVAL_YM, oracledb.IntervalYM(-3, -11)),
    (oracledb.DB_TYPE_RAW, b"raw"),
    (oracledb.DB_TYPE_BINARY_INTEGER, 77),
]


@every_way
def test_binds_come_back(connection: oracledb.Connection) -> None:
    """A value of each type that is bound is fetched as the same value, NULL as None."""
    for kind, value in VALUES:
        cursor = connection.cursor()
        for given in (value, None):
            if kind is not None:
                cursor.setinputsizes(kind)
            cursor.execute(ECHO, [given])
            assert cursor.fetchall() == [(given,)], (kind, value)


@pytest.mark.parametrize("way", ["23", "23-fast"], indirect=True)
def test_booleans_come_back(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A BOOLEAN is bound and fetched as such from version 23 on."""
    cursor = connection.cursor()
    for value in (True, False, None):
        cursor.setinputsizes(oracledb.DB_TYPE_BOOLEAN)
        cursor.execute(ECHO, [value])
        assert cursor.fetchall() == [(value,)]
        assert database.seen[-1][0] == [value]


def test_a_boolean_is_a_number_before_23(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A bool is bound as an integer before version 23."""
    connection.cursor().execute(ECHO, [True])
    values, (spec,) = database.seen[-1]
    assert (values, spec.type) == ([1], DataType.BINARY_INTEGER)


def test_values_of_binds(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """The engine is given Python values, with the types that were declared."""
    cursor = connection.cursor()
    cursor.setinputsizes(None, oracledb.DB_TYPE_TIMESTAMP_TZ, oracledb.DB_TYPE_NVARCHAR)
    cursor.execute("select :1, :2, :3, :4 from dual", [Decimal("1.50"), MOMENT, "é", ""])
    values, types = database.seen[-1]
    assert values == [Decimal("1.5"), MOMENT.replace(tzinfo=dt.UTC), "é", None]
    assert [t.type for t in types] == [
        DataType.NUMBER,
        DataType.TIMESTAMP_TZ,
        DataType.VARCHAR2,
        DataType.VARCHAR2,
    ]
    assert [t.national for t in types] == [False, False, True, False]


@every_way
def test_columns_are_described(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """Name, type, size, precision, scale and nullability reach the cursor's description."""
    database.queries["select * from t"] = Query(
        [
            column("ID", precision=10, scale=0),
            column("PRICE", precision=8, scale=2),
            column("ANY"),
            column("F", precision=126, scale=-127),
            column("NAME", DataType.VARCHAR2, size=80, char_size=20),
            column("NNAME", DataType.VARCHAR2, size=40, char_size=20, national=True),
            column("FIX", DataType.CHAR, size=3),
            column("BYTES", DataType.RAW, size=16),
            column("AT", DataType.TIMESTAMP, scale=6),
            column("DAY", DataType.DATE),
            column("SPAN", DataType.INTERVAL_DS, precision=2, scale=6),
            column("D", DataType.BINARY_DOUBLE),
        ]
    )
    cursor = connection.cursor()
    cursor.execute("select * from t")
    found = [
        (i.name, i.type_code, i.display_size, i.internal_size, i.precision, i.scale)
        for i in cursor.description or ()
    ]
    assert [(name, kind) for name, kind, *_ in found] == [
        ("ID", oracledb.DB_TYPE_NUMBER),
        ("PRICE", oracledb.DB_TYPE_NUMBER),
        ("ANY", oracledb.DB_TYPE_NUMBER),
        ("F", oracledb.DB_TYPE_NUMBER),
        ("NAME", oracledb.DB_TYPE_VARCHAR),
        ("NNAME", oracledb.DB_TYPE_NVARCHAR),
        ("FIX", oracledb.DB_TYPE_CHAR),
        ("BYTES", oracledb.DB_TYPE_RAW),
        ("AT", oracledb.DB_TYPE_TIMESTAMP),
        ("DAY", oracledb.DB_TYPE_DATE),
        ("SPAN", oracledb.DB_TYPE_INTERVAL_DS),
        ("D", oracledb.DB_TYPE_BINARY_DOUBLE),
    ]
    assert [row[4:] for row in found[:4]] == [(10, 0), (8, 2), (0, -127), (126, -127)]
    assert [row[2:4] for row in found[4:8]] == [(20, 80), (20, 40), (3, 3), (16, 16)]
    assert cursor.fetchall() == []


@every_way
def test_rows_come_in_batches(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """All rows come, in order, whatever the sizes of prefetch and batches."""
    rows = [(n, f"row {n}" * (n % 7)) for n in range(300)]
    database.queries["select n from t"] = Query(
        [column("N"), column("S", DataType.VARCHAR2, size=60)], [(n, s or None) for n, s in rows]
    )
    cursor = connection.cursor()
    for prefetch, size in ((0, 1), (2, 100), (300, 7), (301, 50), (1, 299)):
        cursor.prefetchrows, cursor.arraysize = prefetch, size
        cursor.execute("select n from t")
        assert [(n, s or "") for n, s in cursor] == rows, (prefetch, size)
        cursor.execute("select n from t")
        assert cursor.fetchone() == (0, None)


def test_a_result_set_is_closed_at_its_end(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """The engine's result set is closed when its last row was fetched."""
    connection.cursor().execute("select 1 from dual").fetchall()
    assert database.sessions[0].results[0].closed


def test_a_closed_cursor_lets_go_of_its_result(
    connection: oracledb.Connection, database: FakeDatabase
) -> None:
    """A result set that was not fetched to its end is closed with the next call after its cursor's end."""
    database.queries["select n from t"] = Query([column("N")], [(n,) for n in range(100)])
    connection.stmtcachesize = 0
    with connection.cursor() as cursor:
        cursor.execute("select n from t")
    assert not database.sessions[0].results[0].closed
    connection.cursor().execute("select 1 from dual")
    assert database.sessions[0].results[0].closed


def test_columns_may_change(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A cursor that is executed again after its columns changed gets the new ones."""
    cursor = connection.cursor()
    database.queries["select * from t"] = Query([column("A")], [(1,)])
    assert cursor.execute("select * from t").fetchall() == [(1,)]
    database.queries["select * from t"] = Query(
        [column("A"), column("B", DataType.VARCHAR2, size=9)], [(1, "b")]
    )
    assert cursor.execute("select * from t").fetchall() == [(1, "b")]
    assert [c[0] for c in cursor.description or ()] == ["A", "B"]


def test_text_may_become_a_clob(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A column that was text and is a CLOB at the next execution comes as text."""
    cursor = connection.cursor()
    database.queries["select * from t"] = Query([column("A", DataType.VARCHAR2, size=9)], [("x",)])
    assert cursor.execute("select * from t").fetchall() == [("x",)]
    clob = column("A", DataType.CLOB)
    database.queries["select * from t"] = Query([clob], [(FakeLob(clob.spec, "long"),)])
    assert cursor.execute("select * from t").fetchall() == [("long",)]


def test_bind_types_may_change(connection: oracledb.Connection) -> None:
    """A cursor that is executed again with another type of bind takes it."""
    cursor = connection.cursor()
    for value in (1, "text", 2, MOMENT.replace(microsecond=0), None, "longer text", 3):
        assert cursor.execute(ECHO, [value]).fetchall() == [(value,)]


def test_parse_describes_only(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """Parsing a query describes it and runs nothing."""
    cursor = connection.cursor()
    cursor.parse("select 1 from dual")
    assert [c[0] for c in cursor.description or ()] == ["1"]
    assert not database.sessions[0].results
    with pytest.raises(oracledb.DatabaseError, match="ORA-00942"):
        cursor.parse("select 1 from nowhere")


def test_errors_have_number_text_and_offset(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """An error of the engine reaches the driver with number, text and offset; the session lives."""
    database.unparsable["selec"] = OracleError(900, "invalid SQL statement", offset=3)
    cursor = connection.cursor()
    with pytest.raises(oracledb.DatabaseError) as caught:
        cursor.execute("selec")
    (error,) = caught.value.args
    assert (error.code, error.full_code, error.offset) == (900, "ORA-00900", 3)
    assert "invalid SQL statement" in error.message
    assert cursor.execute("select 1 from dual").fetchone() == (1,)


def test_an_error_while_fetching(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A row that cannot be computed fails the fetch, after the rows before it."""
    database.queries["select n from t"] = Query(
        [column("N")], [(1,), (2,), (3,), (OracleError(1476, "divisor is equal to zero"),)]
    )
    cursor = connection.cursor()
    cursor.arraysize = 1
    cursor.execute("select n from t")
    assert cursor.fetchmany(3) == [(1,), (2,), (3,)]
    with pytest.raises(oracledb.DatabaseError, match="ORA-01476"):
        cursor.fetchone()
    assert connection.is_healthy()


def test_values_of_a_bad_statement_are_read(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A statement that is refused leaves nothing of its values behind in the stream."""
    text = "insert into nowhere values (:1, :2)"
    database.unparsable[text] = OracleError(942, "table or view does not exist")
    cursor = connection.cursor()
    with pytest.raises(oracledb.DatabaseError, match="ORA-00942"):
        cursor.executemany(text, [(n, "x" * 100) for n in range(1000)])
    assert cursor.execute("select 1 from dual").fetchone() == (1,)


@every_way
def test_rowids(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """Row identifiers, physical and logical, come as their text."""
    database.queries["select rowid from t"] = Query(
        [column("ROWID", DataType.ROWID), column("U", DataType.UROWID)],
        [("AAASd6AAEAAAAInAAB", "AAASd6AAEAAAAInAAB"), (None, "*BAEAAIoCwQL+BAEAAIoCwQL+")],
    )
    cursor = connection.cursor()
    rows = cursor.execute("select rowid from t").fetchall()
    assert rows[0] == ("AAASd6AAEAAAAInAAB", "AAASd6AAEAAAAInAAB")
    assert rows[1] == (None, "*BAEAAIoCwQL+BAEAAIoCwQL+")


def test_intervals_of_years(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """An interval of years and months comes as the driver's pair."""
    database.queries["select i from t"] = Query([column("I", DataType.INTERVAL_YM)], [(YearMonth(2, 3),)])
    cursor = connection.cursor()
    assert cursor.execute("select i from t").fetchall() == [(oracledb.IntervalYM(2, 3),)]


def test_zoned_times(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A TIMESTAMP WITH TIME ZONE is shown by the driver as the wall time in its zone."""
    zone = dt.timezone(-dt.timedelta(hours=3, minutes=30))
    database.queries["select t from t"] = Query(
        [column("T", DataType.TIMESTAMP_TZ, scale=6)], [(MOMENT.replace(tzinfo=zone),)]
    )
    assert connection.cursor().execute("select t from t").fetchall() == [(MOMENT,)]


def test_nested_cursors(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A cursor in a column can be fetched from."""
    inner = FakeResult([column("M"), column("S", DataType.VARCHAR2, size=5)], [(n, "m") for n in range(150)])
    database.queries["select c from t"] = Query([column("N"), column("C", DataType.CURSOR)], [(1, inner)])
    ((number, nested),) = connection.cursor().execute("select c from t").fetchall()
    assert number == 1
    assert nested.fetchall() == [(n, "m") for n in range(150)]


def test_scrolling(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A scrollable cursor goes to the first, last, an absolute and a relative row."""
    database.queries["select n from t"] = Query([column("N")], [(n,) for n in range(1, 21)])
    cursor = connection.cursor(scrollable=True)
    cursor.prefetchrows = cursor.arraysize = 3
    cursor.execute("select n from t")
    assert cursor.fetchmany(4) == [(1,), (2,), (3,), (4,)]
    for mode, value, expected in (
        ("last", 0, 20),
        ("first", 0, 1),
        ("absolute", 12, 12),
        ("relative", -3, 9),
    ):
        cursor.scroll(value, mode)
        assert cursor.fetchone() == (expected,), mode
    cursor.scroll(mode="first")
    assert len(cursor.fetchall()) == 20
    with pytest.raises(oracledb.ProgrammingError, match="DPY-2063"):
        cursor.scroll(99, "absolute")


@pytest.mark.parametrize("way", ["19", "23"], indirect=True)
def test_long_columns(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """LONG and LONG RAW come whole."""
    database.queries["select l from t"] = Query(
        [column("L", DataType.LONG), column("R", DataType.LONG_RAW)],
        [("x" * 100_000, b"y" * 70_000), (None, None)],
    )
    rows = connection.cursor().execute("select l from t").fetchall()
    assert rows == [("x" * 100_000, b"y" * 70_000), (None, None)]


def test_missing_binds(connection: oracledb.Connection) -> None:
    """Fewer binds than the statement has are refused by the driver or as ORA-01008."""
    with pytest.raises(oracledb.DatabaseError, match=r"ORA-01008|DPY-4010|DPY-4009"):
        connection.cursor().execute("select :1, :2 from dual", [1])


def test_types_that_are_not_modelled(connection: oracledb.Connection) -> None:
    """A bind of a type that is not modelled is refused, and the session lives."""
    cursor = connection.cursor()
    cursor.setinputsizes(oracledb.DB_TYPE_JSON)
    with pytest.raises(oracledb.DatabaseError, match=r"ORA-03001.*JSON"):
        cursor.execute(ECHO, [{"a": [1, 2]}])
    assert cursor.execute("select 1 from dual").fetchone() == (1,)
