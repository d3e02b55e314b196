"""The statement log: its lines, its counts, and its file when the disk is full."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oracledb
import pytest

from oracle_standin.errors import StandinError
from oracle_standin.faults import Faults
from oracle_standin.server import Call, CallKind, Server
from oracle_standin.statement_log import Counts, LogFile, StatementLog, Summary
from tests.support.fake_oracle import FakeDatabase, Query, column

INSERT = "insert into t values (:1, :2)"


@pytest.fixture
def database() -> FakeDatabase:
    """Return a database with a query of seven rows."""
    return FakeDatabase(queries={"select n from seven": Query([column("N")], [(n,) for n in range(7)])})


@pytest.fixture
def faults() -> Faults:
    """Return the faults that the log passes calls on to."""
    return Faults()


@pytest.fixture
def log(faults: Faults, tmp_path: Path) -> Iterator[StatementLog]:
    """Return a log with a file."""
    file = LogFile(tmp_path / "log.jsonl")
    yield StatementLog(faults, file)
    file.close()


@pytest.fixture
def connection(database: FakeDatabase, log: StatementLog) -> Iterator[oracledb.Connection]:
    """Return a connection to a server that keeps the log."""
    with Server(database, observer=log) as server:
        connection = oracledb.connect(user="scott", password="tiger", dsn=server.dsn)
        yield connection
        if connection.is_healthy():
            connection.close()


@pytest.fixture
def lines(tmp_path: Path) -> Any:
    """Return what reads the lines of the file."""
    return lambda: [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]


def use(connection: oracledb.Connection) -> None:
    """Do a bit of everything."""
    cursor = connection.cursor()
    cursor.arraysize = 2
    cursor.execute("select n from seven").fetchall()
    cursor.executemany(INSERT, [(1, "secret one"), (2, "secret two")])
    cursor.execute("savepoint here")
    cursor.execute("rollback to savepoint here")
    cursor.execute(INSERT, [3, "secret three"])
    connection.commit()
    connection.autocommit = True
    cursor.execute(INSERT, [4, "secret four"])
    connection.autocommit = False
    cursor.execute("ROLLBACK")
    connection.createlob(oracledb.DB_TYPE_CLOB)
    connection.ping()


def test_totals(connection: oracledb.Connection, log: StatementLog) -> None:
    """Round trips, parses, rows, ends of transactions and savepoints are counted as they were asked for."""
    before = log.summary()
    use(connection)
    totals = log.summary().since(before).totals
    # Seven rows: two with the execution, then two at a time, the last of which come with the end.
    assert totals.fetches == 3
    assert (totals.executions, totals.sets, totals.parses) == (7, 8, 5)
    assert totals.rows == 7 + 4
    assert (totals.commits, totals.rollbacks, totals.savepoints) == (2, 1, 1)
    assert (totals.pings, totals.lobs, totals.errors, totals.logins) == (1, 1, 0, 0)
    assert totals.round_trips == 7 + 3 + 1 + 1 + 1
    assert totals.seconds > 0


def test_round_trips_are_those_of_the_wire(database: FakeDatabase) -> None:
    """What the log counts as round trips is the number of messages that the server has sent."""
    log = StatementLog()
    with Server(database, observer=log) as server:
        connection = oracledb.connect(user="scott", password="tiger", dsn=server.dsn)
        (known,) = server.connections()
        use(connection)
        assert log.summary().totals.round_trips == known._link.answers
        connection.close()


def test_each_statement(connection: oracledb.Connection, log: StatementLog) -> None:
    """Each statement has counts of its own, by its text."""
    use(connection)
    statements = log.summary("SCOTT").statements
    insert, select = statements[INSERT], statements["select n from seven"]
    assert (insert.executions, insert.sets, insert.rows, insert.parses) == (3, 4, 4, 1)
    assert (select.executions, select.fetches, select.rows, select.round_trips) == (1, 3, 7, 4)
    assert log.summary("ADAMS") == Summary()


def test_lines(connection: oracledb.Connection, lines: Any, tmp_path: Path) -> None:
    """Each call is a line with the types of its binds; values are nowhere."""
    use(connection)
    text = (tmp_path / "log.jsonl").read_text()
    assert "secret" not in text
    written = lines()
    assert [line["call"] for line in written[:3]] == ["connect", "login", "execute"]
    (insert,) = (line for line in written if line["sets"] == 2)
    assert insert["statement"] == INSERT
    assert insert["types"] == ["NUMBER", "VARCHAR2(40)"]
    assert (insert["rows"], insert["round_trips"], insert["parsed"], insert["applied"]) == (2, 1, True, True)
    assert (insert["user"], insert["connection"], insert["error"], insert["cut"]) == ("SCOTT", 1, None, False)
    assert insert["milliseconds"] > 0
    assert stat.S_IMODE((tmp_path / "log.jsonl").stat().st_mode) == 0o600


def test_passwords_are_not_written(connection: oracledb.Connection, log: StatementLog, lines: Any) -> None:
    """A password in a statement is written as asterisks, in the file and in the summary."""
    cursor = connection.cursor()
    for text in (
        "create user adams identified by wombat quota unlimited on users",
        'ALTER USER "x" IDENTIFIED  BY "wom bat 2" REPLACE wombat3',
        "create user a identified by\n'wombat4'",
    ):
        cursor.execute(text)
    written = [line["statement"] for line in lines() if line["call"] == "execute"]
    assert written == [
        "create user adams identified by *** quota unlimited on users",
        'ALTER USER "x" IDENTIFIED  BY *** REPLACE ***',
        "create user a identified by\n***",
    ]
    assert not any("wom" in text for text in log.summary().statements)


def test_faults_are_written(
    connection: oracledb.Connection, log: StatementLog, faults: Faults, lines: Any
) -> None:
    """A line tells what a fault did to a call, and whether the call was applied."""
    cursor = connection.cursor()
    faults.at(CallKind.EXECUTE).answer(60)
    with pytest.raises(oracledb.DatabaseError):
        cursor.execute(INSERT, [1, "a"])
    cursor.execute(INSERT, [1, "a"])
    with pytest.raises(oracledb.IntegrityError):
        cursor.execute(INSERT, [1, "a"])
    faults.lose_answer_of_commit()
    with pytest.raises(oracledb.DatabaseError):
        connection.commit()
    told = [(line["error"], line["applied"], line["cut"]) for line in lines()[2:]]
    assert told == [(60, False, False), (None, True, False), (1, False, False), (None, True, True)]
    assert log.summary().totals.errors == 3


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """A log that cannot be opened is told with the file, the reason and what to do."""
    with pytest.raises(StandinError, match=r"statement log .*No such file or directory\nHint: Give --log"):
        LogFile(tmp_path / "no" / "log.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(database: FakeDatabase, caplog: pytest.LogCaptureFixture) -> None:
    """A full disk is one error in the server's log; sessions go on and are counted."""
    file = LogFile(Path("/dev/full"))
    log = StatementLog(file=file)
    with (
        caplog.at_level(logging.ERROR, "oracle_standin.statement_log"),
        Server(database, observer=log) as server,
        oracledb.connect(user="scott", password="tiger", dsn=server.dsn) as connection,
    ):
        use(connection)
    file.close()
    assert len(caplog.records) == 1
    assert "/dev/full: No space left on device" in caplog.text
    assert "No space left" in log.trouble
    assert log.summary().totals.executions == 7


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What of a line was written before the disk was full is taken away again."""
    file = LogFile(tmp_path / "log.jsonl")
    file.write({"n": 1})
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    file.write({"n": 2})
    monkeypatch.undo()
    file.write({"n": 3})
    file.close()
    assert (tmp_path / "log.jsonl").read_text() == '{"n": 1}\n'
    assert "No space left" in file.trouble


def test_the_log_does_not_grow() -> None:
    """Many different statements of many users are counted without end, the last ones one by one."""
    log = StatementLog()
    for n in range(5200):
        log.after(Call(kind=CallKind.EXECUTE, connection=1, user=f"U{n}", text=f"commit {n}"))
    summary = log.summary()
    assert summary.totals.executions == 5200
    assert len(summary.statements) == 5000
    assert "commit 199" not in summary.statements
    assert summary.statements["commit 5199"].executions == 1


def test_summaries_survive_json() -> None:
    """A summary that is sent as JSON arrives as the same, and what was forgotten counts from 0 again."""
    one = Summary(
        totals=Counts(executions=3, round_trips=3, seconds=0.5),
        statements={"a": Counts(executions=2, round_trips=2), "b": Counts(executions=1, round_trips=1)},
    )
    assert Summary.from_json(json.loads(json.dumps(one.to_json()))) == one
    later = Summary(
        totals=Counts(executions=4, round_trips=4, seconds=0.75),
        statements={"a": Counts(executions=1, round_trips=1), "b": Counts(executions=1, round_trips=1)},
    )
    assert later.since(one) == Summary(
        totals=Counts(executions=1, round_trips=1, seconds=0.25),
        statements={"a": Counts(executions=1, round_trips=1)},
    )
