"""Executions and fetches of one session."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import Kind, Session, Statement
from oracle_standin.server._cursors import Cursor, CursorTable
from oracle_standin.server._hooks import Call, CallKind
from oracle_standin.server._lobs import LobTable
from oracle_standin.server._runner import Done, Runner
from oracle_standin.values import TypeSpec, Value
from oracle_standin.wire.answers import end_message, parameters
from oracle_standin.wire.binds import BindColumn, BindRows, CursorBind, LobBind, Unsupported
from oracle_standin.wire.calls import ExecuteCall, read_execute, read_fetch, read_reexecute
from oracle_standin.wire.codes import ExecuteFlag, ExecuteOption
from oracle_standin.wire.describe import describe_message
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.fields import Reader
from oracle_standin.wire.places import input_binds

__all__ = ["Observed", "Statements"]

_IN_TRANSACTION = 2
_ENDS = {"COMMIT": CallKind.COMMIT, "ROLLBACK": CallKind.ROLLBACK}
_TO_SAVEPOINT = re.compile(r"\bROLLBACK\s+(?:WORK\s+)?TO\b", re.IGNORECASE)


def _text_of(cursor: Cursor | None) -> str:
    return cursor.statement.text if cursor and cursor.statement else ""


class Observed(Protocol):
    """Makes a context in which a call is observed and can be cancelled."""

    def __call__(
        self,
        kind: CallKind,
        *,
        text: str = "",
        types: tuple[TypeSpec, ...] = (),
        executions: int = 0,
        parsed: bool = False,
        round_trips: int = 1,
    ) -> AbstractContextManager[Call]:
        """Return the context."""


class Statements:
    """What a session's client executes and fetches.

    Parameters
    ----------
    session : `~oracle_standin.interface.Session`
        Runs the statements.
    dialect : `~oracle_standin.wire.dialect.Dialect`
        How the client speaks.
    lobs : `~oracle_standin.server._lobs.LobTable`
        The session's large objects.
    observed : `Observed`
        Around each call.
    """

    def __init__(self, session: Session, dialect: Dialect, lobs: LobTable, observed: Observed) -> None:
        self.cursors = CursorTable()
        self.schema = session.current_schema
        self._session = session
        self._dialect = dialect
        self._lobs = lobs
        self._observed = observed
        self._runner = Runner(session, dialect, lobs, self.cursors, self.end)

    # Reading; nothing may be refused before all of a message is read.

    def execute(self, reader: Reader) -> Callable[[], bytes]:
        """Read an execution; return what applies it and returns the answer."""
        call = read_execute(reader, self._dialect)
        cursor = None if call.sql is not None else self.cursors.get(call.cursor)
        text = call.sql if call.sql is not None else _text_of(cursor)
        values: BindRows | None = None
        inputs: int | None = None
        if call.binds:
            plsql = not call.options & ExecuteOption.NOT_PLSQL
            inputs = None if plsql else input_binds(text)
            given = call.binds if inputs is None else call.binds[:inputs]
            values = BindRows(given, self._dialect, plsql=plsql) if given else None
        count = 1 if call.is_query else max(call.executions, 1)
        rows = values.read(reader, count) if values else [[] for _ in range(count)]
        return lambda: self._execute(call, cursor, values, rows)

    def reexecute(self, reader: Reader, *, fetch: bool) -> Callable[[], bytes]:
        """Read another execution, with or without a first fetch."""
        call = read_reexecute(reader)
        cursor = self.cursors.get(call.cursor)
        count = 1 if fetch else max(call.count, 1)
        rows = cursor.values.read(reader, count) if cursor.values else [[] for _ in range(count)]
        options = ExecuteOption.EXECUTE
        if fetch:
            options |= ExecuteOption.FETCH
        if call.commit:
            options |= ExecuteOption.COMMIT
        again = ExecuteCall(
            options=options,
            flags=ExecuteFlag(0),
            cursor=call.cursor,
            sql=None,
            rows=call.count if fetch else 0,
            executions=count,
            is_query=fetch,
            orientation=0,
            position=0,
        )
        return lambda: self._execute(again, cursor, None, rows)

    def fetch(self, reader: Reader) -> Callable[[], bytes]:
        """Read a fetch."""
        call = read_fetch(reader)
        cursor = self.cursors.get(call.cursor)
        return lambda: self._fetch(cursor, call.rows)

    # Applying.

    def end(
        self,
        *,
        cursor: Cursor | None = None,
        error: OracleError | None = None,
        row_count: int = 0,
        **more: Any,
    ) -> bytes:
        """Return the block that ends an answer."""
        return end_message(
            self._dialect,
            call_status=self.call_status,
            cursor=cursor.number if cursor else 0,
            error=error,
            row_count=row_count,
            **more,
        )

    @property
    def call_status(self) -> int:
        """What each answer tells of the transaction (`int`)."""
        return _IN_TRANSACTION if self._session.in_transaction else 0

    def _execute(
        self, call: ExecuteCall, cursor: Cursor | None, values: BindRows | None, rows: list[list[Value]]
    ) -> bytes:
        if cursor is not None and self._only_fetches(call, cursor):
            return self._go_on(call, cursor)
        text = call.sql if call.sql is not None else _text_of(cursor)
        binds = call.binds or (cursor.binds if cursor else [])
        try:
            with self._observed(
                CallKind.EXECUTE,
                text=text,
                types=tuple(bind.spec for bind in binds),
                executions=len(rows),
                parsed=bool(call.options & ExecuteOption.PARSE),
            ) as observed:
                if call.sql is not None:
                    statement = self._session.prepare(call.sql)
                    cursor = self.cursors.get(call.cursor) if call.cursor else self.cursors.open()
                    cursor.statement = statement
                assert cursor is not None  # noqa: S101 - without SQL there was a cursor to begin with
                if call.binds:
                    cursor.binds, cursor.values = call.binds, values
                return self._run(call, cursor, rows, observed)
        except OracleError as error:
            return self.end(cursor=cursor, error=error)

    @staticmethod
    def _only_fetches(call: ExecuteCall, cursor: Cursor) -> bool:
        """Whether an execution message goes on with rows that are there."""
        if cursor.statement is None or not call.options & (ExecuteOption.EXECUTE | ExecuteOption.PARSE):
            return True
        # The driver repeats the execution of a scrollable cursor to get the next rows.
        return cursor.buffer is not None and bool(call.flags & ExecuteFlag.SCROLLABLE) and call.position > 1

    def _go_on(self, call: ExecuteCall, cursor: Cursor) -> bytes:
        if call.defines:
            cursor.define(call.defines)
        scrolls = cursor.buffer is not None
        if not scrolls and cursor.statement is not None and not call.options & ExecuteOption.FETCH:
            return self.end(cursor=cursor)
        try:
            with self._observed(CallKind.FETCH, text=_text_of(cursor)) as observed:
                if scrolls:
                    return self._runner.scroll(call, cursor, observed)
                return self._runner.fetch(cursor, call.rows, observed)
        except OracleError as error:
            return self.end(cursor=cursor, error=error)

    def _fetch(self, cursor: Cursor, count: int) -> bytes:
        try:
            with self._observed(CallKind.FETCH, text=_text_of(cursor)) as observed:
                return self._runner.fetch(cursor, count, observed)
        except OracleError as error:
            return self.end(cursor=cursor, error=error)

    def _run(self, call: ExecuteCall, cursor: Cursor, rows: list[list[Value]], observed: Call) -> bytes:
        statement = cursor.statement
        assert statement is not None  # noqa: S101 - see _only_fetches
        if not call.options & ExecuteOption.EXECUTE:
            return self._describe_only(call, cursor, statement)
        self._check_binds(cursor.binds, statement)
        rows = self._resolved(rows, cursor.binds)
        match statement.kind:
            case Kind.QUERY:
                return self._runner.query(call, cursor, statement, rows[0], observed)
            case Kind.DML:
                batch_errors = bool(call.options & ExecuteOption.BATCH_ERRORS)
                done = self._runner.change(cursor, statement, rows, observed, batch_errors=batch_errors)
            case Kind.PLSQL:
                done = self._runner.call(cursor, statement, rows)
            case _:
                self._run_other(statement)
                done = Done()
        if done.error is None:
            self._autocommit(call)
        row_counts = done.counts if call.flags & ExecuteFlag.ROW_COUNTS else None
        observed.error = done.error
        end = self.end(
            cursor=cursor, error=done.error, row_count=done.row_count, batch_errors=done.batch_errors
        )
        return b"".join([*done.pieces, self._told(row_counts), end])

    def _run_other(self, statement: Statement) -> None:
        """Run DDL and the like; COMMIT and ROLLBACK are observed as what they are, too."""
        kind = _ENDS.get(statement.verb)
        if kind is None or _TO_SAVEPOINT.search(statement.text):
            self._session.run(statement)
            return
        with self._observed(kind, round_trips=0):
            self._session.run(statement)

    def _describe_only(self, call: ExecuteCall, cursor: Cursor, statement: Statement) -> bytes:
        parts = []
        if statement.kind is Kind.QUERY and call.options & ExecuteOption.DESCRIBE:
            columns = self._session.describe(statement)
            cursor.described(columns, anew=True)
            parts.append(describe_message(columns, self._dialect))
        return b"".join([*parts, self.end(cursor=cursor)])

    @staticmethod
    def _check_binds(binds: Sequence[BindColumn], statement: Statement) -> None:
        if statement.kind not in {Kind.QUERY, Kind.DML, Kind.PLSQL}:
            return
        if len(binds) < len(statement.binds):
            raise OracleError(1008, "not all variables bound")
        if len(binds) > len(statement.binds):
            raise OracleError(1036, "illegal variable name/number")
        for bind in binds:
            if bind.unsupported:
                raise not_modelled(f"binds of {bind.unsupported}")
        if statement.kind is Kind.DML:
            returning = sum(place.returning for place in statement.binds)
            inputs = input_binds(statement.text)
            if len(binds) - returning != (len(binds) if inputs is None else inputs):
                raise not_modelled("RETURN for RETURNING, which clients do not take for it")

    def _resolved(self, rows: list[list[Value]], binds: Sequence[BindColumn]) -> list[list[Value]]:
        """Replace handles by what they stand for."""
        if not any(bind.has_handles for bind in binds):
            return rows
        return [[self._resolve(value) for value in row] for row in rows]

    def _resolve(self, value: Value) -> Value:
        match value:
            case LobBind(locator):
                return self._lobs.get(locator)
            case CursorBind(number):
                return self.cursors.get(number).result if number else None
            case Unsupported(what):
                raise not_modelled(f"values of {what}")
            case list():
                return [self._resolve(element) for element in value]
            case _:
                return value

    def _autocommit(self, call: ExecuteCall) -> None:
        if call.options & ExecuteOption.COMMIT and self._session.in_transaction:
            with self._observed(CallKind.COMMIT, round_trips=0):
                self._session.commit()

    def _told(self, row_counts: Sequence[int] | None) -> bytes:
        """Return what the client must know besides: a new current schema, counts it asked for."""
        schema = None
        if self._session.current_schema != self.schema:
            schema = self.schema = self._session.current_schema
        if schema is None and row_counts is None:
            return b""
        return parameters(schema=schema, row_counts=row_counts)
