"""Tests of users, privileges and quotas on a database."""

from __future__ import annotations

import pytest

from oracle_standin.errors import OracleError
from oracle_standin.values import DataType, TypeSpec
from tests.support.standin_harness import StandinHarness


def _number(harness: StandinHarness, user: str, text: str) -> int:
    """Return the number of the error that a statement is refused with."""
    run = harness.query if text.startswith("select") else harness.run
    with pytest.raises(OracleError) as caught:
        run(user, text)
    return caught.value.number


def test_a_new_user_may_not_even_connect(harness: StandinHarness) -> None:
    """Without CREATE SESSION a login is refused."""
    harness.run("SYSTEM", "create user eve identified by x")
    with pytest.raises(OracleError, match="ORA-01045"):
        harness.session("EVE")
    harness.run("SYSTEM", "grant create session to eve")
    harness.session("EVE")


@pytest.mark.parametrize(
    ("option", "number", "undo"),
    [
        ("account lock", 28000, "account unlock"),
        ("password expire", 28001, "identified by new"),
    ],
)
def test_locked_and_expired_accounts_are_refused(
    harness: StandinHarness, option: str, number: int, undo: str
) -> None:
    """A locked account and an expired password stop a login until they are mended."""
    harness.run("SYSTEM", f"alter user bob {option}")
    with pytest.raises(OracleError) as caught:
        harness.session("BOB")
    assert caught.value.number == number
    harness.run("SYSTEM", f"alter user bob {undo}")
    harness.session("BOB")


def test_passwords_keep_their_case(harness: StandinHarness) -> None:
    """A password is what was written, with or without quotes."""
    harness.run("SYSTEM", "alter user bob identified by MixedCase")
    assert harness.database.password_of("BOB") == "MixedCase"
    harness.run("BOB", 'alter user bob identified by "with blank"')
    assert harness.database.password_of("BOB") == "with blank"


@pytest.mark.parametrize(
    ("user", "text", "number"),
    [
        ("SYSTEM", "create user scott identified by x", 1920),
        ("SYSTEM", "create role scott", 1921),
        ("SYSTEM", "create user eve identified by x quota 1M on nowhere", 959),
        ("SYSTEM", "create user eve identified by", 988),
        ("SYSTEM", "alter user nobody identified by x", 1918),
        ("SYSTEM", "drop user nobody", 1918),
        ("SYSTEM", "drop role nobody", 1919),
        ("SYSTEM", "grant create session to nobody", 1917),
        ("SYSTEM", "grant no_such_role to bob", 1919),
        ("SYSTEM", "grant create nonsense to bob", 990),
        ("SYSTEM", "revoke connect from bob", 1951),
        ("SYSTEM", "revoke create table from bob", 1952),
        ("SYSTEM", "grant select on v$session to bob", 2030),
        ("BOB", "create user eve identified by x", 1031),
        ("BOB", "alter user scott identified by x", 1031),
        ("BOB", "grant create session to scott", 1031),
        ("BOB", "grant connect to scott", 1932),
        ("BOB", "create table t (x number)", 1031),
        ("BOB", "create table scott.t (x number)", 1031),
        ("SCOTT", "grant select on scott.t to scott", 1749),
        ("SCOTT", "revoke select on t from bob", 1927),
        ("SCOTT", "grant execute on t to bob", 2224),
        ("SCOTT", "create public synonym s for t", 1031),
    ],
)
def test_what_is_refused(harness: StandinHarness, user: str, text: str, number: int) -> None:
    """Statements about accounts are refused with Oracle's numbers."""
    harness.run("SCOTT", "create table t (x number)")
    assert _number(harness, user, text) == number


def test_what_cannot_be_seen_does_not_exist(harness: StandinHarness) -> None:
    """An object without any grant does not exist for a user; with another grant the privilege is missing."""
    harness.run("SCOTT", "create table t (x number)", "create sequence s", "create view v as select x from t")
    for text in (
        "select * from scott.t",
        "select * from scott.v",
        "delete from scott.t",
        "drop table scott.t",
    ):
        assert _number(harness, "BOB", text) == 942
    assert _number(harness, "BOB", "select scott.s.nextval from dual") == 2289
    harness.run("SCOTT", "grant select on t to bob", "grant select on s to bob")
    assert harness.query("BOB", "select * from scott.t") == []
    assert harness.query("BOB", "select scott.s.nextval from dual") == [(1,)]
    for text in ("delete from scott.t", "insert into scott.t values (1)", "drop table scott.t"):
        assert _number(harness, "BOB", text) == 1031


