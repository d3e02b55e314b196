"""What the sessions of all engines do alike."""

from __future__ import annotations

import contextlib
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oracle_standin.dictionary import live
from oracle_standin.engine import _ddl, _plsql, _settings
from oracle_standin.engine._catalogue import TableCatalogue
from oracle_standin.engine._changes import Changes
from oracle_standin.engine._lobs import MemoryLob
from oracle_standin.engine._long_text import check_long_binds
from oracle_standin.engine._plsql_packages import Output
from oracle_standin.engine._private_tables import PrivateTables
from oracle_standin.engine._store import Store
from oracle_standin.engine._tokens import SqlTranslator
from oracle_standin.engine._transaction import Transaction
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import DmlResult, Kind, Session, SessionCounts, Statement
from oracle_standin.sql import check, classify
from oracle_standin.sql._scanner import Token
from oracle_standin.values import DataType, Lob, TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.engine._database import EngineDatabase

__all__ = ["EngineSession"]

_COMPUTES = (Kind.QUERY, Kind.DML, Kind.PLSQL)
_INVALID_IDENTIFIER = 904
_UNKNOWN = re.compile(r'(?:"[^"]*"\.)?"([^"]*)": invalid identifier')
_MOST_CHECKED = 500
"""Statements that a session remembers to have checked."""


