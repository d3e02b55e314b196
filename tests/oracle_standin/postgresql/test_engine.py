"""What the engine on PostgreSQL does that H2 cannot, or does in a way of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import cast

import pytest

from oracle_standin.errors import OracleError
from oracle_standin.interface import Database
from oracle_standin.postgresql._database import PostgreSQLDatabase
from tests.oracle_standin.engine.client import Client
from tests.oracle_standin.engine.databases import opened, sessions

pytestmark = pytest.mark.local_postgresql


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Give a database with the user SCOTT, who may do all."""
    with opened("postgresql", "scott") as found:
        yield found


@pytest.fixture
def connect(database: Database) -> Iterator[Callable[[], Client]]:
    """Give a function that opens sessions of SCOTT, which are closed and their objects dropped at the end."""
    with sessions(database) as function:
        yield function


@pytest.fixture
def scott(connect: Callable[[], Client]) -> Client:
    """Give a session of SCOTT, without objects."""
    return connect()


def test_what_sqlglot_leaves_out_is_refused(scott: Client) -> None:
    """A clause that sqlglot cannot write for PostgreSQL is not left out, but not modelled."""
    text = "select * from (select 1 a, 'x' b from dual) pivot (sum(a) for b in ('x' as x))"
    assert scott.refused(text) == 3001


def test_long_names_keep_apart(scott: Client) -> None:
    """Names of up to 128 bytes that are alike for 100 are two tables, and are shown whole."""
    first, second = ("A" * 100 + "_1", "A" * 100 + "_2")
    for value, name in enumerate((first, second)):
        scott.run(f"create table {name} ({name}_c number, constraint {name}_p primary key ({name}_c))")
        scott.run(f"insert into {name} values ({value})")  # noqa: S608
    assert scott.rows(f"select {second}_c from {second}") == [(1,)]  # noqa: S608
    assert scott.columns[0].name == f"{second}_C"
    assert scott.rows("select table_name from user_tables order by 1") == [(first,), (second,)]
    with pytest.raises(OracleError, match=rf"\(SCOTT\.{second}_P\)"):
        scott.run(f"insert into {second} values (1)")  # noqa: S608


def test_lengths_are_in_bytes_or_characters(scott: Client) -> None:
    """VARCHAR2(n) holds n bytes, VARCHAR2(n CHAR) n characters; the error says how long a value was."""
    scott.run(
        "create table t (b varchar2(3), c varchar2(3 char), r raw(2))", "insert into t (c) values ('äöü')"
    )
    with pytest.raises(OracleError, match=r'"SCOTT"\."T"\."B" \(actual: 4, maximum: 3\)') as caught:
        scott.run("insert into t (b) values ('äö')")
    assert caught.value.number == 12899
    assert scott.refused("insert into t (r) values (hextoraw('AABBCC'))") == 12899
    scott.run("alter table t rename column b to renamed")
    with pytest.raises(OracleError, match="RENAMED"):
        scott.run("insert into t (renamed) values ('äö')")


def test_unique_keys_refuse_partial_nulls(scott: Client) -> None:
    """Rows that are alike in a unique key with a NULL in it are refused, those with NULLs alone are not."""
    scott.run(
        "create table t (a number, b number, constraint t_u unique (a, b))", "insert into t values (1, null)"
    )
    scott.run("insert into t values (null, null)", "insert into t values (null, null)")
    with pytest.raises(OracleError, match=r"\(SCOTT\.T_U\)"):
        scott.run("insert into t values (1, null)")


def test_a_snapshot_cannot_be_written_to_any_more(connect: Callable[[], Client]) -> None:
    """ORA-08177 tells that a snapshot is too old; the transaction's own changes stay."""
    first, second = connect(), connect()
    first.run("create table t (id number primary key, n number)", "insert into t values (1, 0)", "commit")
    first.run("set transaction isolation level serializable")
    assert first.value("select n from t") == 0
    second.run("update t set n = 5", "insert into t values (2, 2)", "commit")
    assert first.value("select count(*) from t") == 1
    first.run("insert into t values (3, 3)")
    assert first.refused("update t set n = n + 1") == 8177
    assert first.value("select count(*) from t") == 2
    first.session.rollback()
    assert first.value("select n from t where id = 1") == 5


