"""Observers: what they are told, and what they may do to a call."""

from __future__ import annotations

import oracledb
import pytest

from oracle_standin.errors import OracleError
from oracle_standin.server import Call, CallKind, CutConnection
from oracle_standin.values import DataType
from tests.oracle_standin.connections import Connect
from tests.oracle_standin.server.conftest import Serve
from tests.support.fake_oracle import FakeDatabase


class Recorder:
    """Remembers all calls, and raises what it was told to.

    Attributes
    ----------
    calls : `list` [`~oracle_standin.server.Call`]
        Those that were applied.
    ended : `list` [`int`]
        Connections that have ended.
    raised : `dict`
        What to raise, by ``before`` or ``after`` and the kind of the call.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.ended: list[int] = []
        self.raised: dict[tuple[str, CallKind], Exception] = {}

    def before(self, call: Call) -> None:
        """Raise what is due."""
        if error := self.raised.pop(("before", call.kind), None):
            raise error

    def after(self, call: Call) -> None:
        """Remember the call and raise what is due."""
        self.calls.append(call)
        if error := self.raised.pop(("after", call.kind), None):
            raise error

    def closed(self, connection: int) -> None:
        """Remember the connection."""
        self.ended.append(connection)


@pytest.fixture
def recorder() -> Recorder:
    """Return an observer."""
    return Recorder()


@pytest.fixture
def observed(serve: Serve, connect: Connect, recorder: Recorder) -> oracledb.Connection:
    """Return a connection to a server that is observed."""
    return connect(dsn=serve(observer=recorder).dsn)


def test_all_calls_are_told(observed: oracledb.Connection, recorder: Recorder) -> None:
    """Each call is told once, with what it was and did."""
    cursor = observed.cursor()
    cursor.execute("select 1 from dual").fetchall()
    cursor.executemany("insert into t values (:1, :2)", [(1, "a"), (2, "b")])
    with pytest.raises(oracledb.DatabaseError):
        cursor.execute("insert into t values (:1, :2)", [1, "a"])
    observed.createlob(oracledb.DB_TYPE_CLOB)
    observed.commit()
    observed.rollback()
    observed.ping()
    observed.autocommit = True
    cursor.execute("insert into t values (:1, :2)", [3, "c"])
    told = [(call.kind.value, call.executions, call.rows, call.parsed) for call in recorder.calls]
    assert told == [
        ("connect", 0, 0, False),
        ("login", 0, 0, False),
        ("execute", 1, 1, True),
        ("execute", 2, 2, True),
        ("execute", 1, 0, False),
        ("lob", 0, 0, False),
        ("commit", 0, 0, False),
        ("rollback", 0, 0, False),
        ("ping", 0, 0, False),
        ("commit", 0, 0, False),
        ("execute", 1, 1, False),
    ]
    insert = recorder.calls[3]
    assert (insert.user, insert.text, insert.connection) == ("SCOTT", "insert into t values (:1, :2)", 1)
    assert [spec.type for spec in insert.types] == [DataType.NUMBER, DataType.VARCHAR2]
    failed = recorder.calls[4].error
    assert failed
    assert failed.number == 1


def test_an_error_before_a_call(
    observed: oracledb.Connection, recorder: Recorder, database: FakeDatabase
) -> None:
    """An error before a call is answered instead of applying it."""
    cursor = observed.cursor()
    recorder.raised["before", CallKind.EXECUTE] = OracleError(
        60, "deadlock detected while waiting for resource"
    )
    with pytest.raises(oracledb.DatabaseError, match="ORA-00060"):
        cursor.executemany("insert into t values (:1)", [(n,) for n in range(5000)])
    assert database.rows == []
    cursor.execute("insert into t values (:1)", [1])
    recorder.raised["before", CallKind.COMMIT] = OracleError(2091, "transaction rolled back")
    with pytest.raises(oracledb.DatabaseError, match="ORA-02091"):
        observed.commit()
    assert database.sessions[0].commits == 0


def test_a_commit_of_unknown_outcome(
    observed: oracledb.Connection, recorder: Recorder, database: FakeDatabase
) -> None:
    """A connection that is cut after a commit leaves the client without its answer, and the commit done."""
    observed.cursor().execute("insert into t values (:1)", [1])
    recorder.raised["after", CallKind.COMMIT] = CutConnection()
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        observed.commit()
    assert database.sessions[0].commits == 1
    assert not observed.is_healthy()


@pytest.mark.parametrize("kind", [CallKind.EXECUTE, CallKind.FETCH, CallKind.PING, CallKind.ROLLBACK])
@pytest.mark.parametrize("when", ["before", "after"])
def test_cuts(observed: oracledb.Connection, recorder: Recorder, kind: CallKind, when: str) -> None:
    """A connection can be cut before and after a call of any kind."""
    recorder.raised[when, kind] = CutConnection()

    def all_calls() -> None:
        cursor = observed.cursor()
        cursor.prefetchrows = 0
        cursor.execute("select 1 from dual").fetchall()
        observed.rollback()
        observed.ping()

    with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        all_calls()


def test_refused_connects(serve: Serve, connect: Connect, recorder: Recorder) -> None:
    """A listener's number refuses a connect, another one fails its login, and the next one is let in."""
    server = serve(observer=recorder)
    for number, code in ((12516, "12516"), (12514, "DPY-6001")):
        recorder.raised["before", CallKind.CONNECT] = OracleError(number, "refused")
        with pytest.raises(oracledb.OperationalError, match=code):
            connect(dsn=server.dsn)
    recorder.raised["before", CallKind.CONNECT] = OracleError(1033, "ORACLE initialization in progress")
    with pytest.raises(oracledb.DatabaseError, match="ORA-01033"):
        connect(dsn=server.dsn)
    recorder.raised["before", CallKind.CONNECT] = CutConnection()
    with pytest.raises(oracledb.OperationalError, match="DPY-6005"):
        connect(dsn=server.dsn)
    assert connect(dsn=server.dsn).is_healthy()
