"""What an execution does with the session, and its answer without the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from oracle_standin.errors import OracleError
from oracle_standin.interface import ResultSet, RowError, Session, Statement
from oracle_standin.server._cursors import Cursor, CursorTable
from oracle_standin.server._hooks import Call
from oracle_standin.server._lobs import LobTable
from oracle_standin.values import TypeSpec, Value
from oracle_standin.wire.answers import BATCH_ERRORS, NO_MORE_ROWS
from oracle_standin.wire.calls import ExecuteCall
from oracle_standin.wire.codes import Direction, ExecuteFlag, ExecuteOption, Orientation
from oracle_standin.wire.describe import columns_described, describe_message
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.fields import ub
from oracle_standin.wire.rows import encode_rows, io_vector, out_row, returned_row, row_header

__all__ = ["Done", "Runner"]

_BUFFERED = 1000
"""Rows taken at a time for a cursor that is to be scrolled."""


@dataclass(kw_only=True)
class Done:
    """What an execution did.

    Attributes
    ----------
    pieces : `list` [`bytes`]
        Of the answer.
    row_count : `int`
        See `oracle_standin.wire.answers.end_message`.
    counts : `list` [`int`]
        Affected rows per set of values.
    error : `~oracle_standin.errors.OracleError` or `None`
        What it ended with.
    batch_errors : `list` [`~oracle_standin.interface.RowError`]
        Rows that failed while others did not.
    """

    pieces: list[bytes] = field(default_factory=list)
    row_count: int = 0
    counts: list[int] = field(default_factory=list)
    error: OracleError | None = None
    batch_errors: list[RowError] = field(default_factory=list)


class Runner:
    """Runs statements of a session and puts what comes out into bytes.

    Parameters
    ----------
    session : `~oracle_standin.interface.Session`
        Runs them.
    dialect : `~oracle_standin.wire.dialect.Dialect`
        How the client speaks.
    lobs : `~oracle_standin.server._lobs.LobTable`
        Gives handles for large objects.
    cursors : `~oracle_standin.server._cursors.CursorTable`
        Gives numbers for result sets.
    end : `~collections.abc.Callable`
        Returns the block that ends an answer.
    """

    def __init__(
        self,
        session: Session,
        dialect: Dialect,
        lobs: LobTable,
        cursors: CursorTable,
        end: Callable[..., bytes],
    ) -> None:
        self._session = session
        self._dialect = dialect
        self._lobs = lobs
        self._cursors = cursors
        self._end = end

    # What rows need handles from.

    def lob(self, value: Any, spec: TypeSpec) -> bytes:
        """Return a large object's field: lengths and locator."""
        return self._lobs.field(value, spec)

    def cursor(self, value: ResultSet | None) -> bytes:
        """Return a cursor's field: its description and number."""
        cursor = self._cursors.open()
        if value is not None:
            cursor.result = value
            cursor.described(tuple(value.columns), anew=True)
        return b"\x01" + columns_described(cursor.columns, self._dialect) + ub(cursor.number)

    # Queries.

    def query(
        self, call: ExecuteCall, cursor: Cursor, statement: Statement, values: list[Value], observed: Call
    ) -> bytes:
        """Run a query and return the answer: columns if need be, rows if wanted."""
        cursor.close_result()
        cursor.fetched = 0
        types = [bind.spec for bind in cursor.binds]
        cursor.result = self._session.query(statement, values, types)
        columns = tuple(cursor.result.columns)
        anew = bool(call.options & ExecuteOption.PARSE)
        described = b""
        if anew or columns != cursor.columns:
            cursor.described(columns, anew=anew)
            described = describe_message(columns, self._dialect)
        if call.flags & ExecuteFlag.SCROLLABLE:
            buffer: list[tuple[Value, ...]] = []
            while rows := cursor.take(_BUFFERED):
                buffer += rows
            cursor.buffer = buffer
            return described + self.scroll(call, cursor, observed)
        if call.options & ExecuteOption.FETCH and not (described and cursor.waits_for_define):
            return described + self.fetch(cursor, call.rows, observed)
        return described + self._end(cursor=cursor)

    def fetch(self, cursor: Cursor, count: int, observed: Call) -> bytes:
        """Return the answer with the next rows."""
        rows = cursor.take(count)
        observed.rows += len(rows)
        error = NO_MORE_ROWS if cursor.result is None else None
        return self._rows(cursor, rows, row_count=cursor.fetched, error=error)

    def scroll(self, call: ExecuteCall, cursor: Cursor, observed: Call) -> bytes:
        """Return the answer with the rows at the place that the client scrolls to."""
        buffer = cursor.buffer or []
        match call.orientation:
            case Orientation.FIRST:
                start = 0
            case Orientation.LAST:
                start = max(len(buffer) - 1, 0)
            case _:
                start = max(call.position - 1, 0)
        rows = buffer[start : start + call.rows]
        observed.rows += len(rows)
        error = NO_MORE_ROWS if len(rows) < call.rows else None
        return self._rows(cursor, rows, row_count=start + len(rows), error=error)

    def _rows(
        self,
        cursor: Cursor,
        rows: Sequence[tuple[Value, ...]],
        *,
        row_count: int,
        error: OracleError | None,
    ) -> bytes:
        pieces = [row_header(len(cursor.specs))] if rows else []
        pieces += encode_rows(rows, cursor.specs, self)
        pieces.append(self._end(cursor=cursor, error=error, row_count=row_count))
        return b"".join(pieces)

    # Others.

    def change(
        self,
        cursor: Cursor,
        statement: Statement,
        rows: list[list[Value]],
        observed: Call,
        *,
        batch_errors: bool,
    ) -> Done:
        """Run DML."""
        types = [bind.spec for bind in cursor.binds]
        result = self._session.change(statement, rows, types, batch_errors=batch_errors)
        done = Done(row_count=sum(result.counts), counts=result.counts)
        observed.rows = done.row_count
        if result.errors and not batch_errors:
            done.error = result.errors[0].error
        elif result.errors:
            done.error, done.batch_errors = BATCH_ERRORS, result.errors
        outs = [spec for spec, place in zip(types, statement.binds, strict=True) if place.returning]
        if outs and done.error is None:
            for returned in result.returned or [[] for _ in rows]:
                done.pieces += returned_row(returned, outs, self)
        return done

    def call(self, cursor: Cursor, statement: Statement, rows: list[list[Value]]) -> Done:
        """Run a PL/SQL block once per set of values."""
        types = [bind.spec for bind in cursor.binds]
        given: list[dict[int, Value]] = []
        for row in rows:
            try:
                given.append(self._session.call(statement, row, types))
            except OracleError as error:
                return Done(row_count=len(given), error=error)
        done = Done(row_count=len(given))
        if types:
            outs = sorted(set().union(*given))
            # A bind reported as OUT would not be sent again, which is wrong for one that is read, too.
            directions = [Direction.IN_OUT if place in outs else Direction.IN for place in range(len(types))]
            done.pieces.append(io_vector(directions))
            if outs:
                specs = [types[place] for place in outs]
                arrays = [cursor.binds[place].is_array for place in outs]
                for row, values in zip(rows, given, strict=True):
                    out = [values.get(place, row[place]) for place in outs]
                    done.pieces += out_row(out, specs, arrays, self)
        return done
