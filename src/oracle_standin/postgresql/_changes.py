"""Running DML with sets of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oracle_standin.engine._lobs import as_lob
from oracle_standin.errors import OracleError
from oracle_standin.interface import DmlResult, RowError, Statement
from oracle_standin.postgresql._link import PostgreSQLError, Values
from oracle_standin.postgresql._results import Prepared
from oracle_standin.postgresql._values import encoded, readers
from oracle_standin.values import TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.postgresql._session import PostgreSQLSession

__all__ = ["Changes"]

_TYPE_TROUBLE = frozenset({"42P18", "42725", "42883", "42804", "42846", "42P08"})


class Changes:
    """One statement of DML and its sets of values.

    Parameters
    ----------
    session : `PostgreSQLSession`
        Who runs it.
    statement : `~oracle_standin.interface.Statement`
        What is run.
    rows : `~collections.abc.Sequence`
        Sets of values.
    batch_errors : `bool`
        Whether to go on after a row that fails.
    """

    def __init__(
        self,
        session: PostgreSQLSession,
        statement: Statement,
        rows: Sequence[Sequence[Value]],
        *,
        batch_errors: bool,
    ) -> None:
        self._session = session
        self._statement = statement
        self._rows = [[encoded(value) for value in row] for row in rows]
        self._batch_errors = batch_errors
        self.result = DmlResult()
        """What was done (`~oracle_standin.interface.DmlResult`)."""

    def run(self, given: Sequence[TypeSpec], returned: Sequence[TypeSpec]) -> None:
        """Run it with binds of the types ``given``, into binds of the types ``returned``."""
        if not self._rows:
            return

        def work(prepared: Prepared) -> None:
            if prepared.translation.returning:
                self._returning(prepared, returned)
            elif len(self._rows) == 1 and not self._batch_errors:
                done = self._session.link.execute(prepared.name, self._rows[0])
                self.result.counts = [done.command_tuples or 0]
            else:
                self._many(prepared)

        self._session.with_types(self._statement, given, work)

    def _many(self, prepared: Prepared) -> None:
        """Run an array of values in one stream; go back and do it again around each row that fails."""
        link, rows, result = self._session.link, self._rows, self.result
        result.counts, result.errors = [], []
        start = 0
        while start < len(rows):
            link.run("SAVEPOINT standin_rows")
            counts, error = link.execute_many(prepared.name, rows[start:])
            if error is None:
                link.run("RELEASE SAVEPOINT standin_rows")
                result.counts += counts
                return
            link.run("ROLLBACK TO SAVEPOINT standin_rows")
            if start == 0 and not counts and error.state in _TYPE_TROUBLE:
                raise error
            failed = start + len(counts)
            if counts:
                # What the stream had done went with the row that failed.
                again, trouble = link.execute_many(prepared.name, rows[start:failed])
                if trouble is not None:
                    raise trouble
                result.counts += again
            link.run("RELEASE SAVEPOINT standin_rows")
            self._note(failed, error)
            if not self._batch_errors:
                return
            result.counts.append(0)
            start = failed + 1

    def _note(self, row: int, error: PostgreSQLError) -> None:
        found = self._session.error(error, self._statement.text)
        self.result.errors.append(RowError(row=row, error=found))

    def _returning(self, prepared: Prepared, types: Sequence[TypeSpec]) -> None:
        getters = readers(prepared.columns)
        if len(getters) < len(types):
            raise OracleError(947, "not enough values")
        if len(getters) > len(types):
            raise OracleError(913, "too many values")
        result = self.result
        result.counts, result.errors, result.returned = [], [], []
        careful = len(self._rows) > 1 or self._batch_errors
        for number, row in enumerate(self._rows):
            try:
                changed = self._one(prepared, row, careful=careful)
            except PostgreSQLError as error:
                if not careful or (number == 0 and error.state in _TYPE_TROUBLE):
                    raise
                self._note(number, error)
                if not self._batch_errors:
                    return
                changed = []
            found = [
                tuple(
                    None if raw is None else as_lob(read(raw), spec)
                    for raw, read, spec in zip(values, getters, types, strict=True)
                )
                for values in changed
            ]
            result.counts.append(len(found))
            result.returned.append(found)

    def _one(self, prepared: Prepared, row: Values, *, careful: bool) -> list[list[bytes | None]]:
        link = self._session.link
        if careful:
            link.run("SAVEPOINT standin_rows")
        try:
            done = link.execute(prepared.name, row)
        except PostgreSQLError:
            if careful:
                link.run("ROLLBACK TO SAVEPOINT standin_rows; RELEASE SAVEPOINT standin_rows")
            raise
        if careful:
            link.run("RELEASE SAVEPOINT standin_rows")
        return [[done.get_value(n, i) for i in range(done.nfields)] for n in range(done.ntuples)]
