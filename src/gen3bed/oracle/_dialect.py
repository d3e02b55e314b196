"""SQLAlchemy's dialect for Oracle as the Butler needs it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import oracledb
from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.oracle import CLOB
from sqlalchemy.dialects.oracle.oracledb import OracleDialect_oracledb
from sqlalchemy.engine import URL, Connection, ExecutionContext
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

from gen3bed.oracle._compiler import ButlerCompiler, ButlerPreparer, ButlerTypeCompiler
from gen3bed.oracle._errors import OldServerError
from gen3bed.oracle._retry import commit, connect_patiently
from gen3bed.oracle._types import OverlapBytes, PlainText, RegionText

__all__ = ["DIALECT", "OLDEST", "SKIP_DUPLICATES", "ButlerOracleDialect"]

DIALECT = "oracle+butler"
"""What an engine's URL is called, so that it gets this dialect."""

OLDEST = (19,)
"""First version with what is relied on: private temporary tables, 128-byte names, ANY_VALUE."""

SKIP_DUPLICATES = "gen3bed_skip_duplicates"
"""Execution option of an INSERT: a collection of names of constraints, or `True`
for all, whose violation leaves the row out instead of failing the statement."""

_UNIQUE_VIOLATED = 1
_INTEGRITY = frozenset({_UNIQUE_VIOLATED, 1400, 1438, 2290, 2291, 2292, 21525, 40479})
"""Numbers for which python-oracledb raises IntegrityError; the errors of a batch it does not raise itself."""
_SESSION_SETTINGS = (
    "ALTER SESSION SET TIME_ZONE = '+00:00' NLS_SORT = BINARY NLS_COMP = BINARY"
    # Seconds that DDL waits for changes of others, before it fails with ORA-00054.
    " DDL_LOCK_TIMEOUT = 10"
)


class ButlerOracleDialect(OracleDialect_oracledb):
    """One form of SQL and DDL for all versions from 19c on.

    SQLAlchemy's own dialect changes what it sends with the server's version:
    a schema made on 23ai would then differ from one made on 19c.
    """

    supports_statement_cache = True
    # Some 500 COMMENT ON statements otherwise, each a round trip with a commit.
    supports_comments = False
    # Reflection has another form from 21c on, which says the same.
    _supports_except_all = False
    statement_compiler = ButlerCompiler
    type_compiler_cls = ButlerTypeCompiler
    preparer = ButlerPreparer
    colspecs = OracleDialect_oracledb.colspecs | {
        LargeBinary: OverlapBytes,
        Text: RegionText,
        CLOB: PlainText,
        String: PlainText,
    }

    def initialize(self, connection: Connection) -> None:
        """Ask the server what it is.

        Raises
        ------
        OldServerError
            Raised if it is older than `OLDEST`.
        """
        super().initialize(connection)  # type: ignore[no-untyped-call]
        version = self.server_version_info or ()
        if version < OLDEST:
            raise OldServerError(
                f"Oracle {'.'.join(map(str, version))} at {connection.engine.url!r} is too old for a Butler"
                f" registry: {OLDEST[0]}c is the oldest. Upgrade the server, or use another."
            )
        # As on 19c, also where BOOLEAN exists.
        self.supports_native_boolean = False

    def get_default_isolation_level(self, dbapi_conn: DBAPIConnection) -> Any:
        """Return Oracle's default; asking takes a privilege on V$TRANSACTION."""
        return "READ COMMITTED"

    def create_connect_args(self, url: URL) -> tuple[Sequence[str], dict[str, Any]]:
        """Take what stands behind the host as a service name, not as a SID.

        Other parameters of the URL's query, such as ``wallet_location`` and
        ``protocol=tcps``, go to `oracledb.connect` as they are.
        """
        options: dict[str, Any] = dict(url.query)
        service = url.database or options.pop("service_name", None)
        if service:
            options |= {"host": url.host, "port": url.port or 1521, "service_name": service}
        else:
            options["dsn"] = url.host
        if url.username is not None:
            options["user"] = url.username
        if url.password is not None:
            options["password"] = url.password
        return [], options

    def on_connect(self) -> Callable[[DBAPIConnection], None]:
        """Return what is done with each new connection."""
        handler = super().on_connect()  # type: ignore[no-untyped-call]

        def prepare(connection: Any) -> None:
            handler(connection)
            with connection.cursor() as cursor:
                # Times are UTC and order is that of code points, whatever the client's locale says.
                cursor.execute(_SESSION_SETTINGS)

        return prepare

    def connect(self, *args: Any, **kwargs: Any) -> DBAPIConnection:
        """Connect, and wait if the server has no session left."""
        return connect_patiently(functools.partial(super().connect, *args, **kwargs))

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit."""
        commit(dbapi_connection, functools.partial(super().do_commit, dbapi_connection))

    def do_ping(self, dbapi_connection: DBAPIConnection) -> bool:
        """Look whether the session lives, by a message of the protocol instead of a statement."""
        dbapi_connection.ping()
        return True

    def do_execute(
        self, cursor: DBAPICursor, statement: str, parameters: Any, context: ExecutionContext | None = None
    ) -> None:
        """Run a statement."""
        if _skipped(context) is None:
            super().do_execute(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]
        else:
            self.do_executemany(cursor, statement, [parameters], context)

    def do_executemany(
        self, cursor: DBAPICursor, statement: str, parameters: Any, context: ExecutionContext | None = None
    ) -> None:
        """Run a statement for several rows; with `SKIP_DUPLICATES`, leave out the rows that are there.

        Unlike MERGE this is free of races: the server's own unique indexes decide.
        """
        skipped = _skipped(context)
        if skipped is None:
            super().do_executemany(  # type: ignore[no-untyped-call]
                cursor, statement, parameters, context
            )
            return
        driver_cursor: Any = cursor
        driver_cursor.executemany(statement, list(parameters), batcherrors=True)
        for error in driver_cursor.getbatcherrors():
            if error.code != _UNIQUE_VIOLATED or not (skipped is True or _names(error.message, skipped)):
                raise (oracledb.IntegrityError if error.code in _INTEGRITY else oracledb.DatabaseError)(error)


def _skipped(context: ExecutionContext | None) -> Any:
    return context.execution_options.get(SKIP_DUPLICATES) if context is not None else None


def _names(message: str, constraints: Any) -> bool:
    """Return whether ORA-00001 speaks of one of the constraints: ``(OWNER.NAME) violated``."""
    _, _, rest = message.partition("(")
    name = rest.partition(")")[0].rpartition(".")[2]
    return name.upper() in {constraint.upper() for constraint in constraints}


registry.register(DIALECT.replace("+", "."), __name__, ButlerOracleDialect.__name__)
