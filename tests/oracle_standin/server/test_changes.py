"""DML, PL/SQL and transactions of the real driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import oracledb
import pytest

from oracle_standin.errors import OracleError
from oracle_standin.values import DataType, Lob, Value
from tests.oracle_standin.connections import Connect
from tests.oracle_standin.server.conftest import WAYS
from tests.support.fake_oracle import FakeDatabase, FakeResult, FakeSession, Query, column

every_way = pytest.mark.parametrize("way", WAYS, indirect=True)
INSERT = "insert into t values (:1, :2)"
RETURNING = "insert into t (a) values (:a) returning id into :b"


@every_way
def test_one_row(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """An insert reaches the engine with its values and tells its row count."""
    cursor = connection.cursor()
    cursor.execute(INSERT, [1, "x"])
    assert cursor.rowcount == 1
    cursor.execute(INSERT, [2, None])
    assert database.rows == [(1, "x"), (2, None)]


@every_way
def test_many_rows(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """An array of rows arrives whole, also when values lie across packets."""
    rows = [(n, chr(97 + n % 26) * (n % 300) or None) for n in range(2000)]
    cursor = connection.cursor()
    cursor.executemany(INSERT, rows)
    assert cursor.rowcount == 2000
    assert database.rows == rows


@every_way
def test_long_values_come_last(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """Values longer than a VARCHAR2 are put back to the places of their binds."""
    rows = [(1, "a", "x" * 5000, 2), (2, "b" * 70_000, "y", 3), (3, None, None, 4)]
    cursor = connection.cursor()
    for row in rows:
        cursor.execute("insert into t values (:1, :2, :3, :4)", row)
    assert database.rows == rows
    database.rows.clear()
    database.keys.clear()
    cursor.executemany("insert into t values (:1, :2, :3, :4)", rows)
    assert database.rows == rows


def test_an_array_stops_at_its_first_error(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A row that fails ends an array; the rows before it stay and are counted."""
    cursor = connection.cursor()
    with pytest.raises(oracledb.IntegrityError, match="ORA-00001"):
        cursor.executemany(INSERT, [(1, "a"), (2, "b"), (1, "c"), (3, "d")])
    assert cursor.rowcount == 2
    assert database.rows == [(1, "a"), (2, "b")]
    assert connection.transaction_in_progress


