"""Names of privileges and what the predefined roles hold.

From the GRANT statement in Oracle's SQL Language Reference and the chapter on
predefined roles in its Database Security Guide, 19c and 23ai.
"""

from __future__ import annotations

from oracle_standin.profiles import Profile

__all__ = ["OBJECT_PRIVILEGES", "SYSTEM_PRIVILEGES", "predefined_roles"]

_OWN = (
    "CLUSTER", "CREDENTIAL", "DATABASE LINK", "DIMENSION", "INDEXTYPE", "JOB", "LIBRARY", "MATERIALIZED VIEW",
    "MINING MODEL", "OPERATOR", "PROCEDURE", "PUBLIC DATABASE LINK", "PUBLIC SYNONYM", "ROLE",
    "ROLLBACK SEGMENT",
    "SEQUENCE", "SESSION", "SYNONYM", "TABLE", "TABLESPACE", "TRIGGER", "TYPE", "USER", "VIEW", "PROFILE",
    "ANALYTIC VIEW", "ATTRIBUTE DIMENSION", "HIERARCHY", "DOMAIN", "MLE",
)  # fmt: skip
_ANY = (
    "CLUSTER", "CONTEXT", "DIMENSION", "DIRECTORY", "INDEX", "INDEXTYPE", "JOB", "LIBRARY",
    "MATERIALIZED VIEW",
    "OPERATOR", "OUTLINE", "PROCEDURE", "SEQUENCE", "SYNONYM", "TABLE", "TRIGGER", "TYPE", "VIEW",
)  # fmt: skip

SYSTEM_PRIVILEGES = frozenset(
    {f"CREATE {kind}" for kind in _OWN}
    | {f"CREATE ANY {kind}" for kind in _ANY}
    | {f"DROP ANY {kind}" for kind in (*_ANY, "ROLE")}
    | {
        f"ALTER ANY {kind}"
        for kind in ("CLUSTER", "DIMENSION", "INDEX", "INDEXTYPE", "LIBRARY", "MATERIALIZED VIEW", "OPERATOR",
                     "OUTLINE", "PROCEDURE", "ROLE", "SEQUENCE", "TABLE", "TRIGGER", "TYPE")
    }
    | {"SELECT ANY TABLE", "READ ANY TABLE", "INSERT ANY TABLE", "UPDATE ANY TABLE", "DELETE ANY TABLE",
       "LOCK ANY TABLE", "COMMENT ANY TABLE", "FLASHBACK ANY TABLE", "BACKUP ANY TABLE", "UNDER ANY TABLE",
       "UNDER ANY VIEW", "UNDER ANY TYPE", "SELECT ANY SEQUENCE", "SELECT ANY DICTIONARY",
       "EXECUTE ANY PROCEDURE",
       "EXECUTE ANY TYPE", "EXECUTE ANY OPERATOR", "EXECUTE ANY INDEXTYPE", "EXECUTE ANY LIBRARY",
       "EXECUTE ANY PROGRAM", "EXECUTE ANY CLASS", "ANALYZE ANY", "ANALYZE ANY DICTIONARY", "AUDIT ANY",
       "AUDIT SYSTEM", "ALTER DATABASE", "ALTER SYSTEM", "ALTER SESSION", "ALTER USER", "ALTER TABLESPACE",
       "ALTER PROFILE", "ALTER RESOURCE COST", "ALTER ROLLBACK SEGMENT", "BECOME USER", "DEBUG ANY PROCEDURE",
       "DEBUG CONNECT SESSION", "DROP PROFILE", "DROP PUBLIC DATABASE LINK", "DROP PUBLIC SYNONYM",
       "DROP ROLLBACK SEGMENT", "DROP TABLESPACE", "DROP USER", "EXEMPT ACCESS POLICY", "EXECUTE DYNAMIC MLE",
       "FORCE ANY TRANSACTION", "FORCE TRANSACTION", "GLOBAL QUERY REWRITE", "GRANT ANY OBJECT PRIVILEGE",
       "GRANT ANY PRIVILEGE", "GRANT ANY ROLE", "MANAGE SCHEDULER", "MANAGE TABLESPACE", "ON COMMIT REFRESH",
       "PURGE DBA_RECYCLEBIN", "QUERY REWRITE", "RESTRICTED SESSION", "RESUMABLE", "SET CONTAINER",
       "UNLIMITED TABLESPACE", "CHANGE NOTIFICATION", "ADMINISTER DATABASE TRIGGER", "MERGE ANY VIEW",
       "EXPORT FULL DATABASE", "IMPORT FULL DATABASE", "CREATE EXTERNAL JOB", "ADVISOR",
       "FLASHBACK ARCHIVE ADMINISTER"}
)  # fmt: skip
"""System privileges by name (`frozenset` [`str`])."""

