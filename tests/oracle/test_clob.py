"""Texts that are CLOBs, in arrays and in `ensure` and `replace`, on the stand-in."""

from __future__ import annotations

import pytest
import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.registry.interfaces import Database

from tests.oracle.conftest import MakeDatabase

pytestmark = pytest.mark.h2

_SPEC = ddl.TableSpec(
    fields=[
        ddl.FieldSpec("name", dtype=sqlalchemy.String, length=1024, primaryKey=True),
        ddl.FieldSpec("value", dtype=sqlalchemy.String, length=65535),
    ],
)
"""As the table ``butler_attributes``, whose values are configurations."""
_VALUES: dict[str, str | None] = {
    "short": "x",
    "null": None,
    "over_4000": "y" * 4001,
    "bytes": "é" * 3000,
    "long_bind": "z" * 9000,
    "longest": "ü" * 65535,
    "json": '["a", "b"]',
}
"""In an array the driver makes the buffer of all as long as that of the longest."""


def _declared(database: Database) -> sqlalchemy.Table:
    with database.declareStaticTables(create=True) as context:
        return context.addTable("attributes", _SPEC)


def _found(database: Database, table: sqlalchemy.Table) -> dict[str, str | None]:
    with database.query(table.select()) as result:
        return {row.name: row.value for row in result.fetchall()}


@pytest.mark.parametrize("change", ["insert", "ensure", "replace"])
def test_clobs_of_any_length_are_written_in_one_array(make_database: MakeDatabase, change: str) -> None:
    """Values from none to 131 kB go into a CLOB together, and come back as they were."""
    database = make_database()
    table = _declared(database)
    getattr(database, change)(table, *({"name": name, "value": value} for name, value in _VALUES.items()))
    assert _found(database, table) == _VALUES


def test_long_clobs_are_replaced(make_database: MakeDatabase) -> None:
    """`replace` overwrites a long value by a long one; MERGE would fail with ORA-01461."""
    database = make_database()
    table = _declared(database)
    database.insert(table, {"name": "a", "value": "1" * 9000}, {"name": "b", "value": "2"})
    database.replace(table, {"name": "a", "value": "3" * 9000}, {"name": "b", "value": "4" * 9000})
    assert _found(database, table) == {"a": "3" * 9000, "b": "4" * 9000}
