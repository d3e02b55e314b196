"""Oracle's transactions on H2's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._text import quoted
from oracle_standin.engine._transaction import READ_COMMITTED, READ_ONLY, SERIALIZABLE, Transaction
from oracle_standin.errors import OracleError

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["H2Transaction"]

# JDBC's numbers; 6 is H2's own for snapshots, which is what Oracle's other two levels are.
_LEVELS = {READ_COMMITTED: 2, SERIALIZABLE: 6, READ_ONLY: 6}


class H2Transaction(Transaction):
    """A session's current transaction.

    Parameters
    ----------
    session : `H2Session`
        Whose it is.
    """

    def __init__(self, session: H2Session) -> None:
        super().__init__(session)
        self._h2 = session
        self.immediate = False
        """Whether deferrable keys are checked after each statement (`bool`)."""

    def _isolate(self, level: str) -> None:
        self._h2.connection.setTransactionIsolation(_LEVELS[level])

    def _look(self) -> None:
        # H2 takes its snapshot with the first look at a table.
        self._h2.native_value("SELECT COUNT(*) FROM STANDIN.SESSIONS WHERE SID = 0")

    def savepoint(self, name: str) -> None:
        """Set a savepoint, moving one of that name."""
        self._h2.native(f"SAVEPOINT {quoted(name)}")

    def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint."""
        self._h2.native(f"ROLLBACK TO SAVEPOINT {quoted(name)}")

    def set_constraints(self, *, immediate: bool) -> None:
        """Check deferrable keys now and after each statement, or at the commit."""
        violated = self._violated() if immediate else None
        if violated is not None:
            raise violated
        self.immediate = immediate

    def check_keys(self) -> None:
        """Raise the error of a key that is violated, where they are checked after each statement."""
        violated = self._violated() if self.immediate else None
        if violated is not None:
            raise violated

    def _violated(self) -> OracleError | None:
        return self._h2.database.deferred.violated(self._h2) if self.active else None

    def _commit(self) -> None:
        violated = self._violated()
        self.immediate = False
        if violated is not None:
            self._rollback()
            raise OracleError(2091, f"transaction rolled back\n{violated}")
        self._h2.connection.commit()
        # H2 drops private temporary tables behind its commit, and keeps the
        # lock that all DDL needs until the next one.
        self._h2.connection.commit()

    def _rollback(self) -> None:
        self.immediate = False
        self._h2.connection.rollback()
