"""The worker's side: registries in its own database, and what they leak."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Container
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import yaml
from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from gen3bed.ledger import Entry, Ledger
from gen3bed.registries._broker import broker_client
from gen3bed.registries._interface import Lease, Namespace, RegistryAddress
from gen3bed.registries._templates import Step, Templates
from gen3bed.registries.postgresql._admin import connect, execute
from gen3bed.registries.postgresql._broker import DatabaseBroker
from gen3bed.registries.postgresql._session import LastingSession
from gen3bed.services import without_password

__all__ = ["DatabaseNamespace", "SchemaNamespace"]

_SESSION_GRACE = 5.0
"""Seconds that a backend gets to end after its client closed the socket."""

_STRAY_RELATIONS = """
    SELECT n.nspname, c.relname, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table or view' END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg_toast%%'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
      AND n.nspname <> ALL(%s)
"""

_UNFINISHED = """
    SELECT a.pid, a.state, left(a.query, 80),
           (SELECT count(*) FROM pg_locks l WHERE l.pid = a.pid AND l.locktype IN ('relation', 'advisory'))
    FROM pg_stat_activity a
    WHERE a.application_name = %s AND a.usename = current_user AND a.pid <> pg_backend_pid()
"""

_TEMPORARY_SCHEMAS = """
    SELECT pg_stat_get_backend_pid(id), 'pg_temp_' || id FROM pg_stat_get_backend_idset() AS id
"""
"""A session's temporary schema has its number among all sessions."""

_HAS_NUMBERS = 160000
"""Version of PostgreSQL, as libpq numbers it, in which those are the numbers
of sessions and not of the rows of a list.
https://www.postgresql.org/docs/16/monitoring-stats.html"""

_OWN_TEMPORARY_SCHEMA = """
    SELECT pid, 'pg_temp_' || split_part(virtualtransaction, '/', 1)
    FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'virtualxid'
"""
"""Before that, only the session itself can find its number out."""

_SESSIONS_IN = "SELECT pid FROM pg_stat_activity WHERE datname = %s"


