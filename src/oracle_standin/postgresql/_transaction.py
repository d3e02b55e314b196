"""Oracle's transactions on PostgreSQL's.

Outside of a transaction the connection commits by itself, so that a query
holds no lock behind it.  A transaction begins with the first change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._transaction import READ_COMMITTED, READ_ONLY, SERIALIZABLE, Transaction
from oracle_standin.errors import OracleError
from oracle_standin.postgresql._errors import oracle_error
from oracle_standin.postgresql._link import PostgreSQLError

if TYPE_CHECKING:
    from oracle_standin.postgresql._session import PostgreSQLSession

__all__ = ["PostgreSQLTransaction"]

# PostgreSQL's REPEATABLE READ is the snapshot that Oracle's SERIALIZABLE is; its own SERIALIZABLE is more.
_BEGIN = {
    READ_COMMITTED: "BEGIN ISOLATION LEVEL READ COMMITTED",
    SERIALIZABLE: "BEGIN ISOLATION LEVEL REPEATABLE READ",
    READ_ONLY: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}


class PostgreSQLTransaction(Transaction):
    """A session's current transaction.

    Parameters
    ----------
    session : `PostgreSQLSession`
        Whose it is.
    """

    def __init__(self, session: PostgreSQLSession) -> None:
        super().__init__(session)
        self._link = session.link
        self._pg = session
        self.open = False
        """Whether PostgreSQL has a transaction open (`bool`)."""
        self._savepoints: set[str] = set()

    @property
    def keeps(self) -> bool:
        """Whether a statement that fails must leave what was done before (`bool`)."""
        return self.open and (self.active or bool(self._savepoints) or self.level != READ_COMMITTED)

    def begin(self) -> None:
        """Open a transaction unless there is one."""
        if not self.open:
            self._link.run(_BEGIN[self.level])
            self.open = True

    def abandon(self) -> None:
        """Close a transaction in which nothing has been done."""
        if self.open:
            self._link.run("ROLLBACK")
            self._closed(undone=True)

    def _isolate(self, level: str) -> None:  # noqa: ARG002  (it counts when one begins)
        self.abandon()

    def _look(self) -> None:
        self.begin()
        self._link.run("SELECT 1")

    def savepoint(self, name: str) -> None:
        """Set a savepoint, moving one of that name."""
        self.begin()
        inner = self._name(name)
        if inner in self._savepoints:
            # PostgreSQL would keep the older one of the same name.
            self._link.run(f"RELEASE SAVEPOINT {inner}")
        self._link.run(f"SAVEPOINT {inner}")
        self._savepoints.add(inner)

    def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint."""
        inner = self._name(name)
        if inner not in self._savepoints:
            raise OracleError(1086, f"savepoint '{name}' never established in this session or is invalid")
        try:
            self._link.run(f"ROLLBACK TO SAVEPOINT {inner}")
            self._pg.temporary.doubt()
        except PostgreSQLError as error:
            self._savepoints.discard(inner)
            if error.state != "3B001":
                raise
            self._link.run("ROLLBACK TO SAVEPOINT standin_last")
            raise OracleError(
                1086, f"savepoint '{name}' never established in this session or is invalid"
            ) from None

    def set_constraints(self, *, immediate: bool) -> None:
        """Check deferrable constraints now and after each statement, or at the commit."""
        self.begin()
        with self._pg.guarded("SET CONSTRAINTS"), self._pg.atomic():
            self._link.run(f"SET CONSTRAINTS ALL {'IMMEDIATE' if immediate else 'DEFERRED'}")

    def _name(self, name: str) -> str:
        return self._pg.database.names.quoted(f"U_{name}")

    def _commit(self) -> None:
        if not self.open:
            return
        try:
            self._link.run("COMMIT")
        except PostgreSQLError as error:
            # A deferred constraint: PostgreSQL has rolled back.
            self._closed(undone=True)
            raise OracleError(
                2091, f"transaction rolled back\n{oracle_error(error, self._pg.said(''))}"
            ) from None
        self._closed(undone=False)

    def _rollback(self) -> None:
        if self.open:
            self._link.run("ROLLBACK")
            self._closed(undone=True)

    def _closed(self, *, undone: bool) -> None:
        self.open = False
        self._savepoints.clear()
        self._pg.transaction_closed(undone=undone)
