"""Cancelling and time-outs of the real driver."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

import oracledb
import pytest

from oracle_standin.server import Server
from oracle_standin.values import Value
from tests.oracle_standin.server.conftest import WAYS
from tests.support.fake_oracle import FakeDatabase, FakeSession, Query, column

every_way = pytest.mark.parametrize("way", WAYS, indirect=True)
SLEEP = "begin sleep; end;"


@pytest.fixture
def asleep(database: FakeDatabase) -> threading.Event:
    """Set when a block has begun that runs until it is cancelled."""
    begun = threading.Event()

    def sleep(session: FakeSession, values: Sequence[Value]) -> dict[int, Value]:
        begun.set()
        session.wait(60)
        return {}

    database.blocks[SLEEP] = sleep
    return begun


def cancel_when(begun: threading.Event, act: Callable[[], None]) -> threading.Thread:
    """Start a thread that acts when the block has begun."""

    def wait() -> None:
        begun.wait(30)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@every_way
def test_cancel(connection: oracledb.Connection, asleep: threading.Event) -> None:
    """A call that is cancelled by another thread ends with ORA-01013, and the session goes on."""
    for _ in range(3):
        asleep.clear()
        thread = cancel_when(asleep, connection.cancel)
        with pytest.raises(oracledb.DatabaseError, match="ORA-01013"):
            connection.cursor().execute(SLEEP)
        thread.join()
        assert connection.cursor().execute("select 1 from dual").fetchone() == (1,)


@every_way
def test_call_timeout(connection: oracledb.Connection, asleep: threading.Event) -> None:
    """A call that takes longer than the client's limit fails there, and the session goes on."""
    for _ in range(2):
        connection.call_timeout = 100
        with pytest.raises(oracledb.DatabaseError, match="DPY-4024"):
            connection.cursor().execute(SLEEP)
        connection.call_timeout = 0
        assert connection.cursor().execute("select 1 from dual").fetchone() == (1,)


def test_a_client_that_dies_ends_its_call(
    server: Server, asleep: threading.Event, database: FakeDatabase
) -> None:
    """A call whose client's process was killed is cancelled, and its session closed."""
    code = f"""
import oracledb
with oracledb.connect(user="scott", password="tiger", dsn="{server.dsn}") as connection:
    connection.cursor().execute("{SLEEP}")
"""
    with subprocess.Popen([sys.executable, "-c", code]) as client:
        assert asleep.wait(60)
        client.kill()
    while server.connections():
        threading.Event().wait(0.01)
    assert database.sessions[0].closed


def test_kill_ends_the_running_call(
    server: Server, connection: oracledb.Connection, asleep: threading.Event
) -> None:
    """The running call of a session that is killed ends with ORA-00028."""
    thread = cancel_when(asleep, server.connections()[0].kill)
    with pytest.raises(oracledb.DatabaseError, match="ORA-00028"):
        connection.cursor().execute(SLEEP)
    thread.join()
    assert not connection.is_healthy()


def test_an_error_of_the_driver_amid_a_message(
    connection: oracledb.Connection, database: FakeDatabase
) -> None:
    """What the driver had sent when it found a value that it cannot send is forgotten on both sides."""
    cursor = connection.cursor()
    out = cursor.var(oracledb.DB_TYPE_NUMBER, arraysize=2000)
    values = [1] * 2000
    for place, value in enumerate(values):
        out.setvalue(place, value)
    out.setvalue(1999, 10**130)
    cursor.setinputsizes(out, 200)
    with pytest.raises(oracledb.DatabaseError, match="DPY-"):
        cursor.executemany(
            "insert into t values (:1, :2)", [(n, "x" * 200) for n in range(1999)] + [(10**130, "y")]
        )
    assert cursor.execute("select 1 from dual").fetchone() == (1,)
    assert database.rows == []


def test_junk_from_the_engine_is_no_end(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """A value that the server cannot encode gives an error, not a dead session."""
    database.queries["select n from t"] = Query([column("N")], [(object(),)])
    cursor = connection.cursor()
    with pytest.raises(oracledb.DatabaseError, match="ORA-00606"):
        cursor.execute("select n from t")
    database.queries["select m from t"] = Query([column("N")], [(10**200,)])
    with pytest.raises(oracledb.DatabaseError, match="ORA-01426"):
        cursor.execute("select m from t")
    assert cursor.execute("select 1 from dual").fetchone() == (1,)
