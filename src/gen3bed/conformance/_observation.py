"""What a test did to the database, and what it left behind."""

from __future__ import annotations

import gc
import time
import weakref
from collections import Counter, defaultdict
from types import TracebackType
from typing import Any, Self

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from gen3bed.registries import Namespace

__all__ = ["Observation"]


class Observation:
    """Counts statements and looks for leaks while a test runs.

    Statements are counted where SQLAlchemy hands them to the driver; an
    ``executemany`` is one statement.  What upstream sends through a bare
    cursor (three ``SET`` at each PostgreSQL transaction) is not seen.

    Attributes
    ----------
    counts : `collections.Counter`
        ``sql_statements``, ``sql_commits``, ``sql_rollbacks`` and
        ``sql_savepoints``.
    statements : `dict` [`str`, `set` [`str`]]
        The distinct statements by the name of their dialect: a quantum
        graph is kept in SQLite, whatever the registry is.
    cpu_seconds : `float`
        Processor time of this process, user and system, in seconds; known
        when the block has ended.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.statements: defaultdict[str, set[str]] = defaultdict(set)
        self.cpu_seconds = 0.0
        self._engines: weakref.WeakSet[Engine] = weakref.WeakSet()

    def __enter__(self) -> Self:
        for name, listener in self._listeners():
            event.listen(Engine, name, listener)
        self._cpu = time.process_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cpu_seconds = time.process_time() - self._cpu
        for name, listener in self._listeners():
            event.remove(Engine, name, listener)

    def leaks(self, namespace: Namespace) -> list[str]:
        """Return what the test left, and close it.

        Parameters
        ----------
        namespace : `gen3bed.registries.Namespace`
            Where the test worked.
        """
        found = self._checked_out()
        if found:
            # An abandoned iterator holds its connection until it is
            # collected; what survives a collection is a leak.
            gc.collect()
            found = self._checked_out()
        found += namespace.leaks()
        for engine in list(self._engines):
            engine.dispose()
        return found + namespace.open_sessions()

    def _checked_out(self) -> list[str]:
        return [
            f"session: {pool.checkedout()} connection(s) of {engine.url!r} were not given back"
            for engine in self._engines
            # SQLite in memory keeps one connection per thread and counts none.
            if isinstance(pool := engine.pool, sqlalchemy.QueuePool) and pool.checkedout()
        ]

    def _listeners(self) -> list[tuple[str, Any]]:
        return [
            ("engine_connect", self._on_connect),
            ("before_cursor_execute", self._on_execute),
            ("commit", self._on_commit),
            ("rollback", self._on_rollback),
            ("savepoint", self._on_savepoint),
        ]

    def _on_connect(self, connection: Connection) -> None:
        self._engines.add(connection.engine)

    def _on_execute(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        self.counts["sql_statements"] += 1
        self.statements[connection.dialect.name].add(statement)

    def _on_commit(self, _: Connection) -> None:
        self.counts["sql_commits"] += 1

    def _on_rollback(self, _: Connection) -> None:
        self.counts["sql_rollbacks"] += 1

    def _on_savepoint(self, *_: Any) -> None:
        self.counts["sql_savepoints"] += 1
