"""What an Oracle server says about itself, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gen3bed.errors import CredentialsError, ReadOnlyServerError, ServerTooOldError, StorageFullError

if TYPE_CHECKING:
    import oracledb

__all__ = ["NEEDED", "Rights", "ServerState", "check_server", "read_state"]

Rights = Literal["server", "schema", "none"]
"""Where the account may make registries: in users of their own, in its own
schema, or nowhere."""

NEEDED = ("CREATE SESSION", "CREATE TABLE", "CREATE SEQUENCE")
"""System privileges that a registry's user needs, besides a quota."""

_MAKES_USERS = frozenset({"CREATE USER", "DROP USER", "GRANT ANY PRIVILEGE"})

_CONTEXT = """
SELECT SYS_CONTEXT('USERENV', 'SESSION_USER'), SYS_CONTEXT('USERENV', 'DATABASE_ROLE'),
       SYS_CONTEXT('USERENV', 'CON_NAME'), (SELECT banner FROM v$version WHERE ROWNUM = 1),
       (SELECT value FROM nls_database_parameters WHERE parameter = 'NLS_CHARACTERSET'),
       (SELECT default_tablespace FROM user_users),
       (SELECT MAX(CASE max_bytes WHEN -1 THEN 1 ELSE SIGN(max_bytes - bytes) END)
          FROM user_ts_quotas q JOIN user_users u ON q.tablespace_name = u.default_tablespace),
       (SELECT COUNT(*) FROM user_objects)
  FROM dual
"""
"""What every account may ask, in one round trip.
https://docs.oracle.com/en/database/oracle/oracle-database/19/sqlrf/SYS_CONTEXT.html"""


@dataclass(frozen=True, kw_only=True)
class ServerState:
    """What a server says about itself and the account that asks.

    Attributes
    ----------
    version : `str`
        Such as ``19.21.0.0.0``.
    banner : `str`
        What it calls itself; that of a stand-in says that it is one.
    user, role, container : `str`
        The session's user, the role of the database (``PRIMARY`` or that of
        a standby) and the pluggable database.
    character_set : `str`
        Such as ``AL32UTF8``.
    tablespace : `str`
        Where the account's tables go.
    quota : `bool`
        Whether it may put anything there.
    privileges : `frozenset` [`str`]
        The session's system privileges.
    objects : `int`
        Number of objects in the account's own schema.
    """

    version: str
    banner: str = ""
    user: str = ""
    role: str = "PRIMARY"
    container: str = ""
    character_set: str = ""
    tablespace: str = ""
    quota: bool = False
    privileges: frozenset[str] = field(default=frozenset(), repr=False)
    objects: int = 0

    @property
    def major(self) -> int:
        """First number of the version (`int`)."""
        return int(self.version.split(".")[0])

    @property
    def rights(self) -> Rights:
        """Where the account may make registries (`str`)."""
        if self.privileges >= _MAKES_USERS:
            return "server"
        return "none" if self.lacking else "schema"

    @property
    def lacking(self) -> list[str]:
        """The grants that are needed for registries in the account's own schema (`list`)."""
        wanted = [f"GRANT {p} TO {self.user}" for p in NEEDED if p not in self.privileges]
        if not (self.quota or "UNLIMITED TABLESPACE" in self.privileges):
            wanted.append(f"ALTER USER {self.user} QUOTA UNLIMITED ON {self.tablespace}")
        return wanted


def read_state(connection: oracledb.Connection) -> ServerState:
    """Ask the server about itself; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTEXT)
        row: Any = cursor.fetchone()
        user, role, container, banner, character_set, tablespace, quota, objects = row
        cursor.execute("SELECT privilege FROM session_privs")
        privileges = frozenset(name for (name,) in cursor)
    return ServerState(
        version=connection.version,
        banner=banner or "",
        user=user,
        role=role or "PRIMARY",
        container=container or "",
        character_set=character_set or "",
        tablespace=tablespace,
        quota=(quota or 0) > 0,
        privileges=privileges,
        objects=int(objects),
    )


def check_server(subject: str, state: ServerState, *, minimum: str) -> None:
    """Check that a registry can live in the server, before writing to it.

    Parameters
    ----------
    subject : `str`
        How errors name the server.
    state : `ServerState`
        What the server said.
    minimum : `str`
        Oldest accepted major version, such as ``19``.

    Raises
    ------
    ServerTooOldError
        Raised if the version is below ``minimum``.
    ReadOnlyServerError
        Raised if it is a standby.
    CredentialsError
        Raised if the account lacks a privilege; the detail has the grants.
    StorageFullError
        Raised if the account has no quota on its tablespace.
    """
    if state.major < int(minimum):
        raise ServerTooOldError(
            subject,
            reason=f"it runs Oracle {state.version}, and the registry needs {minimum}c or newer",
            hint=f"Use a server of version {minimum}c or newer.",
        )
    if state.role != "PRIMARY":
        raise ReadOnlyServerError(
            subject,
            reason=f"it is a {state.role.lower()}, which accepts no writes",
            hint="Name the primary database in the URL.",
        )
    if state.rights == "none":
        quota_alone = all(grant.startswith("ALTER") for grant in state.lacking)
        raise (StorageFullError if quota_alone else CredentialsError)(
            subject,
            reason=f"the account {state.user} has no quota on {state.tablespace}"
            if quota_alone
            else f"the account {state.user} may not make what a registry needs",
            hint="Ask the database administrator for the statements below.",
            detail="\n".join(f"{grant};" for grant in state.lacking),
        )
