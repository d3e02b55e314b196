"""Calls as the driver sent them, recorded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from oracle_standin.values import DataType
from oracle_standin.wire.auth import read_auth
from oracle_standin.wire.binds import BindColumn, BindRows, CursorBind, LobBind, Unsupported
from oracle_standin.wire.calls import ExecuteCall, read_execute, read_fetch, read_head, read_reexecute
from oracle_standin.wire.codes import ExecuteFlag, ExecuteOption, Function, LobOperation, MessageType
from oracle_standin.wire.connect import parse_connect, stranger
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.fields import Reader, WireError, ub
from oracle_standin.wire.lobs import locator_number, read_lob_call
from oracle_standin.wire.negotiate import read_protocol
from oracle_standin.wire.piggybacks import Piggyback, read_piggyback
from oracle_standin.wire.places import input_binds
from tests.oracle_standin.wire.recorded import RECORDED
from tests.oracle_standin.wire.support import is_read, reader_of

each_version = pytest.mark.parametrize("version", [12, 24])
each_cut = pytest.mark.parametrize("chunk", [1, 3, 8192])


def opened(name: str, version: int, chunk: int = 8192) -> tuple[Reader, Dialect, list[Piggyback], int]:
    """Return a recorded message behind its piggybacks and head, and its function."""
    reader = reader_of(RECORDED[f"{name}_{version}"], chunk=chunk)
    dialect = Dialect(field_version=version)
    told = []
    while (kind := reader.u8()) == MessageType.PIGGYBACK:
        told.append(read_piggyback(reader, read_head(reader, dialect).function))
    assert kind == MessageType.FUNCTION
    return reader, dialect, told, read_head(reader, dialect).function


def execution(
    name: str, version: int, chunk: int, *, inputs: int | None = None
) -> tuple[ExecuteCall, list[list[object]]]:
    """Return a recorded execution and its rows of values, and check that nothing is left."""
    reader, dialect, _, function = opened(name, version, chunk)
    assert function == Function.EXECUTE
    call = read_execute(reader, dialect)
    rows: list[list[object]] = []
    if call.binds:
        plsql = not call.options & ExecuteOption.NOT_PLSQL
        values = BindRows(call.binds[:inputs], dialect, plsql=plsql)
        rows = values.read(reader, 1 if call.is_query else call.executions)
    assert is_read(reader)
    return call, rows


def test_connect() -> None:
    """The first packet tells version, packet size and what the client wants."""
    connect = parse_connect(RECORDED["CONNECT"])
    assert (connect.version, connect.minimum, connect.sdu) == (319, 300, 8192)
    assert connect.value_of("service_name") == "FREEPDB1"
    assert connect.value_of("SID") is None
    with pytest.raises(WireError, match="4 bytes"):
        parse_connect(b"abcd")


def test_strangers() -> None:
    """Other protocols are known by their first bytes, and a beginning is not judged."""
    assert stranger(b"GET / HTTP/1.1") == "HTTP"
    assert stranger(b"\x16\x03\x01\x00") == "TLS"
    assert stranger(b"\x00\xf3\x00\x00\x06\x00\x00\x00") == "an unknown protocol"
    assert stranger(b"\x00\xf3\x00\x00\x01\x00\x00\x00") is None
    assert stranger(b"\x00\xf3") is None


def test_protocol() -> None:
    """The client names itself."""
    reader = reader_of(RECORDED["PROTOCOL"][1:])
    assert read_protocol(reader) == "python-oracledb"
    assert is_read(reader)


@each_version
def test_login(version: int) -> None:
    """The first phase of a login tells user and program."""
    reader, _, _, function = opened("PHASE_ONE", version)
    assert function == Function.AUTH_PHASE_ONE
    call = read_auth(reader)
    assert (call.user, call.pairs["AUTH_PROGRAM_NM"], call.pairs["AUTH_SID"]) == ("scott", "p", "o")
    assert is_read(reader)


@each_version
@each_cut
def test_query(version: int, chunk: int) -> None:
    """A query tells its text, options, binds and one row of values."""
    call, rows = execution("QUERY", version, chunk)
    assert call.sql == "select :1, :2, :3 from dual"
    wanted = ExecuteOption.PARSE | ExecuteOption.BIND | ExecuteOption.EXECUTE | ExecuteOption.FETCH
    assert call.options == wanted | ExecuteOption.NOT_PLSQL
    assert (call.cursor, call.rows, call.is_query) == (0, 2, True)
    assert [bind.spec.type for bind in call.binds] == [DataType.NUMBER, DataType.VARCHAR2, DataType.VARCHAR2]
    assert rows == [[1, "x", None]]


@each_version
def test_reexecution(version: int) -> None:
    """An execution with other values has nothing but the cursor and the row."""
    first, _ = execution("QUERY", version, 8192)
    reader, dialect, _, function = opened("REQUERY", version)
    assert function == Function.REEXECUTE_AND_FETCH
    call = read_reexecute(reader)
    assert (call.cursor, call.count, call.commit) == (1, 2, False)
    assert BindRows(first.binds, dialect, plsql=False).read(reader, 1) == [[2, "y", None]]
    assert is_read(reader)


@each_version
def test_fetch(version: int) -> None:
    """A fetch tells cursor and rows."""
    reader, _, _, function = opened("FETCH", version)
    assert function == Function.FETCH
    call = read_fetch(reader)
    assert (call.cursor, call.rows) == (2, 5)


@each_version
@each_cut
def test_array(version: int, chunk: int) -> None:
    """An array tells what it wants to know, and all rows."""
    call, rows = execution("ARRAY", version, chunk)
    assert call.options & ExecuteOption.BATCH_ERRORS
    assert call.flags & ExecuteFlag.ROW_COUNTS
    assert rows == [[1, "a"], [2, None]]


@each_version
@each_cut
def test_returning(version: int, chunk: int) -> None:
    """Binds that are returned into are described and have no values."""
    text = "update t set a = :a where b = :b returning id into :i"
    call, rows = execution("RETURNING", version, chunk, inputs=input_binds(text))
    assert call.sql == text
    assert len(call.binds) == 3
    assert rows == [[Decimal("-1.5"), dt.datetime(2026, 2, 3)]]  # noqa: DTZ001


@each_version
@each_cut
def test_long_values_come_last(version: int, chunk: int) -> None:
    """A value that may be longer than a VARCHAR2 comes behind the others and is put back."""
    call, rows = execution("LONG_LAST", version, chunk)
    assert call.binds[0].size == 4004
    assert rows == [["z" * 1001, 7]]


@each_version
@each_cut
def test_block(version: int, chunk: int) -> None:
    """A PL/SQL block has values for all binds."""
    call, rows = execution("BLOCK", version, chunk)
    assert not call.options & ExecuteOption.NOT_PLSQL
    assert rows == [[None, "in"]]


@each_version
def test_define(version: int) -> None:
    """A query with LOBs is followed by what the client wants them as."""
    reader, dialect, _, _ = opened("DEFINE", version)
    first = read_execute(reader, dialect)
    assert first.sql == "select c from t"
    assert reader.u8() == MessageType.FUNCTION
    assert read_head(reader, dialect).function == Function.EXECUTE
    call = read_execute(reader, dialect)
    assert call.options == ExecuteOption.DEFINE | ExecuteOption.NOT_PLSQL
    assert (call.sql, [define.spec.type for define in call.defines]) == (None, [DataType.CLOB])


@each_version
def test_lob_calls(version: int) -> None:
    """Calls on large objects tell operation, place and amount."""
    reader, *_ = opened("LOB_READ", version)
    read = read_lob_call(reader)
    assert (read.operation, read.offset, read.amount, locator_number(read.locator)) == (
        LobOperation.READ,
        2,
        2,
        1,
    )
    assert is_read(reader)
    reader, *_ = opened("LOB_CREATE", version)
    create = read_lob_call(reader)
    assert (create.operation, create.kind, create.national) == (
        LobOperation.CREATE_TEMPORARY,
        DataType.CLOB,
        True,
    )
    assert is_read(reader)
    reader, *_ = opened("LOB_WRITE", version)
    write = read_lob_call(reader)
    assert (write.operation, write.offset, write.data) == (LobOperation.WRITE, 1, "é".encode("utf-16-be"))
    assert is_read(reader)


@each_version
def test_piggybacks(version: int) -> None:
    """What comes in front of a call: closed cursors, attributes, a schema, freed LOBs."""
    _, _, (closed,), _ = opened("ARRAY", version)
    assert closed.closed_cursors == [2]
    _, _, told, function = opened("SCHEMA", version)
    assert (told[-1].schema, function) == ("hr", Function.PING)
    _, _, told, _ = opened("FREE", version)
    assert [locator_number(locator) for locator in told[-1].freed_lobs] == [2]


@each_version
def test_attributes(version: int) -> None:
    """Attributes are told apart; an empty one may leave a byte behind."""
    reader, _, told, function = opened("ATTRIBUTES", version)
    assert told[-1].attributes == {"client_identifier": "", "module": "mod", "action": "act"}
    assert function == Function.PING
    assert is_read(reader)


def test_unknown_piggyback() -> None:
    """A piggyback that nobody knows is said to be unknown."""
    assert not read_piggyback(reader_of(b""), 205).known


def test_values_with_handles() -> None:
    """Handles, booleans and types that are not modelled are read to their ends."""
    locator = bytes(40)
    raw = b"".join(
        (
            b"\x07",
            ub(40) + b"\x28" + locator,
            b"\x01\x01\x01\x05",
            b"\xfd\x01",
            ub(40) + b"\x28" + bytes(40) + b"\x03abc",
            b"\x02hi",
            b"\x07",
            b"\x00",
            b"\x01\x00",
            b"\x02\x01\x01",
            b"\x00",
            b"\x00",
        )
    )
    reader = reader_of(raw)
    columns = [
        BindColumn(code=code, size=100, elements=0, is_array=False, national=False)
        for code in (DataType.CLOB, DataType.CURSOR, DataType.BOOLEAN, DataType.JSON, DataType.VARCHAR2)
    ]
    assert BindRows(columns, Dialect(), plsql=True).read(reader, 2) == [
        [LobBind(locator), CursorBind(5), None, Unsupported("JSON or VECTOR"), "hi"],
        [None, CursorBind(0), True, None, None],
    ]
    assert is_read(reader)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("insert into t values (:1, :2)", None),
        ("insert into t values (:1, :2) returning a, b into :3, :4", 2),
        ('INSERT INTO t (a) VALUES (:"a b") RETURNING a INTO :b', 1),
        ("update t set a = ':x', b = q'[:y']' where c = :c returning a into :d", 1),
        ("delete from t where a = 'returning into' /* :z */ and b = :b -- :y\n returning a into :x", 1),
        ("update t set a = 1 returning a into :x", 0),
        ("select returning, into from t where a = :a", None),
        ("begin insert into t values (:1) returning a into :2; end;", None),
        ("update t set a = '{\"k\":1}', b = :b returning a into :c", 1),
        ("update t set a = q'[unfinished", None),
    ],
)
def test_binds_that_are_given_values(text: str, count: int | None) -> None:
    """Binds behind RETURNING ... INTO of DML are given no values, all others are."""
    assert input_binds(text) == count