def test_deferred_keys_are_checked_at_commit(scott: Client) -> None:
    """A deferred key lets a child come before its parent, and undoes all at a commit without one."""
    scott.run("create table p (id number primary key)")
    scott.run("create table c (id number references p deferrable initially deferred)")
    scott.run("insert into c values (1)", "insert into p values (1)", "commit", "insert into c values (2)")
    with pytest.raises(OracleError, match="ORA-02291") as caught:
        scott.session.commit()
    assert caught.value.number == 2091
    assert scott.value("select count(*) from c") == 1


def test_a_query_leaves_no_lock(connect: Callable[[], Client]) -> None:
    """A table that another session has read, or changed and committed, can be dropped."""
    first, second = connect(), connect()
    first.run("create table t (id number)", "insert into t values (1)", "commit")
    assert first.value("select id from t") == 1
    second.run("drop table t")
    assert first.refused("select id from t") == 942


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 / 3", Decimal("0." + "3" * 37)),
        ("'5' + 1", 6),
        ("date '2020-03-01' - date '2020-02-01'", 29),
        ("date '2020-03-01' + 1.5", dt.datetime(2020, 3, 2, 12)),  # noqa: DTZ001
        ("'a' || null || 1.50", "a1.5"),
        ("case when '' is null then 1 else 0 end", 1),
        ("case when 1 = '1' then 1 else 0 end", 1),
        ("substr('abc', -2, 1)", "b"),
        ("substr('abc', 4)", None),
        ("decode(null, null, 'same', 'other')", "same"),
        ("greatest(1, null)", None),
        ("trunc(date '2020-05-17', 'MM')", dt.datetime(2020, 5, 1)),  # noqa: DTZ001
        ("power(2, 10)", 1024),
        ("lpad('a', 3, 'x') || lpad(5, 3, '0') || rpad('b', 2) || '.'", "xxa005b ."),
        ("substr(12345, 2, 2)", "23"),
        ("length(123)", 3),
        ("sign(-3)", -1),
        ("ceil(5) + floor(2.5) + round(2.5)", 10),
        ("to_char(0.50) || to_char(1234.5)", ".51234.5"),
        (
            "to_timestamp('2020-01-02 03:04:05.678', 'YYYY-MM-DD HH24:MI:SS.FF3')",
            dt.datetime(2020, 1, 2, 3, 4, 5, 678000),  # noqa: DTZ001
        ),
    ],
)
def test_expressions_have_oracles_values(scott: Client, expression: str, value: object) -> None:
    """An expression has the value that it has in Oracle."""
    assert scott.value(f"select {expression} from dual") == value  # noqa: S608


def test_dates_of_columns_differ_by_days(scott: Client) -> None:
    """Two columns of the type DATE differ by a number of days, two TIMESTAMPs by an interval."""
    scott.run("create table t (a date, b date, x timestamp, y timestamp)")
    scott.run("insert into t values (date '2020-01-02', date '2020-01-01', timestamp '2020-01-02 00:00:00',"
              " timestamp '2020-01-01 00:00:00')")  # fmt: skip
    assert scott.rows("select a - b, x - y from t") == [(1, dt.timedelta(days=1))]


def test_rows_are_limited_before_they_are_sorted(scott: Client) -> None:
    """ROWNUM limits what is then counted or sorted; PERCENT counts first."""
    scott.run("create table t (id number)")
    scott.change("insert into t values (:1)", *[(n,) for n in range(10)])
    assert scott.value("select count(*) from t where rownum <= 3") == 3
    assert len(scott.rows("select id from t where rownum < 5 order by id desc")) == 4
    assert scott.rows("select id from t order by id fetch first 15 percent rows only") == [(0,), (1,)]
    assert scott.refused("select id from t where rownum = 2") == 3001


