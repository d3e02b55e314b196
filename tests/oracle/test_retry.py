"""What is tried again when a call fails, by the stand-in's faults."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.registry.interfaces import Database

from gen3bed.oracle import CommitOutcomeUnknownError, OracleDatabase, _retry
from oracle_standin.server import CallKind

pytestmark = pytest.mark.h2

_SPEC = ddl.TableSpec(
    fields=[
        ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True),
        ddl.FieldSpec("name", dtype=sqlalchemy.String, length=64),
    ]
)
_ROWS = [{"id": n, "name": str(n)} for n in range(3)]
_CONFLICTS = (60, 8177, 54, 30006)
_LOST = (3113, 28, 3135)
_FULL = (12516, 12519, 12520)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long has been waited; it takes no time."""
    noted: list[float] = []
    monkeypatch.setattr(_retry, "_sleep", noted.append)
    return noted


@pytest.fixture
def database(oracle_user: Any) -> Iterator[Database]:
    """Return a registry database of the user that faults strike."""
    database = OracleDatabase.fromUri(oracle_user.url, origin=0, namespace=oracle_user.name)
    yield database
    database.dispose()


@pytest.fixture
def table(database: Database) -> sqlalchemy.Table:
    """Return a table that is made before there are faults."""
    with database.declareStaticTables(create=True) as context:
        return context.addTable("thing", _SPEC)


def _found(database: Database, table: sqlalchemy.Table) -> list[Any]:
    with database.query(table.select().order_by(table.c.id)) as result:
        return [row.id for row in result.fetchall()]


@pytest.mark.parametrize("number", [*_CONFLICTS, *_LOST])
@pytest.mark.parametrize("operation", ["insert", "ensure", "replace"])
def test_an_operation_is_done_again(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any, operation: str, number: int
) -> None:
    """An operation that failed before its commit is done again, and its rows are there once."""
    fault = oracle_faults.at(CallKind.EXECUTE, matching="INSERT", times=4).answer(number)
    getattr(database, operation)(table, *_ROWS)
    assert fault.struck == 4
    assert _found(database, table) == [0, 1, 2]


def test_other_operations_are_done_again(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any
) -> None:
    """`sync`, `update`, `delete` and `deleteWhere` survive a deadlock."""
    database.insert(table, *_ROWS)
    oracle_faults.at(CallKind.EXECUTE, matching="INSERT").answer(60)
    assert database.sync(table, keys={"id": 7}, extra={"name": "7"}, returning=["id"]) == ({"id": 7}, True)
    oracle_faults.at(CallKind.EXECUTE, matching="UPDATE").answer(60)
    assert database.update(table, {"id": "k"}, {"k": 0, "name": "x"}) == 1
    oracle_faults.at(CallKind.EXECUTE, matching="DELETE", times=2).answer(60)
    assert database.delete(table, iter(["id"]), {"id": 1}) == 1
    assert database.deleteWhere(table, table.c.id == 2) == 1
    assert _found(database, table) == [0, 7]


def test_an_operation_is_not_done_for_ever(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any
) -> None:
    """After five times the error is raised, and nothing of the operation is there."""
    fault = oracle_faults.at(CallKind.EXECUTE, matching="INSERT", times=None).answer(60)
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="ORA-00060"):
        database.insert(table, *_ROWS)
    assert fault.struck == 5
    assert _found(database, table) == []


@pytest.mark.parametrize("number", [1, 942, 1400, 1013])
def test_other_errors_are_raised_at_once(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any, number: int
) -> None:
    """What would fail again is not done again."""
    fault = oracle_faults.at(CallKind.EXECUTE, matching="INSERT", times=None).answer(number)
    with pytest.raises(sqlalchemy.exc.DatabaseError, match=f"ORA-{number:05d}"):
        database.insert(table, *_ROWS)
    assert fault.struck == 1


def test_nothing_is_done_again_within_a_transaction(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any
) -> None:
    """In a transaction of the caller's the error is raised, and all of the transaction is undone."""
    fault = oracle_faults.at(CallKind.EXECUTE, matching="INSERT", n=2, times=None).answer(60)

    def work() -> None:
        with database.transaction():
            database.insert(table, *_ROWS)
            database.insert(table, {"id": 9})

    with pytest.raises(sqlalchemy.exc.DatabaseError, match="ORA-00060"):
        work()
    assert fault.struck == 1
    assert _found(database, table) == []


def test_a_connection_that_was_lost_in_the_pool_is_replaced(
    database: Database, table: sqlalchemy.Table, oracle_standin: Any
) -> None:
    """A session that the server has ended while nobody used it is not noticed."""
    oracle_standin.control.kill_sessions(str(database.namespace).upper())
    database.insert(table, *_ROWS)
    assert _found(database, table) == [0, 1, 2]


