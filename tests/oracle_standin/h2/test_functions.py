"""Functions that are made of H2's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.oracle_standin.engine.client import Client
from tests.oracle_standin.engine.databases import opened, sessions

pytestmark = pytest.mark.h2


@pytest.fixture(scope="module")
def scott() -> Iterator[Client]:
    """Give a session of SCOTT."""
    with opened("h2", "scott") as database, sessions(database) as connect:
        yield connect()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("next_day(date '2024-03-15', 'MONDAY')", dt.datetime(2024, 3, 18)),  # noqa: DTZ001
        ("next_day(date '2024-03-15', 'FRI')", dt.datetime(2024, 3, 22)),  # noqa: DTZ001
        ("to_char(from_tz(timestamp '2024-01-01 10:00:00', '+02:00'), 'HH24:MI TZH:TZM')", "10:00 +02:00"),
        ("rawtohex(standard_hash('x', 'MD5'))", "9DD4E461268C8034F5C8564E155C67A6"),
        ("nanvl(1, 2)", 1),
        ("case when 2 = any (1, 2) then 1 else 0 end", 1),
        ("dbms_lob.substr(to_clob('abcdef'), 3, 2)", "bcd"),
        ("dbms_lob.substr(to_clob('abc'))", "abc"),
    ],
)
def test_functions_have_oracles_values(scott: Client, expression: str, value: object) -> None:
    """A function has the value that Oracle gives it."""
    assert scott.value(f"select {expression} from dual") == value  # noqa: S608


def test_trunc_takes_its_model_from_a_bind(scott: Client) -> None:
    """What TRUNC cuts off may be known only when it is run."""
    query = "select trunc(timestamp '2024-05-17 10:11:12', :1) from dual"
    found = [scott.value(query, model) for model in ("MM", "yyyy", "DAY")]
    assert found == [dt.datetime(2024, 5, 1), dt.datetime(2024, 1, 1), dt.datetime(2024, 5, 12)]  # noqa: DTZ001


def test_timestamps_follow_the_sessions_format(scott: Client) -> None:
    """TO_TIMESTAMP without a format takes NLS_TIMESTAMP_FORMAT's."""
    scott.run("alter session set nls_timestamp_format = 'YYYY-MM-DD HH24:MI:SS.FF'")
    found = scott.value("select to_timestamp('2024-05-17 10:11:12.5') from dual")
    assert found == dt.datetime(2024, 5, 17, 10, 11, 12, 500000)  # noqa: DTZ001