def test_a_revoke_takes_what_was_granted_further(harness: StandinHarness) -> None:
    """Revoking a privilege with grant option revokes what its holder granted."""
    harness.run("SYSTEM", "create user eve identified by x", "grant create session to eve")
    harness.run("SCOTT", "create table t (x number)", "grant select on t to bob with grant option")
    harness.run("BOB", "grant select on scott.t to eve")
    assert harness.query("EVE", "select * from scott.t") == []
    harness.run("SCOTT", "revoke select on t from bob")
    assert _number(harness, "EVE", "select * from scott.t") == 942


def test_grants_end_with_the_table(harness: StandinHarness) -> None:
    """A table that was dropped and made again has no grants."""
    harness.run("SCOTT", "create table t (x number)", "grant select on t to public")
    assert harness.query("BOB", "select * from scott.t") == []
    harness.run("SCOTT", "drop table t", "create table t (x number)")
    assert _number(harness, "BOB", "select * from scott.t") == 942


def test_a_view_needs_direct_grants(harness: StandinHarness) -> None:
    """A view's owner must have been granted what it reads, not by a role."""
    harness.run("SYSTEM", "grant create view to bob", "create role readers", "grant readers to bob")
    harness.run("SCOTT", "create table t (x number)", "grant select on t to readers")
    assert _number(harness, "BOB", "create view v as select * from scott.t") == 942
    harness.run("SCOTT", "grant select on t to bob")
    harness.run("BOB", "create view v as select * from scott.t")


def test_reading_with_and_common_tables_need_nothing_more(harness: StandinHarness) -> None:
    """Names of common table expressions, functions with FROM and nested queries are no tables."""
    harness.run("SCOTT", "create table t (d date)", "grant select on t to bob")
    text = (
        "with q (y) as (select extract(year from d) from scott.t) select trim(both ' ' from 'x') from q"
        " where exists (select 1 from (select d from scott.t) z, scott.t y)"
    )
    assert harness.query("BOB", text) == []


def test_dual_belongs_to_everybody(harness: StandinHarness) -> None:
    """DUAL and public views are found from any current schema, also by views in another's schema."""
    harness.run("BOB", "alter session set current_schema = scott")
    assert harness.query("BOB", "select 1 from dual") == [(1,)]
    assert harness.query("BOB", "select username from user_users") == [("BOB",)]
    harness.run("SYSTEM", "create view scott.v as select 1 as one from dual")


def test_a_key_needs_the_owners_privilege(harness: StandinHarness) -> None:
    """A foreign key into another schema needs REFERENCES for the owner of its table, whoever makes it."""
    harness.run("SCOTT", "create table t (x number primary key)")
    child = "create table bob.c{} (x number references scott.t (x))"
    harness.run("SYSTEM", "create table scott.c (x number references scott.t (x))")
    assert _number(harness, "SYSTEM", child.format(1)) in {942, 1031}
    harness.run("SCOTT", "grant references on t to bob")
    harness.run("SYSTEM", child.format(2))


def test_a_user_with_objects_is_dropped_with_cascade_only(harness: StandinHarness) -> None:
    """DROP USER wants CASCADE where there are objects, and leaves nothing."""
    harness.run("SCOTT", "create table t (x number)", "grant select on t to bob")
    harness.close_session("SCOTT")
    assert _number(harness, "SYSTEM", "drop user scott") == 1922
    harness.run("SYSTEM", "drop user scott cascade")
    assert harness.query("SYSTEM", "select * from dba_tables where owner = 'SCOTT'") == []
    assert harness.query("SYSTEM", "select * from dba_tab_privs where owner = 'SCOTT'") == []


def test_quota(harness: StandinHarness) -> None:
    """Rows need a quota; one that is used up refuses more, and TRUNCATE gives it back."""
    harness.run("SYSTEM", "grant create table to bob")
    harness.run("BOB", "create table t (x varchar2(4000))")
    _insert(harness, 100)
    with pytest.raises(OracleError, match="ORA-01536: space quota exceeded for tablespace 'USERS'"):
        _insert(harness, 300)
    ((used, most),) = harness.query("BOB", "select bytes, max_bytes from user_ts_quotas")
    assert 0 < int(str(used)) <= int(str(most)) == 1 << 20
    harness.session("BOB").rollback()
    harness.run("BOB", "truncate table t")
    _insert(harness, 100)
    harness.session("BOB").rollback()
    harness.run("SYSTEM", "alter user bob quota 0 on users")
    harness.run("BOB", "create table u (x number)")
    assert _number(harness, "BOB", "insert into u values (1)") == 1950


def _insert(harness: StandinHarness, rows: int) -> None:
    session = harness.session("BOB")
    statement = session.prepare("insert into t values (:1)")
    session.change(statement, [["x" * 4000]] * rows, [TypeSpec(type=DataType.VARCHAR2, size=4000)])
