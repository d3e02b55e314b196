"""PL/SQL blocks."""

from __future__ import annotations

import pytest

from oracle_standin.errors import OracleError
from oracle_standin.interface import ResultSet
from oracle_standin.values import DataType, TypeSpec
from tests.oracle_standin.engine.client import Client


def test_a_block_assigns_to_binds(scott: Client) -> None:
    """A block gives back what it assigned, in the type of the bind, and nothing else."""
    assert scott.call("begin :a := 1 + 2; :b := 'x' || :c; end;", None, None, "y") == {0: "3", 1: "xy"}


def test_a_bind_may_go_in_and_out(scott: Client) -> None:
    """A bind that is read and assigned to comes back changed."""
    assert scott.call("begin :a := :a * 2; end;", 21) == {0: 42}


def test_branches_and_loops_run(scott: Client) -> None:
    """IF takes the right branch and FOR counts."""
    scott.run("create table t (id number)")
    text = """declare n number := 0;
    begin
        for i in 1 .. 4 loop
            if i < 3 then insert into t values (i); elsif i = 3 then null; else n := n + i; end if;
        end loop;
        select count(*) + n into :r from t;
    end;"""
    assert scott.call(text, 0) == {0: 6}


def test_dynamic_sql_takes_values(scott: Client) -> None:
    """EXECUTE IMMEDIATE runs DDL, and DML with values."""
    scott.run("begin execute immediate 'create table t (a number)'; end;")
    scott.run("begin execute immediate 'insert into t values (:1)' using 7; end;")
    assert scott.value("select a from t") == 7


def test_a_handler_decides_by_the_code(scott: Client) -> None:
    """An exception handler sees SQLCODE, may swallow the error, and may raise it again."""
    text = """begin execute immediate '{}';
    exception when others then if sqlcode != -942 then raise; end if; end;"""
    scott.run(text.format("drop table nope"))
    assert scott.refused(text.format("drop sequence nope")) == 2289


def test_application_errors_have_their_number(scott: Client) -> None:
    """RAISE_APPLICATION_ERROR raises an error of the given number and text."""
    with pytest.raises(OracleError) as caught:
        scott.run("begin raise_application_error(-20123, 'mine'); end;")
    assert (caught.value.number, caught.value.text) == (20123, "mine")


def test_a_cursor_can_be_opened_for_the_client(scott: Client) -> None:
    """OPEN FOR gives a bind a result set."""
    session = scott.session
    statement = session.prepare("begin open :c for select dummy from dual; end;")
    out = session.call(statement, [None], [TypeSpec(type=DataType.CURSOR)])
    assert isinstance(out[0], ResultSet)
    assert out[0].fetch(2) == [("X",)]


def test_the_transaction_identifies_itself(scott: Client) -> None:
    """A transaction's identification is the one in V$TRANSACTION, with its isolation level."""
    scott.run("alter session set isolation_level = serializable")
    found = scott.call("begin :x := dbms_transaction.local_transaction_id(true); end;", None)
    assert scott.session.in_transaction
    rows = scott.rows(
        "select xidusn || '.' || xidslot || '.' || xidsqn, bitand(flag, power(2, 28)) from v$transaction"
    )
    assert rows == [(found[0], 2**28)]


@pytest.mark.parametrize(
    "text",
    [
        "begin for r in (select level l from dual connect by level <= 3) loop :o := r.l; end loop; end;",
        "begin case 1 + 1 when 1 then :o := 1; when 2 then :o := 3; else :o := 0; end case; end;",
        "begin case when 1 = 2 then :o := 1; else :o := 3; end case; end;",
        "declare v dual.dummy%type; m v%type := '3'; begin select dummy into v from dual; :o := m; end;",
        "declare v user_tables.table_name%type := 'abc'; begin :o := length(v); end;",
        "declare e exception; begin raise e; exception when zero_divide then null; when e then :o := 3; end;",
        """declare e exception; pragma exception_init(e, -942);
        begin execute immediate 'drop table nope'; exception when e then :o := 3; end;""",
        "begin raise no_data_found; exception when no_data_found then :o := 3; end;",
        "declare e exception; begin raise e; exception when others then :o := 2 + sqlcode; end;",
    ],
)
def test_control_structures_run(scott: Client, text: str) -> None:
    """Loops over queries, CASE, types of columns and exceptions of one's own do as in Oracle."""
    assert scott.call(text, 0) == {0: 3}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("declare e exception; begin raise e; end;", 6510),
        ("begin raise zero_divide; end;", 1476),
        ("begin raise nope; end;", 6550),
        ("begin case 1 when 2 then null; end case; end;", 6592),
    ],
)
def test_exceptions_without_a_handler_have_oracles_number(scott: Client, text: str, number: int) -> None:
    """What RAISE raises and nothing handles is the statement's error."""
    assert scott.refused(text) == number


def test_output_is_kept_until_it_is_read(scott: Client) -> None:
    """DBMS_OUTPUT keeps lines in a session that has enabled it, and gives each once."""
    read = "begin dbms_output.get_line(:line, :status); end;"
    scott.run("begin dbms_output.put_line('lost'); dbms_output.enable; dbms_output.put('a'); end;")
    scott.run("begin dbms_output.put_line(1 / 2); end;", "call dbms_output.put_line('b')")
    assert [scott.call(read, "", 0) for _ in range(3)] == [{0: "a.5", 1: 0}, {0: "b", 1: 0}, {0: None, 1: 1}]


@pytest.mark.parametrize(
    "text", ["begin dbms_nope.do(1); end;", "declare cursor c is select 1 from dual; begin null; end;"]
)
def test_more_than_that_is_not_modelled(scott: Client, text: str) -> None:
    """PL/SQL beyond this corner is refused with ORA-03001."""
    assert scott.refused(text) == 3001


def test_a_stored_function_in_sql_is_not_modelled(scott: Client) -> None:
    """SQL that calls a stored function is not told that there is none, but that it is not modelled."""
    scott.run("create or replace function twice(n number) return number is begin return 2 * n; end;")
    assert scott.call("begin :o := twice(2); end;", 0) == {0: 4}
    assert scott.refused("select twice(2) from dual") == 3001
    assert scott.refused("select thrice(2) from dual") == 904
    scott.run("drop function twice")
