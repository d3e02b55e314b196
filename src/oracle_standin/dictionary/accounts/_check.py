"""Deciding whether a user may do what a statement demands."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle_standin.dictionary._install import PUBLIC_VIEWS, SYS_VIEWS
from oracle_standin.dictionary.accounts._demands import Demand, demands
from oracle_standin.dictionary.accounts._grants import Grants, kind_of
from oracle_standin.errors import OracleError

__all__ = ["Checker"]

_REMEMBERED = 4096
"""Most statements of which is remembered that they are allowed."""
_HIDDEN = frozenset({"STANDIN", "INFORMATION_SCHEMA"})
"""Schemas of H2's and ours that Oracle does not have."""

# What is said of an object that the user may not know of, by its kind.
_UNSEEN = {
    "SEQUENCE": (2289, "sequence does not exist"),
    "INDEX": (1418, "specified index does not exist"),
    "SYNONYM": (1434, "private synonym to be dropped does not exist"),
}
_NO_TABLE = (942, "table or view does not exist")
_PROCEDURES = frozenset({"FUNCTION", "PACKAGE", "PROCEDURE"})
_VISIBLE = tuple(
    f"{verb} ANY TABLE" for verb in ("SELECT", "READ", "INSERT", "UPDATE", "DELETE", "LOCK", "ALTER", "DROP")
)


_SUFFICIENT: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "SELECT": (frozenset({"SELECT", "READ"}), ("SELECT ANY TABLE", "READ ANY TABLE")),
    "SELECT DIRECTLY": (frozenset({"SELECT", "READ"}), ("SELECT ANY TABLE", "READ ANY TABLE")),
    "SELECT FOR UPDATE": (frozenset({"SELECT"}), ("SELECT ANY TABLE",)),
    "SEQUENCE": (frozenset({"SELECT"}), ("SELECT ANY SEQUENCE",)),
    "REFERENCES": (frozenset({"REFERENCES"}), ()),
    "INDEX": (frozenset({"INDEX"}), ("CREATE ANY INDEX",)),
    "COMMENT": (frozenset(), ("COMMENT ANY TABLE",)),
}


