"""INSERT, UPDATE, DELETE and MERGE on H2."""

from __future__ import annotations

import datetime as dt

import pytest

from oracle_standin.values import DataType, Lob, TypeSpec
from tests.oracle_standin.engine.client import Client


@pytest.fixture
def table(scott: Client) -> Client:
    """Give a session with a table of three rows."""
    scott.run("create table t (id number(5) primary key, name varchar2(10) not null, n number)")
    scott.change("insert into t (id, name) values (:1, :2)", (1, "one"), (2, "two"), (3, "three"))
    scott.session.commit()
    return scott


def test_an_array_reports_counts_per_row(table: Client) -> None:
    """An array of values gives a count per set."""
    result = table.change("update t set n = :n where id <= :i", (1, 2), (2, 9), (3, 0))
    assert (result.counts, result.errors) == ([2, 3, 0], [])


def test_an_array_stops_at_the_first_bad_row(table: Client) -> None:
    """Without batch errors the rows before the bad one stay, and those behind it are not run."""
    result = table.change("insert into t (id, name) values (:1, :2)", (4, "a"), (1, "dup"), (5, "b"))
    assert result.counts == [1]
    assert [(error.row, error.error.number) for error in result.errors] == [(1, 1)]
    assert table.rows("select id from t order by id") == [(1,), (2,), (3,), (4,)]


def test_batch_errors_go_on(table: Client) -> None:
    """With batch errors all good rows are in, and each bad row is told."""
    rows = [(4, "a"), (1, "dup"), (5, None), (6, "b")]
    result = table.change("insert into t (id, name) values (:1, :2)", *rows, batch_errors=True)
    assert result.counts == [1, 0, 0, 1]
    assert [(error.row, error.error.number) for error in result.errors] == [(1, 1), (2, 1400)]


def test_a_failed_statement_undoes_itself_alone(table: Client) -> None:
    """A statement that fails half-way leaves nothing, and the transaction's other changes stay."""
    table.run("insert into t (id, name) values (9, 'kept')")
    assert table.refused("insert into t (id, name) select id + 6, name from t order by id") == 1
    assert table.rows("select id from t where id > 3") == [(9,)]


@pytest.mark.parametrize(
    ("text", "values", "returned"),
    [
        ("insert into t (id, name) values (:i, 'x') returning id, upper(name) into :a, :b", (7,), [(7, "X")]),
        (
            "update t set name = 'z' where id > :i returning t.id, t.name into :a, :b",
            (1,),
            [(2, "z"), (3, "z")],
        ),
        (
            "update t u set n = 5 where id = 1 returning u.n + :p, scott.t.name into :a, :b",
            (2,),
            [(7, "one")],
        ),
        ("delete from t where id = :i returning name, id into :a, :b", (2,), [("two", 2)]),
        ("delete from t where id = :i returning name, id into :a, :b", (99,), []),
    ],
)
def test_returning_gives_a_row_per_changed_row(
    table: Client, text: str, values: tuple[object, ...], returned: list[tuple[object, ...]]
) -> None:
    """RETURNING gives the values of each changed row, before a DELETE and after anything else."""
    assert sorted(table.change(text, values).returned[0]) == sorted(returned)


def test_returning_a_lob_follows_the_bind(scott: Client) -> None:
    """A text returned into a national LOB is one."""
    scott.run("create table t (c clob)")
    session = scott.session
    statement = session.prepare("insert into t values (:c) returning c into :o")
    types = [TypeSpec(type=DataType.VARCHAR2), TypeSpec(type=DataType.CLOB, national=True)]
    ((lob,),) = session.change(statement, [("tëxt",)], types).returned[0]
    assert isinstance(lob, Lob)
    assert (lob.national, lob.read(1, 10)) == (True, "tëxt")


def test_merge_inserts_and_updates(table: Client) -> None:
    """MERGE updates what matches and inserts what does not, with qualified columns."""
    text = """merge into t a using (select :i id, :n name from dual) s on (a.id = s.id)
        when matched then update set a.name = s.name
        when not matched then insert (a.id, a.name) values (s.id, s.name)"""
    result = table.change(text, (1, "uno"), (8, "ocho"))
    assert result.counts == [1, 1]
    assert table.rows("select id, name from t where id in (1, 8) order by id") == [(1, "uno"), (8, "ocho")]