def test_temporary_tables_are_a_sessions_own(connect: Callable[[], Client]) -> None:
    """Rows of a global temporary table are its session's, and go with a commit or not as was said."""
    first, second = connect(), connect()
    counts = "select (select count(*) from kept), (select count(*) from brief) from dual"
    first.run("create global temporary table kept (id number) on commit preserve rows")
    first.run("create global temporary table brief (id number) on commit delete rows")
    for client in (first, second):
        client.run("insert into kept values (1)", "insert into brief values (1)")
        assert client.rows(counts) == [(1, 1)]
    first.session.commit()
    assert first.rows(counts) == [(1, 0)]
    second.session.rollback()
    assert second.value("select count(*) from kept") == 0
    assert first.rows("select table_name, duration from user_tables order by 1") == [
        ("BRIEF", "SYS$TRANSACTION"),
        ("KEPT", "SYS$SESSION"),
    ]


def test_merge_updates_and_inserts(scott: Client) -> None:
    """MERGE updates what is there and inserts what is not, each with its condition."""
    scott.run("create table t (id number primary key, n number)", "insert into t values (1, 0)")
    merge = (
        "merge into t using (select :1 id, :2 n from dual) s on (t.id = s.id)"
        " when matched then update set t.n = s.n where s.n > 0"
        " when not matched then insert (t.id, t.n) values (s.id, s.n) where s.id < 9"
    )
    assert scott.change(merge, (1, 5), (1, -1), (2, 2), (9, 9)).counts == [1, 0, 1, 0]
    assert scott.rows("select id, n from t order by id") == [(1, 5), (2, 2)]


def test_errors_in_an_array_keep_the_rest(scott: Client) -> None:
    """With batch errors all good rows of an array stay; without, those before the first bad one."""
    scott.run("create table t (id number primary key)")
    rows = [(1,), (1,), (2,), (2,), (3,)]
    result = scott.change("insert into t values (:1)", *rows, batch_errors=True)
    assert [(error.row, error.error.number) for error in result.errors] == [(1, 1), (3, 1)]
    assert result.counts == [1, 0, 1, 0, 1]
    scott.session.rollback()
    result = scott.change("insert into t values (:1)", *rows)
    assert [error.row for error in result.errors] == [1]
    assert scott.value("select count(*) from t") == 1


def test_char_keeps_its_blanks(scott: Client) -> None:
    """A CHAR is filled with blanks, also within expressions, and does not mind them when it is compared."""
    scott.run("create table t (c char(3))", "insert into t values ('a')")
    assert scott.rows("select c, c || 'x', length(c) from t where c = 'a'") == [("a  ", "a  x", 3)]
    with pytest.raises(OracleError, match='"C"') as caught:
        scott.run("insert into t values ('abcd')")
    assert caught.value.number == 12899


def test_a_view_comes_back_with_its_table(scott: Client) -> None:
    """A view whose table is dropped stays, is not valid, and is again when the table is made anew."""
    scott.run("create table t (a number)", "create view v as select a from t", "drop table t")
    assert scott.refused("select a from v") == 4063
    scott.run("create table t (a number)")
    assert scott.rows("select a from v") == []
    scott.run("drop view v")


def test_names_of_the_catalogue_are_found_by_an_index(database: Database) -> None:
    """Each name that a view over PostgreSQL's catalogue shows is looked up in an index."""
    admin = cast("PostgreSQLDatabase", database)._admin
    admin.run("SET enable_seqscan = off")
    try:
        rows = admin.run("EXPLAIN SELECT table_schema, table_name, column_name FROM catalogue.columns")
    finally:
        admin.run("RESET enable_seqscan")
    plan = "\n".join(str(line) for (line,) in rows)
    assert plan.count("Index Scan using long_names_pkey") == 3
    assert "Seq Scan on long_names" not in plan