@pytest.mark.parametrize("fault", ["lose_commit", "lose_answer_of_commit"])
@pytest.mark.parametrize("operation", ["ensure", "replace"])
def test_an_unknown_commit_is_done_again_where_it_does_no_harm(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any, fault: str, operation: str
) -> None:
    """Whether the lost commit took place or not, each row is there once."""
    struck = getattr(oracle_faults, fault)()
    getattr(database, operation)(table, *_ROWS)
    assert struck.struck == 1
    assert _found(database, table) == [0, 1, 2]


@pytest.mark.parametrize(("fault", "there"), [("lose_commit", []), ("lose_answer_of_commit", [0, 1, 2])])
def test_an_unknown_commit_is_told(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any, fault: str, there: list[int]
) -> None:
    """`insert` is not done again after a lost commit: the error says that the outcome is not known."""
    getattr(oracle_faults, fault)()
    with pytest.raises(sqlalchemy.exc.OperationalError, match="may have been made or not") as caught:
        database.insert(table, *_ROWS)
    assert isinstance(caught.value.orig, CommitOutcomeUnknownError)
    assert _found(database, table) == there


def test_an_unknown_commit_of_a_transaction_is_told(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any
) -> None:
    """The end of the caller's own transaction is not done again either."""
    oracle_faults.lose_answer_of_commit()
    match = "may have been made or not"
    with pytest.raises(sqlalchemy.exc.OperationalError, match=match), database.transaction():
        database.ensure(table, *_ROWS)
    assert _found(database, table) == [0, 1, 2]


def test_a_commit_that_is_refused_is_no_unknown_one(
    database: Database, table: sqlalchemy.Table, oracle_faults: Any
) -> None:
    """A commit that is answered by an error is that error: the connection lives."""
    oracle_faults.at(CallKind.COMMIT).answer(2091)
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="ORA-02091") as caught:
        database.insert(table, *_ROWS)
    assert not isinstance(caught.value.orig, CommitOutcomeUnknownError)


@pytest.mark.parametrize("number", _FULL)
def test_a_full_listener_is_asked_again(oracle_user: Any, oracle_faults: Any, number: int) -> None:
    """A client connects as soon as the listener has a session for it."""
    fault = oracle_faults.at(CallKind.CONNECT, times=3).refuse(number)
    database = OracleDatabase.fromUri(oracle_user.url, origin=0)
    assert fault.struck == 3
    database.dispose()


@pytest.mark.parametrize("number", [18, 20])
def test_a_full_server_is_asked_again(oracle_user: Any, oracle_faults: Any, number: int) -> None:
    """A client connects as soon as the server has a process for it."""
    fault = oracle_faults.at(CallKind.LOGIN, times=3).refuse(number)
    OracleDatabase.fromUri(oracle_user.url, origin=0).dispose()
    assert fault.struck == 3


def test_a_full_server_is_not_asked_for_ever(
    oracle_user: Any, oracle_faults: Any, waits: list[float]
) -> None:
    """After seven attempts the error says what to do."""
    fault = oracle_faults.at(CallKind.LOGIN, times=None).refuse(20)
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="as many processes as it may have"):
        OracleDatabase.fromUri(oracle_user.url, origin=0)
    assert fault.struck == 7
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]


def test_a_wrong_password_is_not_tried_again(oracle_user: Any, waits: list[float]) -> None:
    """A login that is refused is not tried again, which would lock the account."""
    wrong = sqlalchemy.make_url(oracle_user.url).set(password="wrong")
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="db-auth"):
        OracleDatabase.fromUri(wrong, origin=0)
    assert not waits


def test_two_that_lock_each_other_both_end(database: Database, table: sqlalchemy.Table) -> None:
    """Two sessions that change the same rows in opposite order meet in a real deadlock, and both succeed."""
    database.insert(table, {"id": 0, "name": "a"}, {"id": 1, "name": "b"})
    meeting = threading.Barrier(2)
    other = database.clone()
    failed: list[BaseException] = []
    met: list[int] = []

    def change(of: Database, order: list[int]) -> None:
        def twice() -> None:
            with of.transaction():
                of.update(table, {"id": "k"}, {"k": order[0], "name": f"first {order}"})
                if not met:
                    with contextlib.suppress(threading.BrokenBarrierError):
                        meeting.wait(5)
                of.update(table, {"id": "k"}, {"k": order[1], "name": f"second {order}"})

        try:
            _again(twice, met)
        except BaseException as error:  # noqa: BLE001 - it is in another thread
            failed.append(error)

    threads = [
        threading.Thread(target=change, args=(database, [0, 1])),
        threading.Thread(target=change, args=(other, [1, 0])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert met


def _again(work: Any, met: list[int]) -> None:
    """Do what a caller has to do: the whole transaction again."""
    try:
        work()
    except sqlalchemy.exc.DatabaseError as error:
        if "ORA-00060" not in str(error):
            raise
        met.append(1)
        work()
