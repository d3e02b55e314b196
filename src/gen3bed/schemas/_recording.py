"""A Butler database on Oracle that is not there: it takes down what it is sent."""

from __future__ import annotations

import itertools
from contextvars import ContextVar
from typing import Any, Self

import oracledb
import sqlalchemy
from lsst.daf.butler.registry import RegistryConfig
from lsst.daf.butler.registry.sql_registry import SqlRegistry
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine

from gen3bed.oracle import OracleDatabase

__all__ = ["RecordingDatabase", "recorded_creation"]

_RECORDED: ContextVar[list[str]] = ContextVar("_RECORDED")
_VERSION = "19.0.0.0.0"
"""The oldest; the statements are the same for all."""


class RecordingDatabase(OracleDatabase):
    """Sends nothing; every table is missing and every change succeeds."""

    @classmethod
    def makeEngine(cls, uri: str | URL, *, writeable: bool = True) -> Engine:  # noqa: ARG003, N802
        engine = sqlalchemy.create_engine(
            sqlalchemy.make_url(uri).set(drivername="oracle+butler"), creator=lambda *_, **__: _Connection()
        )
        event.listen(engine, "do_execute", _take_down)
        event.listen(engine, "do_executemany", _take_down_many)
        return engine


def recorded_creation(user: str, config: RegistryConfig | None = None) -> list[str]:
    """Return the statements that make the schema of a new repository.

    Parameters
    ----------
    user : `str`
        Owner of the schema.
    config : `lsst.daf.butler.registry.RegistryConfig`, optional
        Managers to use; upstream's defaults if `None`.

    Returns
    -------
    statements : `list` [`str`]
        CREATE and DROP statements without terminators, in their order; the
        indexes of a table, whose order is by chance, are sorted.
    """
    placed = RegistryConfig(config)
    placed["db"] = f"oracle+oracledb://{user.lower()}@nowhere/nothing"
    placed["namespace"] = user.lower()
    placed["engines", "oracle"] = f"{__name__}.{RecordingDatabase.__name__}"
    recorded: list[str] = []
    token = _RECORDED.set(recorded)
    try:
        SqlRegistry.createFromConfig(placed).close()
    finally:
        _RECORDED.reset(token)
    # The table that marks the schema as half made is dropped at the end.
    made = [s for s in recorded if s.startswith(("CREATE ", "DROP "))]
    runs = [(is_index, list(run)) for is_index, run in itertools.groupby(made, _is_index)]
    return [s for is_index, run in runs for s in (sorted(run) if is_index else run)]


def _is_index(statement: str) -> bool:
    return statement.startswith(("CREATE INDEX ", "CREATE UNIQUE INDEX "))


def _take_down(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:  # noqa: ARG001 - SQLAlchemy's signature
    _RECORDED.get().append(statement.strip())
    # There are as many as the statement's own.
    columns = getattr(context.compiled, "_result_columns", None) or ()
    rows: list[tuple[Any, ...]] = []
    if "all_users" in statement.lower():
        # Else the user would be missing, whom only an administrator makes.
        rows = [(context.engine.url.username.upper(),)]
    elif "sys_context" in statement.lower():
        rows = [(None,)]
    cursor.answer([str(c.keyname) for c in columns], rows)
    return True


def _take_down_many(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:  # noqa: ARG001 - SQLAlchemy's signature
    _RECORDED.get().append(statement.strip())
    cursor.rowcount = len(parameters)
    return True


class _Cursor:
    """As far as SQLAlchemy needs one."""

    arraysize = 100
    outputtypehandler: Any = None

    def __init__(self) -> None:
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = 0
        self._rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def answer(self, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
        names = columns or (["value"] if rows else [])
        self.description = [(name, oracledb.DB_TYPE_VARCHAR, *[None] * 5) for name in names] or None
        self._rows = rows

    def execute(self, *_: Any, **__: Any) -> None:
        # What the dialect asks on its own: which sign numbers are written with.
        self.answer(["value"], [("1.1",)])

    def executemany(self, _: str, parameters: list[Any], **__: Any) -> None:
        self.rowcount = len(parameters)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop() if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    fetchmany = fetchall

    def getbatcherrors(self) -> list[Any]:
        return []

    def setinputsizes(self, *_: Any, **__: Any) -> None:
        pass

    def var(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        pass


class _Connection:
    """As far as SQLAlchemy needs one."""

    version = _VERSION
    max_identifier_length = 128
    stmtcachesize = 0
    outputtypehandler: Any = None
    autocommit = False
    thin = True

    def cursor(self, *_: Any, **__: Any) -> _Cursor:
        return _Cursor()

    def commit(self) -> None:
        pass

    rollback = close = ping = commit
