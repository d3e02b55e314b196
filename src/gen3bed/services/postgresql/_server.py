"""What a PostgreSQL server says about itself, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg
import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    MissingExtensionError,
    ReadOnlyServerError,
    ServerTooOldError,
)

__all__ = ["Rights", "ServerState", "check_server", "connect_arguments", "read_state"]

Rights = Literal["server", "database", "none"]
"""Where the account may make namespaces: databases of their own, schemas in
the one database of the URL, or nowhere."""

_PARAMETERS = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_level",
    "max_wal_senders",
    "max_connections",
    "shared_buffers",
    "checkpoint_timeout",
    "max_wal_size",
    "jit",
    "server_encoding",
    "TimeZone",
    "default_transaction_isolation",
)
"""What the report's manifest shows, as the server itself reports it."""

_OLDEST_ASKED = 130000
"""Version, as libpq numbers it, that first has the columns of `_QUERY`.
https://www.postgresql.org/docs/13/view-pg-available-extension-versions.html"""

# One statement, so that one round trip tells all.  The extension btree_gist
# is "trusted": since PostgreSQL 13 the owner of a database may create it.
_QUERY = """
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int AS number,
       pg_is_in_recovery() AS in_recovery,
       current_setting('default_transaction_read_only')::bool AS read_only,
       r.rolsuper AS superuser,
       r.rolsuper OR r.rolcreatedb AS create_database,
       r.rolsuper OR r.rolcreaterole AS create_role,
       has_database_privilege(current_database(), 'CREATE') AS create_schema,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist') AS gist_installed,
       EXISTS (SELECT FROM pg_available_extension_versions v
                WHERE v.name = 'btree_gist' AND (v.trusted OR r.rolsuper)) AS gist_creatable,
       EXISTS (SELECT FROM pg_available_extensions v WHERE v.name = 'btree_gist') AS gist_available,
       EXISTS (SELECT FROM pg_available_extensions v WHERE v.name = 'pg_sphere') AS sphere_available,
       (SELECT string_agg(name || '=' || current_setting(name), ', ' ORDER BY array_position(%s, name))
          FROM pg_settings WHERE name = ANY (%s)) AS parameters
  FROM pg_roles r WHERE r.rolname = current_user
"""


@dataclass(frozen=True, kw_only=True)
class ServerState:
    """What a server says about itself and the account that asks.

    Attributes
    ----------
    version : `str`
        Such as ``17.6``.
    number : `int`
        The same as the server counts, such as 170006.
    in_recovery, read_only : `bool`
        Whether it is a standby, or starts transactions read-only.
    superuser, create_database, create_role, create_schema : `bool`
        What the account may do; the last is about the URL's database.
    gist_installed, gist_creatable, gist_available : `bool`
        Whether the extension ``btree_gist`` is in the URL's database, may be
        created by the account, or lies on the server at all.
    sphere_available : `bool`
        Whether the extension ``pg_sphere`` lies on the server.
    parameters : `str`
        Parameters for the report, as ``name=value`` joined by commas.
    """

    version: str
    number: int
    in_recovery: bool = False
    read_only: bool = False
    superuser: bool = False
    create_database: bool = False
    create_role: bool = False
    create_schema: bool = False
    gist_installed: bool = False
    gist_creatable: bool = False
    gist_available: bool = False
    sphere_available: bool = False
    parameters: str = field(default="", repr=False)

    @property
    def rights(self) -> Rights:
        """Where the account may make namespaces (`str`)."""
        if self.create_database and self.create_role:
            return "server"
        return "database" if self.create_schema else "none"


def connect_arguments(url: sqlalchemy.URL) -> dict[str, Any]:
    """Return what `psycopg.connect` needs to connect to ``url``."""
    return dict(url.query) | url.translate_connect_args(username="user", database="dbname")


def read_state(connection: psycopg.Connection[Any]) -> ServerState:
    """Ask the server about itself; nothing is written.

    A server that is too old for the question only says its version.
    """
    if connection.info.server_version < _OLDEST_ASKED:
        version = connection.info.parameter_status("server_version") or "of unknown version"
        return ServerState(version=version.split(" (")[0], number=connection.info.server_version)
    cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
    row = cursor.execute(_QUERY, (list(_PARAMETERS), list(_PARAMETERS))).fetchone()
    if row is None:
        # Only a role that was dropped while it is connected has no row.
        raise psycopg.OperationalError("the account is not in pg_roles any more")
    return ServerState(**row | {"version": row["version"].split()[0]})


def check_server(subject: str, state: ServerState, *, minimum: str) -> None:
    """Check that a registry can live in the server, before writing to it.

    Parameters
    ----------
    subject : `str`
        How errors name the server.
    state : `ServerState`
        What the server said.
    minimum : `str`
        Oldest accepted major version, such as ``14``.

    Raises
    ------
    ServerTooOldError
        Raised if the version is below ``minimum``.
    ReadOnlyServerError
        Raised if it is a standby, or the database is read-only.
    CredentialsError
        Raised if the account may make neither databases nor schemas.
    MissingExtensionError
        Raised if ``btree_gist`` is neither there nor creatable.  In somebody's
        database it must be there.
    """
    if state.number // 10000 < int(minimum):
        raise ServerTooOldError(
            subject,
            reason=f"it runs PostgreSQL {state.version}, and the middleware needs {minimum} or newer",
            hint=f"Use a server of version {minimum} or newer.",
        )
    if state.in_recovery:
        raise ReadOnlyServerError(
            subject,
            reason="it is a standby, which accepts no writes",
            hint="Name the primary server in the URL.",
        )
    if state.read_only:
        raise ReadOnlyServerError(
            subject,
            reason="its transactions are read-only (default_transaction_read_only is on)",
            hint="Use a database and a role for which default_transaction_read_only is off.",
        )
    if state.rights == "none":
        raise CredentialsError(
            subject,
            reason="the account may create neither databases and roles nor a schema in this database",
            hint="Ask for CREATEDB and CREATEROLE, or for GRANT CREATE ON DATABASE.",
        )
    if not state.gist_available:
        raise MissingExtensionError(
            subject,
            reason="the server does not have the extension btree_gist",
            hint="Install PostgreSQL's contrib modules on the server (package postgresql-contrib).",
        )
    if state.rights == "database" and not state.gist_installed:
        raise MissingExtensionError(
            subject,
            reason="the database has no btree_gist, and an extension is not ours to leave there",
            hint="Ask its owner for: CREATE EXTENSION btree_gist;",
        )
    if not (state.gist_installed or state.gist_creatable):
        raise MissingExtensionError(
            subject,
            reason="the extension btree_gist is not in the database, and the account may not create it",
            hint="Ask the administrator for CREATE EXTENSION btree_gist in the database.",
        )
