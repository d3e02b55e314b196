"""What the real driver makes of each fault; each test has a bystander in a transaction of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import oracledb
import pytest

from oracle_standin.faults import Faults
from oracle_standin.server import CallKind, Server
from tests.oracle_standin.connections import Connect

pytestmark = [pytest.mark.h2, pytest.mark.usefixtures("bystander")]

INSERT = "insert into t (n) values (:1)"


def fetch(connection: oracledb.Connection) -> None:
    """Fetch in a call of its own."""
    cursor = connection.cursor()
    cursor.prefetchrows = 0
    cursor.execute("select level from dual connect by level < 10").fetchall()


def write_lob(connection: oracledb.Connection) -> None:
    """Make a large object."""
    connection.createlob(oracledb.DB_TYPE_CLOB, "text")


CALLS: dict[CallKind, Callable[[oracledb.Connection], Any]] = {
    CallKind.EXECUTE: lambda connection: connection.cursor().execute("select 1 from dual"),
    CallKind.FETCH: fetch,
    CallKind.COMMIT: lambda connection: connection.commit(),
    CallKind.ROLLBACK: lambda connection: connection.rollback(),
    CallKind.PING: lambda connection: connection.ping(),
    CallKind.LOB: write_lob,
}

each_kind = pytest.mark.parametrize("kind", CALLS, ids=lambda kind: kind.value)
each_time = pytest.mark.parametrize("when", ["before", "after"])


def rows(connect: Connect) -> int:
    """Return how many rows others see."""
    with connect() as connection:
        found = connection.cursor().execute("select count(*) from t").fetchone()
    assert found is not None
    return int(found[0])


@each_kind
@each_time
def test_cut(connect: Connect, faults: Faults, kind: CallKind, when: Any) -> None:
    """A socket that is cut is DPY-4011, which can be recovered from, and then a dead connection."""
    connection = connect()
    fault = faults.at(kind, when=when, user="scott").cut()
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011") as caught:
        CALLS[kind](connection)
    assert caught.value.args[0].isrecoverable
    assert fault.struck == 1
    assert not connection.is_healthy()
    with pytest.raises(oracledb.InterfaceError, match="DPY-1001"):
        connection.cursor().execute("select 1 from dual")
    CALLS[kind](connect())


@each_kind
@each_time
def test_answer(connect: Connect, faults: Faults, kind: CallKind, when: Any) -> None:
    """An error is told with number and text, once, and the connection goes on."""
    connection = connect()
    faults.at(kind, when=when, user="scott").answer(4031)
    with pytest.raises(oracledb.DatabaseError, match="ORA-04031: unable to allocate") as caught:
        CALLS[kind](connection)
    assert caught.value.args[0].code == 4031
    CALLS[kind](connection)
    assert connection.is_healthy()


@each_kind
@each_time
def test_kill(connect: Connect, faults: Faults, kind: CallKind, when: Any) -> None:
    """A session that is killed is DPY-4011 because of ORA-00028, and what it did is undone."""
    connection = connect()
    connection.cursor().execute(INSERT, [1])
    faults.at(kind, when=when, user="scott").kill()
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011") as caught:
        CALLS[kind](connection)
    assert "ORA-00028" in str(caught.value)
    assert not connection.is_healthy()
    assert rows(connect) == (1 if (kind, when) == (CallKind.COMMIT, "after") else 0)


@each_kind
@each_time
def test_delay(connect: Connect, faults: Faults, kind: CallKind, when: Any) -> None:
    """A client that waits no longer than its time limit gets DPY-4024 from a call that is delayed."""
    connection = connect()
    fault = faults.at(kind, when=when, user="scott").delay(60)
    connection.call_timeout = 500
    with pytest.raises(oracledb.DatabaseError, match="DPY-4024"):
        CALLS[kind](connection)
    connection.call_timeout = 0
    assert fault.struck == 1
    CALLS[kind](connection)


def test_a_delay_passes(connect: Connect, faults: Faults) -> None:
    """A delay within the client's patience only takes its time."""
    connection = connect()
    fault = faults.at(CallKind.PING).delay(0.01)
    connection.ping()
    assert fault.struck == 1


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (60, oracledb.DatabaseError),
        (1, oracledb.IntegrityError),
        (1013, oracledb.OperationalError),
        (8177, oracledb.DatabaseError),
        (1555, oracledb.DatabaseError),
    ],
)
def test_classes_of_errors(connect: Connect, faults: Faults, number: int, kind: type[Exception]) -> None:
    """The driver makes of a number the class that it makes of a real server's."""
    connection = connect()
    faults.at(CallKind.EXECUTE, user="scott").answer(number)
    with pytest.raises(oracledb.DatabaseError) as caught:
        connection.cursor().execute(INSERT, [1])
    assert type(caught.value) is kind
    assert caught.value.args[0].code == number


