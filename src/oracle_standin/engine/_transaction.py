"""Transactions as Oracle has them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from oracle_standin.errors import OracleError

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["READ_COMMITTED", "READ_ONLY", "SERIALIZABLE", "Transaction"]

READ_COMMITTED = "READ COMMITTED"
SERIALIZABLE = "SERIALIZABLE"
READ_ONLY = "READ ONLY"


class Transaction(ABC):
    """A session's current transaction.

    Parameters
    ----------
    session : `EngineSession`
        Whose it is.
    """

    def __init__(self, session: EngineSession) -> None:
        self._session = session
        self.active = False
        """Whether there is something to commit, or a lock (`bool`)."""
        self.session_level = READ_COMMITTED
        """Level of transactions that do not say theirs (`str`)."""
        self.level = READ_COMMITTED
        """Level of this one (`str`)."""
        self._set_by_statement = False
        self._number = 0
        self._registered = False

    # -- what the engine does ------------------------------------------------

    @abstractmethod
    def _isolate(self, level: str) -> None:
        """Use a level from now on; nothing has been done in the transaction."""

    @abstractmethod
    def _look(self) -> None:
        """Take the snapshot of a level that has one."""

    @abstractmethod
    def _commit(self) -> None:
        """Make the changes permanent; raise ORA-02091, all undone, if a deferred constraint forbids it."""

    @abstractmethod
    def _rollback(self) -> None:
        """Undo the changes."""

    @abstractmethod
    def savepoint(self, name: str) -> None:
        """Set a savepoint, moving one of that name."""

    @abstractmethod
    def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint."""

    @abstractmethod
    def set_constraints(self, *, immediate: bool) -> None:
        """Check the deferrable constraints now and after each statement, or at the commit.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if one is violated now (ORA-02290 to 02292, 00001).
        """

    # -- what all do ---------------------------------------------------------

    def set_session_level(self, level: str) -> None:
        """Set the level for this and later transactions of the session."""
        if self.active:
            raise OracleError(1453, "SET TRANSACTION must be first statement of transaction")
        self.session_level = level
        self._use(level)

    def set_level(self, level: str) -> None:
        """Set this transaction's level, as its first statement.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if it is not the first (ORA-01453).
        """
        if self.active or self._set_by_statement:
            raise OracleError(1453, "SET TRANSACTION must be first statement of transaction")
        self._use(level)
        self._set_by_statement = True
        self.active = level != READ_ONLY
        if level != READ_COMMITTED:
            self._look()

    def check_writable(self) -> None:
        """Raise ORA-01456 in a transaction that only reads."""
        if self.level == READ_ONLY:
            raise OracleError(
                1456, "may not perform insert, delete, update operation inside a READ ONLY transaction"
            )

    def commit(self) -> None:
        """Make the changes permanent.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if a deferred constraint is violated (ORA-02091); then all
            is rolled back.
        """
        try:
            self._commit()
        finally:
            self._end()

    def rollback(self) -> None:
        """Undo the changes."""
        self._rollback()
        self._end()

    def identify(self) -> tuple[int, int, int]:
        """Begin a transaction unless there is one, and return its identification as V$TRANSACTION has it."""
        self.active = True
        self._announce()
        return self._session.sid % 32767, 0, self._number

    def _announce(self) -> None:
        """Write this transaction's identification down."""
        if not self._registered:
            self._number += 1
            self._registered = True
            self._register(self._session.sid % 32767, 0, self._number)

    def _register(self, segment: int | None, slot: int | None, sequence: int | None) -> None:
        self._session.database.execute(
            "UPDATE STANDIN.SESSIONS SET XIDUSN = ?, XIDSLOT = ?, XIDSQN = ?, ISOLATION = ? WHERE SID = ?",
            segment, slot, sequence, self.level, self._session.sid,
        )  # fmt: skip

    def _use(self, level: str) -> None:
        if level != self.level:
            self._isolate(level)
            self.level = level
            self._registered = False
        if level != READ_COMMITTED:
            # Before the engine takes the snapshot, which would not show it.
            self._announce()

    def _end(self) -> None:
        self.active = False
        self._session.private_tables.end_transaction()
        self._session.release_locks()
        registered = self._registered
        if self._set_by_statement:
            self._set_by_statement = False
            self._use(self.session_level)
        if registered:
            self._registered = False
            if self.level == READ_COMMITTED:
                self._register(None, None, None)
            else:
                self._announce()
