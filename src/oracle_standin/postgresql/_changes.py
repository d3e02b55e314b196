"""Running DML with sets of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._changes import Changes
from oracle_standin.engine._lobs import as_lob
from oracle_standin.postgresql._link import PostgreSQLError, Values
from oracle_standin.postgresql._results import Prepared
from oracle_standin.postgresql._values import encoded, readers

if TYPE_CHECKING:
    from oracle_standin.postgresql._session import PostgreSQLSession

__all__ = ["TYPE_TROUBLE", "PostgreSQLChanges"]

TYPE_TROUBLE = frozenset({"42P18", "42725", "42883", "42804", "42846", "42P08"})
"""States by which PostgreSQL says that it could not tell a bind's type, or took it for another."""


class PostgreSQLChanges(Changes):
    """One statement of DML and its sets of values; see `Changes`."""

    _session: PostgreSQLSession
    _encoded: list[list[bytes | None]]
    """Sets of values as PostgreSQL takes them."""

    def run(self) -> None:
        """Run it with all sets of values."""
        self._session.find_target(self._statement)
        self._encoded = [[encoded(value) for value in row] for row in self._rows]
        transaction = self._session.transaction
        transaction.begin()
        try:
            if self._encoded:
                self._session.with_types(self._statement, self._given, self._work)
        finally:
            if any(self.result.counts):
                transaction.active = True
            elif not transaction.keeps:
                # Nothing was done: no transaction stays behind.
                transaction.abandon()

    def _work(self, prepared: Prepared) -> None:
        if prepared.translation.returning:
            self._returning(prepared)
        elif len(self._encoded) == 1 and not self._batch_errors:
            done = self._session.link.execute(prepared.name, self._encoded[0])
            self.result.counts = [done.command_tuples or 0]
        else:
            self._many(prepared)

    def _many(self, prepared: Prepared) -> None:
        """Run an array of values in one stream; go back and do it again around each row that fails."""
        link, rows, result = self._session.link, self._encoded, self.result
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
            if start == 0 and not counts and error.state in TYPE_TROUBLE:
                raise error
            failed = start + len(counts)
            if counts:
                # What the stream had done went with the row that failed.
                again, trouble = link.execute_many(prepared.name, rows[start:failed])
                if trouble is not None:
                    raise trouble
                result.counts += again
            link.run("RELEASE SAVEPOINT standin_rows")
            result.errors.append(self._failed(failed, error))
            if not self._batch_errors:
                return
            result.counts.append(0)
            start = failed + 1

    def _returning(self, prepared: Prepared) -> None:
        getters = readers(prepared.columns)
        self._check_returned(getters)
        result = self.result
        result.counts, result.errors, result.returned = [], [], []
        careful = len(self._encoded) > 1 or self._batch_errors
        for number, row in enumerate(self._encoded):
            try:
                changed = self._one(prepared, row, careful=careful)
            except PostgreSQLError as error:
                if not careful or (number == 0 and error.state in TYPE_TROUBLE):
                    raise
                result.errors.append(self._failed(number, error))
                if not self._batch_errors:
                    return
                changed = []
            found = [
                tuple(
                    None if raw is None else as_lob(read(raw), spec)
                    for raw, read, spec in zip(values, getters, self._returned, strict=True)
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