@pytest.mark.parametrize("number", [1012, 1089, 2396, 3113, 3135])
def test_numbers_that_end_a_session(connect: Connect, faults: Faults, number: int) -> None:
    """A number by which the driver knows that a session is dead becomes DPY-4011, and its cause is named."""
    connection = connect()
    faults.at(CallKind.EXECUTE, user="scott").answer(number)
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011") as caught:
        connection.cursor().execute("select 1 from dual")
    assert f"ORA-{number:05d}" in str(caught.value)
    assert not connection.is_healthy()


@pytest.mark.parametrize("ending", ["call", "autocommit", "statement"])
def test_commits_of_unknown_outcome(connect: Connect, faults: Faults, ending: str) -> None:
    """A commit whose answer is lost is done, one that is lost is not, and the client sees the same."""
    for lose, expected in ((faults.lose_answer_of_commit, 1), (faults.lose_commit, 0)):
        connection = connect()
        connection.autocommit = ending == "autocommit"
        lose(user="scott")

        def change(connection: oracledb.Connection = connection) -> None:
            cursor = connection.cursor()
            cursor.execute(INSERT, [1])
            if ending == "statement":
                cursor.execute("COMMIT")
            connection.commit()

        with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
            change()
        assert rows(connect) == expected
        with connect() as cleaner:
            cleaner.cursor().execute("truncate table t")


def test_a_commit_that_takes_too_long(connect: Connect, faults: Faults) -> None:
    """A client that gives up on a commit that is done does not know it either."""
    connection = connect()
    connection.cursor().execute(INSERT, [1])
    faults.at(CallKind.COMMIT, when="after").delay(60)
    connection.call_timeout = 500
    with pytest.raises(oracledb.DatabaseError, match="DPY-4024"):
        connection.commit()
    assert rows(connect) == 1


def test_the_nth_statement_like_this(connect: Connect, faults: Faults) -> None:
    """Only the n-th execution with a statement of the pattern is struck."""
    cursor = connect().cursor()
    faults.at(CallKind.EXECUTE, n=2, matching=r"insert\s+into t\b").answer(1653)
    cursor.execute(INSERT, [1])
    cursor.execute("select count(*) from t").fetchall()
    with pytest.raises(oracledb.DatabaseError, match="ORA-01653"):
        cursor.execute(INSERT, [2])
    cursor.execute(INSERT, [2])


@pytest.mark.parametrize(("number", "code"), [(12514, "DPY-6001"), (12516, "12516"), (12519, "12519")])
def test_a_listener_that_refuses(connect: Connect, faults: Faults, number: int, code: str) -> None:
    """A listener's number is an OperationalError of the connect, and the next one is let in."""
    faults.at(CallKind.CONNECT).refuse(number)
    with pytest.raises(oracledb.OperationalError, match=code):
        connect()
    assert connect().is_healthy()


# The driver does not close the sockets of the tries that were refused.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_driver_that_tries_again(connect: Connect, server: Server, faults: Faults) -> None:
    """A descriptor with retries passes a listener that has no room for a while."""
    fault = faults.at(CallKind.CONNECT, times=2).refuse(12516)
    address = f"(ADDRESS=(PROTOCOL=tcp)(HOST={server.host})(PORT={server.port}))"
    dsn = f"(DESCRIPTION=(RETRY_COUNT=3)(RETRY_DELAY=0){address}(CONNECT_DATA=(SERVICE_NAME=FREEPDB1)))"
    assert connect(dsn=dsn).is_healthy()
    assert fault.struck == 2


def test_a_listener_that_refuses_some(connect: Connect, server: Server, faults: Faults) -> None:
    """A connect is told from others by the prefix that its descriptor gives the connection's name."""
    address = f"(ADDRESS=(PROTOCOL=tcp)(HOST={server.host})(PORT={server.port}))"
    data = "(CONNECT_DATA=(SERVICE_NAME=FREEPDB1)(CONNECTION_ID_PREFIX=mine))"
    faults.at(CallKind.CONNECT, client="mine").refuse(12519)
    assert connect().is_healthy()
    with pytest.raises(oracledb.OperationalError, match="12519"):
        connect(dsn=f"(DESCRIPTION={address}{data})")


