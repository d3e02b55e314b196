"""Types of columns, as DDL."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy
from lsst.daf.butler import ddl
from sqlalchemy.types import to_instance

from gen3bed.oracle._dialect import ButlerOracleDialect
from gen3bed.oracle._types import column_type


@pytest.mark.parametrize(
    ("field", "temporary", "written"),
    [
        ({"dtype": sqlalchemy.String, "length": 32}, False, "VARCHAR2(32 CHAR)"),
        ({"dtype": sqlalchemy.String, "length": 1024}, False, "VARCHAR2(1024 CHAR)"),
        ({"dtype": sqlalchemy.String, "length": 65535}, False, "CLOB"),
        ({"dtype": sqlalchemy.String, "length": 65535}, True, "VARCHAR2(4000 CHAR)"),
        ({"dtype": sqlalchemy.String}, False, "VARCHAR2(255 CHAR)"),
        ({"dtype": sqlalchemy.Text}, False, "VARCHAR2(4000 CHAR)"),
        ({"dtype": sqlalchemy.Text, "primaryKey": True}, False, "VARCHAR2(255 CHAR)"),
        ({"dtype": ddl.Base64Region, "nbytes": 2048}, False, "VARCHAR2(2732 CHAR)"),
        ({"dtype": ddl.Base64Bytes, "nbytes": 32}, False, "VARCHAR2(44 CHAR)"),
        ({"dtype": sqlalchemy.Float}, False, "BINARY_DOUBLE"),
        ({"dtype": sqlalchemy.Boolean}, False, "SMALLINT"),
        ({"dtype": ddl.GUID}, False, "CHAR(32)"),
        ({"dtype": sqlalchemy.LargeBinary}, False, "BLOB"),
    ],
)
def test_column_types(field: dict[str, Any], temporary: bool, written: str) -> None:  # noqa: FBT001 - a parameter
    """A column is a LOB only where nothing shorter holds it, and never in a temporary table."""
    dialect = ButlerOracleDialect()  # type: ignore[no-untyped-call]
    dialect.supports_native_boolean = False
    found = to_instance(column_type(ddl.FieldSpec("c", **field), temporary=temporary))
    assert found.compile(dialect=dialect) == written
