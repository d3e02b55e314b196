"""Tests of tablespaces, which store nothing and are looked up, filled and dropped all the same."""

from __future__ import annotations

import pytest

from oracle_standin.errors import OracleError
from tests.support.standin_harness import StandinHarness

_DIRECTORY = "/opt/oracle/oradata/FREE/FREEPDB1"
_CREATE = (
    f"create bigfile tablespace data datafile '{_DIRECTORY}/data01.dbf' size 256M autoextend on next 64M"
)
_USED = "select tablespace_name from user_tables where table_name = 'T'"


def _number(harness: StandinHarness, user: str, text: str) -> int:
    with pytest.raises(OracleError) as caught:
        harness.run(user, text)
    return caught.value.number


def test_a_tablespace_is_shown_with_its_file_and_gone_after_drop(harness: StandinHarness) -> None:
    """The dictionary has a new tablespace and its file, as they were described, and neither after DROP."""
    harness.run("SYSTEM", _CREATE)
    spaces = "select contents, status, bigfile from dba_tablespaces where tablespace_name = 'DATA'"
    files = (
        "select file_name, bytes, autoextensible, increment_by * 8192 from dba_data_files"
        " where tablespace_name = 'DATA'"
    )
    assert harness.query("SYSTEM", spaces) == [("PERMANENT", "ONLINE", "YES")]
    ((name, size, grows, step),) = harness.query("SYSTEM", files)
    assert (name, grows) == (f"{_DIRECTORY}/data01.dbf", "YES")
    assert (int(str(size)), int(str(step))) == (256 << 20, 64 << 20)
    seen = "select count(*) from user_tablespaces where tablespace_name = 'DATA'"
    assert [str(n) for (n,) in harness.query("SCOTT", seen)] == ["1"]
    harness.run("SYSTEM", "drop tablespace data including contents and datafiles")
    assert harness.query("SYSTEM", spaces) == harness.query("SYSTEM", files) == []


def test_a_new_database_has_the_usual_ones(harness: StandinHarness) -> None:
    """Five tablespaces are there, and each permanent one has a file with its directory."""
    rows = harness.query("SYSTEM", "select tablespace_name from dba_tablespaces order by 1")
    assert [name for (name,) in rows] == ["SYSAUX", "SYSTEM", "TEMP", "UNDOTBS1", "USERS"]
    rows = harness.query("SYSTEM", "select file_name from dba_data_files where tablespace_name = 'USERS'")
    assert rows == [(f"{_DIRECTORY}/users01.dbf",)]


def test_users_have_their_tables_there(harness: StandinHarness) -> None:
    """A user with it as default and a quota on it fills tables in it; the quota counts."""
    harness.run(
        "SYSTEM",
        _CREATE,
        "create user ann identified by x default tablespace data quota 1M on data",
        "grant create session, create table to ann",
    )
    harness.run("ANN", "create table t (a number)", "insert into t values (1)")
    assert harness.query("ANN", _USED) == [("DATA",)]
    quota = "select tablespace_name, dropped from user_ts_quotas"
    assert harness.query("ANN", quota) == [("DATA", "NO")]
    harness.session("ANN").rollback()
    harness.run("SYSTEM", "drop tablespace data including contents")
    assert harness.query("ANN", _USED) == []
    assert harness.query("ANN", quota) == [("DATA", "YES")]
    assert _number(harness, "ANN", "create table u (a number)") == 959


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("create tablespace users datafile '/x' size 1M", 1543),
        (f"create tablespace t datafile '{_DIRECTORY}/users01.dbf' size 1M", 1537),
        ("create tablespace t", 2199),
        ("create tablespace t datafile size 1M", 2236),
        ("create tablespace t datafile '/x'", 1119),
        ("create tablespace t datafile '/x' size 1M nonsense", 2180),
        ("create bigfile tablespace t datafile '/x' size 1M, '/y' size 1M", 32774),
        (f"create tablespace {'t' * 31} datafile '/x' size 1M", 972),
        ("drop tablespace t", 959),
        ("drop tablespace system", 1550),
        ("drop tablespace users including contents", 12919),
        ("create user ann identified by x default tablespace t", 959),
        ("create user ann identified by x quota 1M on t", 959),
        ("alter user bob default tablespace t", 959),
        ("create table bob.t (a number) tablespace t", 959),
    ],
)
def test_what_is_refused(harness: StandinHarness, statement: str, number: int) -> None:
    """Each mistake has Oracle's number, and nothing is made or dropped."""
    assert _number(harness, "SYSTEM", statement) == number
    rows = harness.query("SYSTEM", "select tablespace_name from dba_tablespaces")
    assert len(rows) == 5
    assert harness.query("SYSTEM", "select username from dba_users where username = 'ANN'") == []


def test_one_that_is_not_empty_is_dropped_with_its_contents_only(harness: StandinHarness) -> None:
    """ORA-01549 keeps the tables; keys of tables elsewhere want CASCADE CONSTRAINTS besides."""
    harness.run("SYSTEM", _CREATE, "alter user scott quota 1M on data")
    harness.run(
        "SCOTT",
        "create table t (a number primary key) tablespace data",
        "create table child (a number references t (a))",
    )
    assert _number(harness, "SYSTEM", "drop tablespace data") == 1549
    assert _number(harness, "SYSTEM", "drop tablespace data including contents") == 2449
    assert harness.query("SCOTT", _USED) == [("DATA",)]
    harness.run("SYSTEM", "drop tablespace data including contents cascade constraints")
    assert harness.query("SCOTT", "select table_name from user_tables") == [("CHILD",)]
    harness.run("SCOTT", "create table t (a number)")
    assert harness.query("SCOTT", _USED) == [("USERS",)]


def test_it_takes_a_privilege_of_its_own(harness: StandinHarness) -> None:
    """CREATE TABLESPACE and DROP TABLESPACE are privileges that a developer has not."""
    assert _number(harness, "SCOTT", _CREATE) == 1031
    harness.run("SYSTEM", "grant create tablespace to scott")
    harness.run("SCOTT", _CREATE)
    assert _number(harness, "SCOTT", "drop tablespace data") == 1031
    harness.run("SYSTEM", "grant drop tablespace to scott")
    harness.run("SCOTT", "create table data (a number)", "drop tablespace data")
    # A table of the same name is another thing.
    assert harness.query("SCOTT", "select table_name from user_tables") == [("DATA",)]


def test_temporary_ones_are_not_modelled(harness: StandinHarness) -> None:
    """A tablespace for temporary segments is said not to be modelled."""
    assert _number(harness, "SYSTEM", "create temporary tablespace t tempfile '/x' size 1M") == 3001
