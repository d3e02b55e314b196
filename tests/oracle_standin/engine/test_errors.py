"""H2's errors as Oracle's."""

from __future__ import annotations

import pytest

from oracle_standin.errors import OracleError
from tests.oracle_standin.engine.client import Client


@pytest.mark.parametrize(
    ("text", "number", "said"),
    [
        ("insert into t (id) values (1)", 1, "(SCOTT.T_PK)"),
        ("insert into t (id) values (null)", 1400, '("SCOTT"."T"."ID")'),
        ("update t set id = null", 1407, '("SCOTT"."T"."ID")'),
        ("insert into t (id, n) values (2, -1)", 2290, "(SCOTT.T_CK)"),
        ("insert into c values (9)", 2291, "(SCOTT.C_FK)"),
        ("delete from t", 2292, "(SCOTT.C_FK)"),
        (
            "insert into t (id, s) values (2, 'abcdef')",
            12899,
            'column "SCOTT"."T"."S" (actual: 6, maximum: 3)',
        ),
        ("insert into t (id) values (123456)", 1438, "precision"),
        ("insert into t (id, k) values (2, 1)", 32795, "identity"),
        ("insert into t (id, v) values (2, 1)", 54013, "virtual"),
        ("create table t (id number)", 955, "already used"),
        ("drop table t", 2449, "foreign keys"),
        ("drop table nope", 942, "does not exist"),
        ("drop sequence nope", 2289, "does not exist"),
    ],
)
def test_changes_fail_with_oracles_number_and_text(scott: Client, text: str, number: int, said: str) -> None:
    """A statement that fails does so with Oracle's number, and names what Oracle names."""
    scott.run(
        "create table t (id number(5) constraint t_pk primary key, s varchar2(3), n number"
        " constraint t_ck check (n > 0),"
        " k number generated always as identity, v number generated always as (id + 1) virtual)",
        "create table c (t_id number(5) constraint c_fk references t)",
        "insert into t (id) values (1)",
        "insert into c values (1)",
    )
    with pytest.raises(OracleError) as caught:
        scott.run(text)
    assert caught.value.number == number
    assert said in caught.value.text


@pytest.mark.parametrize(
    ("text", "number", "offset"),
    [
        ("select nope from dual", 904, 7),
        ("select dual.nope from dual", 904, 12),
        ("select * from nope", 942, 14),
        ("select 1/0 from dual", 1476, 0),
        ("select to_number('x') from dual", 1722, 0),
        ("select nope.nextval from dual", 2289, 7),
        ("select (select 1 from dual union all select 2 from dual) from dual", 1427, 0),
    ],
)
def test_queries_fail_with_number_and_offset(scott: Client, text: str, number: int, offset: int) -> None:
    """A query that fails tells where in the client's text."""
    with pytest.raises(OracleError) as caught:
        scott.rows(text)
    assert (caught.value.number, caught.value.offset) == (number, offset)


def test_the_session_lives_on_after_an_error(scott: Client) -> None:
    """After an error the session runs the next statement."""
    with pytest.raises(OracleError):
        scott.rows("select nope from dual")
    assert scott.value("select 1 from dual") == 1