_TABLE = frozenset(
    {"ALTER", "DEBUG", "DELETE", "FLASHBACK", "INDEX", "INSERT", "ON COMMIT REFRESH", "QUERY REWRITE", "READ",
     "REFERENCES", "SELECT", "UPDATE"}
)  # fmt: skip

OBJECT_PRIVILEGES: dict[str, frozenset[str]] = {
    "TABLE": _TABLE,
    "VIEW": frozenset(
        {
            "DEBUG",
            "DELETE",
            "FLASHBACK",
            "INSERT",
            "MERGE VIEW",
            "READ",
            "REFERENCES",
            "SELECT",
            "UNDER",
            "UPDATE",
        }
    ),
    "MATERIALIZED VIEW": _TABLE,
    "SEQUENCE": frozenset({"ALTER", "SELECT", "KEEP SEQUENCE"}),
    "PROCEDURE": frozenset({"DEBUG", "EXECUTE"}),
}
"""Privileges that can be granted on an object, by its type."""

_RESOURCE = {
    f"CREATE {kind}"
    for kind in ("CLUSTER", "INDEXTYPE", "OPERATOR", "PROCEDURE", "SEQUENCE", "TABLE", "TRIGGER", "TYPE")
}
_RESOURCE_23 = {
    f"CREATE {kind}"
    for kind in ("ANALYTIC VIEW", "ATTRIBUTE DIMENSION", "HIERARCHY", "MATERIALIZED VIEW", "SYNONYM", "VIEW")
}
_DEVELOPER = {
    f"CREATE {kind}"
    for kind in (
        "ANALYTIC VIEW", "ATTRIBUTE DIMENSION", "DIMENSION", "DOMAIN", "HIERARCHY", "JOB",
        "MATERIALIZED VIEW",
        "MINING MODEL", "MLE", "PROCEDURE", "SEQUENCE", "SESSION", "SYNONYM", "TABLE", "TRIGGER", "TYPE",
        "VIEW",
    )
} | {"DEBUG CONNECT SESSION", "EXECUTE DYNAMIC MLE", "FORCE TRANSACTION", "ON COMMIT REFRESH"}  # fmt: skip


_NEW = 23
"""First version with what is new here."""


def predefined_roles(profile: Profile) -> dict[str, frozenset[str]]:
    """Return the system privileges of the roles that every database has.

    Parameters
    ----------
    profile : `~oracle_standin.profiles.Profile`
        Version of the server: DB_DEVELOPER_ROLE came with 23.
    """
    new = profile.major >= _NEW
    roles = {
        "CONNECT": frozenset({"CREATE SESSION", "SET CONTAINER"}),
        "RESOURCE": frozenset(_RESOURCE | _RESOURCE_23 if new else _RESOURCE),
        "DBA": SYSTEM_PRIVILEGES,
        "SELECT_CATALOG_ROLE": frozenset[str](),
        "EXECUTE_CATALOG_ROLE": frozenset[str](),
        "EXP_FULL_DATABASE": frozenset(
            {"CREATE SESSION", "CREATE TABLE", "SELECT ANY TABLE", "SELECT ANY SEQUENCE"}
        ),
        "IMP_FULL_DATABASE": frozenset({"CREATE SESSION", "CREATE ANY TABLE", "INSERT ANY TABLE"}),
    }
    if new:
        roles["DB_DEVELOPER_ROLE"] = frozenset(_DEVELOPER)
    return roles
