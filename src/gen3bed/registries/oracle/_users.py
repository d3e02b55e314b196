"""Users for workers, which may make none themselves."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import oracledb

from gen3bed.errors import NamespaceError
from gen3bed.ledger import Entry, Ledger
from gen3bed.registries.oracle._admin import (
    Administrator,
    drop_user,
    quoted,
    refusals,
    when_refused,
)
from gen3bed.services import Service, without_password
from gen3bed.services._cleanup import run_all
from gen3bed.services.oracle import NEEDED

__all__ = ["UserBroker", "create_user", "default_tablespace", "tablespace_for_users"]

_QUOTA = "1G"
"""A registry of the suites takes some MB, that of the pipeline some tens."""
_UNFIT = frozenset({"SYSTEM", "SYSAUX"})

_SESSIONS = """
SELECT sid, serial#, status, CASE WHEN taddr IS NULL THEN 0 ELSE 1 END, module
  FROM v$session WHERE username = :name
"""


def tablespace_for_users(admin: Administrator, service: Service) -> str:
    """Return the tablespace for new users' tables: that of a server of ours, or the database's default.

    Raises
    ------
    gen3bed.errors.NamespaceError
        Raised if the default is one of the database's own.
    """
    return service.facts.get("tablespace") or default_tablespace(admin, without_password(service.url))


def default_tablespace(admin: Administrator, subject: str) -> str:
    """Return the tablespace for new users' tables.

    Raises
    ------
    gen3bed.errors.NamespaceError
        Raised if it is one of the database's own.
    """
    with refusals(subject):
        rows = admin.execute(
            "SELECT property_value FROM database_properties"
            " WHERE property_name = 'DEFAULT_PERMANENT_TABLESPACE'"
        )
    (name,) = rows[0] if rows else ("SYSTEM",)
    if name in _UNFIT:
        raise NamespaceError(
            subject,
            reason=f"new users would get the tablespace {name}, which is the database's own",
            hint="Ask the administrator for: ALTER DATABASE DEFAULT TABLESPACE users;",
        )
    return str(name)


def create_user(admin: Administrator, name: str, password: str, *, tablespace: str) -> None:
    """Create a user that may make tables and sequences of its own, and nothing else.

    Parameters
    ----------
    admin : `Administrator`
        Session of an account that may make users.
    name, password : `str`
        The user's; neither holds a quotation mark.
    tablespace : `str`
        Where its tables go.

    Raises
    ------
    oracledb.Error
        Raised if the server refuses.
    """
    admin.execute(
        f"CREATE USER {quoted(name)} IDENTIFIED BY {quoted(password)}"
        f" DEFAULT TABLESPACE {quoted(tablespace)} QUOTA {_QUOTA} ON {quoted(tablespace)}"
    )
    admin.execute(f"GRANT {', '.join(NEEDED)} TO {quoted(name)}")


class UserBroker:
    """Makes and drops users on the workers' behalf.

    Workers call it through a `gen3bed.registries._broker.BrokerServer`, one
    thread each.  Drops happen behind the tests, in one thread.

    Parameters
    ----------
    service : `gen3bed.services.Service`
        The server, with the administrator's address.
    ledger : `gen3bed.ledger.Ledger`
        Where every user is written before it is made.
    prefix : `str`
        What the names of all users of the run begin with.
    """

    def __init__(self, service: Service, ledger: Ledger, *, prefix: str) -> None:
        self._server = without_password(service.url)
        self._ledger = ledger
        self._holder = service.holder
        self._prefix = prefix
        self._admin = Administrator(service.url)
        # Looking and dropping must not wait for each other.
        self._dropper = Administrator(service.url)
        self._tablespace = tablespace_for_users(self._admin, service)
        self._lock = threading.Lock()
        self._number = 0
        self._passwords: dict[str, str] = {}
        self._made: dict[str, Entry] = {}
        self._behind = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gen3bed-users")

    def admit(self, worker: str, password: str) -> None:
        """Let a worker have users with this password."""
        self._passwords[worker] = password

    def create(self, worker: str) -> str:
        """Make a user with an empty schema; return its name.

        Raises
        ------
        gen3bed.errors.ServiceError
            Raised if the server refuses.
        """
        with self._lock:
            self._number += 1
            name = f"{self._prefix}_{worker}_{self._number}".upper()
            entry = Entry(kind="user", name=name, within=self._holder, facts={"server": self._server})
            if not self._holder:
                # On a server of ours the server's own entry covers its users.
                self._ledger.record(entry)
            self._made[name] = entry
            with refusals(f"user {name}"), when_refused(partial(self._forget, name)):
                create_user(self._admin, name, self._passwords[worker], tablespace=self._tablespace)
        return name

    def sessions(self, name: str) -> list[tuple[int, str, bool, str]]:
        """Return the sessions of a user of this run.

        Returns
        -------
        sessions : `list` [`tuple` [`int`, `str`, `bool`, `str`]]
            Number, status, whether it is in a transaction, and module of
            each; none if the account may not look.
        """
        self._check(name)
        with self._lock:
            try:
                rows = self._admin.execute(_SESSIONS, name=name)
            except oracledb.Error:
                return []
        return [(int(sid), str(status), bool(busy), module or "") for sid, _, status, busy, module in rows]

    def drop(self, name: str) -> None:
        """Drop a user of this run, some time soon.

        One that cannot be dropped then is tried again by `close`.
        """
        self._check(name)
        self._behind.submit(self._drop, name)

    def close(self) -> None:
        """Drop every user of this run; go on past a failure."""
        self._behind.shutdown(wait=True)
        drops = [partial(self._drop, name) for name in list(self._made)]
        run_all([*drops, self._dropper.close, self._admin.close])

    def _drop(self, name: str) -> None:
        with refusals(f"user {name}"):
            drop_user(self._dropper, name)
        self._forget(name)

    def _forget(self, name: str) -> None:
        entry = self._made.pop(name)
        if not self._holder:
            self._ledger.strike(entry)

    def _check(self, name: str) -> None:
        if name not in self._made:
            raise NamespaceError(
                f"user {name}", reason="this run did not make it", hint="Please report this."
            )
