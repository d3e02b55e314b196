"""DDL on H2, and what is written down of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.oracle_standin.engine.client import Client


def test_defaults_and_checks_keep_their_source_text(scott: Client) -> None:
    """The dictionary shows a default and a check as they were written."""
    scott.run('create table t (a number default 3+5, constraint ck check (a > 1 AND "A" < 50))')
    assert scott.value("select data_default from user_tab_columns where column_name = 'A'").rstrip() == "3+5"
    found = scott.value("select search_condition_vc from user_constraints where constraint_name = 'CK'")
    assert found == 'a > 1 AND "A" < 50'


def test_declared_types_are_in_the_dictionary(scott: Client) -> None:
    """The dictionary shows types as Oracle stores them."""
    scott.run(
        "create table t (a integer, b float, c nchar(3), d varchar2(5 char), e interval day to"
        " second, f date)"
    )
    found = scott.rows(
        "select data_type, data_precision, data_scale, char_used from user_tab_columns order by column_id"
    )
    assert found == [
        ("NUMBER", None, 0, None),
        ("FLOAT", 126, None, None),
        ("NCHAR", None, None, "C"),
        ("VARCHAR2", None, None, "C"),
        ("INTERVAL DAY(2) TO SECOND(6)", 2, 6, None),
        ("DATE", None, None, None),
    ]


def test_an_index_may_have_expressions(scott: Client) -> None:
    """An index on an expression adds no visible column, and is unique by the expression's value."""
    scott.run(
        "create table t (a varchar2(5))",
        "create unique index i on t (lower(a))",
        "insert into t values ('x')",
    )
    assert scott.rows("select * from t") == [("x",)]
    assert scott.refused("insert into t values ('X')") == 1


def test_a_view_outlives_its_table(scott: Client) -> None:
    """A view whose table is dropped stays and has errors, until the table is there again."""
    scott.run("create table t (a number)", "create view v as select a from t", "drop table t")
    assert scott.refused("select * from v") == 4063
    scott.run("create or replace force view v as select a from t", "create table t (a number)")
    scott.run("drop view v")


def test_synonyms_stand_for_tables(scott: Client) -> None:
    """A synonym reads its table, also one that is made after it."""
    scott.run("create synonym s for t", "create table t (a number)", "insert into t values (4)")
    assert scott.value("select a from s") == 4


def test_a_materialized_view_is_filled_once(scott: Client) -> None:
    """A materialized view has the rows of its making and must be dropped as what it is."""
    scott.run(
        "create table t (a number)",
        "insert into t values (1)",
        "create materialized view m as select a from t",
    )
    scott.run("insert into t values (2)")
    assert scott.rows("select a from m") == [(1,)]
    assert scott.refused("drop table m") == 12083
    scott.run("drop materialized view m")


def test_tables_can_be_altered(scott: Client) -> None:
    """Columns and constraints can be added, changed, renamed and dropped."""
    scott.run(
        "create table t (a number)",
        "insert into t values (1)",
        "alter table t add (b varchar2(5) default 'q' not null, c number)",
        "alter table t modify (b varchar2(50))",
        "alter table t rename column c to d",
        "alter table t add constraint k unique (a)",
        "alter table t drop constraint k",
        "alter table t drop column a",
        "alter table t rename to u",
    )
    assert scott.rows("select b, d from u") == [("q", None)]


def test_sequences_count(scott: Client) -> None:
    """A sequence counts as it was told, and CURRVAL needs NEXTVAL."""
    scott.run("create sequence q start with 5 increment by 3 nomaxvalue nocache noorder")
    assert [scott.value("select q.nextval from dual"), scott.value("select scott.q.nextval from dual")] == [
        5,
        8,
    ]
    assert scott.value("select q.currval from dual") == 8


@pytest.mark.parametrize(
    "text",
    [
        "create trigger x before insert on dual begin null; end;",
        "create table t (a number) partition by hash (a)",
        "create table t (a xmltype)",
        "alter system kill session '1,1'",
    ],
)
def test_what_is_not_modelled_is_refused(scott: Client, text: str) -> None:
    """DDL that the stand-in does not model is refused with ORA-03001."""
    assert scott.refused(text) == 3001


@pytest.mark.parametrize(
    "condition", ["n in (0, 1)", "n = 0 or n = 1", "n not in (2, 3) and s in ('a', 'b')"]
)
def test_checks_outlive_the_session_that_made_them(connect: Callable[[], Client], condition: str) -> None:
    """A check holds for the rows of other sessions when the one that made its table has ended."""
    maker = connect()
    maker.run(f"create table t (n number(1), s varchar2(1), check ({condition}))")
    maker.close()
    client = connect()
    client.run("insert into t values (1, 'a')", "insert into t values (null, null)")
    assert client.refused("insert into t values (2, 'x')") == 2290
