"""Transactions, locks and sessions on H2."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from oracle_standin.errors import OracleError
from tests.oracle_standin.engine.client import Client

Connect = Callable[[], Client]


@pytest.fixture
def two(connect: Connect) -> tuple[Client, Client]:
    """Give two sessions and a table of one row."""
    first, second = connect(), connect()
    first.run("create table t (id number, n number)", "insert into t values (1, 0)")
    first.session.commit()
    return first, second


def _waiting(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Run something in a thread; its result or error comes into the list."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(work())
        except OracleError as error:
            found.append(error.number)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def test_changes_are_seen_by_others_after_commit(two: tuple[Client, Client]) -> None:
    """Another session sees a change when it is committed, and not before."""
    first, second = two
    first.run("update t set n = 1")
    before = second.value("select n from t")
    assert first.session.in_transaction
    first.session.commit()
    assert (before, second.value("select n from t")) == (0, 1)
    assert not first.session.in_transaction


def test_ddl_commits_before_and_after(two: tuple[Client, Client]) -> None:
    """DDL makes earlier changes permanent, even if it fails itself."""
    first, second = two
    first.run("update t set n = 1")
    with pytest.raises(OracleError):
        first.run("drop table nope")
    assert second.value("select n from t") == 1


def test_savepoints_undo_a_part(two: tuple[Client, Client]) -> None:
    """Rolling back to a savepoint undoes what came after it, and one that is not there is an error."""
    first, _ = two
    first.run("update t set n = 1", "savepoint a", "update t set n = 2", "rollback to savepoint a")
    assert first.value("select n from t") == 1
    assert first.refused("rollback to nope") == 1086


def test_read_only_reads_one_state_and_refuses_changes(two: tuple[Client, Client]) -> None:
    """A READ ONLY transaction sees the state of its begin and takes no DML until it ends."""
    first, second = two
    first.run("set transaction read only")
    second.run("update t set n = 5", "commit")
    assert first.value("select n from t") == 0
    assert first.refused("update t set n = 1") == 1456
    first.session.commit()
    assert first.value("select n from t") == 5


def test_a_transaction_is_shown_while_it_lasts(two: tuple[Client, Client]) -> None:
    """V$SESSION has a transaction's address from the first change, or SET TRANSACTION, to its end."""
    first, second = two
    shown = f"select count(taddr) from v$session where sid = {first.session.sid}"  # noqa: S608 - our own text
    assert second.value(shown) == 0
    for statement in ("update t set n = 7", "set transaction read only"):
        first.run(statement)
        assert second.value(shown) == 1
        first.session.rollback()
        assert second.value(shown) == 0


def test_serializable_cannot_change_what_others_changed(two: tuple[Client, Client]) -> None:
    """A SERIALIZABLE transaction that updates a row changed since its begin fails with ORA-08177."""
    first, second = two
    first.run("set transaction isolation level serializable")
    assert first.value("select n from t") == 0
    second.run("update t set n = 5", "commit")
    assert first.refused("update t set n = 1") == 8177


def test_set_transaction_must_come_first(two: tuple[Client, Client]) -> None:
    """SET TRANSACTION after a change is refused."""
    first, _ = two
    first.run("update t set n = 1")
    assert first.refused("set transaction read only") == 1453


def test_a_locked_row_is_waited_for(two: tuple[Client, Client]) -> None:
    """An update waits for the row's lock and goes on when it is free."""
    first, second = two
    first.run("update t set n = 1")
    thread, found = _waiting(lambda: second.change("update t set n = n + 10").counts)
    time.sleep(0.7)
    assert not found
    first.session.commit()
    thread.join(10)
    assert found == [[1]]
    second.session.commit()
    assert first.value("select n from t") == 11


@pytest.mark.parametrize(("clause", "number"), [("nowait", 54), ("wait 1", 30006)])
def test_for_update_gives_up_as_told(two: tuple[Client, Client], clause: str, number: int) -> None:
    """FOR UPDATE with NOWAIT or WAIT does not wait longer."""
    first, second = two
    first.rows("select id from t for update")
    assert first.session.in_transaction
    with pytest.raises(OracleError) as caught:
        second.rows(f"select id from t for update {clause}")  # noqa: S608
    assert caught.value.number == number


def _or_roll_back(client: Client, text: str) -> object:
    """Run a change; if it fails, let go of the locks of those before it, which Oracle keeps."""
    try:
        return client.change(text).counts
    except OracleError as error:
        client.session.rollback()
        return error.number


def test_a_deadlock_ends(two: tuple[Client, Client]) -> None:
    """Of two sessions that wait for each other one gets ORA-00060."""
    first, second = two
    first.run("insert into t values (2, 0)", "commit", "update t set n = 1 where id = 1")
    second.run("update t set n = 2 where id = 2")
    thread, found = _waiting(lambda: _or_roll_back(first, "update t set n = 1 where id = 2"))
    other = _or_roll_back(second, "update t set n = 2 where id = 1")
    second.session.rollback()
    thread.join(10)
    assert 60 in (other, *found)


def test_lock_table_keeps_changes_of_others_out(two: tuple[Client, Client]) -> None:
    """LOCK TABLE in exclusive mode makes DML of others wait, NOWAIT fail, and lets readers in."""
    first, second = two
    first.run("lock table t in exclusive mode")
    assert second.value("select n from t") == 0
    assert second.refused("lock table t in share mode nowait") == 54
    thread, found = _waiting(lambda: second.change("update t set n = 1").counts)
    time.sleep(0.3)
    assert not found
    first.session.rollback()
    thread.join(10)
    assert found == [[1]]


