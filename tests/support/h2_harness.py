"""An H2 database with the dictionary in it, without the engine, for the dictionary's tests."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.oracle.base import OracleDialect
from sqlalchemy.pool import StaticPool

from oracle_standin.dictionary import Accounts, install
from oracle_standin.h2._bookkeeping import BOOKKEEPING_DDL
from oracle_standin.h2._runtime import connect, start_java
from oracle_standin.profiles import PROFILES, Profile

__all__ = ["H2Harness", "reflecting_engine"]

_numbers = itertools.count(1)


class H2Harness:
    """A database of its own in memory, with users made by the accounts.

    Parameters
    ----------
    profile : `~oracle_standin.profiles.Profile`, optional
        Version of the server.
    """

    def __init__(self, profile: Profile = PROFILES["19"]) -> None:
        start_java()
        self._url = f"jdbc:h2:mem:harness{next(_numbers)};MODE=Oracle;NON_KEYWORDS=VALUE,KEY,DAY"
        self._admin = connect(self._url, "STANDIN", "x")
        self.generation = 0
        for statement in BOOKKEEPING_DDL:
            self.execute(statement)
        for user in ("SYS", "SYSTEM"):
            self._create_user(user, user)
        install(self.execute, profile)
        self.accounts = Accounts(
            self.execute,
            profile,
            create_user=self._create_user,
            drop_user=self._drop_user,
            generation=lambda: self.generation,
        )

    def _create_user(self, name: str, password: str | None) -> None:
        self.execute(f"CREATE USER \"{name}\" PASSWORD 'x' ADMIN")
        self.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
        self.execute("INSERT INTO STANDIN.USERS (USERNAME, PASSWORD) VALUES (?, ?)", name, password)

    def _drop_user(self, name: str, *, cascade: bool) -> None:
        del cascade
        self.execute(f'DROP SCHEMA "{name}" CASCADE')
        self.execute(f'DROP USER "{name}"')
        self.execute("DELETE FROM STANDIN.USERS WHERE USERNAME = ?", name)

    def execute(self, sql: str, *values: Any) -> list[tuple[str | None, ...]]:
        """Run H2's SQL with all rights; return a query's rows as texts."""
        return [
            tuple(None if value is None else str(value) for value in row)
            for row in _run(self._admin, sql, values)[1]
        ]

    def ddl(self, *statements: str) -> None:
        """Run H2's DDL with all rights."""
        for statement in statements:
            self.execute(statement)
        self.generation += 1

    def insert(self, table: str, **values: Any) -> None:
        """Write a row of the bookkeeping."""
        marks = ", ".join("?" * len(values))
        self.execute(f"INSERT INTO STANDIN.{table} ({', '.join(values)}) VALUES ({marks})", *values.values())

    def account(self, *statements: str, user: str = "SYSTEM") -> None:
        """Run statements about accounts."""
        for statement in statements:
            assert self.accounts.run(statement, user, user)

    def connect(self, user: str) -> Any:
        """Return a JDBC connection of a user, which looks names up as a session does."""
        connection = connect(self._url, user, "x")
        _run(connection, "SET SCHEMA_SEARCH_PATH PUBLIC, SYS", ())
        _run(connection, f'SET SCHEMA "{user}"', ())
        return connection

    def query(self, user: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query that a user runs."""
        connection = self.connect(user)
        try:
            return _run(connection, sql, values)[1]
        finally:
            connection.close()

    def close(self) -> None:
        """Forget the database."""
        _run(self._admin, "SHUTDOWN IMMEDIATELY", ())


def _run(connection: Any, sql: str, values: Sequence[Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    prepared = connection.prepareStatement(sql)
    try:
        for index, value in enumerate(values, 1):
            prepared.setObject(index, value)
        if not prepared.execute():
            return [], []
        found = prepared.getResultSet()
        meta = found.getMetaData()
        width = int(meta.getColumnCount())
        rows = []
        while found.next():
            rows.append(tuple(_value(found, meta, i) for i in range(1, width + 1)))
        return [str(meta.getColumnLabel(i)) for i in range(1, width + 1)], rows
    finally:
        prepared.close()


def _value(found: Any, meta: Any, index: int) -> Any:
    text = found.getString(index)
    if text is None:
        return None
    numeric = str(meta.getColumnTypeName(index)) in {"DECFLOAT", "INTEGER", "BIGINT", "NUMERIC"}
    return int(float(str(text))) if numeric else str(text)


class _Cursor:
    """As much of a DBAPI cursor as reflection needs."""

    arraysize = 100

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] = []
        self.rowcount = -1

    def execute(self, sql: str, parameters: Any = None) -> None:
        names: list[str] = []
        sql = re.sub(r":(\w+)", lambda match: names.append(match[1]) or "?", sql)
        labels, self._rows = _run(self._connection, sql, [dict(parameters or {})[name] for name in names])
        self.description = [(label.upper(), None, None, None, None, None, None) for label in labels]

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        return self.fetchall()

    def close(self) -> None:
        """Do nothing."""


class _Connection:
    """As much of a DBAPI connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def commit(self) -> None:
        """Do nothing."""

    rollback = commit

    def close(self) -> None:
        self._connection.close()


class _Module:
    paramstyle = "named"
    Error = Exception
    version = "0"


class _Dialect(OracleDialect):
    """SQLAlchemy's own reflection, on the harness."""

    supports_statement_cache = False
    default_paramstyle = "named"

    def initialize(self, connection: Any) -> None:
        self.server_version_info = (19, 21, 0, 0, 0)
        self.default_schema_name = connection.exec_driver_sql("SELECT LOWER(CURRENT_USER) FROM DUAL").scalar()
        self.supports_identity_columns = True


def reflecting_engine(harness: H2Harness, user: str) -> Engine:
    """Return an engine on which SQLAlchemy's inspection works as a user."""
    from sqlalchemy.dialects import registry
    from sqlalchemy.engine import URL

    registry.impls["oracle.h2harness"] = lambda: _Dialect
    return create_engine(
        URL.create("oracle+h2harness"),
        module=_Module,
        creator=lambda: _Connection(harness.connect(user)),
        poolclass=StaticPool,
    )
