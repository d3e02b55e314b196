"""A database of the stand-in, used without the wire, and SQLAlchemy's inspection on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.oracle.base import OracleDialect
from sqlalchemy.engine import URL
from sqlalchemy.pool import StaticPool

from oracle_standin.engines import open_database
from oracle_standin.interface import Kind, Session
from oracle_standin.profiles import PROFILES, Profile
from oracle_standin.values import DataType, TypeSpec, Value

__all__ = ["StandinHarness"]

_ROWS = 100_000


class StandinHarness:
    """A database of its own in memory.

    Parameters
    ----------
    profile : `~oracle_standin.profiles.Profile`, optional
        Version of the server.
    engine : `str`, optional
        What runs the SQL.
    url : `str`, optional
        A PostgreSQL server to use.
    """

    def __init__(
        self, profile: Profile = PROFILES["19"], *, engine: str = "h2", url: str | None = None
    ) -> None:
        self.database = open_database(engine, profile, postgresql_url=url)
        self._sessions: dict[str, Session] = {}

    def session(self, user: str) -> Session:
        """Return the session of a user; the same each time."""
        if user not in self._sessions:
            self._sessions[user] = self.database.open_session(user)
        return self._sessions[user]

    def run(self, user: str, *statements: str) -> None:
        """Run DDL, DML and other statements without binds."""
        session = self.session(user)
        for text in statements:
            statement = session.prepare(text)
            if statement.kind is Kind.DML:
                session.change(statement, [[]], [])
            else:
                session.run(statement)

    def query(self, user: str, text: str, **values: Value) -> list[tuple[Value, ...]]:
        """Return a query's rows."""
        return self.result(user, text, values)[1]

    def result(
        self, user: str, text: str, values: Mapping[str, Value]
    ) -> tuple[list[str], list[tuple[Value, ...]]]:
        """Return the names of a query's columns, and its rows."""
        session = self.session(user)
        statement = session.prepare(text)
        given = [values[place.name.lower()] for place in statement.binds]
        found = session.query(statement, given, [_spec(value) for value in given])
        try:
            return [column.name for column in found.columns], found.fetch(_ROWS)
        finally:
            found.close()

    def close_session(self, user: str) -> None:
        """End a user's session."""
        self._sessions.pop(user).close()

    def engine(self, user: str) -> Engine:
        """Return an engine on which SQLAlchemy's inspection works as a user."""
        registry.impls["oracle.standinharness"] = lambda: _Dialect
        return create_engine(
            URL.create("oracle+standinharness"),
            module=SimpleNamespace(paramstyle="named", Error=Exception, version="0"),
            creator=lambda: _Connection(self, user),
            poolclass=StaticPool,
        )

    def close(self) -> None:
        """Forget the database."""
        self.database.close()


def _spec(value: Value) -> TypeSpec:
    if isinstance(value, str):
        return TypeSpec(type=DataType.VARCHAR2, size=4000, char_size=4000)
    return TypeSpec(type=DataType.NUMBER, scale=-127)


class _Cursor:
    """As much of a DBAPI cursor as reflection needs."""

    arraysize = 100
    rowcount = -1

    def __init__(self, harness: StandinHarness, user: str) -> None:
        self._harness = harness
        self._user = user
        self._rows: list[tuple[Value, ...]] = []
        self.description: list[tuple[Any, ...]] = []

    def execute(self, text: str, parameters: Mapping[str, Value] | None = None) -> None:
        # The dialect's own names of binds may be those that only a driver takes.
        renamed = {name.lower(): value for name, value in (parameters or {}).items()}
        text = re.sub(r':"(\w+)"', r":\1", text)
        names, self._rows = self._harness.result(self._user, text, renamed)
        self.description = [(name, None, None, None, None, None, None) for name in names]

    def fetchall(self) -> list[tuple[Value, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def fetchone(self) -> tuple[Value, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Value, ...]]:
        return self.fetchall()

    def close(self) -> None:
        """Do nothing."""


class _Connection:
    """As much of a DBAPI connection as reflection needs."""

    def __init__(self, harness: StandinHarness, user: str) -> None:
        self._harness = harness
        self._user = user

    def cursor(self) -> _Cursor:
        return _Cursor(self._harness, self._user)

    def commit(self) -> None:
        """Do nothing."""

    rollback = close = commit


class _Dialect(OracleDialect):
    """SQLAlchemy's own reflection, without a driver."""

    supports_statement_cache = False
    default_paramstyle = "named"

    def initialize(self, connection: Any) -> None:
        name = connection.exec_driver_sql("SELECT LOWER(USER) FROM DUAL").scalar()
        self.server_version_info = (19, 21, 0, 0, 0)
        self.default_schema_name = name
        self.supports_identity_columns = True
