"""What the databases of all engines do alike."""

from __future__ import annotations

import itertools
import threading
from abc import abstractmethod
from collections import Counter
from typing import TYPE_CHECKING

from oracle_standin.dictionary import Accounts, install, live
from oracle_standin.engine._bookkeeping import BOOKKEEPING_DDL
from oracle_standin.engine._session import EngineSession
from oracle_standin.errors import OracleError
from oracle_standin.interface import Database, Session
from oracle_standin.profiles import Profile
from oracle_standin.values import TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.engine._routines import Routine

__all__ = ["EngineDatabase"]


class EngineDatabase(Database):
    """A database with the bookkeeping and the dictionary.

    Parameters
    ----------
    profile : `~oracle_standin.profiles.Profile`
        The version to pretend to be.
    service : `str`
        Service name.
    """

    accounts: Accounts
    """Users, their privileges and quotas."""

    def __init__(self, profile: Profile, *, service: str) -> None:
        self.profile = profile
        self.service = service
        self.ended: Counter[str] = Counter()
        """Statistics of the sessions that have ended, by name."""
        self.ddl_generation = 0
        """Rises with each DDL: what sessions remember of tables is then stale."""
        self.temporary: dict[tuple[str, str], list[str]] = {}
        """Statements that make a global temporary table in a session, by owner and name."""
        self.declared: dict[tuple[str, str], dict[str, TypeSpec]] = {}
        """Types of columns as declared, by owner and table."""
        self.views: dict[tuple[str, str], str] = {}
        """Statements that make a view again, by owner and name."""
        self.routines: dict[tuple[str, str], Routine] = {}
        """Stored procedures and functions, by owner and name."""
        self._system_names = itertools.count(7001)
        self._lock = threading.RLock()
        self._serials = itertools.count(1)
        self._sessions: set[EngineSession] = set()

    # -- what the engine does ------------------------------------------------

    @abstractmethod
    def execute(self, sql: str, *values: Value) -> list[tuple[str | None, ...]]:
        """Run SQL of the bookkeeping's with all rights, at once permanent.

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
            Raised if the engine refuses it.
        """

    @abstractmethod
    def _make_schema(self, name: str) -> None:
        """Make the schema, and what the engine needs beside it, of a new user."""

    @abstractmethod
    def _drop_schema(self, name: str) -> None:
        """Drop a user's schema with all that is in it."""

    @abstractmethod
    def _connect(self, user: str, *, user_id: int, serial: int) -> EngineSession:
        """Return a new session."""

    @abstractmethod
    def _shut_down(self) -> None:
        """End the engine; may be called again."""

    # -- what all do ---------------------------------------------------------

    def _create(self) -> None:
        """Make the bookkeeping, the first users and the dictionary in an empty database."""
        for statement in BOOKKEEPING_DDL:
            self.execute(statement)
        for user in ("SYS", "SYSTEM"):
            self.create_user(user, user.lower())
        install(self.execute, self.profile, service=self.service)
        self.accounts = Accounts(
            self.execute,
            self.profile,
            create_user=self.create_user,
            drop_user=self.drop_user,
            generation=lambda: self.ddl_generation,
        )

    def create_user(self, name: str, password: str | None) -> None:
        """Make a user and a schema of its name.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if there is one (ORA-01920).
        """
        if self.execute("SELECT 1 FROM STANDIN.USERS WHERE USERNAME = ?", name):
            raise OracleError(1920, f"user name '{name}' conflicts with another user or role name")
        self._make_schema(name)
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
                f"SELECT 1 FROM INFORMATION_SCHEMA.{view} WHERE {column} = ? FETCH FIRST ROW ONLY",  # noqa: S608 - the names are ours
                name,
            )
            for view, column in (("TABLES", "TABLE_SCHEMA"), ("SEQUENCES", "SEQUENCE_SCHEMA"))
        )
        if used and not cascade:
            raise OracleError(1922, f"CASCADE must be specified to drop '{name}'")
        self._drop_schema(name)
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
            "ROUTINES",
        ):
            self.execute(f"DELETE FROM STANDIN.{table} WHERE OWNER = ?", name)  # noqa: S608 - the names are ours
        for known in (self.temporary, self.declared, self.views, self.routines):
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
            session = self._connect(user, user_id=int(rows[0][0] or 0), serial=next(self._serials))
            self._sessions.add(session)
        return session

    def sessions(self) -> list[EngineSession]:
        """Return the sessions that are open."""
        with self._lock:
            return list(self._sessions)

    def close(self) -> None:
        """End all sessions and the engine; may be called again."""
        for session in self.sessions():
            session.close()
        self._shut_down()

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

    def keys_of(self, owner: str, table: str) -> list[list[str]]:
        """Return the columns of each primary and unique key of a table."""
        keys: dict[str | None, list[str]] = {}
        for name, column in self._key_columns(owner, table):
            keys.setdefault(name, []).append(column or "")
        return list(keys.values())

    def _key_columns(self, owner: str, table: str) -> list[tuple[str | None, ...]]:
        """Return key and column, in order; an engine may have a faster way."""
        return self.execute(
            "SELECT K.CONSTRAINT_NAME, K.COLUMN_NAME FROM STANDIN.CONSTRAINTS B"
            " JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE K ON K.TABLE_NAME = B.TABLE_NAME"
            " AND K.TABLE_SCHEMA = B.OWNER AND K.CONSTRAINT_NAME = B.CONSTRAINT_NAME"
            " WHERE B.OWNER = ? AND B.TABLE_NAME = ? AND B.CONSTRAINT_TYPE IN ('P', 'U')"
            " ORDER BY K.CONSTRAINT_NAME, K.ORDINAL_POSITION",
            owner,
            table,
        )

    def system_name(self) -> str:
        """Return a name for a constraint without one."""
        return f"SYS_C{next(self._system_names):06d}"

    def forget(self, session: EngineSession) -> None:
        """Take note that a session has ended."""
        with self._lock:
            self._sessions.discard(session)
            self.ended.update(live.lasting(session.counts))

    def declared_type(self, owner: str, table: str, column: str) -> TypeSpec | None:
        """Return what a column was declared as, if the stand-in knows better than the engine."""
        columns = self.declared.get((owner, table))
        return columns.get(column) if columns else None
