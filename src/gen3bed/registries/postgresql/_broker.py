"""Copies of databases for workers, which may make none themselves."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import LiteralString

import sqlalchemy

from gen3bed.errors import ServiceError
from gen3bed.ledger import Entry, Ledger
from gen3bed.registries.postgresql._admin import execute, refusals, when_refused
from gen3bed.registries.postgresql._session import LastingSession
from gen3bed.services import without_password
from gen3bed.services._cleanup import run_all

__all__ = ["DatabaseBroker"]

_HAS_STRATEGY = 150000
"""Version of PostgreSQL, as libpq numbers it, that lets one choose how a
database is copied; older ones always copy files.
https://www.postgresql.org/docs/15/release-15.html"""


class DatabaseBroker:
    """Copies and drops databases for workers, which may not do so themselves.

    Workers call it through a `multiprocessing.managers.BaseManager`, one
    thread each.  A spare copy of each template that was asked for is made
    ahead while the worker's test runs, and drops happen behind it; both in
    one thread.  There is one session, used by one thread at a time.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Administrator's address.
    ledger : `gen3bed.ledger.Ledger`
        Where every database is written before it is made.
    holder : `str`
        Ledger name of the server if it is ours, else an empty string.
    prefix : `str`
        What the names of all databases of the run begin with.
    base : `str`
        Template with the extensions and no tables.
    """

    def __init__(self, url: sqlalchemy.URL, ledger: Ledger, *, holder: str, prefix: str, base: str) -> None:
        self._url = url
        self._ledger = ledger
        self._holder = holder
        self._prefix = prefix
        self._base = base
        self._admin = LastingSession(url)
        self._statement: LiteralString = "CREATE DATABASE {name} TEMPLATE {template} OWNER {role}"
        if holder and self._admin.connection.info.server_version >= _HAS_STRATEGY:
            # Half the time of the default, for a checkpoint each, which only a
            # server of ours may be asked for.
            self._statement += " STRATEGY FILE_COPY"
        self._lock = threading.Lock()
        self._number = 0
        self._owned: dict[str, Entry] = {}
        self._copied: dict[str, str] = {}
        self._spares: dict[tuple[str, str], deque[Future[str]]] = {}
        self._ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gen3bed-databases")

    def create(self, worker: str) -> str:
        """Make an empty database that ``worker``'s role owns; return its name."""
        return self._create(worker, self._base)

    def copy(self, worker: str, template: str) -> str:
        """Return the name of a fresh copy of ``template``, owned by ``worker``.

        Raises
        ------
        gen3bed.errors.NamespaceError
            Raised if ``template`` is not a database that this run made.
        """
        self._check(template)
        return self._take(worker, template)

    def swap(self, worker: str, database: str, template: str) -> None:
        """Let a copy of ``template`` take the name of ``database``.

        What had the name is a copy that nobody changed, and is used again;
        the new copy is dropped if the server refuses.

        Parameters
        ----------
        worker : `str`
            Worker that owns ``database``.
        database : `str`
            Name that `copy` returned.  It has no sessions.
        template : `str`
            Name of the template.

        Raises
        ------
        gen3bed.errors.ServiceError
            Raised if ``database`` has sessions.
        """
        self._check(template)
        self._check(database)
        copy = self._take(worker, template)
        aside = f"{copy}_aside"
        try:
            with self._lock, refusals(database):
                admin = self._admin.connection
                with admin.transaction():
                    for old, new in ((database, aside), (copy, database), (aside, copy)):
                        execute(admin, "ALTER DATABASE {old} RENAME TO {new}", old=old, new=new)
        except ServiceError:
            self.drop(copy)
            raise
        unchanged: Future[str] = Future()
        unchanged.set_result(copy)
        self._shelf(worker, self._copied[database]).appendleft(unchanged)
        self._copied[copy], self._copied[database] = self._copied[database], template

    def drop(self, database: str) -> None:
        """Drop a database of this run, some time soon.

        One that cannot be dropped then is tried again by `close`.
        """
        self._check(database)
        self._ahead.submit(self._drop, database)

    def close(self) -> None:
        """Drop every database of this run; go on past a failure."""
        self._ahead.shutdown(wait=True)
        drops = [partial(self._drop, database) for database in list(self._owned)]
        run_all([*drops, self._admin.close])

    def _shelf(self, worker: str, template: str) -> deque[Future[str]]:
        return self._spares.setdefault((worker, template), deque())

    def _take(self, worker: str, template: str) -> str:
        """Return an unused copy of ``template``, and see that there is another."""
        shelf = self._shelf(worker, template)
        name = _take_spare(shelf) or self._create(worker, template)
        if not shelf:
            shelf.append(self._ahead.submit(self._create, worker, template))
        self._copied[name] = template
        return name

    def _create(self, worker: str, template: str) -> str:
        role = f"{self._prefix}_{worker}"
        with self._lock:
            admin = self._admin.connection
            self._number += 1
            name = f"{role}_{self._number}"
            entry = Entry(
                kind="database", name=name, within=self._holder, facts={"server": without_password(self._url)}
            )
            if not self._holder:
                # On a server of ours the server's own entry covers its
                # databases; a synced line for each test would cost 3 ms.
                self._ledger.record(entry)
            self._owned[name] = entry
            with refusals(name):
                with when_refused(lambda: self._forget(name)):
                    execute(admin, self._statement, name=name, template=template, role=role)
                execute(admin, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", name=name)
        return name

    def _drop(self, database: str) -> None:
        with self._lock, refusals(database):
            # Everybody who may connect is a worker of ours that is done.
            execute(self._admin.connection, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=database)
            if not self._holder:
                self._ledger.strike(self._owned[database])
            # Last: one that was dropped and not struck is tried again.
            del self._owned[database]

    def _forget(self, database: str) -> None:
        entry = self._owned.pop(database)
        if not self._holder:
            self._ledger.strike(entry)

    def _check(self, database: str) -> None:
        if database not in self._owned:
            msg = f"{database} is not a database of this run"
            raise LookupError(msg)


def _take_spare(shelf: deque[Future[str]]) -> str | None:
    """Return a copy that was made ahead, if there is one.

    One that could not be made was no test's concern.  The test that needs a
    copy now has it made, and gets its own error if that fails too.
    """
    while shelf:
        spare = shelf.popleft()
        if spare.exception() is None:
            return spare.result()
    return None
