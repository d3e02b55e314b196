"""Unique keys with NULLs in them, on the stand-in."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy
from lsst.daf.butler import ddl

from tests.oracle.conftest import MakeDatabase

pytestmark = pytest.mark.h2

_SPEC = ddl.TableSpec(
    fields=[
        ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True),
        ddl.FieldSpec("instrument", dtype=sqlalchemy.String, length=16, nullable=False),
        ddl.FieldSpec("name", dtype=sqlalchemy.String, length=64),
        ddl.FieldSpec("obs", dtype=sqlalchemy.String, length=64),
    ],
    unique={("instrument", "name"), ("name", "obs")},
)


def test_partly_null_keys_are_not_equal(make_database: MakeDatabase) -> None:
    """Rows with a NULL in a unique key of several columns may have its other values in common."""
    database = make_database()
    with database.declareStaticTables(create=True) as context:
        table = context.addTable("visit", _SPEC)
    rows: list[dict[str, Any]] = [
        {"id": 1, "instrument": "cam", "name": None, "obs": "o"},
        {"id": 2, "instrument": "cam", "name": None, "obs": "o"},
        {"id": 3, "instrument": "cam", "name": "x", "obs": None},
        {"id": 4, "instrument": "tel", "name": "x", "obs": None},
    ]
    assert database.ensure(table, *rows) == 4
    with database.query(table.select()) as result:
        assert len(result.fetchall()) == 4


@pytest.mark.parametrize(
    "row",
    [
        {"instrument": "cam", "name": "x", "obs": "p"},
        {"instrument": "tel", "name": "x", "obs": "o"},
    ],
)
def test_keys_without_null_are_equal(make_database: MakeDatabase, row: dict[str, Any]) -> None:
    """Rows that have all values of a unique key in common are refused, and `ensure` skips them."""
    database = make_database()
    with database.declareStaticTables(create=True) as context:
        table = context.addTable("visit", _SPEC)
    database.insert(table, {"id": 1, "instrument": "cam", "name": "x", "obs": "o"})
    with pytest.raises(sqlalchemy.exc.IntegrityError, match="ORA-00001"):
        database.insert(table, {"id": 2} | row)
    assert database.ensure(table, {"id": 2} | row) == 0
