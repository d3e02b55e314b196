"""Queries on H2."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from oracle_standin.h2 import open_database
from oracle_standin.profiles import PROFILES
from oracle_standin.values import DataType, YearMonth
from tests.oracle_standin.engine.client import Client


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1/4", Decimal("0.25")),
        ("10/4/2", Decimal("1.25")),
        ("2*3/4", Decimal("1.5")),
        ("bitand(6, 3)", 2),
        ("power(2, 28)", 268435456),
        ("'a' || null || 'b'", "ab"),
        ("nvl('', 'empty')", "empty"),
        ("decode(2, 1, 'one', 2, 'two')", "two"),
        ("trunc(date '2024-05-17', 'MM')", dt.datetime(2024, 5, 1)),  # noqa: DTZ001
        ("trunc(date '2024-05-17', 'DAY')", dt.datetime(2024, 5, 12)),  # noqa: DTZ001
        ("trunc(date '2024-05-17', 'IW')", dt.datetime(2024, 5, 13)),  # noqa: DTZ001
        ("add_months(date '2024-01-31', 1)", dt.datetime(2024, 2, 29)),  # noqa: DTZ001
        ("months_between(date '2024-03-31', date '2024-01-31')", 2),
        ("numtodsinterval(90, 'minute')", dt.timedelta(minutes=90)),
        ("sys_context('userenv', 'current_schema')", "SCOTT"),
        ("user", "SCOTT"),
        (r"unistr('\00e4')", "ä"),
        ("cast('5' as number(5))", 5),
        ("q'[it's]'", "it's"),
        ("rawtohex(hextoraw('DEADBEEF'))", "DEADBEEF"),
        ("case when 'x%' likec 'x\\%' escape '\\' then 1 else 0 end", 1),
    ],
)
def test_expressions_have_oracles_values(scott: Client, expression: str, value: object) -> None:
    """An expression has the value that Oracle gives it."""
    assert scott.value(f"select {expression} from dual") == value  # noqa: S608


def test_dates_follow_the_sessions_format(connect: Callable[[], Client]) -> None:
    """NLS_DATE_FORMAT is that of dates' texts, in this session alone, also when a transaction is undone."""
    first, second = connect(), connect()
    first.run("create table t (n number)", "insert into t values (1)")
    first.run("alter session set nls_date_format = 'YYYY-MM-DD' nls_language = american", "rollback")
    texts = "select to_char(date '2024-01-05'), sys_context('userenv', 'nls_date_format') from dual"
    assert first.rows(texts) == [("2024-01-05", "YYYY-MM-DD")]
    assert first.value("select to_date('2024-01-05') from dual") == dt.datetime(2024, 1, 5)  # noqa: DTZ001
    assert second.rows(texts) == [("05-JAN-24", "DD-MON-RR")]


def test_intervals_of_months_are_intervals_of_months(scott: Client) -> None:
    """NUMTOYMINTERVAL and TO_YMINTERVAL keep years and months."""
    found = scott.rows("select numtoyminterval(14, 'MONTH'), to_yminterval('1-2') from dual")
    assert found == [(YearMonth(1, 2), YearMonth(1, 2))]


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("select :a from dual", ("x",), "x"),
        ("select :a + :b from dual", (1, 2), 3),
        ("select :a - :b from dual", (dt.timedelta(days=1), dt.timedelta(hours=1)), dt.timedelta(hours=23)),
        ("select date '2024-01-01' + :d from dual", (dt.timedelta(days=2),), dt.datetime(2024, 1, 3)),  # noqa: DTZ001
        ("select nvl(:a, 'none') from dual", (None,), "none"),
        ("select count(*) from dual where :a = 'x'", ("x",), 1),
    ],
)
def test_binds_without_a_context_have_the_clients_types(
    scott: Client, text: str, values: tuple[object, ...], result: object
) -> None:
    """A bind whose type H2 cannot infer has the type that the client declared."""
    assert scott.value(text, *values) == result