@every_way
def test_batch_errors(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """With batch errors all rows run, and those that failed are listed with their offsets."""
    cursor = connection.cursor()
    cursor.executemany(
        INSERT, [(1, "a"), (1, "b"), (2, "c"), (2, "d")], batcherrors=True, arraydmlrowcounts=True
    )
    found = [(error.offset, error.code, error.message) for error in cursor.getbatcherrors()]
    assert [row[:2] for row in found] == [(1, 1), (3, 1)]
    assert all("ORA-00001: unique constraint (SCOTT.PK) violated" in message for *_, message in found)
    assert cursor.getarraydmlrowcounts() == [1, 0, 1, 0]
    assert (cursor.rowcount, len(database.rows)) == (2, 2)
    cursor.executemany(INSERT, [(5, "a")], batcherrors=True)
    assert cursor.getbatcherrors() == []


def test_many_batch_errors(connection: oracledb.Connection) -> None:
    """Hundreds of batch errors come whole."""
    cursor = connection.cursor()
    cursor.executemany(INSERT, [(n // 2, "x") for n in range(1000)], batcherrors=True)
    assert [error.offset for error in cursor.getbatcherrors()] == list(range(1, 1000, 2))


@every_way
def test_returning(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """RETURNING fills a list per execution, with one value per affected row."""
    cursor = connection.cursor()
    out = cursor.var(int)
    cursor.execute(RETURNING, a=11, b=out)
    assert out.getvalue() == [11]
    database.returned_rows = 2
    out = cursor.var(int, arraysize=3)
    cursor.setinputsizes(None, out)
    cursor.executemany(RETURNING, [(n,) for n in (21, 22, 23)])
    assert out.values == [[21, 21], [22, 22], [23, 23]]
    database.returned_rows = 0
    cursor.execute(RETURNING, [31, out])
    assert out.getvalue() == []


def test_returning_alone(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A statement whose only binds are returned into has no values to read."""
    database.returned_rows = 0
    cursor = connection.cursor()
    out = cursor.var(str)
    for _ in range(2):
        cursor.execute("update t set a = 1 returning b into :1", [out])
        assert out.getvalue() == []
    assert database.seen[-1][0] == [[]]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (oracledb.DB_TYPE_VARCHAR, "text"),
        (oracledb.DB_TYPE_NVARCHAR, "téxt"),
        (oracledb.DB_TYPE_RAW, b"raw"),
        (oracledb.DB_TYPE_BINARY_DOUBLE, 1.5),
        (oracledb.DB_TYPE_ROWID, "AAASd6AAEAAAAInAAB"),
        (oracledb.DB_TYPE_INTERVAL_YM, oracledb.IntervalYM(1, 2)),
    ],
)
def test_returned_types(connection: oracledb.Connection, kind: Any, value: Any) -> None:
    """Values are returned in the type of the bind."""
    cursor = connection.cursor()
    out = cursor.var(kind)
    cursor.setinputsizes(kind)
    cursor.execute(RETURNING, [value, out])
    assert out.getvalue() == [value]


def test_returned_lobs(connection: oracledb.Connection) -> None:
    """Text and bytes are returned into LOB variables as LOBs that can be read."""
    for kind, value in (
        (oracledb.DB_TYPE_NCLOB, "é" * 9000),
        (oracledb.DB_TYPE_CLOB, "c" * 9000),
        (oracledb.DB_TYPE_BLOB, b"b" * 9000),
    ):
        cursor = connection.cursor()
        out = cursor.var(kind)
        cursor.execute(RETURNING, [value, out])
        (lob,) = out.getvalue()
        assert lob.read() == value


def test_numbers_are_returned_as_text(connection: oracledb.Connection) -> None:
    """A number that is returned into a text variable comes as text, as SQLAlchemy asks for integers."""
    cursor = connection.cursor()
    out = cursor.var(oracledb.DB_TYPE_VARCHAR, 255, outconverter=int)
    cursor.execute(RETURNING, [12, out])
    assert out.getvalue() == [12]


@every_way
def test_plsql_out_binds(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A block's OUT and IN OUT binds get the values that it assigned, others keep theirs."""
    text = "begin :a := :b + 1; :c := 'x' || :c; end;"

    def block(session: FakeSession, values: Sequence[Value]) -> dict[int, Value]:
        _, b, c = values
        return {0: b + 1, 2: f"x{c!s}"}  # type: ignore[operator]

    database.blocks[text] = block
    cursor = connection.cursor()
    a, c = cursor.var(int), cursor.var(str)
    for number in (1, 5):
        c.setvalue(0, "y")
        cursor.execute(text, a=a, b=number, c=c)
        assert (a.getvalue(), c.getvalue()) == (number + 1, "xy")


def test_plsql_without_binds_or_outs(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """Blocks without binds, and with IN binds only, run."""
    database.blocks["begin null; end;"] = lambda _session, _values: {}
    database.blocks["begin f(:1); end;"] = lambda _session, _values: {}
    cursor = connection.cursor()
    cursor.execute("begin null; end;")
    cursor.execute("begin f(:1); end;", [1])
    cursor.executemany("begin f(:1); end;", [(n,) for n in range(10)])
    assert database.seen[-1][0] == [9]


def test_plsql_errors_in_arrays(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """An array of block executions that fails tells by its offset which one it was."""

    def block(session: FakeSession, values: Sequence[Value]) -> dict[int, Value]:
        if values[0] == 3:
            raise OracleError(6502, "PL/SQL: numeric or value error")
        return {}

    database.blocks["begin f(:1); end;"] = block
    with pytest.raises(oracledb.DatabaseError, match="ORA-06502") as caught:
        connection.cursor().executemany("begin f(:1); end;", [(n,) for n in range(6)])
    assert caught.value.args[0].offset == 3


def test_plsql_arrays(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """PL/SQL arrays go in and out as lists."""
    database.blocks["begin f(:1, :2); end;"] = lambda _session, values: {
        1: [n * 2 for n in values[0]]  # type: ignore[union-attr]
    }
    cursor = connection.cursor()
    given = cursor.arrayvar(int, [1, 2, 3])
    out = cursor.arrayvar(int, 10)
    cursor.execute("begin f(:1, :2); end;", [given, out])
    assert out.getvalue() == [2, 4, 6]


def test_ref_cursors(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A cursor that a block opens is described and fetched from, also with LOBs in it."""
    text = "begin open :1 for select * from t; end;"
    clob = column("C", DataType.CLOB)
    rows = [(n, f"text {n}") for n in range(250)]

    def block(session: FakeSession, values: Sequence[Value]) -> dict[int, Value]:
        lobs: list[tuple[Value, ...]] = []
        for number, content in rows:
            lob = session.create_lob(clob.spec)
            lob.write(1, content)
            lobs.append((number, lob))
        return {0: FakeResult([column("N"), clob], lobs)}

    database.blocks[text] = block
    for fetch_lobs in (True, False):
        cursor = connection.cursor()
        ref = cursor.var(oracledb.DB_TYPE_CURSOR)
        cursor.execute(text, [ref])
        inner = ref.getvalue()
        assert [c[0] for c in inner.description] == ["N", "C"]
        found = [(n, c.read() if isinstance(c, oracledb.LOB) else c) for n, c in inner]
        assert found == rows, fetch_lobs


def test_lob_binds_of_plsql(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A long text goes into a block as a temporary LOB, and comes out of it."""
    seen: list[str | bytes] = []

    def block(session: FakeSession, values: Sequence[Value]) -> dict[int, Value]:
        lob = values[0]
        assert isinstance(lob, Lob)
        seen.append(lob.read(1, lob.length()))
        return {0: lob}

    database.blocks["begin f(:1); end;"] = block
    cursor = connection.cursor()
    var = cursor.var(oracledb.DB_TYPE_CLOB)
    lob = connection.createlob(oracledb.DB_TYPE_CLOB)
    lob.write("long " * 20_000)
    var.setvalue(0, lob)
    cursor.execute("begin f(:1); end;", [var])
    assert seen == ["long " * 20_000]
    assert var.getvalue().read() == seen[0]


@every_way
def test_transactions(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """The driver knows whether a transaction is open, and ends it."""
    cursor = connection.cursor()
    session = database.sessions[0]
    assert connection.transaction_in_progress is False
    cursor.execute(INSERT, [1, "x"])
    assert (connection.transaction_in_progress, session.commits) == (True, 0)
    connection.commit()
    assert (connection.transaction_in_progress, session.commits) == (False, 1)
    cursor.execute(INSERT, [2, "x"])
    connection.rollback()
    assert (connection.transaction_in_progress, session.rollbacks) == (False, 1)


def test_autocommit(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """With autocommit each execution that went well is committed, first and repeated ones."""
    connection.autocommit = True
    cursor = connection.cursor()
    session = database.sessions[0]
    cursor.execute(INSERT, [1, "x"])
    cursor.execute(INSERT, [2, "x"])
    assert (session.commits, connection.transaction_in_progress) == (2, False)
    with pytest.raises(oracledb.IntegrityError):
        cursor.execute(INSERT, [2, "x"])
    cursor.executemany(INSERT, [(3, "x"), (3, "y")], batcherrors=True)
    assert session.commits == 2


def test_ddl_may_be_repeated(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """The same DDL can be executed again by the same cursor."""
    cursor = connection.cursor()
    for _ in range(3):
        cursor.execute("create table t (a number)")
    assert database.sessions[0].ran.count("create table t (a number)") == 3


def test_cursors_are_closed(connect: Connect, database: FakeDatabase) -> None:
    """Statements that fell out of the driver's cache can be used again: their cursors were closed."""
    connection = connect(stmtcachesize=2)
    for number in range(50):
        text = f"select {number} from t"  # noqa: S608 - nothing but numbers
        database.queries[text] = Query([column("N")], [(number,)])
        assert connection.cursor().execute(text).fetchall() == [(number,)]
        assert connection.cursor().execute("select 1 from dual").fetchall() == [(1,)]


def test_integrity_errors_keep_the_cursor(connection: oracledb.Connection) -> None:
    """A statement that failed can be executed again."""
    cursor = connection.cursor()
    for number in (1, 2):
        cursor.execute(INSERT, [number, "x"])
        with pytest.raises(oracledb.IntegrityError):
            cursor.execute(INSERT, [number, "x"])
