"""GRANT and REVOKE."""

from __future__ import annotations

from collections.abc import Iterable

from oracle_standin.dictionary._install import SYS_VIEWS
from oracle_standin.dictionary.accounts._grants import Grants, ObjectGrant, kind_of
from oracle_standin.dictionary.accounts._privileges import OBJECT_PRIVILEGES, SYSTEM_PRIVILEGES
from oracle_standin.dictionary.accounts._statements import Grant, Revoke
from oracle_standin.errors import OracleError, not_modelled

__all__ = ["grant", "revoke"]

_INVALID = {
    "TABLE": (2224, "EXECUTE privilege not allowed for tables"),
    "VIEW": (2204, "ALTER, INDEX and EXECUTE not allowed for views"),
    "SEQUENCE": (2205, "only SELECT and ALTER privileges are valid for sequences"),
}
# What ALL stands for does not include what came later or is granted by name alone.
_NOT_IN_ALL = frozenset({"MERGE VIEW", "UNDER", "KEEP SEQUENCE"})


def grant(grants: Grants, statement: Grant, user: str, users: Iterable[str]) -> None:
    """Run a GRANT whose object, if any, has been resolved.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised as described at `Accounts.run`.
    """
    _check_grantees(grants, statement, users)
    if statement.object is None:
        _grant_privileges(grants, statement, user)
        return
    owner, name, kind = _object(grants, statement, user)
    privileges, grantor = _grantable(grants, statement, user, kind)
    for grantee in statement.grantees:
        if grantee in {grantor, owner}:
            raise OracleError(1749, "you may not GRANT/REVOKE privileges to/from yourself")
        if grantee in grants.known_roles and (
            statement.option or {"REFERENCES", "INDEX"} & set(statement.privileges)
        ):
            what = "REFERENCES" if not statement.option else "GRANT OPTION"
            if statement.option:
                raise OracleError(1926, "cannot GRANT to a role WITH GRANT OPTION")
            raise OracleError(1931, f"cannot grant {what} to a role")
        for privilege in privileges:
            if grantee in grants.known_roles and privilege in ("REFERENCES", "INDEX"):
                continue
            grants.grant_object(
                owner, name, kind, ObjectGrant(privilege, grantee, grantor, grantable=statement.option)
            )


def revoke(grants: Grants, statement: Revoke, user: str, users: Iterable[str]) -> None:
    """Run a REVOKE whose object, if any, has been resolved.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised as described at `Accounts.run`.
    """
    _check_grantees(grants, statement, users)
    if statement.object is None:
        _revoke_privileges(grants, statement, user)
        return
    owner, name, kind = _object(grants, statement, user)
    if user in statement.grantees:
        raise OracleError(1749, "you may not GRANT/REVOKE privileges to/from yourself")
    grantor = owner if grants.has(user, "GRANT ANY OBJECT PRIVILEGE") else user
    allowed = OBJECT_PRIVILEGES[kind]
    for grantee in statement.grantees:
        held = [
            g for g in grants.objects.get((owner, name), ()) if g.grantee == grantee and g.grantor == grantor
        ]
        wanted = allowed if statement.privileges == ["ALL"] else set(statement.privileges)
        found = [g for g in held if g.privilege in wanted]
        missing = not found if statement.privileges == ["ALL"] else wanted - {g.privilege for g in found}
        if missing:
            raise OracleError(1927, "cannot REVOKE privileges you did not grant")
        for held_grant in found:
            grants.revoke_object(owner, name, held_grant)


def _check_grantees(grants: Grants, statement: Grant | Revoke, users: Iterable[str]) -> None:
    known = {*users, *grants.known_roles, "PUBLIC"}
    for name in statement.grantees:
        if name not in known:
            raise OracleError(1917, f"user or role '{name}' does not exist")


def _split(grants: Grants, statement: Grant | Revoke) -> tuple[list[str], list[str]]:
    """Return system privileges and roles."""
    system: list[str] = []
    roles: list[str] = []
    for name in statement.privileges:
        if name == "ALL":
            system += sorted(SYSTEM_PRIVILEGES - {"SELECT ANY DICTIONARY", "ANALYZE ANY DICTIONARY"})
        elif name in SYSTEM_PRIVILEGES:
            system.append(name)
        elif name in grants.known_roles:
            roles.append(name)
        elif " " in name:
            raise OracleError(990, "missing or invalid privilege")
        else:
            raise OracleError(1919, f"role '{name}' does not exist")
    return system, roles