def test_cancel_ends_a_waiting_call(two: tuple[Client, Client]) -> None:
    """Cancelling makes a call that waits for a lock end with ORA-01013, and the session lives."""
    first, second = two
    first.run("update t set n = 1")
    thread, found = _waiting(lambda: second.change("update t set n = 2").counts)
    time.sleep(0.3)
    second.session.cancel()
    thread.join(10)
    assert found == [1013]
    assert second.value("select 1 from dual") == 1


def test_deferred_keys_are_checked_at_commit(connect: Connect) -> None:
    """A deferred foreign key may be violated until the commit, which then rolls back."""
    client = connect()
    client.run(
        "create table p (id number primary key)",
        "create table c (p_id number constraint c_fk references p deferrable initially deferred)".replace(
            "c_fk references p", "c_fk references p(id)"
        ),
        "insert into c values (1)",
        "insert into p values (1)",
        "commit",
        "delete from p",
    )
    assert client.refused("commit") == 2091
    assert client.value("select count(*) from p") == 1


def test_deferred_keys_can_be_checked_at_once(connect: Connect) -> None:
    """SET CONSTRAINTS ALL IMMEDIATE raises what is violated, and from then on each statement is checked."""
    client = connect()
    client.run(
        "create table p (id number primary key)",
        "create table c (p_id number references p(id) deferrable initially deferred)",
        "insert into c values (1)",
    )
    assert client.refused("set constraints all immediate") == 2291
    client.run("insert into p values (1)", "set constraints all immediate")
    assert client.refused("insert into c values (2)") == 2291
    client.run(
        "set constraints all deferred", "insert into c values (2)", "insert into p values (2)", "commit"
    )
    assert client.value("select count(*) from c") == 2


def test_deferred_keys_are_checked_whichever_way_rows_go(connect: Connect) -> None:
    """A key is checked by the tables of a transaction, and also where rows go by another key's cascade."""
    client = connect()
    client.run(
        "create table g (id number primary key)",
        "create table p (id number primary key, g_id number references g(id) on delete cascade)",
        "create table q (id number primary key)",
        "create table c (q_id number references q(id) deferrable initially deferred, p_id number)",
        "insert into q values (1)",
        "insert into c values (1, 1)",
        "commit",
        "delete from q",
    )
    assert client.refused("commit") == 2091
    client.run("insert into g values (1)", "insert into c values (7, null)")
    assert client.refused("commit") == 2091
    assert client.value("select count(*) from g") == 0


def test_global_temporary_rows_belong_to_a_session(connect: Connect) -> None:
    """A global temporary table is there for all sessions, and its rows for one."""
    first, second = connect(), connect()
    first.run(
        "create global temporary table g (id number) on commit preserve rows", "insert into g values (1)"
    )
    first.session.commit()
    second.run("insert into g values (2)")
    assert (first.rows("select id from g"), second.rows("select id from g")) == ([(1,)], [(2,)])
    second.close()


def test_a_session_has_16_private_temporary_tables(scott: Client) -> None:
    """The 17th is refused, until one is dropped or the transaction's end drops them."""
    for n in range(8):
        scott.run(f"create private temporary table ora$ptt_k{n} (a number) on commit preserve definition")
    for n in range(8):
        scott.run(f"create private temporary table ora$ptt_d{n} (a number)")
    one_more = "create private temporary table ora$ptt_more (a number)"
    assert scott.refused(one_more) == 32460
    scott.session.commit()
    scott.run(*(one_more.replace("more", f"m{n}") for n in range(8)))
    assert scott.refused(one_more) == 32460
    scott.run("drop table ora$ptt_k0", one_more)


def test_private_temporary_tables_go_with_the_transaction(scott: Client) -> None:
    """A private temporary table does not commit when it is made, and is gone after the commit."""
    scott.run("create table t (id number)", "insert into t values (1)")
    scott.run("create private temporary table ora$ptt_p (id number) on commit drop definition")
    scott.run("insert into ora$ptt_p values (1)")
    scott.session.rollback()
    assert scott.value("select count(*) from t") == 0
    assert scott.refused("select * from ora$ptt_p") == 942


def test_the_current_schema_can_be_changed(scott: Client) -> None:
    """Names without a schema belong to the current one, and an unknown one is refused."""
    scott.run("alter session set current_schema = adams")
    assert (scott.session.current_schema, scott.value("select user from dual")) == ("ADAMS", "SCOTT")
    assert scott.refused("alter session set current_schema = nobody") == 1435


def test_private_temporary_tables_of_two_sessions_do_not_wait(connect: Connect) -> None:
    """A session whose private temporary table has gone holds nothing that another's needs."""
    first, second = connect(), connect()
    for client in (first, second):
        client.run("create private temporary table ora$ptt_t (id number)", "insert into ora$ptt_t values (1)")
        client.session.commit()


def test_rows_of_an_array_wait_for_a_lock_alone(connect: Connect) -> None:
    """While an array of rows waits for another session's row, all other sessions go on."""
    first, second, third = connect(), connect(), connect()
    first.run("create table t (id number primary key)", "insert into t values (1)")
    found: list[list[int]] = []
    waiting = threading.Thread(
        target=lambda: found.append(second.change("insert into t values (:1)", (0,), (1,), (2,)).counts)
    )
    waiting.start()
    waiting.join(0.5)
    assert waiting.is_alive()
    assert third.value("select count(*) from t") == 0
    first.session.rollback()
    waiting.join(10)
    assert found == [[1, 1, 1]]