def test_columns_are_described_as_declared(scott: Client) -> None:
    """A query describes columns by their declared types, also under an alias."""
    scott.run(
        "create table t (i integer, n number, f float(53), d date, s nvarchar2(5), c nclob, ts timestamp(3))"
    )
    scott.rows("select i as j, n, f, d, s, c, ts from t")
    assert [
        (c.name, c.spec.type, c.spec.precision, c.spec.scale, c.spec.national) for c in scott.columns
    ] == [
        ("J", DataType.NUMBER, 38, 0, False),
        ("N", DataType.NUMBER, 0, -127, False),
        ("F", DataType.NUMBER, 53, -127, False),
        ("D", DataType.DATE, 0, 0, False),
        ("S", DataType.VARCHAR2, 0, 0, True),
        ("C", DataType.CLOB, 0, 0, True),
        ("TS", DataType.TIMESTAMP, 0, 3, False),
    ]


def test_computed_columns_are_named_by_their_text(scott: Client) -> None:
    """A computed column without an alias has its source text as its name, without blanks."""
    scott.rows("select count( * ), 1 + 1, dummy, 'a' lower_a from dual group by dummy")
    assert [column.name for column in scott.columns] == ["COUNT(*)", "1+1", "DUMMY", "LOWER_A"]


def test_computed_numbers_have_no_precision(scott: Client) -> None:
    """A computed number is described without precision, a cast with it."""
    scott.rows("select 1 + 1.5, cast(1 as number(7, 2)) from dual")
    assert [(c.spec.precision, c.spec.scale) for c in scott.columns] == [(0, -127), (7, 2)]


def test_recursive_queries_run(scott: Client) -> None:
    """A WITH query that names itself is recursive without the word."""
    text = "with r(n) as (select 1 from dual union all select n + 1 from r where n < 4) select sum(n) from r"
    assert scott.value(text) == 10


def test_rows_can_be_compared_with_a_list_of_rows(scott: Client) -> None:
    """A row of a number and a text is found in a list of such rows."""
    text = "select count(*) from dual where (:a, :b) in ((1, 'x'), (2, 'y'))"
    assert [scott.value(text, 2, "y"), scott.value(text, 1, "y")] == [1, 0]


@pytest.mark.h2
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("select x from ones minus select 1 from dual", [(2,)]),
        ("select x from ones minus all select 1 from dual", [(1,), (2,)]),
        ("select x from ones intersect all select 1 from dual", [(1,)]),
        ("select x from ones except all select 2 from dual order by x", [(1,), (1,)]),
    ],
)
def test_set_operations_keep_repeated_rows(text: str, rows: list[tuple[int]]) -> None:
    """ALL keeps each row as often as it is on one side more than on the other, or on both."""
    ones = " union all ".join(f"select {n} x from dual" for n in (1, 1, 2))  # noqa: S608
    # Oracle has these since 21.
    with contextlib.closing(open_database(PROFILES["21"])) as database:
        client = Client(database.open_session("SYSTEM"))
        assert sorted(client.rows(f"with ones as ({ones}) {text}")) == rows


def test_order_by_takes_aliases_in_expressions(scott: Client) -> None:
    """An alias may stand within an expression of ORDER BY."""
    text = "select 'b' || dummy as thedata from dual order by thedata || 'x'"
    assert scott.rows(text) == [("bX",)]


def test_a_result_stays_as_it_was(scott: Client) -> None:
    """Rows of an open result do not show later changes."""
    scott.run("create table t (id number)", "insert into t values (1)")
    session = scott.session
    rows = session.query(session.prepare("select id from t"), (), ())
    scott.run("delete from t")
    assert rows.fetch(10) == [(1,)]


def test_the_same_query_can_be_open_twice(scott: Client) -> None:
    """Two results of one statement do not disturb each other."""
    session = scott.session
    statement = session.prepare("select level from dual connect by level <= 3")
    first, second = session.query(statement, (), ()), session.query(statement, (), ())
    assert [first.fetch(2), second.fetch(3), first.fetch(2)] == [[(1,), (2,)], [(1,), (2,), (3,)], [(3,)]]


@pytest.mark.parametrize(
    "text",
    [
        "select json_value('{}', '$.a') from dual",
        "select x.dummy from dual x, (select dummy y from dual) d where y (+) = x.dummy",
        "select dummy from dual connect by prior dummy = dummy",
    ],
)
def test_what_is_not_modelled_says_so(scott: Client, text: str) -> None:
    """What Oracle can do and no engine here is refused with ORA-03001."""
    assert scott.refused(text) == 3001


def test_describing_needs_no_values(scott: Client) -> None:
    """A query is described before its binds have values."""
    session = scott.session
    columns = session.describe(session.prepare("select :a, dummy from dual where dummy = :b"))
    assert [column.name for column in columns] == [":A", "DUMMY"]
