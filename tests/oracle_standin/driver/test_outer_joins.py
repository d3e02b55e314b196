"""Outer joins in Oracle's old form, on H2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import oracledb
import pytest

pytestmark = pytest.mark.h2


@pytest.fixture(autouse=True)
def _tables(cursor: oracledb.Cursor) -> Iterator[None]:
    """Make A with 1 and 2, B with 1 and D with 2."""
    for name, column, values in (("a", "x", (1, 2)), ("b", "y", (1,)), ("d", "z", (2,))):
        cursor.execute(f"CREATE TABLE {name} ({column} NUMBER(5))")
        cursor.executemany(f"INSERT INTO {name} VALUES (:1)", [(value,) for value in values])  # noqa: S608 - our own text
    yield
    for name in ("a", "b", "d"):
        cursor.execute(f"DROP TABLE {name}")


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("select a.x, b.y from a, b where a.x = b.y (+) order by 1", [(1, 1), (2, None)]),
        ("select a.x, b.y, q.z from a, b, d q where a.x = b.y(+) and q.z(+) = a.x order by 1",
         [(1, 1, None), (2, None, 2)]),
        ("select a.x, b.y from a, b where a.x = b.y(+) and b.y(+) > 1 and a.x < 9 order by 1",
         [(1, None), (2, None)]),
        ("select a.x from a, b where a.x = b.y(+) and b.y is null", [(2,)]),
        ("select a.x, b.y, d.z from d, b, a where b.y(+) = a.x and d.z(+) = b.y + 1 order by 1",
         [(1, 1, 2), (2, None, None)]),
        ("select x from a where exists (select 1 from scott.b, d where b.y = d.z(+) and b.y = a.x)", [(1,)]),
        ("select v.x from (select a.x, b.y from a, b where a.x = b.y(+)) v where v.y is null", [(2,)]),
    ],
)  # fmt: skip
def test_rows_without_a_partner_stay(cursor: oracledb.Cursor, query: str, rows: list[Any]) -> None:
    """The table with (+) gives NULL where nothing fits, and other conditions hold for the result."""
    assert cursor.execute(query).fetchall() == rows


def test_binds_keep_their_places(cursor: oracledb.Cursor) -> None:
    """Conditions that move into the join take their values along."""
    query = (
        "select a.x, b.y from a, b where a.x > :1 and a.x = b.y(+) and b.y(+) < :2 and a.x < :3 order by 1"
    )
    assert cursor.execute(query, [0, 1, 2]).fetchall() == [(1, None)]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("a.x(+) = b.y(+)", "ORA-01468"),
        ("a.x(+) = b.y and b.y(+) = a.x", "ORA-01416"),
        ("a.x = b.y(+) or a.x = 1", "ORA-01719"),
    ],
)
def test_what_oracle_refuses(cursor: oracledb.Cursor, condition: str, code: str) -> None:
    """Two outer tables in a condition, two that wait for each other, and OR are refused."""
    with pytest.raises(oracledb.DatabaseError, match=code):
        cursor.execute(f"SELECT 1 FROM a, b WHERE {condition}")  # noqa: S608 - our own text


def test_not_with_join(cursor: oracledb.Cursor) -> None:
    """The old form beside JOIN is ORA-25156."""
    with pytest.raises(oracledb.DatabaseError, match="ORA-25156"):
        cursor.execute("SELECT 1 FROM a JOIN d ON a.x = d.z, b WHERE a.x = b.y(+)")