class SchemaNamespace(Namespace):
    """Registries as schemas of one database."""

    shared = True
    """Whether other people have sessions in the same database (`bool`)."""

    def __init__(self, lease: Lease, directory: Path) -> None:
        super().__init__(lease, directory)
        self._numbers = itertools.count()
        self._prefix = lease.facts.get("prefix", "registry")
        self._url = make_url(lease.facts["url"])
        self._application = lease.facts["application"]
        # Only what is in somebody's database is written down: a database of
        # the worker's own is, and goes with all that is in it.
        self._ledger = Ledger(Path(lease.facts["ledger"])) if self.shared else None
        self._give_credentials()
        self._temporary: dict[int, str] = {}
        self._session = LastingSession(self._url_with_password(), lease.facts["database"])
        self._asks_sessions = self.shared and self._observer.info.server_version < _HAS_NUMBERS
        if self._asks_sessions:
            event.listen(Engine, "connect", self._note_temporary_schema)

    def empty(self) -> RegistryAddress:
        """Return the address of a schema that the Butler will make."""
        schema = f"{self._prefix}_{next(self._numbers)}"
        if self._ledger:
            self._ledger.record(self._entry(schema))
        return self._hand_out(self._address(self.lease.facts["database"], schema))

    def release(self, address: RegistryAddress) -> None:
        """Drop the schema."""
        assert address.namespace is not None  # noqa: S101
        execute(self._observer, "DROP SCHEMA IF EXISTS {name} CASCADE", name=address.namespace)
        if self._ledger:
            self._ledger.strike(self._entry(address.namespace))
        self._handed_out.discard(address)

    def leaks(self) -> list[str]:
        """Return unfinished transactions, and relations that nobody asked for."""
        rows = self._observer.execute(_UNFINISHED, (self._application,)).fetchall()
        found = [
            f"{'lock' if locks else 'transaction'}: session {pid} is {state!r} after {query!r}"
            for pid, state, query, locks in rows
            if state != "idle"
        ]
        if self.shared and not self._asks_sessions:
            self._temporary = dict(self._observer.execute(_TEMPORARY_SCHEMAS).fetchall())
        schemas = {self._temporary.get(pid, "") for pid, *_ in rows}
        return found + self._stray(self._observer, self._own_schemas(), temporary=schemas)

    def open_sessions(self) -> list[str]:
        """Return sessions that outlive the engines of the test."""
        rows = self._await_end(_UNFINISHED, self._application)
        return [f"session: {pid} is {state!r} after {query!r}" for pid, state, query, _ in rows]

    def close(self) -> None:
        """Drop what is still there and end the observer's session."""
        for address in list(self._handed_out):
            self.release(address)
        if self._asks_sessions:
            event.remove(Engine, "connect", self._note_temporary_schema)
        self._session.close()
        self._credentials.unlink(missing_ok=True)

    def _entry(self, schema: str) -> Entry:
        return Entry(kind="schema", name=schema, facts={"server": self.lease.facts["server"]})

    @property
    def _observer(self) -> psycopg.Connection:
        return self._session.connection

    def _await_end(self, query: LiteralString, name: str) -> list[tuple[Any, ...]]:
        """Wait until a query for sessions finds none; return what it found when time was up."""
        deadline = time.monotonic() + _SESSION_GRACE
        while rows := self._observer.execute(query, (name,)).fetchall():
            if time.monotonic() > deadline:
                return rows
            time.sleep(0.005)
        return []

    def _own_schemas(self) -> list[str]:
        return [a.namespace for a in self._handed_out if a.namespace]

    def _note_temporary_schema(self, connection: DBAPIConnection, _: object) -> None:
        """Note where a new session of the tests will put temporary tables."""
        if type(connection).__module__.startswith("psycopg"):
            cursor = connection.cursor()
            cursor.execute(_OWN_TEMPORARY_SCHEMA)
            self._temporary.update(cursor.fetchall())
            cursor.close()
            connection.rollback()

    def _stray(
        self, connection: psycopg.Connection, schemas: list[str], *, temporary: Container[str] = ()
    ) -> list[str]:
        rows = connection.execute(_STRAY_RELATIONS, (schemas,)).fetchall()
        return [
            f"{kind}: {schema}.{name} is not in the baseline"
            for schema, name, kind in rows
            # In a shared database other people's schemas come and go.
            if not self.shared or schema.startswith(f"{self._prefix}_") or schema in temporary
        ]

    def _address(self, database: str, schema: str) -> RegistryAddress:
        return RegistryAddress(without_password(self._url.set(database=database)), schema)

    def _url_with_password(self) -> URL:
        return self._url.set(password=self.lease.facts["password"])

    def _give_credentials(self) -> None:
        """Put the password where the Butler looks for it, and nowhere else."""
        self._credentials = self.directory / "db-auth.yaml"
        port = f":{self._url.port}" if self._url.port else ""
        server = f"{self._url.get_backend_name()}://{self._url.host}{port}/*"
        entry = {"url": server, "username": self._url.username, "password": self.lease.facts["password"]}
        descriptor = os.open(self._credentials, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            yaml.safe_dump([entry], stream)
        os.environ["LSST_DB_AUTH"] = str(self._credentials)
        # libpq's default for sessions that do not name themselves, so that
        # ours can be told from other people's.
        os.environ["PGAPPNAME"] = self._application


class DatabaseNamespace(SchemaNamespace):
    """Registries as schemas of the worker's database, or as databases.

    An empty place is a schema of the worker's own database.  A copy is a
    database of its own, which the controller copies from a template.
    """

    copies = True
    shared = False

    def __init__(self, lease: Lease, directory: Path) -> None:
        super().__init__(lease, directory)
        self._broker: DatabaseBroker = broker_client(lease.facts["broker"], lease.facts["key"])
        self._templates = Templates(self._copy_of)

    def copy(self, *steps: Step) -> RegistryAddress:
        """Return a copy of a template database; about 30 ms."""
        return self._hand_out(self._copy_of(self._templates.find(steps)))

    def refill(self, address: RegistryAddress, *steps: Step) -> None:
        """Let a copy of the template take the database's name."""
        template = _database_of(self._templates.find(steps))
        database = _database_of(address)
        # The server polls every 100 ms for sessions that are about to end.
        self._await_end(_SESSIONS_IN, database)
        self._broker.swap(self.lease.worker, database, template)

    def release(self, address: RegistryAddress) -> None:
        """Drop the schema or the database."""
        database = _database_of(address)
        if database == self.lease.facts["database"]:
            super().release(address)
        else:
            self._handed_out.discard(address)
            self._broker.drop(database)

    def leaks(self) -> list[str]:
        """Return leaks in the worker's database and in the copies."""
        found = super().leaks()
        for address in self._handed_out:
            database = _database_of(address)
            if database != self.lease.facts["database"]:
                with connect(self._url_with_password(), database) as connection:
                    found += self._stray(connection, ["registry"])
        return found

    def _copy_of(self, template: RegistryAddress | None) -> RegistryAddress:
        worker = self.lease.worker
        made = (
            self._broker.create(worker)
            if template is None
            else self._broker.copy(worker, _database_of(template))
        )
        return self._address(made, "registry")

    def _own_schemas(self) -> list[str]:
        own = self.lease.facts["database"]
        return [a.namespace for a in self._handed_out if a.namespace and _database_of(a) == own]


def _database_of(address: RegistryAddress) -> str:
    return str(make_url(address.url).database)
