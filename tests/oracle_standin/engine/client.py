"""A client of a session: what the server would do, in a call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from oracle_standin.errors import OracleError
from oracle_standin.interface import DmlResult, Kind, Session
from oracle_standin.values import Column, DataType, TypeSpec

__all__ = ["Client", "spec"]

_TYPES = {
    str: DataType.VARCHAR2,
    int: DataType.NUMBER,
    Decimal: DataType.NUMBER,
    float: DataType.BINARY_DOUBLE,
    bytes: DataType.RAW,
    dt.datetime: DataType.TIMESTAMP,
    dt.timedelta: DataType.INTERVAL_DS,
    type(None): DataType.VARCHAR2,
}


def spec(value: object) -> TypeSpec:
    """Return the type that a value is bound with."""
    return TypeSpec(type=_TYPES[type(value)])


class Client:
    """Runs statements of any kind in a session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.columns: tuple[Column, ...] = ()

    def rows(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        found = self.session.query(self.session.prepare(text), values, [spec(value) for value in values])
        self.columns = found.columns
        rows = found.fetch(1_000_000)
        found.close()
        return rows

    def value(self, text: str, *values: Any) -> Any:
        """Return the one value of a query."""
        ((value,),) = self.rows(text, *values)
        return value

    def change(self, text: str, *rows: Sequence[Any], batch_errors: bool = False) -> DmlResult:
        """Run DML with sets of values."""
        statement = self.session.prepare(text)
        given = iter([spec(value) for value in rows[0]] if rows else [])
        types = [
            TypeSpec(type=DataType.VARCHAR2, size=255) if place.returning else next(given)
            for place in statement.binds
        ]
        return self.session.change(statement, rows or [()], types, batch_errors=batch_errors)

    def call(self, text: str, *values: Any) -> dict[int, Any]:
        """Run a block."""
        return self.session.call(self.session.prepare(text), values, [spec(value) for value in values])

    def run(self, *texts: str) -> None:
        """Run statements of any kind without values."""
        for text in texts:
            statement = self.session.prepare(text)
            match statement.kind:
                case Kind.DML:
                    result = self.change(text)
                    if result.errors:
                        raise result.errors[0].error
                case Kind.PLSQL:
                    self.call(text)
                case _:
                    self.session.run(statement)

    def refused(self, text: str, *values: Any) -> int:
        """Return the number of the error that a statement raises."""
        with pytest.raises(OracleError) as caught:
            self._execute(text, *values)
        return caught.value.number

    def _execute(self, text: str, *values: Any) -> None:
        if self.session.prepare(text).kind is Kind.QUERY:
            self.rows(text, *values)
        else:
            self.run(text)

    def close(self) -> None:
        """End the session."""
        self.session.close()
