"""Who has been granted what: memory for quick answers, tables for the dictionary's views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from oracle_standin.dictionary.accounts._privileges import SYSTEM_PRIVILEGES, predefined_roles
from oracle_standin.profiles import Profile
from oracle_standin.values import Value

__all__ = ["Execute", "Grants", "ObjectGrant", "kind_of"]

Execute = Callable[..., list[tuple[str | None, ...]]]
"""Runs H2's SQL with values for its ``?``, with all rights and at once permanent; returns rows as texts."""

# Any of these shows a user everybody's tables in the ALL_ views.
_SEEING = frozenset(
    f"{action} ANY TABLE"
    for action in ("SELECT", "READ", "INSERT", "UPDATE", "DELETE", "LOCK", "ALTER", "DROP")
)


@dataclass
class ObjectGrant:
    """A privilege on an object that somebody was granted."""

    privilege: str
    grantee: str
    grantor: str
    grantable: bool


@dataclass
class Grants:
    """Roles, system privileges and object privileges of all users.

    Parameters
    ----------
    execute : `Execute`
        Writes the tables of the schema STANDIN.
    profile : `~oracle_standin.profiles.Profile`
        Decides on the predefined roles.
    """

    execute: Execute
    profile: Profile
    version: int = 0
    """Rises with each change, so that what was decided before can be forgotten."""
    system: dict[str, dict[str, bool]] = field(default_factory=dict)
    """Admin option by grantee and system privilege."""
    roles: dict[str, dict[str, bool]] = field(default_factory=dict)
    """Admin option by grantee and role."""
    known_roles: set[str] = field(default_factory=set)
    objects: dict[tuple[str, str], list[ObjectGrant]] = field(default_factory=dict)
    """Grants by owner and name of the object."""
    _grantees: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for role, privileges in predefined_roles(self.profile).items():
            self.add_role(role, maintained=True)
            for privilege in privileges:
                self.grant_system(role, privilege)
        for role in ("SELECT_CATALOG_ROLE", "EXECUTE_CATALOG_ROLE", "EXP_FULL_DATABASE", "IMP_FULL_DATABASE"):
            self.grant_role("DBA", role)
        for privilege in SYSTEM_PRIVILEGES:
            self.grant_system("SYS", privilege, option=True)
        self.grant_system("SYSTEM", "UNLIMITED TABLESPACE", option=True)
        for user in ("SYS", "SYSTEM"):
            self.grant_role(user, "DBA", option=True)
            self.refresh(user)

    def grantees(self, user: str) -> frozenset[str]:
        """Return the names that grants to a user may stand under: its own, PUBLIC, its roles and theirs."""
        found = self._grantees.get(user)
        if found is None:
            seen = {user, "PUBLIC"}
            waiting = [user, "PUBLIC"]
            while waiting:
                for role in self.roles.get(waiting.pop(), ()):
                    if role not in seen:
                        seen.add(role)
                        waiting.append(role)
            found = self._grantees[user] = frozenset(seen)
        return found

    def has(self, user: str, privilege: str, *, directly: bool = False) -> bool:
        """Return whether a user has a system privilege.

        Parameters
        ----------
        user, privilege : `str`
            Who, and what.
        directly : `bool`, optional
            Leave out what the user has by its roles.
        """
        names = (user, "PUBLIC") if directly else self.grantees(user)
        return any(privilege in self.system.get(name, ()) for name in names)

    def administers(self, user: str, granted: dict[str, dict[str, bool]], what: str) -> bool:
        """Return whether a user was granted a privilege or role with the admin option."""
        return any(granted.get(name, {}).get(what, False) for name in self.grantees(user))

    def on_object(self, user: str, owner: str, name: str, *, directly: bool = False) -> set[str]:
        """Return the privileges that a user was granted on an object."""
        found = self.objects.get((owner, name))
        if not found:
            return set()
        names = {user, "PUBLIC"} if directly else self.grantees(user)
        return {grant.privilege for grant in found if grant.grantee in names}

    def can_grant(self, user: str, owner: str, name: str) -> set[str]:
        """Return the privileges on another's object that a user may grant further."""
        return {g.privilege for g in self.objects.get((owner, name), ()) if g.grantee == user and g.grantable}

    # -- changes -----------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.version += 1
        self._grantees.clear()

    def refresh(self, *users: str) -> None:
        """Write down for the views under which names these users are granted something."""
        for user in users:
            self._delete("GRANTEES", USERNAME=user)
            self._delete("ALL_SEEING", USERNAME=user)
            for name in self.grantees(user):
                self._insert("GRANTEES", user, name)
            if any(self.has(user, privilege) for privilege in _SEEING):
                self._insert("ALL_SEEING", user)

    def add_role(self, role: str, *, maintained: bool = False) -> None:
        """Make a role."""
        self.known_roles.add(role)
        self.execute(
            "INSERT INTO STANDIN.ROLES (ROLE, ORACLE_MAINTAINED) VALUES (?, ?)",
            role,
            "Y" if maintained else "N",
        )
        self._changed()

    def grant_system(self, grantee: str, privilege: str, *, option: bool = False) -> None:
        """Grant a system privilege."""
        held = self.system.setdefault(grantee, {})
        held[privilege] = option or held.get(privilege, False)
        self._delete("SYSTEM_GRANTS", GRANTEE=grantee, PRIVILEGE=privilege)
        self._insert("SYSTEM_GRANTS", grantee, privilege, _yes(held[privilege]))
        self._changed()

    def grant_role(self, grantee: str, role: str, *, option: bool = False) -> None:
        """Grant a role."""
        held = self.roles.setdefault(grantee, {})
        held[role] = option or held.get(role, False)
        self._delete("ROLE_GRANTS", GRANTEE=grantee, GRANTED_ROLE=role)
        self._insert("ROLE_GRANTS", grantee, role, _yes(held[role]))
        self._changed()

    def grant_object(self, owner: str, name: str, kind: str, grant: ObjectGrant) -> None:
        """Grant a privilege on an object."""
        held = self.objects.setdefault((owner, name), [])
        for old in [g for g in held if (g.privilege, g.grantee, g.grantor) == _key(grant)]:
            grant.grantable = grant.grantable or old.grantable
            held.remove(old)
        held.append(grant)
        self._delete(
            "OBJECT_GRANTS", OWNER=owner, OBJECT_NAME=name, GRANTEE=grant.grantee, PRIVILEGE=grant.privilege,
            GRANTOR=grant.grantor,
        )  # fmt: skip
        self._insert(
            "OBJECT_GRANTS",
            grant.grantee,
            owner,
            name,
            grant.grantor,
            grant.privilege,
            _yes(grant.grantable),
            kind,
        )
        self._changed()

    def revoke_system(self, grantee: str, privilege: str) -> bool:
        """Take a system privilege away; return whether it had been granted."""
        if self.system.get(grantee, {}).pop(privilege, None) is None:
            return False
        self._delete("SYSTEM_GRANTS", GRANTEE=grantee, PRIVILEGE=privilege)
        self._changed()
        return True

    def revoke_role(self, grantee: str, role: str) -> bool:
        """Take a role away; return whether it had been granted."""
        if self.roles.get(grantee, {}).pop(role, None) is None:
            return False
        self._delete("ROLE_GRANTS", GRANTEE=grantee, GRANTED_ROLE=role)
        self._changed()
        return True

    def revoke_object(self, owner: str, name: str, grant: ObjectGrant) -> None:
        """Take a privilege on an object away, and what its holder granted further."""
        held = self.objects[owner, name]
        if grant not in held:
            return
        held.remove(grant)
        self._delete(
            "OBJECT_GRANTS", OWNER=owner, OBJECT_NAME=name, GRANTEE=grant.grantee, PRIVILEGE=grant.privilege,
            GRANTOR=grant.grantor,
        )  # fmt: skip
        for further in [g for g in held if (g.privilege, g.grantor) == (grant.privilege, grant.grantee)]:
            self.revoke_object(owner, name, further)
        self._changed()

    def forget_object(self, owner: str, name: str) -> None:
        """Forget the grants on an object that was dropped."""
        if self.objects.pop((owner, name), None) is not None:
            self._delete("OBJECT_GRANTS", OWNER=owner, OBJECT_NAME=name)
            self._changed()

    def forget_grantee(self, name: str) -> None:
        """Forget all that concerns a user or role that was dropped."""
        for held in (self.system, self.roles):
            held.pop(name, None)
        self.known_roles.discard(name)
        for owner, thing in list(self.objects):
            if owner == name:
                del self.objects[owner, thing]
                continue
            for grant in list(self.objects[owner, thing]):
                if name in (grant.grantee, grant.grantor):
                    self.revoke_object(owner, thing, grant)
        for grantee in [g for g, roles in self.roles.items() if name in roles]:
            self.revoke_role(grantee, name)
        self._delete("SYSTEM_GRANTS", GRANTEE=name)
        self._delete("ROLE_GRANTS", GRANTEE=name)
        self._delete("OBJECT_GRANTS", OWNER=name)
        self._delete("GRANTEES", USERNAME=name)
        self._delete("ALL_SEEING", USERNAME=name)
        self._delete("ROLES", ROLE=name)
        self._changed()

    def _insert(self, table: str, *values: Value) -> None:
        marks = ", ".join("?" * len(values))
        self.execute(f"INSERT INTO STANDIN.{table} VALUES ({marks})", *values)  # noqa: S608 - the names are ours

    def _delete(self, table: str, **keys: str) -> None:
        condition = " AND ".join(f"{column} = ?" for column in keys)
        self.execute(f"DELETE FROM STANDIN.{table} WHERE {condition}", *keys.values())  # noqa: S608 - the names are ours


def kind_of(execute: Execute, owner: str, name: str) -> str | None:
    """Return the kind of object, as in `OBJECT_PRIVILEGES`, or `None` if there is none of that name."""
    rows = execute(
        "SELECT CASE WHEN KIND = 'MATERIALIZED VIEW' THEN KIND ELSE 'TABLE' END FROM STANDIN.TABLES"
        " WHERE OWNER = ? AND TABLE_NAME = ?"
        " UNION ALL SELECT 'VIEW' FROM STANDIN.VIEWS WHERE OWNER = ? AND VIEW_NAME = ?"
        " UNION ALL SELECT 'SEQUENCE' FROM STANDIN.SEQUENCES WHERE OWNER = ? AND SEQUENCE_NAME = ?"
        " UNION ALL SELECT 'PROCEDURE' FROM STANDIN.ROUTINES WHERE OWNER = ? AND ROUTINE_NAME = ?",
        *(owner, name) * 4,
    )
    return rows[0][0] if rows else None


def _yes(value: object) -> str:
    return "YES" if value else "NO"


def _key(grant: ObjectGrant) -> tuple[str, str, str]:
    return grant.privilege, grant.grantee, grant.grantor
