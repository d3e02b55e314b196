"""A database in H2's memory."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from typing import Any

import jpype

from oracle_standin.engine._database import EngineDatabase
from oracle_standin.engine._text import literal, quoted
from oracle_standin.h2._bridge import bind
from oracle_standin.h2._deferred import DeferredKeys
from oracle_standin.h2._errors import met_other_ddl, oracle_error
from oracle_standin.h2._locks import LockTable
from oracle_standin.h2._runtime import H2_VERSION, connect, java_class, watch_thread
from oracle_standin.h2._session import H2Session
from oracle_standin.profiles import Profile
from oracle_standin.values import Value

__all__ = ["H2Database"]

_SETTINGS = ";".join(  # noqa: FLY002 - a setting a line
    (
        "MODE=Oracle",
        "DEFAULT_NULL_ORDERING=HIGH",
        "DB_CLOSE_DELAY=-1",
        "DB_CLOSE_ON_EXIT=FALSE",
        # Else a check `a = 1 OR a = 2` is a list of constants: see `_words._in_list`.
        "OPTIMIZE_OR=FALSE",
        # LIKE has no escape character unless it is given one.
        "DEFAULT_ESCAPE=",
        # Words that are reserved in H2 and names in Oracle.  Not OFFSET: then OFFSET n ROWS fails.
        "NON_KEYWORDS=ARRAY,AUTHORIZATION,DAY,GROUPS,HOUR,IF,ILIKE,KEY,LIMIT,LOCALTIME,MINUTE,MONTH,QUALIFY,"  # noqa: ISC004 - one setting in two lines
        "REGEXP,SECOND,TOP,UNKNOWN,USER,VALUE,WINDOW,YEAR,SYMMETRIC,ASYMMETRIC,CURRENT_CATALOG,CURRENT_PATH,"
        "CURRENT_ROLE,CURRENT_TIME,SESSION_USER,SYSTEM_USER",
    )
)
_ADMIN = "STANDIN"


def _set_mode() -> None:
    """Let an aliased column be described as the column that it is, as in Oracle."""
    java_class("org.h2.engine.Mode").getInstance("Oracle").aliasColumnName = False


_numbers = itertools.count(1)


class H2Database(EngineDatabase):
    """One in-memory database; see `oracle_standin.h2.open_database`."""

    def __init__(self, profile: Profile, *, service: str) -> None:
        super().__init__(profile, service=service)
        self.engine = f"H2 {H2_VERSION}"
        self.locks = LockTable()
        self.deferred = DeferredKeys()
        self._password = secrets.token_hex(16)
        _set_mode()
        self._url = f"jdbc:h2:mem:standin{next(_numbers)};{_SETTINGS}"
        self._admin = connect(self._url, _ADMIN, self._password)
        self._create()
        self.execute(f"CREATE CONSTANT STANDIN.SERVICE_NAME VALUE {literal(self.service)}")

    def execute(self, sql: str, *values: Value) -> list[tuple[str | None, ...]]:
        """Run SQL of the bookkeeping's with all rights, at once permanent."""
        watch_thread()
        with self._lock:
            while True:
                try:
                    return self._run(sql, values)
                except jpype.JException as error:
                    if not met_other_ddl(error):
                        raise oracle_error(error, sql) from None

    def _run(self, sql: str, values: Sequence[Value]) -> list[tuple[str | None, ...]]:
        prepared = self._admin.prepareStatement(sql)
        try:
            for index, value in enumerate(values, 1):
                bind(prepared, index, value)
            return _texts(prepared) if prepared.execute() else []
        finally:
            prepared.close()

    def _make_schema(self, name: str) -> None:
        self.execute(f"CREATE USER {quoted(name)} PASSWORD {literal(self._password)} ADMIN")
        self.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}")

    def _drop_schema(self, name: str) -> None:
        self.execute(f"DROP SCHEMA {quoted(name)} CASCADE")
        self.execute(f"DROP USER {quoted(name)}")

    def _connect(self, user: str, *, user_id: int, serial: int) -> H2Session:
        connection = connect(self._url, user, self._password)
        return H2Session(self, user, connection, user_id=user_id, serial=serial)

    def restore_views(self) -> None:
        """Make the views again that H2 dropped with what they read: in Oracle they stay, invalid."""
        there = {
            (owner, name)
            for owner, name in self.execute("SELECT TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.VIEWS")
        }
        for key, sql in self.views.items():
            if key not in there:
                self.execute(sql)

    def _shut_down(self) -> None:
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
