"""Limits and rules of Oracle's that an engine does not have by itself."""

from __future__ import annotations

import json

import pytest

from tests.oracle_standin.engine.client import Client

_TABLES = (
    "create table t (id number constraint t_key primary key, a varchar2(20), b varchar2(20), c clob)",
    "create table u (id number, a varchar2(20))",
    "create table w (a varchar2(4000), b varchar2(4000))",
    "create index i on t (a, b desc)",
    "create index f on t (upper(a))",
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("create index j on t (a, b desc)", 1408),
        ("create index j on t (id)", 1408),
        ("create index j on t (upper(a))", 1408),
        ("create index j on w (a, b)", 1450),
        ("create table x (a varchar2(4000), b varchar2(4000), primary key (a, b))", 1450),
        ("create table x (a varchar2(1600 char), b varchar2(1000 char), unique (a, b))", 1450),
        ("alter table w add unique (a, b)", 1450),
        ("create table x (a number primary key, unique (a))", 2261),
        ("alter table t add constraint t_again unique (id)", 2261),
        ("create table x (a number constraint t_key unique)", 2264),
        ("alter table u add constraint t_key check (id > 0)", 2264),
    ],
)
def test_definitions(scott: Client, text: str, number: int) -> None:
    """Keys and indexes that Oracle does not take are refused."""
    scott.run(*_TABLES)
    assert scott.refused(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "create index j on t (b, a)",
        "create index j on t (a, b)",
        "create index j on t (a)",
        "create table x (a varchar2(4000), b varchar2(2398), primary key (a, b))",
        "create table x (a number primary key, b number, unique (a, b))",
        "alter table t add unique (a, b)",
    ],
)
def test_definitions_that_are_right(scott: Client, text: str) -> None:
    """What only looks like one of them is taken."""
    scott.run(*_TABLES)
    scott.run(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("select a from (select t.a, u.a from t, u)", 918),
        ("select x.id from (select t.*, u.* from t, u) x", 918),
        ("with q as (select 1 n, 2 n from dual) select n from q", 918),
        ("select id from t join u on t.id = u.id", 918),
        ("select a, count(*) from t", 937),
        ("select id, max(a) from t group by a", 979),
        ("select a from t union select id from t", 1790),
        ("select a from t union select a, b from t", 1789),
    ],
)
def test_queries(scott: Client, text: str, number: int) -> None:
    """Queries whose names, groups or parts do not go together are refused."""
    scott.run(*_TABLES)
    assert scott.refused(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "select sysdate, user, count(*), 'x' from t",
        "select upper(a) || t.id, count(*) from t group by upper(a), id order by count(*)",
        "select a, (select count(*) from u where u.id = t.id) from t",
        "select a, count(*) over (partition by id) from t",
        "select rank() over (order by count(*)) from t group by id having max(a) = 'x'",
        "select case when id > 1 then a end v, count(*) from t group by case when id > 1 then a end",
        "select t.id from t union all select null from u union all select 1 from dual",
    ],
)
def test_queries_that_are_right(scott: Client, text: str) -> None:
    """Groups and parts that do go together are taken."""
    scott.run(*_TABLES)
    scott.rows(text)


def test_a_list_may_have_4000_bytes(scott: Client) -> None:
    """LISTAGG fails where its text would be longer than a VARCHAR2 can be."""
    text = "select listagg(:x, ',') within group (order by level) from dual connect by level <= :n"
    assert len(scott.value(text, "é" * 99, 20)) == 99 * 20 + 19
    assert scott.refused(text, "é" * 100, 20) == 1489


def test_texts_that_are_joined_have_4000_bytes_together(scott: Client) -> None:
    """``||`` fails where its text would be longer than a VARCHAR2 can be, and not where it is a CLOB."""
    text = "select {} || :y from dual"
    assert len(scott.value(text.format(":x"), "é" * 1000, "é" * 1000)) == 2000
    assert scott.refused(text.format(":x"), "é" * 1000, "é" * 1001) == 1489
    for whole in ("to_clob(:x)", "to_clob(:x) || upper(dual.dummy) || ('' || :z)"):
        values = ["é" * 1001] * (whole.count(":") + 1)
        assert scott.value(text.format(whole), *values).length() in (2002, 3004)


def test_an_array_in_json_may_have_more(scott: Client) -> None:
    """JSON_ARRAYAGG returns a CLOB of any length, without NULLs; its other options are not modelled."""
    text = "select json_arrayagg({} returning clob) from dual connect by level <= 3"

    def found(of: str, *values: object) -> object:
        return json.loads(scott.value(text.format(of), *values).value)

    assert found(":x", "é" * 3000) == ["é" * 3000] * 3
    assert found("case when level = 2 then 'a\"b' end") == ['a"b']
    assert found("cast(null as varchar2(10))") == []
    assert scott.refused("select json_arrayagg(dummy order by dummy returning clob) from dual") == 3001


def test_keys_are_checked_at_the_end_of_a_statement(scott: Client) -> None:
    """A statement may delete a row and, later, those that refer to it."""
    scott.run(
        "create table p (id number primary key, up number references p)",
        "insert into p values (1, null)",
        "insert into p values (2, 1)",
        "update p set up = 2 where id = 1",
        "delete from p",
    )
    assert scott.value("select count(*) from p") == 0
