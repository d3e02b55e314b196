"""The controller's side: users, or the one schema of an account."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from gen3bed.errors import NamespaceError
from gen3bed.ledger import Entry, Ledger
from gen3bed.registries._broker import BrokerServer
from gen3bed.registries._interface import Lease, Provisioner
from gen3bed.registries.oracle._admin import (
    Administrator,
    empty_schema,
    lost,
    quoted,
    refusals,
    when_refused,
)
from gen3bed.registries.oracle._users import UserBroker
from gen3bed.services import Service, without_password
from gen3bed.services._cleanup import removing, run_all
from gen3bed.services._directory import directory_entry, make_directory, remove_directory

__all__ = ["OwnSchemaProvisioner", "UserProvisioner", "marker_of"]


class UserProvisioner(Provisioner):
    """Gives workers users that own their schema and nothing else."""

    def __init__(self, variant: str, service: Service, ledger: Ledger) -> None:
        self._variant = variant
        self._service = service
        self._ledger = ledger
        self._broker: UserBroker | None = None
        self._stop_broker: Callable[[], None] = lambda: None
        self._directory = directory_entry(ledger)
        with removing(self.close, keep=True):
            ledger.record(self._directory)
            make_directory(self._directory)
            self._broker = UserBroker(service, ledger, prefix=f"gen3bed_{ledger.run}")
            self._server = BrokerServer(
                self._broker, f"{self._directory.name}/broker", "create", "sessions", "drop"
            )
            self._stop_broker = self._server.stop

    def provision(self, worker: str) -> Lease:
        """Let a worker have users, with a password of its own."""
        assert self._broker is not None  # noqa: S101
        # Complex enough for a password verification function.
        password = f"Aa1_{secrets.token_hex(12)}"
        self._broker.admit(worker, password)
        return Lease(
            registry="oracle",
            variant=self._variant,
            worker=worker,
            server_version=self._service.version,
            facts={
                "mode": "user",
                "url": without_password(self._service.url.set(username="nobody")),
                "password": password,
                "broker": self._server.address,
                "key": self._server.key,
            },
        )

    def lost(self) -> str:
        """Ask the server whether it still answers."""
        return lost(self._service.url)

    def close(self) -> None:
        """Drop all users; go on past a failure."""
        steps: list[Callable[[], object]] = []
        if self._broker is not None:
            steps += [self._stop_broker, self._broker.close]
        self._broker = None
        run_all([*steps, self._remove_directory])

    def _remove_directory(self) -> None:
        remove_directory(self._directory, self._ledger.run)
        self._ledger.strike(self._directory)


def marker_of(run: str) -> str:
    """Return the name of the sequence that says that all in a schema is a run's.

    No table: the Butler makes no registry in a schema that has any.
    """
    return f"GEN3BED_{run}".upper()


class OwnSchemaProvisioner(Provisioner):
    """Gives one worker the schema of the account itself.

    For a server where a database administrator made one user, which may make
    tables and nothing else.  Its schema must be empty.  While it is used, a
    sequence with the run's number in its name marks all in it as the run's.
    """

    def __init__(self, variant: str, service: Service, ledger: Ledger) -> None:
        self._variant = variant
        self._service = service
        self._ledger = ledger
        self._server = without_password(service.url)
        self._worker = ""
        self._marker = marker_of(ledger.run)
        self._entry = Entry(
            kind="schema", name=str(service.url.username).upper(), facts={"server": self._server}
        )
        self._marked = False
        self._admin = Administrator(service.url)

    def provision(self, worker: str) -> Lease:
        """Mark the schema as ours, for the one worker that there is room for.

        Raises
        ------
        gen3bed.errors.NamespaceError
            Raised for a second worker, and if the schema is not empty.
        """
        if self._worker:
            raise NamespaceError(
                self._server,
                reason="one schema has room for one worker",
                hint="Give -n 1, or an account that may make users.",
            )
        with refusals(self._server):
            rows = self._admin.execute("SELECT object_type, object_name FROM user_objects ORDER BY 2")
            if rows:
                kind, name = rows[0]
                raise NamespaceError(
                    f"schema {self._entry.name} in {self._server}",
                    reason=f"it is not empty: {len(rows)} objects, such as the {kind.lower()} {name}",
                    hint="Give an account whose schema is empty; `gen3bed reap` removes what a run left.",
                )
            self._ledger.record(self._entry)
            with when_refused(partial(self._ledger.strike, self._entry)):
                self._admin.execute(f"CREATE SEQUENCE {quoted(self._marker)}")
            self._marked = True
        self._worker = worker
        password = self._service.url.password
        return Lease(
            registry="oracle",
            variant=self._variant,
            worker=worker,
            server_version=self._service.version,
            facts={
                "mode": "schema",
                "url": without_password(self._service.url),
                "password": "" if password is None else str(password),
                "marker": self._marker,
            },
        )

    def lost(self) -> str:
        """Ask the server whether it still answers."""
        return lost(self._service.url)

    def close(self) -> None:
        """Empty the schema again."""
        run_all([self._empty, self._admin.close])

    def _empty(self) -> None:
        if self._marked:
            with refusals(self._server):
                # The marker goes last: until then a reaper may finish this.
                empty_schema(self._admin, but=self._marker)
                empty_schema(self._admin)
            self._marked = False
            self._ledger.strike(self._entry)
