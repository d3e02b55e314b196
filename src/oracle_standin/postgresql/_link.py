"""A connection to PostgreSQL, at the level of its protocol.

Psycopg's cursors adapt values by their Python types; here the types are
Oracle's, so that values go in and out as texts, and what describes a result
is read from the protocol itself.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import pq

__all__ = ["Link", "PostgreSQLError", "Shape"]

_GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY)

Values = Sequence[bytes | None]


class PostgreSQLError(Exception):
    """What PostgreSQL answers to a statement that fails.

    Attributes
    ----------
    state : `str`
        SQLSTATE.
    message, detail, schema, table, column, constraint : `str`
        As PostgreSQL gives them; empty where it does not.
    position : `int`
        Place in the statement, from 1; 0 for none.
    """

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields.get("message", ""))
        self.state = fields.get("state", "")
        self.message = fields.get("message", "")
        self.detail = fields.get("detail", "")
        self.schema = fields.get("schema", "")
        self.table = fields.get("table", "")
        self.column = fields.get("column", "")
        self.constraint = fields.get("constraint", "")
        self.position = int(fields.get("position") or 0)


_FIELDS = {
    "state": pq.DiagnosticField.SQLSTATE,
    "message": pq.DiagnosticField.MESSAGE_PRIMARY,
    "detail": pq.DiagnosticField.MESSAGE_DETAIL,
    "schema": pq.DiagnosticField.SCHEMA_NAME,
    "table": pq.DiagnosticField.TABLE_NAME,
    "column": pq.DiagnosticField.COLUMN_NAME,
    "constraint": pq.DiagnosticField.CONSTRAINT_NAME,
    "position": pq.DiagnosticField.STATEMENT_POSITION,
}


def _error(result: Any) -> PostgreSQLError:
    found = {}
    for name, field in _FIELDS.items():
        value = result.error_field(field)
        if value is not None:
            found[name] = value.decode(errors="replace")
    if not found:
        found["message"] = result.error_message.decode(errors="replace")
        found["state"] = "57P01"
    return PostgreSQLError(found)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One column of a result.

    Attributes
    ----------
    name : `str`
        PostgreSQL's label.
    type, modifier : `int`
        Its type's OID and modifier; -1 for none.
    table, column : `int`
        OID of the table and number of the column that it is; 0 for an expression.
    """

    name: str
    type: int
    modifier: int
    table: int
    column: int


class Link:
    """One connection.

    Parameters
    ----------
    conninfo : `str`
        How to connect.

    Raises
    ------
    psycopg.OperationalError
        Raised if it cannot.
    """

    def __init__(self, conninfo: str) -> None:
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._pg = self._connection.pgconn
        self._number = 0

    @property
    def pid(self) -> int:
        """Number of the server's process (`int`)."""
        return self._pg.backend_pid

    @property
    def version(self) -> int:
        """Version of the server as it counts, such as 150018 (`int`)."""
        return self._pg.server_version

    def run(self, sql: str, *values: str | None) -> list[tuple[str | None, ...]]:
        """Run a statement with texts for ``$1`` and so on; return its rows as texts."""
        given = [None if value is None else value.encode() for value in values]
        result = self._pg.exec_params(sql.encode(), given) if given else self._pg.exec_(sql.encode())
        return texts(_good(result))

    def prepare(self, sql: str, types: Sequence[int]) -> str:
        """Prepare a statement with types of its values, 0 for what PostgreSQL infers; return its name."""
        self._number += 1
        name = f"s{self._number}"
        _good(self._pg.prepare(name.encode(), sql.encode(), types))
        return name

    def describe(self, name: str) -> tuple[Shape, ...]:
        """Return the columns of a prepared statement's result."""
        return shapes(_good(self._pg.describe_prepared(name.encode())))

    def execute(self, name: str, values: Values) -> Any:
        """Run a prepared statement; return libpq's result."""
        # It takes None for NULL, whatever its annotation says.
        return _good(self._pg.exec_prepared(name.encode(), values))  # type: ignore[arg-type]

    def execute_many(self, name: str, rows: Sequence[Values]) -> tuple[list[int], PostgreSQLError | None]:
        """Run a prepared statement for many sets of values in one stream, up to the first that fails.

        Returns
        -------
        counts : `list` [`int`]
            Rows affected, per set before the one that failed.
        error : `PostgreSQLError` or `None`
            Why that one failed; the transaction must then go back to a savepoint.
        """
        pg, statement = self._pg, name.encode()
        counts: list[int] = []
        error: PostgreSQLError | None = None
        pg.enter_pipeline_mode()
        try:
            for start in range(0, len(rows), _STREAM):
                part = rows[start : start + _STREAM]
                for values in part:
                    pg.send_query_prepared(statement, values)
                pg.pipeline_sync()
                self._flush()
                error = self._collect(len(part), counts)
                if error is not None:
                    break
        finally:
            pg.exit_pipeline_mode()
        return counts, error

    def _flush(self) -> None:
        while self._pg.flush():
            # The server may wait for us to read its results before it takes more.
            select.select([self._pg.socket], [self._pg.socket], [])
            self._pg.consume_input()

    def _next_result(self) -> Any:
        """Return libpq's next result, letting other threads run until it is there.

        ``PQgetResult`` waits itself, and psycopg does not release the
        interpreter's lock around it: the session that holds the row could
        then never let go of it.
        """
        while self._pg.is_busy():
            select.select([self._pg.socket], [], [])
            self._pg.consume_input()
        return self._pg.get_result()

    def _collect(self, number: int, counts: list[int]) -> PostgreSQLError | None:
        error: PostgreSQLError | None = None
        for _ in range(number):
            result = self._next_result()
            if error is None and result is not None:
                if result.status in _GOOD:
                    counts.append(result.command_tuples or 0)
                elif result.status != pq.ExecStatus.PIPELINE_ABORTED:
                    error = _error(result)
            while result is not None:
                result = self._next_result()
        # The mark of the end.
        result = self._next_result()
        while result is not None and result.status != pq.ExecStatus.PIPELINE_SYNC:
            result = self._next_result()
        return error

    def forget(self, name: str) -> None:
        """Forget a prepared statement."""
        self._pg.exec_(f"DEALLOCATE {name}".encode())

    def cancel(self) -> None:
        """Make the running statement end; may be called by another thread."""
        self._pg.get_cancel().cancel()

    def close(self) -> None:
        """End the connection; may be called again."""
        self._connection.close()


_STREAM = 1000
"""Sets of values sent before their results are read."""


def _good(result: Any) -> Any:
    if result.status not in _GOOD:
        raise _error(result)
    return result


def shapes(result: Any) -> tuple[Shape, ...]:
    """Return the columns of libpq's result."""
    return tuple(
        Shape(
            name=result.fname(i).decode(),
            type=result.ftype(i),
            modifier=result.fmod(i),
            table=result.ftable(i),
            column=result.ftablecol(i),
        )
        for i in range(result.nfields)
    )


def texts(result: Any) -> list[tuple[str | None, ...]]:
    """Return the rows of libpq's result as texts."""
    fields = range(result.nfields)
    get = result.get_value
    return [
        tuple([None if (value := get(row, field)) is None else value.decode() for field in fields])
        for row in range(result.ntuples)
    ]
