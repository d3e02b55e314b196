"""Running DML with sets of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jpype

from oracle_standin.engine._lobs import as_lob
from oracle_standin.errors import OracleError
from oracle_standin.h2 import _bridge
from oracle_standin.h2._errors import DEADLOCK, LOCK_TIMEOUT, h2_code
from oracle_standin.h2._statements import Prepared
from oracle_standin.interface import DmlResult, RowError, Statement
from oracle_standin.values import TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["TYPE_TROUBLE", "Changes"]

TYPE_TROUBLE = frozenset({50004, 50100, 90110, 90008, 90015, 90022, 22018, 22007, 90105})
"""H2's numbers of errors by which it says that it could not tell a bind's type, or took it for another."""


class Changes:
    """One statement of DML and its sets of values.

    Parameters
    ----------
    session : `H2Session`
        Who runs it.
    statement : `~oracle_standin.interface.Statement`
        What is run.
    rows : `~collections.abc.Sequence`
        Sets of values.
    batch_errors : `bool`
        Whether to go on after a row that fails.
    """

    def __init__(
        self, session: H2Session, statement: Statement, rows: Sequence[Sequence[Value]], *, batch_errors: bool
    ) -> None:
        self._session = session
        self._statement = statement
        self._rows = rows
        self._batch_errors = batch_errors
        self.result = DmlResult()
        """What was done (`~oracle_standin.interface.DmlResult`)."""

    @staticmethod
    def _bind_row(prepared: Prepared, row: Sequence[Value]) -> None:
        for index, value in enumerate(row, 1):
            _bridge.bind(prepared.jdbc, index, value)

    def one(self, prepared: Prepared) -> None:
        """Run it with the one set of values."""
        batch_errors, result = self._batch_errors, self.result
        self._bind_row(prepared, self._rows[0])
        try:
            count = self._session.patiently(prepared.jdbc, prepared.jdbc.executeUpdate)
        except jpype.JException as error:
            if not batch_errors or (h2_code(error) in TYPE_TROUBLE and not prepared.casts):
                raise
            result.errors.append(RowError(row=0, error=self._session.error(error, self._statement.text)))
            count = 0
        result.counts.append(int(count))

    def cascading(self, prepared: Prepared, before: Sequence[str]) -> None:
        """Run a deletion row by row, each after other deletions with the same binds."""
        connection = self._session.connection
        for number, row in enumerate(self._rows):
            savepoint = connection.setSavepoint()
            try:
                for sql in before:
                    first = connection.prepareStatement(sql)
                    try:
                        for index, value in enumerate(row, 1):
                            _bridge.bind(first, index, value)
                        self._session.patiently(first, first.executeUpdate)
                    finally:
                        first.close()
                self._bind_row(prepared, row)
                count = self._session.patiently(prepared.jdbc, prepared.jdbc.executeUpdate)
            except jpype.JException as error:
                if h2_code(error) == DEADLOCK:
                    raise
                connection.rollback(savepoint)
                if len(self._rows) == 1 and not self._batch_errors:
                    raise
                failure = self._session.error(error, self._statement.text)
                self.result.errors.append(RowError(row=number, error=failure))
                if not self._batch_errors:
                    return
                count = 0
            self.result.counts.append(int(count))

    def many(self, prepared: Prepared) -> None:  # noqa: C901 - one loop with its ends
        """Run an array of values in one batch.

        H2 goes on after a row that fails; Oracle without batch errors does
        not, so that then the rows behind it are undone.
        """
        rows, batch_errors, result = self._rows, self._batch_errors, self.result
        jdbc = prepared.jdbc
        before = self._session.connection.setSavepoint()
        last = len(rows)
        while True:
            for row in rows[:last]:
                self._bind_row(prepared, row)
                jdbc.addBatch()
            try:
                # Not again by itself after waiting for a lock: the batch is then empty.
                counts = list(self._session.patiently(jdbc, jdbc.executeBatch, wait="NOWAIT"))
                errors: list[Any] = []
            except OracleError:
                # It was cancelled.
                self._session.connection.rollback(before)
                raise
            except jpype.JException as error:
                if not hasattr(error, "getUpdateCounts"):
                    raise
                counts, errors = list(error.getUpdateCounts()), _chain(error)
            codes = [h2_code(error) for error in errors]
            if DEADLOCK in codes:
                raise errors[codes.index(DEADLOCK)]
            failed = [i for i, count in enumerate(counts) if count < 0]
            if not failed or (batch_errors and LOCK_TIMEOUT not in codes):
                break
            if not prepared.casts and codes[0] in TYPE_TROUBLE:
                self._session.connection.rollback(before)
                raise errors[0]
            self._session.connection.rollback(before)
            if LOCK_TIMEOUT in codes:
                if self._session.cancelled:
                    raise OracleError(1013, "user requested cancel of current operation")
                before = self._session.connection.setSavepoint()
                continue
            # Again with the rows before the one that failed.
            last = failed[0]
            result.errors = [RowError(row=last, error=self._session.error(errors[0], self._statement.text))]
            if last == 0:
                counts = []
                break
            before = self._session.connection.setSavepoint()
        if batch_errors:
            result.errors = [
                RowError(row=row, error=self._session.error(error, self._statement.text))
                for row, error in zip(failed, errors, strict=True)
            ]
        result.counts = [max(int(count), 0) for count in counts]

    def returning(self, prepared: Prepared, types: Sequence[TypeSpec]) -> None:
        """Run a statement with RETURNING, row by row, into binds of these types."""
        rows, batch_errors, result = self._rows, self._batch_errors, self.result
        getters = _bridge.readers(prepared.columns)
        if len(getters) < len(types):
            raise OracleError(947, "not enough values")
        if len(getters) > len(types):
            raise OracleError(913, "too many values")
        for number, row in enumerate(rows):
            self._bind_row(prepared, row)
            try:
                found = self._session.patiently(prepared.jdbc, prepared.jdbc.executeQuery)
                changed = []
                while found.next():
                    changed.append(
                        tuple(
                            [
                                as_lob(read(found, i), spec)
                                for (read, i), spec in zip(getters, types, strict=True)
                            ]
                        )
                    )
                found.close()
            except jpype.JException as error:
                if number == 0 and h2_code(error) in TYPE_TROUBLE and not prepared.casts:
                    raise
                if len(rows) == 1 and not batch_errors:
                    raise
                if h2_code(error) == DEADLOCK:
                    raise
                result.errors.append(
                    RowError(row=number, error=self._session.error(error, self._statement.text))
                )
                if not batch_errors:
                    return
                changed = []
            result.counts.append(len(changed))
            result.returned.append(changed)


def _chain(error: Any) -> list[Any]:
    """Return the errors of a batch, in the order of its rows."""
    found = []
    following = error.getNextException()
    while following is not None:
        found.append(following)
        following = following.getNextException()
    return found or [error]
