"""The controller's side: databases and roles, or schemas."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from gen3bed.errors import MissingExtensionError, NamespaceError
from gen3bed.ledger import Entry, Kind, Ledger
from gen3bed.registries._broker import BrokerServer
from gen3bed.registries._interface import Lease, Provisioner
from gen3bed.registries.postgresql._admin import connect, create_role, execute, lost, refusals, when_refused
from gen3bed.registries.postgresql._broker import DatabaseBroker
from gen3bed.registries.postgresql._session import LastingSession
from gen3bed.services import Service, without_password
from gen3bed.services._cleanup import removing, run_all
from gen3bed.services._directory import directory_entry, make_directory, remove_directory

__all__ = ["DatabaseProvisioner", "SchemaProvisioner"]


class DatabaseProvisioner(Provisioner):
    """Gives each worker a role that owns its database and nothing else."""

    def __init__(self, variant: str, service: Service, ledger: Ledger) -> None:
        self._variant = variant
        self._service = service
        self._ledger = ledger
        self._prefix = f"gen3bed_{ledger.run}"
        self._made: list[Entry] = []
        self._broker: DatabaseBroker | None = None
        self._stop_broker: Callable[[], None] = lambda: None
        self._server = without_password(service.url)
        self._admin = LastingSession(service.url)
        self._directory = directory_entry(ledger)
        self._base = self._entry("database", f"{self._prefix}_base")
        with removing(self.close, keep=True):
            ledger.record(self._directory)
            make_directory(self._directory)
            self._make_base()
            self._serve_broker()

    def provision(self, worker: str) -> Lease:
        """Make the role and the first database of a worker."""
        assert self._broker is not None  # noqa: S101
        role = f"{self._prefix}_{worker}"
        password = secrets.token_urlsafe(24)
        entry = self._entry("role", role)
        admin = self._admin.connection
        self._ledger.record(entry)
        self._made.append(entry)
        with refusals(role):
            with when_refused(lambda: self._forget(entry)):
                create_role(admin, role, password)
            # An administrator that is no superuser must belong to a role to
            # make databases for it.
            execute(admin, "GRANT {role} TO CURRENT_USER", role=role)
        return Lease(
            registry="postgresql",
            variant=self._variant,
            worker=worker,
            server_version=self._service.version,
            facts={
                "mode": "database",
                "application": f"gen3bed {self._ledger.run} {worker}",
                "url": without_password(self._service.url.set(username=role, database="")),
                "password": password,
                "database": self._broker.create(worker),
                "broker": self._server_of_broker.address,
                "key": self._server_of_broker.key,
            },
        )

    def lost(self) -> str:
        """Ask the server whether it still answers."""
        return lost(self._service.url)

    def close(self) -> None:
        """Drop all databases, then all roles; go on past a failure."""
        steps: list[Callable[[], object]] = []
        if self._broker is not None:
            steps += [self._stop_broker, self._broker.close]
        steps += [partial(self._drop, entry) for entry in self._made]
        steps += [self._admin.close, self._remove_directory]
        self._broker, self._made = None, []
        run_all(steps)

    def _remove_directory(self) -> None:
        remove_directory(self._directory, self._ledger.run)
        self._ledger.strike(self._directory)

    def _make_base(self) -> None:
        admin = self._admin.connection
        with refusals(self._server):
            if self._service.holder:
                # By default everybody may connect to these.
                for database in ("postgres", "template1"):
                    execute(admin, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", name=database)
            self._ledger.record(self._base)
            self._made.append(self._base)
            with when_refused(lambda: self._forget(self._base)):
                execute(admin, "CREATE DATABASE {name}", name=self._base.name)
            with connect(self._service.url, self._base.name) as base:
                base.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")

    def _serve_broker(self) -> None:
        self._broker = broker = DatabaseBroker(
            self._service.url,
            self._ledger,
            holder=self._service.holder,
            prefix=self._prefix,
            base=self._base.name,
        )
        self._server_of_broker = BrokerServer(
            broker, f"{self._directory.name}/broker", "create", "copy", "swap", "drop"
        )
        self._stop_broker = self._server_of_broker.stop

    def _entry(self, kind: Kind, name: str) -> Entry:
        return Entry(kind=kind, name=name, within=self._service.holder, facts={"server": self._server})

    def _drop(self, entry: Entry) -> None:
        admin = self._admin.connection
        with refusals(entry.name):
            if entry.kind == "database":
                execute(admin, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=entry.name)
            else:
                execute(admin, "DROP ROLE IF EXISTS {name}", name=entry.name)
            self._ledger.strike(entry)

    def _forget(self, entry: Entry) -> None:
        self._made.remove(entry)
        self._ledger.strike(entry)


class SchemaProvisioner(Provisioner):
    """Gives each worker a prefix for schemas in one database.

    For a server where the account may create schemas in a database that an
    administrator made, and nothing else.  The workers write each schema to
    the ledger before the middleware makes it.
    """

    def __init__(self, variant: str, service: Service, ledger: Ledger) -> None:
        self._variant = variant
        self._service = service
        self._ledger = ledger
        self._server = without_password(service.url)
        self._admin = LastingSession(service.url)
        installed = "SELECT FROM pg_extension WHERE extname = 'btree_gist'"
        if self._admin.connection.execute(installed).fetchone() is None:
            self._admin.close()
            raise MissingExtensionError(
                self._server,
                reason="the database has no btree_gist, and an extension is not ours to leave there",
                hint="Ask its owner for: CREATE EXTENSION btree_gist;",
            )

    def provision(self, worker: str) -> Lease:
        """Find the prefix of a worker's schemas free."""
        prefix = f"gen3bed_{self._ledger.run}_{worker}"
        with refusals(self._server):
            taken = self._admin.connection.execute(
                "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", (f"{prefix}_",)
            ).fetchone()
        if taken:
            raise NamespaceError(
                f"schema {taken[0]} in {self._server}",
                reason="it exists already and is not ours",
                hint="Somebody else made it: run again, for other names, or choose another database.",
            )
        password = self._service.url.password
        return Lease(
            registry="postgresql",
            variant=self._variant,
            worker=worker,
            server_version=self._service.version,
            facts={
                "mode": "schema",
                "application": f"gen3bed {self._ledger.run} {worker}",
                "url": without_password(self._service.url.set(database="")),
                "password": "" if password is None else str(password),
                "database": str(self._service.url.database),
                "prefix": prefix,
                "server": self._server,
                "ledger": str(self._ledger.path),
            },
        )

    def lost(self) -> str:
        """Ask the server whether it still answers."""
        return lost(self._service.url)

    def close(self) -> None:
        """Drop every schema that a worker made and did not drop; go on past a failure."""
        left = [e for e in self._ledger.outstanding() if e.kind == "schema"]
        drops = [partial(self._drop, entry) for entry in left if entry.facts["server"] == self._server]
        run_all([*drops, self._admin.close])

    def _drop(self, entry: Entry) -> None:
        admin = self._admin.connection
        with refusals(entry.name):
            execute(admin, "DROP SCHEMA IF EXISTS {name} CASCADE", name=entry.name)
        self._ledger.strike(entry)