class EngineSession(Session):
    """A session on some engine; see `oracle_standin.interface.Session`.

    Parameters
    ----------
    database : `EngineDatabase`
        What it is a session of.
    user : `str`
        Whose it is.
    user_id, sid, serial : `int`
        The user's number, and the session's.
    """

    store: Store
    transaction: Transaction
    _changes: type[Changes]
    """What runs DML."""

    def __init__(self, database: EngineDatabase, user: str, *, user_id: int, sid: int, serial: int) -> None:
        self.database = database
        self.user = user
        self.user_id = user_id
        self.sid = sid
        self.serial = serial
        self.counts = SessionCounts()
        self.current_schema = user
        self.settings = _settings.Settings()
        self.output = Output()
        self.private_tables = PrivateTables()
        self.cancelled = False
        self.closed = False
        self._text = ""
        self._target: tuple[str, str] | None = None
        self._depth = 0
        self._catalogue = TableCatalogue(self)
        self._checked: dict[str, Statement] = {}
        self._checked_in: tuple[int, str] | None = None
        database.execute("DELETE FROM STANDIN.SESSIONS WHERE SID = ?", sid)
        database.execute(
            "INSERT INTO STANDIN.SESSIONS (SID, SERIAL, USERNAME, SCHEMANAME) VALUES (?, ?, ?, ?)",
            sid, serial, user, user,
        )  # fmt: skip

    # -- what the engine does ------------------------------------------------

    @abstractmethod
    def guarded(self, text: str) -> contextlib.AbstractContextManager[None]:
        """Turn the engine's exceptions into Oracle's errors for a statement."""

    @abstractmethod
    def error(self, error: Any, text: str) -> OracleError:
        """Return the engine's exception as Oracle's error for a statement."""

    @abstractmethod
    def translator(self, tokens: Sequence[Token]) -> SqlTranslator:
        """Return what renders a statement's tokens."""

    @abstractmethod
    def table_columns(self, schema: str | None, table: str) -> Mapping[str, DataType] | None:
        """Return the columns of a table or view, or `None` if there is none of that name."""

    @abstractmethod
    def lock_table(self, table: tuple[str, str], mode: str, *, seconds: float | None = None) -> None:
        """Take a table's lock until the transaction ends."""

    @abstractmethod
    def release_locks(self) -> None:
        """Let go of the transaction's locks, as far as the engine itself does not."""

    @abstractmethod
    def use_schema(self, name: str) -> None:
        """Make a schema the one that names without one belong to."""

    def use_parameters(self) -> None:
        """Take over what ALTER SESSION has set; by default it is looked up where it is needed."""

    @abstractmethod
    def use_time_zone(self, zone: str) -> None:
        """Use a time zone; raise an error (ORA-01882) if there is none of that name."""

    @abstractmethod
    def _end(self) -> None:
        """Roll back, and close what the engine has open."""

    # -- what all do ---------------------------------------------------------

    def explained(self, error: OracleError) -> OracleError:
        """Return an engine's error, or that SQL calls a stored function, which engines do not know."""
        unknown = _UNKNOWN.fullmatch(error.text) if error.number == _INVALID_IDENTIFIER else None
        if unknown is None or all(name != unknown[1] for _, name in self.database.routines):
            return error
        return not_modelled(f"calls of the stored function {unknown[1]} in SQL", offset=error.offset)

    @property
    def in_transaction(self) -> bool:
        """Whether there are changes that are neither committed nor rolled back."""
        return self.transaction.active

    def prepare(self, text: str) -> Statement:
        """Parse and check a statement, with all of Oracle's rules for its profile."""
        state = (self.database.ddl_generation, self.current_schema)
        if state != self._checked_in or len(self._checked) > _MOST_CHECKED:
            self._checked.clear()
            self._checked_in = state
        if text not in self._checked:
            self.counts.hard_parses += 1
            statement = classify(text)
            if not statement.verb:
                raise OracleError(900, "invalid SQL statement")
            check(statement, self.database.profile, self._catalogue)
            self._checked[text] = statement
        if not self.settings.decimal_point and self._checked[text].kind in _COMPUTES:
            _settings.check_number_texts(text)
        return self._checked[text]

    def begin(self, statement: Statement | None = None, types: Sequence[TypeSpec] = ()) -> None:
        """Make ready for a call; check the privileges of a statement, and the types of its binds."""
        if self.closed:
            raise OracleError(1012, "not logged on")
        self.cancelled = False
        self._target = None
        self._make_ready()
        if statement is not None:
            self.database.accounts.check(statement.text, self.user, self.current_schema)
            check_long_binds(statement, types)

    def _make_ready(self) -> None:
        """Do what the engine needs before a call; by default nothing."""

    def check_locking(self, text: str) -> str | None:
        """Return how a query waits for the rows that it locks; `None` if it locks none.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if it may not lock any: ORA-01456, ORA-02014.
        """
        locking = _settings.locking_clause(text)
        if locking:
            self.transaction.check_writable()
            if _settings.limits_rows(text, self.database.profile.major):
                raise OracleError(2014, "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.")
        return locking

    def change(
        self,
        statement: Statement,
        rows: Sequence[Sequence[Value]],
        types: Sequence[TypeSpec],
        *,
        batch_errors: bool = False,
    ) -> DmlResult:
        """Run DML once per set of values."""
        self.begin(statement, types)
        self.transaction.check_writable()
        self.database.accounts.charge(statement.text, self.user, self.current_schema, rows)
        changes = self._changes(self, statement, rows, types, batch_errors=batch_errors)
        changes.run()
        return changes.result

    def call(
        self, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]
    ) -> dict[int, Value]:
        """Run a PL/SQL block; if it fails, nothing of it stays."""
        self.begin()
        self._depth += 1
        mark = f"CALL${self._depth}"
        try:
            with self.guarded(statement.text):
                self.transaction.savepoint(mark)
            return _plsql.run_block(self, statement, values, types)
        except OracleError:
            # There is no such mark any more if the block has ended the transaction.
            with contextlib.suppress(OracleError), self.guarded(statement.text):
                self.transaction.rollback_to(mark)
            raise
        finally:
            self._depth -= 1

    def run(self, statement: Statement) -> None:
        """Run a statement of kind `Kind.DDL` or `Kind.OTHER`."""
        self.begin()
        if statement.kind is Kind.DDL:
            _ddl.run(self, statement.text)
        else:
            self.database.accounts.check(statement.text, self.user, self.current_schema)
            _settings.run(self, statement.text)

    def note_client(self, details: Mapping[str, str | None]) -> None:
        """Take note of what the client says of itself."""
        live.note_details(self.database.execute, self.sid, details)

    def show_statistics(self, statement: Statement) -> None:
        """Put all sessions' counts where a statement is about to read them."""
        if live.wants_statistics(statement.text):
            for session in self.database.sessions():
                live.note_statistics(self.database.execute, session.sid, live.named(session.counts))
            live.note_statistics(self.database.execute, live.ENDED, self.database.ended)

    def commit(self) -> None:
        """Make the transaction's changes permanent."""
        with self.guarded(""):
            self.transaction.commit()

    def rollback(self) -> None:
        """Undo the transaction's changes."""
        with self.guarded(""):
            self.transaction.rollback()

    def create_lob(self, spec: TypeSpec) -> Lob:
        """Return an empty temporary CLOB, NCLOB or BLOB."""
        empty: str | bytes = b"" if spec.type is DataType.BLOB else ""
        return MemoryLob(empty, national=spec.national, temporary=True)

    def close(self) -> None:
        """Roll back and end; may be called again."""
        if self.closed:
            return
        self.closed = True
        self._end()
        self.release_locks()
        self.database.forget(self)
        with contextlib.suppress(OracleError):
            self.database.execute("DELETE FROM STANDIN.SESSIONS WHERE SID = ?", self.sid)
            live.forget_session(self.database.execute, self.sid)
            self.database.execute("DELETE FROM STANDIN.SESSION_PARAMETERS WHERE SID = ?", self.sid)
