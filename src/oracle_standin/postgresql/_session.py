"""A user's session on PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import psycopg

from oracle_standin.engine._long_text import watch_long_text
from oracle_standin.engine._names import lock_targets
from oracle_standin.engine._session import EngineSession
from oracle_standin.engine._text import literal, quoted
from oracle_standin.errors import OracleError
from oracle_standin.interface import ResultSet, Statement
from oracle_standin.postgresql._calls import Setting
from oracle_standin.postgresql._changes import TYPE_TROUBLE, PostgreSQLChanges
from oracle_standin.postgresql._errors import Said, oracle_error
from oracle_standin.postgresql._link import Link, PostgreSQLError
from oracle_standin.postgresql._prepare import PreparedStatements
from oracle_standin.postgresql._resolver import NameResolver
from oracle_standin.postgresql._results import PostgreSQLResultSet, Prepared
from oracle_standin.postgresql._store import PostgreSQLStore
from oracle_standin.postgresql._temporary import TemporaryTables
from oracle_standin.postgresql._transaction import PostgreSQLTransaction
from oracle_standin.postgresql._translate import PostgreSQLTranslator
from oracle_standin.postgresql._values import encoded, readers
from oracle_standin.sql._scanner import Token
from oracle_standin.values import Column, DataType, TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.postgresql._database import PostgreSQLDatabase

__all__ = ["PostgreSQLSession"]


class PostgreSQLSession(EngineSession):
    """A session on one connection; see `oracle_standin.interface.Session`."""

    database: PostgreSQLDatabase
    _changes = PostgreSQLChanges
    transaction: PostgreSQLTransaction

    def __init__(
        self, database: PostgreSQLDatabase, user: str, link: Link, *, user_id: int, serial: int
    ) -> None:
        self.link = link
        self._zone = "UTC"
        self._unsettled = False
        self.database = database
        super().__init__(database, user, user_id=user_id, sid=link.pid, serial=serial)
        self._savepoints = 0
        self.transaction = PostgreSQLTransaction(self)
        self.store = PostgreSQLStore(self)
        self.temporary = TemporaryTables(self)
        self.names = NameResolver(self)
        self.statements = PreparedStatements(self)
        self.restore_settings()

    # -- PostgreSQL as it is ---------------------------------------------------

    def native(self, sql: str) -> None:
        """Run a statement in PostgreSQL's own dialect; what was done before stays if it fails."""
        with self.atomic():
            try:
                self.link.run(sql)
            except PostgreSQLError as error:
                raise self.error(error, self._text) from error

    def said(self, text: str) -> Said:
        """Return what an error's text is made of."""
        return Said(text=text, names=self.database.names, context=self.database, target=self._target)

    def error(self, error: PostgreSQLError, text: str) -> OracleError:
        """Return PostgreSQL's error as Oracle's for a statement."""
        if error.state == "55P03" and " WAIT " in f" {text.upper()} ":
            return OracleError(30006, "resource busy; acquire with WAIT timeout expired")
        return self.explained(oracle_error(error, self.said(text)))

    @contextlib.contextmanager
    def guarded(self, text: str) -> Iterator[None]:
        """Turn PostgreSQL's errors into Oracle's for a statement."""
        before, self._text = self._text, text
        try:
            yield
        except PostgreSQLError as error:
            raise self.error(error, text) from None
        except OracleError as error:
            raise self.explained(error) from None
        except psycopg.Error as error:
            raise OracleError(3113, f"end-of-file on communication channel ({error})") from None
        finally:
            self._text = before

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """Undo what is done within alone if it fails, as Oracle undoes a statement."""
        if not self.transaction.open:
            yield
            return
        if not self.transaction.keeps:
            try:
                yield
            except (PostgreSQLError, OracleError):
                self.transaction.abandon()
                raise
            return
        self._savepoints += 1
        name = f"standin_{self._savepoints}"
        self.link.run(f"SAVEPOINT {name}")
        try:
            yield
        except (PostgreSQLError, OracleError):
            self.link.run(f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
            raise
        else:
            self.link.run(f"RELEASE SAVEPOINT {name}")
        finally:
            self._savepoints -= 1

    def restore_settings(self) -> None:
        """Set what the views and functions read, which goes with a transaction that is rolled back."""
        names = {
            "standin.username": self.user,
            "standin.schema": self.current_schema,
            "standin.date_format": self.settings.others.get("NLS_DATE_FORMAT", ""),
        }
        calls = ", ".join(f"set_config('{key}', {literal(value)}, false)" for key, value in names.items())
        self.link.run(f"SELECT {calls}, set_config('timezone', {literal(self._zone)}, false)")
        self._unsettled = self.transaction.open

    def transaction_closed(self, *, undone: bool) -> None:
        """Take note that a transaction has ended, or was rolled back in part."""
        if undone:
            self.temporary.doubt()
            if self._unsettled:
                self.restore_settings()
        self._unsettled = False

    @property
    def setting(self) -> Setting:
        """What calls depend on beside their arguments (`Setting`)."""
        return Setting(
            names=self.database.names,
            schema=self.current_schema,
            user_id=self.user_id,
            major=self.database.profile.major,
            sequence=self.names.sequence,
        )

    # -- statements --------------------------------------------------------------

    def describe(self, statement: Statement) -> tuple[Column, ...]:
        """Return the columns of a query without running it."""
        with self.guarded(statement.text), self.atomic():
            try:
                return self.statements.prepare(statement, ()).columns
            except PostgreSQLError as error:
                if error.state not in TYPE_TROUBLE:
                    raise
        with self.guarded(statement.text), self.atomic():
            text = TypeSpec(type=DataType.VARCHAR2, size=2000, char_size=2000)
            types = [text for place in statement.binds if not place.returning]
            return self.statements.prepare(statement, types, certain=True).columns

    def query(self, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]) -> ResultSet:
        """Run a query."""
        self.begin(statement, types)
        self.show_statistics(statement)
        locking = self.check_locking(statement.text)
        if locking:
            self.transaction.begin()
        given = [encoded(value) for value in values]

        def work(prepared: Prepared) -> Any:
            with self.waiting(prepared.translation.locking):
                return self.link.execute(prepared.name, given)

        prepared, result = self.with_types(statement, types, work)
        if locking:
            self.transaction.active = True
        found = PostgreSQLResultSet(result, prepared.columns, readers(prepared.columns))
        return watch_long_text(statement, found)

    def find_target(self, statement: Statement) -> None:
        """Take note of the table that a statement changes, for errors."""
        targets = lock_targets(self, statement)
        self._target = targets[0] if targets else None

    def with_types(
        self, statement: Statement, types: Sequence[TypeSpec], work: Callable[[Prepared], Any]
    ) -> tuple[Prepared, Any]:
        """Prepare and do work; again with certain types if PostgreSQL could not tell those of texts."""
        was_open = self.transaction.open
        with self.guarded(statement.text):
            try:
                with self.atomic():
                    prepared = self.statements.prepare(statement, types)
                    return prepared, work(prepared)
            except PostgreSQLError as error:
                if error.state not in TYPE_TROUBLE or not types:
                    raise
                first = error
            if was_open:
                self.transaction.begin()
            try:
                with self.atomic():
                    prepared = self.statements.prepare(statement, types, certain=True)
                    return prepared, work(prepared)
            except PostgreSQLError as error:
                # What it said at first is about the statement, not about what was tried.
                raise (first if error.state in TYPE_TROUBLE else error) from None

    @contextlib.contextmanager
    def waiting(self, locking: str | None) -> Iterator[None]:
        """Wait no longer for a row than ``WAIT n`` says."""
        if locking is None or not locking.startswith("WAIT "):
            yield
            return
        self.link.run(f"SET LOCAL lock_timeout = '{max(int(float(locking[5:]) * 1000), 1)}ms'")
        try:
            yield
        finally:
            with contextlib.suppress(PostgreSQLError):
                self.link.run("SET LOCAL lock_timeout = 0")

    # -- what the common part asks -------------------------------------------------

    def translator(self, tokens: Sequence[Token]) -> PostgreSQLTranslator:
        """Return what renders a statement's tokens."""
        return PostgreSQLTranslator(tokens, self.names, self.setting)

    def table_columns(self, schema: str | None, table: str) -> Mapping[str, DataType] | None:
        """Return the columns of a table or view, or `None` if there is none of that name."""
        path = ".".join(quoted(part) for part in self.names.table(schema, table) if part)
        shapes = self.statements.shapes(f"SELECT * FROM {path}")  # noqa: S608 - the names are quoted
        if shapes is None:
            return None
        declared = self.database.declared.get(self.names.resolve(schema, table), {})
        outer = self.database.names.outer
        try:
            named = {outer(shape.name): shape for shape in shapes}
            return {
                name: (declared.get(name) or self.statements.column(shape).spec).type
                for name, shape in named.items()
            }
        except OracleError:
            # A view over something that Oracle has no type for: nothing to apply rules to.
            return None

    def lock_table(self, table: tuple[str, str], mode: str, *, seconds: float | None = None) -> None:
        """Take a table's lock until the transaction ends."""
        self.transaction.begin()
        path = self.database.names.path(*table)
        try:
            with self.atomic():
                if seconds is not None and seconds > 0:
                    self.link.run(f"SET LOCAL lock_timeout = '{int(seconds * 1000)}ms'")
                self.link.run(f"LOCK TABLE {path} IN {mode} MODE" + (" NOWAIT" if seconds == 0 else ""))
                if seconds is not None and seconds > 0:
                    self.link.run("SET LOCAL lock_timeout = 0")
        except PostgreSQLError as error:
            if error.state == "55P03" and seconds:
                raise OracleError(30006, "resource busy; acquire with WAIT timeout expired") from None
            raise self.error(error, self._text) from None

    def release_locks(self) -> None:
        """Do nothing: PostgreSQL has let go of them."""

    def use_schema(self, name: str) -> None:
        """Make a schema the one that names without one belong to."""
        self.current_schema = name
        self.restore_settings()

    def use_parameters(self) -> None:
        """Tell PostgreSQL's functions what ALTER SESSION has set."""
        self.restore_settings()

    def use_time_zone(self, zone: str) -> None:
        """Use a time zone; raise an error (ORA-01882) if there is none of that name."""
        before = self._zone
        # PostgreSQL, after POSIX, counts an offset's sign the other way round.
        turned = {"+": "-", "-": "+"}.get(zone[:1])
        self._zone = f"<{zone}>{turned}{zone[1:]}" if turned else zone
        try:
            with self.atomic():
                self.restore_settings()
        except PostgreSQLError:
            self._zone = before
            raise OracleError(1882, "timezone region not found") from None

    # -- its end ---------------------------------------------------------------------

    def cancel(self) -> None:
        """Make the running call end with ORA-01013; may be called by another thread."""
        self.cancelled = True
        with contextlib.suppress(psycopg.Error):
            self.link.cancel()

    def _end(self) -> None:
        with contextlib.suppress(PostgreSQLError, psycopg.Error, OracleError):
            self.transaction.rollback()
        self.link.close()