@pytest.mark.parametrize("number", [28000, 28001, 1033, 18])
def test_a_login_that_is_refused(connect: Connect, faults: Faults, number: int) -> None:
    """A number of the server's fails the login of a user, and no other's."""
    faults.at(CallKind.LOGIN, user="scott").refuse(number)
    assert connect(user="adams").is_healthy()
    with pytest.raises(oracledb.DatabaseError, match=f"ORA-{number:05d}"):
        connect()
    assert connect().is_healthy()


def test_a_login_that_is_refused_when_it_was_applied(
    connect: Connect, faults: Faults, server: Server
) -> None:
    """A session that its client is not told of is closed."""
    faults.at(CallKind.LOGIN, when="after").cut()
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        connect()
    with connect(user="system", password="system") as connection:
        (sessions,) = connection.cursor().execute(
            "select count(*) from v$session where username = 'SCOTT'"
        ).fetchone() or (0,)
    assert sessions == 0


def test_a_database_that_opens(connect: Connect, faults: Faults) -> None:
    """Logins fail by ORA-01033, an OperationalError, until the database is open."""
    faults.open_database_slowly(times=2)
    for _ in range(2):
        with pytest.raises(oracledb.OperationalError, match="ORA-01033"):
            connect()
    assert connect().is_healthy()


@pytest.mark.parametrize("number", [12516, 12519, 18, 2391])
def test_too_many_sessions(connect: Connect, faults: Faults, number: int) -> None:
    """One session too many is refused as a real server does, until another one has ended."""
    listener = number > 12000
    others = 1 if listener else 0
    cap = faults.cap_sessions(2 + others, number, user=None if listener else "scott")
    first = connect()
    connect()
    with pytest.raises(oracledb.DatabaseError, match=str(number)):
        connect()
    first.close()
    # The listener's count of a refused client ends with its socket.
    assert connect().is_healthy()
    with pytest.raises(oracledb.DatabaseError, match=str(number)):
        connect()
    cap.remove()
    assert connect().is_healthy()


def test_cut_while_idle(connect: Connect, server: Server) -> None:
    """A client finds out that an idle connection was cut with its next call."""
    connection = connect()
    next(c for c in server.connections() if c.user == "SCOTT").cut()
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        connection.ping()


# Pools.


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "cut"])
def test_the_drivers_pool_replaces_a_session(server: Server, faults: Faults, *, kill: bool) -> None:
    """A pool that looks after its connections hands out another one for one that was lost in it."""
    pool = oracledb.create_pool(
        user="scott", password="tiger", dsn=server.dsn, min=1, max=2, increment=1, ping_interval=0
    )
    with pool.acquire() as connection:
        connection.ping()
    lost = next(c for c in server.connections() if c.user == "SCOTT")
    (lost.kill if kill else lost.cut)()
    with pool.acquire() as connection:
        assert connection.cursor().execute("select 1 from dual").fetchone() == (1,)
    faults.at(CallKind.EXECUTE, user="scott").cut()
    with pool.acquire() as connection, pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        connection.cursor().execute("select 1 from dual")
    with pool.acquire() as connection:
        assert connection.cursor().execute("select 1 from dual").fetchone() == (1,)
    pool.close(force=True)


# asyncio.


def test_asyncio(server: Server, faults: Faults, connect: Connect) -> None:
    """The driver's asyncio connections see the same: errors, cuts, kills, lost commits, refusals."""

    async def opened() -> oracledb.AsyncConnection:
        connection: oracledb.AsyncConnection = await oracledb.connect_async(
            user="scott", password="tiger", dsn=server.dsn
        )
        return connection

    async def run() -> None:
        connection = await opened()
        faults.at(CallKind.EXECUTE).answer(60)
        with pytest.raises(oracledb.DatabaseError, match="ORA-00060"):
            await connection.execute(INSERT, [1])
        await connection.execute(INSERT, [1])
        faults.lose_answer_of_commit()
        with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
            await connection.commit()
        connection = await opened()
        await connection.execute(INSERT, [2])
        faults.lose_commit()
        with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
            await connection.commit()
        connection = await opened()
        faults.at(CallKind.PING).kill()
        with pytest.raises(oracledb.DatabaseError, match="ORA-00028"):
            await connection.ping()
        connection = await opened()
        faults.at(CallKind.EXECUTE).delay(60)
        connection.call_timeout = 500
        with pytest.raises(oracledb.DatabaseError, match="DPY-4024"):
            await connection.execute("select 1 from dual")
        await connection.close()
        faults.at(CallKind.CONNECT).refuse(12516)
        with pytest.raises(oracledb.OperationalError, match="12516"):
            await opened()
        faults.at(CallKind.LOGIN).refuse(1033)
        with pytest.raises(oracledb.OperationalError, match="ORA-01033"):
            await opened()

    asyncio.run(run())
    assert rows(connect) == 1