def _administered(grants: Grants, user: str, system: list[str], roles: list[str]) -> None:
    if not grants.has(user, "GRANT ANY PRIVILEGE"):
        for privilege in system:
            if not grants.administers(user, grants.system, privilege):
                raise OracleError(1031, "insufficient privileges")
    if not grants.has(user, "GRANT ANY ROLE"):
        for role in roles:
            if not grants.administers(user, grants.roles, role):
                raise OracleError(1932, f"ADMIN option not granted for role '{role}'")


def _grant_privileges(grants: Grants, statement: Grant, user: str) -> None:
    system, roles = _split(grants, statement)
    _administered(grants, user, system, roles)
    for grantee in statement.grantees:
        if grantee in grants.known_roles:
            if "UNLIMITED TABLESPACE" in system and statement.privileges != ["ALL"]:
                raise OracleError(1931, "cannot grant UNLIMITED TABLESPACE to a role")
            if any(grantee in grants.grantees(role) for role in roles):
                raise OracleError(1934, "circular role grant detected")
        for privilege in system:
            grants.grant_system(grantee, privilege, option=statement.option)
        for role in roles:
            grants.grant_role(grantee, role, option=statement.option)


def _revoke_privileges(grants: Grants, statement: Revoke, user: str) -> None:
    system, roles = _split(grants, statement)
    _administered(grants, user, system, roles)
    for grantee in statement.grantees:
        for privilege in system:
            if not grants.revoke_system(grantee, privilege) and statement.privileges != ["ALL"]:
                raise OracleError(1952, f"system privileges not granted to '{grantee}'")
        for role in roles:
            if not grants.revoke_role(grantee, role):
                raise OracleError(1951, f"ROLE '{role}' not granted to '{grantee}'")


def _object(grants: Grants, statement: Grant | Revoke, user: str) -> tuple[str, str, str]:
    """Return owner, name and type of the object, which exists and which the user may know."""
    owner, name = statement.schema or user, statement.object or ""
    if owner == "SYS" and name in SYS_VIEWS:
        if SYS_VIEWS[name] != name and not name.startswith(("CAT", "COLS")):
            raise OracleError(2030, "can only select from fixed tables/views")
        kind: str | None = "VIEW"
    elif owner == "SYS":
        # Packages of Oracle's are not modelled as objects; everybody may run those that there are.
        raise not_modelled(f"privileges on SYS.{name}")
    else:
        kind = kind_of(grants.execute, owner, name)
    seen = (
        owner == user
        or grants.on_object(user, owner, name)
        or grants.has(user, "GRANT ANY OBJECT PRIVILEGE")
        or grants.has(user, "SELECT ANY TABLE")
    )
    if kind is None or not seen:
        raise OracleError(942, "table or view does not exist")
    return owner, name, kind


def _grantable(grants: Grants, statement: Grant, user: str, kind: str) -> tuple[list[str], str]:
    """Return the privileges to grant, and in whose name."""
    owner, name = statement.schema or user, statement.object or ""
    allowed = OBJECT_PRIVILEGES[kind]
    if statement.privileges == ["ALL"]:
        wanted = sorted(allowed - _NOT_IN_ALL)
    else:
        wanted = statement.privileges
        for privilege in wanted:
            if privilege not in allowed:
                known = any(privilege in privileges for privileges in OBJECT_PRIVILEGES.values())
                number, message = _INVALID.get(kind, _INVALID["TABLE"]) if known else (
                    990, "missing or invalid privilege")  # fmt: skip
                raise OracleError(number, message)
    if owner == user:
        return wanted, user
    if grants.has(user, "GRANT ANY OBJECT PRIVILEGE"):
        return wanted, owner
    further = grants.can_grant(user, owner, name)
    if statement.privileges == ["ALL"]:
        wanted = sorted(further)
    if not wanted or not further.issuperset(wanted):
        raise OracleError(1031, "insufficient privileges")
    return wanted, user
