"""Running DML with sets of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jpype

from oracle_standin.engine._changes import Changes
from oracle_standin.engine._lobs import as_lob
from oracle_standin.errors import OracleError
from oracle_standin.h2 import _bridge
from oracle_standin.h2._errors import DEADLOCK, LOCK_TIMEOUT, h2_code
from oracle_standin.h2._statements import Prepared
from oracle_standin.values import Value

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["TYPE_TROUBLE", "H2Changes"]

TYPE_TROUBLE = frozenset({50004, 50100, 90110, 90008, 90015, 90022, 22018, 22007, 90105})
"""H2's numbers of errors by which it says that it could not tell a bind's type, or took it for another."""


class H2Changes(Changes):
    """One statement of DML and its sets of values; see `Changes`."""

    _session: H2Session

    def run(self) -> None:
        """Run it with all sets of values."""
        self._session.with_prepared(self._statement, self._given, self._work)
        if any(self.result.counts):
            self._session.transaction.active = True

    def _work(self, prepared: Prepared) -> None:
        before = self._session.deletions_before(self._statement, prepared)
        if prepared.translation.returning:
            self._returning(prepared)
        elif before:
            self._cascading(prepared, before)
        elif len(self._rows) == 1:
            self._one(prepared)
        elif self._rows:
            self._many(prepared)

    @staticmethod
    def _bind_row(prepared: Prepared, row: Sequence[Value]) -> None:
        for index, value in enumerate(row, 1):
            _bridge.bind(prepared.jdbc, index, value)

    def _one(self, prepared: Prepared) -> None:
        """Run it with the one set of values."""
        batch_errors, result = self._batch_errors, self.result
        self._bind_row(prepared, self._rows[0])
        try:
            count = self._session.patiently(prepared.jdbc, prepared.jdbc.executeUpdate)
        except jpype.JException as error:
            if not batch_errors or (h2_code(error) in TYPE_TROUBLE and not prepared.casts):
                raise
            result.errors.append(self._failed(0, error))
            count = 0
        result.counts.append(int(count))

    def _cascading(self, prepared: Prepared, before: Sequence[str]) -> None:
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
                self.result.errors.append(self._failed(number, error))
                if not self._batch_errors:
                    return
                count = 0
            self.result.counts.append(int(count))

    def _many(self, prepared: Prepared) -> None:  # noqa: C901 - one loop with its ends
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
            result.errors = [self._failed(last, errors[0])]
            if last == 0:
                counts = []
                break
            before = self._session.connection.setSavepoint()
        if batch_errors:
            result.errors = [self._failed(row, error) for row, error in zip(failed, errors, strict=True)]
        result.counts = [max(int(count), 0) for count in counts]

    def _returning(self, prepared: Prepared) -> None:
        """Run a statement with RETURNING, row by row."""
        rows, batch_errors, result = self._rows, self._batch_errors, self.result
        getters = _bridge.readers(prepared.columns)
        self._check_returned(getters)
        for number, row in enumerate(rows):
            self._bind_row(prepared, row)
            try:
                found = self._session.patiently(prepared.jdbc, prepared.jdbc.executeQuery)
                changed = []
                while found.next():
                    values = zip(getters, self._returned, strict=True)
                    changed.append(tuple([as_lob(read(found, i), spec) for (read, i), spec in values]))
                found.close()
            except jpype.JException as error:
                if number == 0 and h2_code(error) in TYPE_TROUBLE and not prepared.casts:
                    raise
                if len(rows) == 1 and not batch_errors:
                    raise
                if h2_code(error) == DEADLOCK:
                    raise
                result.errors.append(self._failed(number, error))
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
