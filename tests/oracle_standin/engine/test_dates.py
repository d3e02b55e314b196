"""Differences of points in time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from oracle_standin.interface import Statement
from oracle_standin.values import DataType, TypeSpec
from tests.oracle_standin.engine.client import Client

_DAY_AND_A_HALF = Decimal("1.5")


@pytest.fixture
def times(scott: Client) -> Client:
    """Return a client with a table of DATEs and TIMESTAMPs."""
    scott.run(
        "create table d (a date, b date, t timestamp, u timestamp)",
        "insert into d values (date '2024-01-03', to_date('2024-01-01 12', 'YYYY-MM-DD HH24'),"
        " timestamp '2024-01-03 00:00:00', timestamp '2024-01-01 12:00:00')",
    )
    return scott


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("a - b", _DAY_AND_A_HALF),
        ("(a - b) * 24", 36),
        ("trunc(a - b)", 1),
        ("a + 1 - b", Decimal("2.5")),
        ("a - 1 - b", Decimal("0.5")),
        ("sum(a - b)", _DAY_AND_A_HALF),
        ("max(a) - min(b)", _DAY_AND_A_HALF),
        ("a - trunc(b)", 2),
        ("a - date '2024-01-01'", 2),
        ("trunc(sysdate) - trunc(sysdate - 2)", 2),
        ("trunc(t) - trunc(u)", 2),
        ("add_months(a, 1) - a", 31),
        ("(select max(a) from d) - b", _DAY_AND_A_HALF),
        ("case when a > b then a else b end - b", _DAY_AND_A_HALF),
        ("(cast(t as date) - cast(u as date)) * 86400", 129600),
    ],
)
def test_dates_differ_by_days(times: Client, expression: str, days: Decimal) -> None:
    """Two DATEs differ by a NUMBER of days, with which one can compute."""
    assert times.value(f"select {expression} from d") == days  # noqa: S608
    assert times.columns[0].spec.type is DataType.NUMBER


def test_dates_are_known_behind_names(times: Client) -> None:
    """Columns of views and subqueries, and binds of the type DATE, are DATEs too."""
    times.run("create view v as select a first_day, b from d")
    assert times.value("select first_day - b from v") == _DAY_AND_A_HALF
    assert times.value("select x - y from (select a as x, b y from d)") == _DAY_AND_A_HALF
    statement: Statement = times.session.prepare("select a - :1 from d")
    found = times.session.query(statement, [dt.datetime(2024, 1, 1)], [TypeSpec(type=DataType.DATE)])  # noqa: DTZ001
    assert found.fetch(2) == [(2,)]
    found.close()


@pytest.mark.parametrize("expression", ["t - u", "a - u", "t - b", "max(t - u)"])
def test_timestamps_differ_by_an_interval(times: Client, expression: str) -> None:
    """As soon as one of two points in time is a TIMESTAMP they differ by an interval."""
    assert times.value(f"select {expression} from d") == dt.timedelta(days=1, hours=12)  # noqa: S608


def test_differences_can_be_compared_with_numbers(times: Client) -> None:
    """A condition may compare days."""
    assert times.value("select count(*) from d where a - b > 1 and sysdate - a > 1") == 1
    assert times.change("update d set a = b where a - b between 1 and 2").counts == [1]