@dataclass
class Checker:
    """Checks statements; remembers those that were allowed.

    Attributes
    ----------
    grants : `Grants`
        Who has what.
    """

    grants: Grants
    _synonyms: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _allowed: set[tuple[str, str, str]] = field(default_factory=set)
    _state: tuple[int, int] = (-1, -1)

    def check(self, text: str, user: str, schema: str, generation: int) -> None:
        """Check a statement; see `Accounts.check`."""
        state = (self.grants.version, generation)
        if state != self._state:
            self._forget(state)
        key = (text, user, schema)
        if key in self._allowed:
            return
        for demand in demands(text):
            self._decide(demand, user, schema)
        if len(self._allowed) > _REMEMBERED:
            self._allowed.clear()
        self._allowed.add(key)

    def _forget(self, state: tuple[int, int]) -> None:
        self._allowed.clear()
        rows = self.grants.execute(
            "SELECT OWNER, SYNONYM_NAME, TABLE_OWNER, TABLE_NAME FROM STANDIN.SYNONYMS"
        )
        self._synonyms = {(str(owner), str(name)): (str(to), str(table)) for owner, name, to, table in rows}
        self._state = state

    def resolve(self, schema: str | None, name: str, current: str) -> tuple[str, str]:
        """Return owner and name of what a name stands for; the current schema's if nothing else is known."""
        found = (schema or current, name)
        for _ in range(8):
            following = self._synonyms.get(found)
            if following is None and schema is None:
                following = self._synonyms.get(("PUBLIC", name)) if not self._exists(*found) else None
                if following is None and (name == "DUAL" or name in SYS_VIEWS) and not self._exists(*found):
                    following = ("SYS", name)
            if following is None or following == found:
                break
            found, schema = following, following[0]
        return found

    def _exists(self, owner: str, name: str) -> bool:
        return kind_of(self.grants.execute, owner, name) is not None

    def _decide(self, demand: Demand, user: str, current: str) -> None:
        match demand.action:
            case "SYSTEM":
                self._need(demand, user, demand.kind)
            case "CREATE":
                self._decide_create(demand, user, demand.schema or current)
            case "DROP" | "ALTER" if demand.kind.startswith("PUBLIC"):
                self._need(demand, user, f"DROP {demand.kind}")
            case "DROP" | "ALTER":
                self._decide_change(demand, user, demand.schema or current)
            case _:
                self._decide_use(demand, user, current)

    def _need(self, demand: Demand, user: str, *privileges: str) -> None:
        if not any(self.grants.has(user, privilege) for privilege in privileges):
            raise OracleError(1031, "insufficient privileges", offset=demand.offset)

    def _decide_create(self, demand: Demand, user: str, owner: str) -> None:
        kind = "PROCEDURE" if demand.kind in _PROCEDURES else demand.kind
        if kind.startswith("PUBLIC") or kind in ("TABLESPACE", "PROFILE"):
            self._need(demand, user, f"CREATE {kind}")
        elif kind in ("DIRECTORY", "CONTEXT"):
            self._need(demand, user, f"CREATE ANY {kind}")
        elif owner == user:
            # One's own tables may be indexed without a privilege; of others' see the demand INDEX.
            if kind not in ("INDEX", "MATERIALIZED VIEW LOG"):
                self._need(demand, user, f"CREATE {kind}", f"CREATE ANY {kind}")
        else:
            self._need(demand, user, f"CREATE ANY {kind}")

    def _decide_change(self, demand: Demand, user: str, owner: str) -> None:
        kind = "PROCEDURE" if demand.kind in _PROCEDURES else demand.kind
        if kind in ("TABLESPACE", "PROFILE"):
            # They are in no schema.
            self._need(demand, user, f"{demand.action} {kind}")
            return
        if owner == user:
            return
        if kind == "DATABASE LINK":
            self._need(demand, user, f"{demand.action} {kind}")
            return
        if self.grants.has(user, f"{demand.action} ANY {kind}") and owner != "SYS":
            return
        held = self.grants.on_object(user, owner, demand.name)
        if demand.action == "ALTER" and "ALTER" in held:
            return
        self._refuse(demand, user, held, *_UNSEEN.get(kind, _NO_TABLE))

    def _decide_use(self, demand: Demand, user: str, current: str) -> None:
        owner, name = self.resolve(demand.schema, demand.name, current)
        if owner in _HIDDEN:
            raise OracleError(*_NO_TABLE, offset=demand.offset)
        directly = demand.action in {"SELECT DIRECTLY", "REFERENCES"}
        if directly:
            # A view reads with its owner's privileges, and a key refers with its table's owner's; what
            # roles have does not count.
            user = demand.kind or current
        if owner == user:
            return
        if owner == "SYS":
            self._decide_dictionary(demand, user, name, directly=directly)
            return
        action = demand.action.partition(" ")[0]
        held = self.grants.on_object(user, owner, name, directly=directly)
        enough, system = _sufficient(demand.action)
        if action == "LOCK" and held - {"READ"}:
            return
        if held & enough or any(self.grants.has(user, privilege, directly=directly) for privilege in system):
            return
        self._refuse(demand, user, held, *_UNSEEN.get(action, _NO_TABLE))

    def _decide_dictionary(self, demand: Demand, user: str, name: str, *, directly: bool) -> None:
        if name in PUBLIC_VIEWS or name not in SYS_VIEWS:
            return
        if self.grants.has(user, "SELECT ANY DICTIONARY", directly=directly):
            return
        if not directly and "SELECT_CATALOG_ROLE" in self.grants.grantees(user):
            return
        held = self.grants.on_object(user, "SYS", SYS_VIEWS[name], directly=directly)
        if not held & {"SELECT", "READ"}:
            raise OracleError(*_NO_TABLE, offset=demand.offset)

    def _refuse(self, demand: Demand, user: str, held: set[str], number: int, message: str) -> None:
        """Refuse; an object of which the user may not know does not exist for it."""
        if held or any(self.grants.has(user, privilege) for privilege in _VISIBLE):
            raise OracleError(1031, "insufficient privileges", offset=demand.offset)
        raise OracleError(number, message, offset=demand.offset)


def _sufficient(action: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the object privileges of which one is enough, and the system privileges."""
    return _SUFFICIENT.get(action) or (frozenset({action}), (f"{action} ANY TABLE",))
