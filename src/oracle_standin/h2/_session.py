"""A user's session."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jpype

from oracle_standin.engine._labels import casts, labels
from oracle_standin.engine._long_text import watch_long_text
from oracle_standin.engine._names import lock_targets
from oracle_standin.engine._session import EngineSession
from oracle_standin.engine._text import literal, quoted
from oracle_standin.engine._transaction import SERIALIZABLE
from oracle_standin.errors import OracleError
from oracle_standin.h2 import _bridge
from oracle_standin.h2._cascades import Cascades
from oracle_standin.h2._changes import TYPE_TROUBLE, H2Changes
from oracle_standin.h2._errors import DEADLOCK, LOCK_TIMEOUT, h2_code, met_other_ddl, oracle_error
from oracle_standin.h2._runtime import watch_thread
from oracle_standin.h2._statements import H2ResultSet, Prepared, StatementCache
from oracle_standin.h2._store import H2Store
from oracle_standin.h2._transaction import H2Transaction
from oracle_standin.h2._translate import Translation, Translator, translate
from oracle_standin.interface import DmlResult, Kind, ResultSet, Statement
from oracle_standin.sql._scanner import Token
from oracle_standin.values import Column, DataType, TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.h2._database import H2Database

__all__ = ["H2Session"]

_WAIT_MILLISECONDS = 500
"""H2 waits this long for a lock; then the session looks whether it was cancelled, and tries again."""
_TEXT = TypeSpec(type=DataType.VARCHAR2, size=2000, char_size=2000)
_INTERVALS = (DataType.INTERVAL_DS, DataType.INTERVAL_YM)


class H2Session(EngineSession):
    """A session on one JDBC connection; see `oracle_standin.interface.Session`."""

    database: H2Database
    _changes = H2Changes

    def __init__(
        self, database: H2Database, user: str, connection: Any, *, user_id: int, serial: int
    ) -> None:
        self.connection = connection
        self._running: Any = None
        self._statements = StatementCache()
        self._temporary_generation = -1
        self._own_temporary: set[tuple[str, str]] = set()
        self._cascades = Cascades(self)
        connection.setAutoCommit(False)
        sid = int(self.native_value("SELECT SESSION_ID()") or 0)
        super().__init__(database, user, user_id=user_id, sid=sid, serial=serial)
        self.transaction: H2Transaction = H2Transaction(self)
        self.store = H2Store(self)
        self.native(f"SET LOCK_TIMEOUT {_WAIT_MILLISECONDS}")
        self.native("SET SCHEMA_SEARCH_PATH PUBLIC, SYS")
        self.native(f"SET SCHEMA {quoted(user)}")

    # -- H2 as it is ---------------------------------------------------------

    def native(self, sql: str) -> None:
        """Run a statement in H2's own dialect."""
        statement = self.connection.createStatement()
        try:
            while True:
                try:
                    statement.execute(sql)
                except jpype.JException as error:
                    if met_other_ddl(error) and not self.cancelled:
                        continue
                    raise self._failure(error, self._text) from None
                return
        finally:
            statement.close()

    def native_value(self, sql: str) -> str | None:
        """Return the first value of a query in H2's own dialect, as text."""
        statement = self.connection.createStatement()
        try:
            rows = statement.executeQuery(sql)
            value = rows.getString(1) if rows.next() else None
            return None if value is None else str(value)
        finally:
            statement.close()

    @contextlib.contextmanager
    def guarded(self, text: str) -> Iterator[None]:
        """Turn Java's exceptions into Oracle's errors for a statement."""
        before, self._text = self._text, text
        try:
            yield
        except jpype.JException as error:
            raise self._failure(error, text) from None
        finally:
            self._text = before

    def _failure(self, error: Any, text: str) -> OracleError:
        """Return the error of a statement, after the transaction has been undone if H2 has done so."""
        if h2_code(error) == DEADLOCK:
            # H2 has rolled the whole transaction back, where Oracle undoes the statement alone.
            # A snapshot that cannot be written to any more is the same to it.
            serializable = self.transaction.level == SERIALIZABLE
            self.transaction.rollback()
            if serializable:
                return OracleError(8177, "can't serialize access for this transaction")
        return self.error(error, text)

    def error(self, error: Any, text: str) -> OracleError:
        """Return a Java exception as Oracle's error for a statement."""
        return self.explained(oracle_error(error, text, context=self.database, target=self._target))

    # -- statements ----------------------------------------------------------

    def describe(self, statement: Statement) -> tuple[Column, ...]:
        """Return the columns of a query without running it."""
        # A bind may be anything before it has a value; as a column it is then shown as text.
        types = [_TEXT for place in statement.binds if not place.returning]
        with self.guarded(statement.text):
            try:
                prepared = self._prepare(statement, ())
            except (_bridge.UntypedColumnError, jpype.JException):
                prepared = self._prepare(statement, types, casts=True)
        self._statements.give_back(prepared)
        return prepared.columns

    def query(self, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]) -> ResultSet:
        """Run a query."""
        self.begin(statement, types)
        self.show_statistics(statement)
        prepared, rows = self._with_types(statement, types, lambda p: self._open(p, statement, values))
        getters = _bridge.readers(prepared.columns)
        found = H2ResultSet(rows, prepared.columns, getters, lambda: self._statements.give_back(prepared))
        return watch_long_text(statement, found)

    def change(
        self,
        statement: Statement,
        rows: Sequence[Sequence[Value]],
        types: Sequence[TypeSpec],
        *,
        batch_errors: bool = False,
    ) -> DmlResult:
        """Run DML once per set of values."""
        if not self.transaction.immediate:
            return super().change(statement, rows, types, batch_errors=batch_errors)
        mark = quoted("STATEMENT$")
        self.native(f"SAVEPOINT {mark}")
        result = super().change(statement, rows, types, batch_errors=batch_errors)
        try:
            self.transaction.check_keys()
        except OracleError:
            self.native(f"ROLLBACK TO SAVEPOINT {mark}")
            raise
        return result

    def with_prepared(
        self, statement: Statement, types: Sequence[TypeSpec], work: Callable[[Prepared], None]
    ) -> None:
        """Prepare a statement, lock the table that it changes, and do work."""

        def locked(prepared: Prepared) -> None:
            self._target = prepared.targets[0] if prepared.targets else None
            for target in prepared.targets:
                self.lock_table(target, "ROW EXCLUSIVE")
            work(prepared)

        with self.guarded(statement.text):
            prepared, _ = self._with_types(statement, types, locked)
        self._statements.give_back(prepared)

    def deletions_before(self, statement: Statement, prepared: Prepared) -> list[str]:
        """Return the deletions that have to come before a statement's."""
        if statement.verb != "DELETE" or not prepared.targets:
            return []
        return self._cascades.before(prepared.targets[0], prepared.translation.sql)

    # -- how they are run ----------------------------------------------------

    def _make_ready(self) -> None:
        watch_thread()
        if self._temporary_generation != self.database.ddl_generation:
            self._make_temporary_tables()

    def _make_temporary_tables(self) -> None:
        """Make, for this session alone, the global temporary tables that others have defined."""
        self._temporary_generation = self.database.ddl_generation
        known = self.database.temporary
        for owner, name in self._own_temporary - known.keys():
            self.native(f"DROP TABLE IF EXISTS {quoted(owner)}.{quoted(name)}")
        for key in known.keys() - self._own_temporary:
            for sql in known[key]:
                self.native(sql)
        self._own_temporary = set(known)

    def keep_temporary(self, owner: str, name: str) -> None:
        """Take note of a global temporary table that this session has made itself."""
        self._own_temporary.add((owner, name))

    def forget_temporary(self, owner: str, name: str) -> None:
        """Take note that this session has dropped a global temporary table."""
        self._own_temporary.discard((owner, name))

    def _with_types(
        self, statement: Statement, types: Sequence[TypeSpec], work: Callable[[Prepared], Any]
    ) -> tuple[Prepared, Any]:
        """Prepare and do work; again with typed binds if H2 could not tell their types."""
        with self.guarded(statement.text):
            prepared: Prepared | None = None
            try:
                # H2 computes with an interval of unknown type as with a number of days.
                known = any(spec.type in _INTERVALS for spec in types)
                prepared = self._prepare(statement, types, casts=known)
                return prepared, work(prepared)
            except _bridge.UntypedColumnError:
                # Its type is that of the bind.
                prepared = None
            except jpype.JException as error:
                tried = prepared is not None and prepared.casts
                if tried or not types or h2_code(error) not in TYPE_TROUBLE:
                    raise
                if prepared is not None:
                    prepared.jdbc.close()
            prepared = self._prepare(statement, types, casts=True)
            return prepared, work(prepared)

    def _prepare(self, statement: Statement, types: Sequence[TypeSpec], *, casts: bool = False) -> Prepared:
        generation = self.database.ddl_generation
        signature = tuple(spec.type for spec in types)
        key = (statement.text, self.current_schema, signature)
        if not casts:
            found = self._statements.take(key, generation)
            if found is not None:
                return found
        translation = translate(
            statement.text,
            types=types,
            casts=casts,
            user_id=self.user_id,
            major=self.database.profile.major,
            columns=self.table_columns,
        )
        with self.guarded(statement.text) if casts or not types else contextlib.nullcontext():
            jdbc = self.connection.prepareStatement(translation.sql)
            columns: tuple[Column, ...] = ()
            if statement.kind is Kind.QUERY or translation.returning:
                columns = self._columns(jdbc, statement, translation)
        targets = lock_targets(self, statement) if statement.kind is Kind.DML else ()
        return Prepared(
            key=key,
            translation=translation,
            jdbc=jdbc,
            columns=columns,
            targets=targets,
            generation=generation,
            casts=casts,
        )

    def _columns(self, jdbc: Any, statement: Statement, translation: Translation) -> tuple[Column, ...]:
        columns = list(_bridge.describe(jdbc.getMetaData(), self.database.declared_type))
        if not translation.returning:
            for position, spec in casts(statement.text).items():
                if position < len(columns) and columns[position].spec.type is spec.type:
                    columns[position] = dataclasses.replace(columns[position], spec=spec)
            front, back = labels(statement.text)
            for position, name in (front | back).items():
                if -len(columns) <= position < len(columns):
                    old = columns[position]
                    spec = TypeSpec(type=DataType.ROWID) if name == "ROWID" else old.spec
                    columns[position] = Column(name=name, spec=spec, nullable=old.nullable)
        return tuple(columns)

    def _open(self, prepared: Prepared, statement: Statement, values: Sequence[Value]) -> Any:
        for index, value in enumerate(values, 1):
            _bridge.bind(prepared.jdbc, index, value)
        locking = self.check_locking(statement.text)
        rows = self.patiently(prepared.jdbc, lambda: prepared.jdbc.executeQuery(), wait=locking)  # noqa: PLW0108 - Java's method is looked up when it is called
        if locking:
            self.transaction.active = True
        return rows

    def patiently(self, jdbc: Any, work: Callable[[], Any], *, wait: str | None = None) -> Any:
        """Run a statement, waiting for locks as long as it takes, as Oracle does."""
        self._running = jdbc
        try:
            while True:
                try:
                    return work()
                except jpype.JException as error:
                    if h2_code(error) != LOCK_TIMEOUT:
                        raise
                    if self.cancelled:
                        raise OracleError(1013, "user requested cancel of current operation") from None
                    if wait == "WAIT":
                        raise OracleError(30006, "resource busy; acquire with WAIT timeout expired") from None
                    if wait == "NOWAIT":
                        raise
        finally:
            self._running = None

    def lock_table(self, table: tuple[str, str], mode: str, *, seconds: float | None = None) -> None:
        """Take a table's lock until the transaction ends."""
        self.database.locks.acquire(self, table, mode, seconds=seconds, cancelled=lambda: self.cancelled)

    def release_locks(self) -> None:
        """Let go of the transaction's table locks."""
        self.database.locks.release(self)

    # -- what the session is set to ------------------------------------------

    def use_schema(self, name: str) -> None:
        """Make a schema the one that names without one belong to."""
        self.native(f"SET SCHEMA {quoted(name)}")

    def use_time_zone(self, zone: str) -> None:
        """Use a time zone; raise an error (ORA-01882) if there is none of that name."""
        try:
            self.native(f"SET TIME ZONE {literal(zone)}")
        except OracleError:
            raise OracleError(1882, "timezone region not found") from None

    # -- what the common part asks -------------------------------------------

    def translator(self, tokens: Sequence[Token]) -> Translator:
        """Return what renders a statement's tokens."""
        found = Translator(tokens, user_id=self.user_id, major=self.database.profile.major)
        found.find_differences((), self.table_columns)
        return found

    def table_columns(self, schema: str | None, table: str) -> Mapping[str, DataType] | None:
        """Return the columns of a table or view, or `None` if there is none of that name."""
        name = quoted(table) if schema is None else f"{quoted(schema)}.{quoted(table)}"
        try:
            prepared = self.connection.prepareStatement(f"SELECT * FROM {name}")  # noqa: S608 - the name is quoted
        except jpype.JException:
            return None
        try:
            columns = _bridge.describe(prepared.getMetaData(), self.database.declared_type)
        except OracleError:
            # A view over something that Oracle has no type for: nothing to apply rules to.
            return None
        finally:
            prepared.close()
        return {column.name: column.spec.type for column in columns}

    # -- its end -------------------------------------------------------------

    def cancel(self) -> None:
        """Make the running call end with ORA-01013; may be called by another thread."""
        watch_thread()
        self.cancelled = True
        running = self._running
        if running is not None:
            with contextlib.suppress(jpype.JException):
                running.cancel()

    def _end(self) -> None:
        watch_thread()
        with contextlib.suppress(jpype.JException, OracleError):
            self.transaction.rollback()
        with contextlib.suppress(jpype.JException):
            self.connection.close()
