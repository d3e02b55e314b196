"""A database in H2's memory."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Sequence
from typing import Any

import jpype

from oracle_standin.dictionary import Accounts, install
from oracle_standin.errors import OracleError
from oracle_standin.h2._bookkeeping import BOOKKEEPING_DDL
from oracle_standin.h2._bridge import bind
from oracle_standin.h2._deferred import DeferredKeys
from oracle_standin.h2._errors import oracle_error
from oracle_standin.h2._locks import LockTable
from oracle_standin.h2._runtime import H2_VERSION, connect, java_class, watch_thread
from oracle_standin.h2._session import H2Session
from oracle_standin.h2._text import literal, quoted
from oracle_standin.interface import Database, Session
from oracle_standin.profiles import Profile
from oracle_standin.values import TypeSpec, Value

__all__ = ["H2Database"]

_SETTINGS = ";".join(  # noqa: FLY002
    (
        "MODE=Oracle",
        "DEFAULT_NULL_ORDERING=HIGH",
        "DB_CLOSE_DELAY=-1",
        "DB_CLOSE_ON_EXIT=FALSE",
        # Words that are reserved in H2 and names in Oracle.  Not OFFSET: then OFFSET n ROWS fails.
        "NON_KEYWORDS=ARRAY,AUTHORIZATION,DAY,GROUPS,HOUR,IF,ILIKE,KEY,LIMIT,LOCALTIME,MINUTE,MONTH,QUALIFY,"  # noqa: ISC004
        "REGEXP,SECOND,TOP,UNKNOWN,USER,VALUE,WINDOW,YEAR,SYMMETRIC,ASYMMETRIC,CURRENT_CATALOG,CURRENT_PATH,"
        "CURRENT_ROLE,CURRENT_TIME,SESSION_USER,SYSTEM_USER",
    )
)
_ADMIN = "STANDIN"


def _set_mode() -> None:
    """Let an aliased column be described as the column that it is, as in Oracle."""
    java_class("org.h2.engine.Mode").getInstance("Oracle").aliasColumnName = False


_numbers = itertools.count(1)


class H2Database(Database):
    """One in-memory database; see `oracle_standin.h2.open_database`."""

    def __init__(self, profile: Profile, *, service: str) -> None:
        self.profile = profile
        self.service = service
        self.engine = f"H2 {H2_VERSION}"
        self.locks = LockTable()
        self.deferred = DeferredKeys()
        self.ddl_generation = 0
        """Rises with each DDL: what sessions remember of tables is then stale."""
        self.temporary: dict[tuple[str, str], list[str]] = {}
        """Statements that make a global temporary table in a session, by owner and name."""
        self.declared: dict[tuple[str, str], dict[str, TypeSpec]] = {}
        """Types of columns as declared, by owner and table."""
        self.views: dict[tuple[str, str], str] = {}
        """Statements that make a view again, by owner and name."""
        self._system_names = itertools.count(7001)
        self._lock = threading.RLock()
        self._password = secrets.token_hex(16)
        self._serials = itertools.count(1)
        self._sessions: set[H2Session] = set()
        _set_mode()
        self._url = f"jdbc:h2:mem:standin{next(_numbers)};{_SETTINGS}"
        self._admin = connect(self._url, _ADMIN, self._password)
        self._create()
        self.accounts = Accounts(
            self.execute,
            profile,
            create_user=self.create_user,
            drop_user=self.drop_user,
            generation=lambda: self.ddl_generation,
        )
        """Users, their privileges and quotas."""

    def _create(self) -> None:
        for statement in BOOKKEEPING_DDL:
            self.execute(statement)
        self.execute(f"CREATE CONSTANT STANDIN.SERVICE_NAME VALUE {literal(self.service)}")
        for user in ("SYS", "SYSTEM"):
            self.create_user(user, user.lower())
        install(self.execute, self.profile, service=self.service)

    def execute(self, sql: str, *values: Value) -> list[tuple[str | None, ...]]:
        """Run H2's own SQL with all rights, at once permanent.

        This is for the dictionary's set-up and the bookkeeping, not for
        clients' statements.

        Parameters
        ----------
        sql : `str`
            A statement in H2's dialect with ``?`` for each value.
        *values
            The values.

        Returns
        -------
        rows : `list` [`tuple` [`str` or `None`, ...]]
            A query's rows as texts; empty for anything else.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if H2 refuses it.
        """
        watch_thread()
        with self._lock:
            try:
                prepared = self._admin.prepareStatement(sql)
                try:
                    for index, value in enumerate(values, 1):
                        bind(prepared, index, value)
                    return _texts(prepared) if prepared.execute() else []
                finally:
                    prepared.close()
            except jpype.JException as error:
                raise oracle_error(error, sql) from None

    def create_user(self, name: str, password: str | None) -> None:
        """Make a user and a schema of its name.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if there is one (ORA-01920).
        """
        if self.execute("SELECT 1 FROM STANDIN.USERS WHERE USERNAME = ?", name):
            raise OracleError(1920, f"user name '{name}' conflicts with another user or role name")
        self.execute(f"CREATE USER {quoted(name)} PASSWORD {literal(self._password)} ADMIN")
        self.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}")
        self.execute("INSERT INTO STANDIN.USERS (USERNAME, PASSWORD) VALUES (?, ?)", name, password)

    def drop_user(self, name: str, *, cascade: bool) -> None:
        """Drop a user and its schema.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if there is none (ORA-01918), it is connected (ORA-01940),
            or it has objects and ``cascade`` is not set (ORA-01922).
        """
        if not self.execute("SELECT 1 FROM STANDIN.USERS WHERE USERNAME = ?", name):
            raise OracleError(1918, f"user '{name}' does not exist")
        with self._lock:
            if any(session.user == name for session in self._sessions):
                raise OracleError(1940, "cannot drop a user that is currently connected")
        used = any(
            self.execute(
                f"SELECT 1 FROM INFORMATION_SCHEMA.{view} WHERE {column} = ? FETCH FIRST ROW ONLY",  # noqa: S608
                name,
            )
            for view, column in (("TABLES", "TABLE_SCHEMA"), ("SEQUENCES", "SEQUENCE_SCHEMA"))
        )
        if used and not cascade:
            raise OracleError(1922, f"CASCADE must be specified to drop '{name}'")
        self.execute(f"DROP SCHEMA {quoted(name)} CASCADE")
        self.execute(f"DROP USER {quoted(name)}")
        self.execute("DELETE FROM STANDIN.USERS WHERE USERNAME = ?", name)
        for table in (
            "TABLES",
            "COLUMNS",
            "CONSTRAINTS",
            "CHECK_COLUMNS",
            "INDEXES",
            "INDEX_COLUMNS",
            "COMMENTS",
            "VIEWS",
            "SYNONYMS",
            "SEQUENCES",
        ):
            self.execute(f"DELETE FROM STANDIN.{table} WHERE OWNER = ?", name)  # noqa: S608
        for known in (self.temporary, self.declared, self.views):
            for key in [key for key in known if key[0] == name]:
                del known[key]
        self.ddl_generation += 1

    def password_of(self, user: str) -> str | None:
        """Return a user's password, or `None` if there is no such user."""
        rows = self.execute("SELECT PASSWORD FROM STANDIN.USERS WHERE USERNAME = ?", user)
        return rows[0][0] if rows else None

    def open_session(self, user: str) -> Session:
        """Return a new session of a user whose password was right.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if the user may not: ORA-28000, ORA-28001, ORA-01045, or
            ORA-01017 if there is none.
        """
        rows = self.execute("SELECT USER_ID FROM STANDIN.USERS WHERE USERNAME = ?", user)
        if not rows:
            raise OracleError(1017, "invalid username/password; logon denied")
        self.accounts.log_in(user)
        with self._lock:
            session = H2Session(
                self,
                user,
                connect(self._url, user, self._password),
                user_id=int(rows[0][0] or 0),
                serial=next(self._serials),
            )
            self._sessions.add(session)
        return session

    def constraint_owner(self, name: str) -> str | None:
        """Return the schema that has a constraint of this name."""
        rows = self.execute("SELECT MIN(OWNER) FROM STANDIN.CONSTRAINTS WHERE CONSTRAINT_NAME = ?", name)
        return rows[0][0]

    def primary_key(self, owner: str, table: str) -> str | None:
        """Return the name of a table's primary key."""
        rows = self.execute(
            "SELECT MAX(CONSTRAINT_NAME) FROM STANDIN.CONSTRAINTS"
            " WHERE OWNER = ? AND TABLE_NAME = ? AND CONSTRAINT_TYPE = 'P'",
            owner, table,
        )  # fmt: skip
        return rows[0][0]

    def is_identity(self, owner: str, table: str, column: str) -> bool:
        """Return whether a column is an identity."""
        return bool(
            self.execute(
                "SELECT 1 FROM STANDIN.COLUMNS WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?"
                " AND GENERATION_TYPE IS NOT NULL",
                owner,
                table,
                column,
            )
        )

    def system_name(self) -> str:
        """Return a name for a constraint without one."""
        return f"SYS_C{next(self._system_names):06d}"

    def restore_views(self) -> None:
        """Make the views again that H2 dropped with what they read: in Oracle they stay, invalid."""
        there = {
            (owner, name)
            for owner, name in self.execute("SELECT TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.VIEWS")
        }
        for key, sql in self.views.items():
            if key not in there:
                self.execute(sql)

    def forget(self, session: H2Session) -> None:
        """Take note that a session has ended."""
        with self._lock:
            self._sessions.discard(session)

    def declared_type(self, owner: str, table: str, column: str) -> TypeSpec | None:
        """Return what a column was declared as, if the stand-in knows better than H2."""
        columns = self.declared.get((owner, table))
        return columns.get(column) if columns else None

    def close(self) -> None:
        """End all sessions and the engine."""
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            session.close()
        with self._lock:
            if not self._admin.isClosed():
                self._admin.createStatement().execute("SHUTDOWN IMMEDIATELY")


def _texts(prepared: Any) -> list[tuple[str | None, ...]]:
    rows = prepared.getResultSet()
    positions: Sequence[int] = range(1, int(rows.getMetaData().getColumnCount()) + 1)
    found = []
    while rows.next():
        values = [rows.getString(i) for i in positions]
        found.append(tuple(None if value is None else str(value) for value in values))
    return found
