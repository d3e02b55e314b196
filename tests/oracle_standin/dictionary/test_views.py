"""Tests of the dictionary's views by what they show to whom."""

# ruff: noqa: S608  (the SQL is made of what stands here alone)

from __future__ import annotations

import pytest

from oracle_standin.dictionary._install import PUBLIC_VIEWS, SYS_VIEWS
from oracle_standin.errors import OracleError
from tests.support.standin_harness import StandinHarness


def test_every_view_can_be_read(harness: StandinHarness) -> None:
    """Each view and synonym in SYS answers a query of all its columns."""
    for name in SYS_VIEWS:
        harness.query("SYSTEM", f"select * from {name}")


def test_dba_views_do_not_exist_for_others(harness: StandinHarness) -> None:
    """Without a privilege exactly the public views exist."""
    for name in SYS_VIEWS:
        if name in PUBLIC_VIEWS:
            harness.query("BOB", f"select * from {name} where 1 = 0")
        else:
            with pytest.raises(OracleError, match="ORA-00942"):
                harness.query("BOB", f"select * from {name} where 1 = 0")


def test_the_catalog_role_opens_them(harness: StandinHarness) -> None:
    """SELECT_CATALOG_ROLE, or a grant on V_$SESSION, lets a user read V$SESSION."""
    harness.run("SYSTEM", "grant select_catalog_role to bob")
    assert ("BOB",) in harness.query("BOB", "select username from v$session")
    harness.run("SYSTEM", "revoke select_catalog_role from bob")
    with pytest.raises(OracleError, match="ORA-00942"):
        harness.query("BOB", "select username from v$session")
    harness.run("SYS", "grant select on v_$session to bob")
    assert ("BOB",) in harness.query("BOB", "select username from v$session")


def test_all_views_show_what_was_granted(harness: StandinHarness) -> None:
    """The ALL_ views show own tables and granted ones, the USER_ views own ones."""
    harness.run("SCOTT", "create table a (x number)", "create table b (x number)")
    assert harness.query("BOB", "select table_name from all_tables where owner = 'SCOTT'") == []
    harness.run("SCOTT", "grant select on a to bob")
    assert harness.query("BOB", "select table_name from all_tables where owner = 'SCOTT'") == [("A",)]
    assert harness.query("BOB", "select column_name from all_tab_columns where table_name = 'A'") == [("X",)]
    assert harness.query("BOB", "select table_name from user_tables") == []
    assert harness.query("SYSTEM", "select count(*) from all_tables where owner = 'SCOTT'") == [(2,)]


def test_a_grant_to_a_role_shows_too(harness: StandinHarness) -> None:
    """What a role was granted is visible to those who have the role, also by another role."""
    harness.run("SCOTT", "create table a (x number)")
    harness.run(
        "SYSTEM", "create role inner_role", "create role outer_role", "grant inner_role to outer_role"
    )
    harness.run("SCOTT", "grant select on a to inner_role")
    harness.run("SYSTEM", "grant outer_role to bob")
    assert harness.query("BOB", "select table_name from all_tables where owner = 'SCOTT'") == [("A",)]
    assert harness.query("BOB", "select * from scott.a") == []
    assert ("INNER_ROLE",) in harness.query("BOB", "select role from session_roles")


def test_the_server_calls_itself_a_stand_in(harness: StandinHarness) -> None:
    """The banner says that this is no Oracle database, and for which version it stands."""
    ((banner,),) = harness.query("BOB", "select banner from v$version")
    assert "not an Oracle Database" in str(banner)
    assert harness.query("BOB", "select version_full from product_component_version") == [("19.21.0.0.0",)]
    assert harness.query("SYSTEM", "select value from v$parameter where name = 'compatible'") == [("19.0.0",)]


def test_a_session_sees_its_own_nls_parameters(harness: StandinHarness) -> None:
    """ALTER SESSION changes NLS_SESSION_PARAMETERS of that session alone."""
    harness.run("BOB", "alter session set nls_date_format = 'YYYY-MM-DD'")
    query = "select value from nls_session_parameters where parameter = 'NLS_DATE_FORMAT'"
    assert harness.query("BOB", query) == [("YYYY-MM-DD",)]
    assert harness.query("SCOTT", query) == [("DD-MON-RR",)]


def test_long_columns_are_text(harness: StandinHarness) -> None:
    """A LONG of the dictionary, such as a view's text, is fetched as text."""
    harness.run("SCOTT", "create view v as select 1 as one from dual")
    assert harness.query("SCOTT", "select text from user_views") == [("select 1 as one from dual",)]