def test_values_keep_through_the_database(scott: Client) -> None:
    """Values of each type come back as they went in."""
    scott.run(
        "create table t (s varchar2(99), n number, d date, ts timestamp(9), i interval day(5) to second,"
        " r raw(9), x binary_double, c clob, b blob)"
    )
    row = (
        "smile \U0001f600",
        10**30,
        dt.datetime(2024, 2, 29, 23, 59, 59),  # noqa: DTZ001
        dt.datetime(1, 1, 1, 0, 0, 0, 7),  # noqa: DTZ001
        dt.timedelta(days=-12345, microseconds=1),
        b"\x00\xff",
        -1.5e300,
        "c" * 70000,
        b"b" * 70000,
    )
    scott.change("insert into t values (:1, :2, :3, :4, :5, :6, :7, :8, :9)", row)
    (found,) = scott.rows("select * from t")
    assert found[:7] == row[:7]
    assert [found[7].read(1, 99999), found[8].read(1, 99999)] == [row[7], row[8]]


def test_an_empty_text_is_null(scott: Client) -> None:
    """An empty text that is bound is NULL."""
    scott.run("create table t (s varchar2(5))")
    scott.change("insert into t values (:1)", ("",))
    assert scott.rows("select s from t where s is null") == [(None,)]


def test_like_has_no_escape_character_of_its_own(scott: Client) -> None:
    """A backslash in a pattern is itself, unless ESCAPE says otherwise."""
    assert scott.value(r"select count(*) from dual where 'a\b' like 'a\%'") == 1
    assert scott.value(r"select count(*) from dual where 'a%' like :1", r"a\%") == 0
    assert scott.value(r"select count(*) from dual where 'a%' like :1 escape '\'", r"a\%") == 1


def test_ten_thousand_rows_go_and_come(scott: Client) -> None:
    """An array of ten thousand rows is inserted and fetched whole."""
    scott.run("create table t (id number, name varchar2(20))")
    rows = [(i, f"name {i}") for i in range(10_000)]
    assert sum(scott.change("insert into t values (:1, :2)", *rows).counts) == len(rows)
    assert scott.rows("select * from t order by id") == rows


def test_many_rows_of_dual_are_inserted(scott: Client) -> None:
    """Hundreds of rows by UNION ALL of DUAL, as clients insert them, are taken at once with their types."""
    scott.run("create table t (id number, name varchar2(10), day date)")
    row = "select {0} {1}, to_char({0}) {2}, date '2024-01-01' {3} from dual"
    rows = [row.format(n, *(("as x", "y", "z") if n == 0 else ("", "", ""))) for n in range(500)]
    union = " union all ".join(rows)
    assert scott.change(f"insert into t select * from ({union})").counts == [500]  # noqa: S608
    assert scott.rows("select id, name from t where id in (7, 499) order by id") == [(7, "7"), (499, "499")]
    assert scott.value(f"select max(x + to_number(y)) from ({union})") == 998  # noqa: S608
    assert scott.columns[0].spec.type is DataType.NUMBER


def test_a_deletion_may_reach_a_table_on_two_ways(scott: Client) -> None:
    """Keys are checked at a deletion's end, when both of its ways to a row have been gone."""
    scott.run(
        "create table collection (id number primary key)",
        "create table summary (id number primary key references collection (id) on delete cascade)",
        "create table tag (id number references collection (id) on delete cascade,"
        " constraint tag_fk foreign key (id) references summary (id))",
        "insert into collection values (1)",
        "insert into summary values (1)",
        "insert into tag values (1)",
        "insert into tag values (1)",
        "insert into collection values (2)",
    )
    assert scott.change("delete from collection where id = :1", (1,), (2,), (3,)).counts == [1, 1, 0]
    assert scott.value("select count(*) from tag") == 0
