"""SQLite: a file per registry, or a database in memory.

No server and no administrator: the worker's own directory is the namespace.
Templates are files, copied.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import psutil

from gen3bed.ledger import Ledger
from gen3bed.registries._interface import Backend, Known, Lease, Namespace, Provisioner, RegistryAddress
from gen3bed.registries._templates import Step, Templates
from gen3bed.services import Service

if TYPE_CHECKING:
    from lsst.daf.butler.registry.databases.sqlite import SqliteDatabase
    from lsst.daf.butler.registry.interfaces import Database

__all__ = ["FileNamespace", "MemoryNamespace", "SqliteProvisioner", "backend"]


class SqliteProvisioner(Provisioner):
    """Hands out leases; files live in directories that pytest removes."""

    def __init__(self, variant: str) -> None:
        self._variant = variant

    def provision(self, worker: str) -> Lease:
        """Return a lease; there is nothing to make."""
        return Lease(registry="sqlite", variant=self._variant, worker=worker)

    def close(self) -> None:
        """Do nothing: the workers remove their own directories."""


class FileNamespace(Namespace):
    """Registries in files of the worker's directory."""

    copies = True

    def __init__(self, lease: Lease, directory: Path) -> None:
        super().__init__(lease, directory)
        self._numbers = itertools.count()
        self._templates = Templates(self._copy_of)

    def empty(self) -> RegistryAddress:
        """Return the address of a file that does not exist yet."""
        return self._hand_out(self._new_address())

    def copy(self, *steps: Step) -> RegistryAddress:
        """Return the address of a copied file."""
        return self._hand_out(self._copy_of(self._templates.find(steps)))

    def refill(self, address: RegistryAddress, *steps: Step) -> None:
        """Overwrite the file."""
        shutil.copyfile(_path_of(self._templates.find(steps)), _path_of(address))

    def release(self, address: RegistryAddress) -> None:
        """Remove the file and what SQLite may have put beside it."""
        self._handed_out.discard(address)
        path = _path_of(address)
        for suffix in ("", "-journal", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def leaks(self) -> list[str]:
        """Return locks and journals on our files, and files that nobody asked for."""
        found = []
        for path in sorted(_path_of(a) for a in self._handed_out):
            if path.with_name(path.name + "-journal").exists():
                found.append(f"transaction: {path.name} has a journal that nobody finished")
            if path.exists() and (reason := _lock_on(path)):
                found.append(f"lock: {path.name}: {reason}")
        known = {_path_of(a).name for a in (*self._handed_out, *self._templates)}
        strays = sorted(p.name for p in self.directory.glob("*.sqlite3") if p.name not in known)
        return found + [f"database: {name} is not in the baseline" for name in strays]

    def open_sessions(self) -> list[str]:
        """Return files of ours that this process still has open."""
        return [
            f"session: {Path(f.path).name} is still open"
            for f in psutil.Process().open_files()
            if Path(f.path).parent == self.directory
        ]

    def close(self) -> None:
        """Remove all files."""
        for address in (*self._handed_out, *self._templates):
            self.release(address)

    def connect_again(self, database: Database, *, writeable: bool) -> Database:
        """Return another connection to the same file."""
        # SqliteDatabase.fromUri has no way to say read-only.
        sqlite = cast("SqliteDatabase", database)
        engine = sqlite.makeEngine(filename=sqlite.filename, writeable=writeable)
        return sqlite.fromEngine(engine, origin=sqlite.origin, writeable=writeable)

    @contextmanager
    def read_only(self, database: Database) -> Iterator[Database]:
        """Yield a read-only connection to a file that is read-only as well."""
        path = Path(str(cast("SqliteDatabase", database).filename))
        mode = path.stat().st_mode
        path.chmod(stat.S_IREAD)
        try:
            yield self.connect_again(database, writeable=False)
        finally:
            path.chmod(mode)

    def _copy_of(self, template: RegistryAddress | None) -> RegistryAddress:
        address = self._new_address()
        if template is not None:
            shutil.copyfile(_path_of(template), _path_of(address))
        return address

    def _new_address(self) -> RegistryAddress:
        return RegistryAddress(f"sqlite:///{self.directory / f'registry{next(self._numbers)}.sqlite3'}")


class MemoryNamespace(Namespace):
    """Registries in the memory of the worker.

    A database in memory belongs to the connection that made it, so there is
    nothing to copy, and a second connection is the same one.
    """

    lasting = False

    def empty(self) -> RegistryAddress:
        """Return the address that makes a new database at each connection."""
        return RegistryAddress("sqlite://")

    def release(self, address: RegistryAddress) -> None:
        """Do nothing: memory goes with its connection."""

    def leaks(self) -> list[str]:
        """Return no leaks: nothing outlives the connection."""
        return []

    def open_sessions(self) -> list[str]:
        """Return no sessions: they go with their engine."""
        return []

    def close(self) -> None:
        """Do nothing."""

    def connect_again(self, database: Database, *, writeable: bool) -> Database:
        """Return a second object on the same engine."""
        engine = database._engine  # noqa: SLF001
        return database.fromEngine(engine, origin=database.origin, writeable=writeable)


def _path_of(address: RegistryAddress) -> Path:
    return Path(address.url.removeprefix("sqlite:///"))


def _lock_on(path: Path) -> str:
    """Return why ``path`` cannot be locked, or an empty string."""
    if not os.access(path, os.W_OK):
        return "it was left read-only"
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as err:
        return str(err)
    finally:
        connection.close()
    return ""


def _make_provisioner(variant: str, service: Service | None, ledger: Ledger) -> Provisioner:  # noqa: ARG001
    return SqliteProvisioner(variant)


def _make_namespace(lease: Lease, directory: Path) -> Namespace:
    return {"file": FileNamespace, "memory": MemoryNamespace}[lease.variant](lease, directory)


backend = Backend(
    provisioner=_make_provisioner,
    namespace=_make_namespace,
    known=(
        Known(
            test="DatabaseTests.testTransactionLocking",
            reason="SQLite locks the whole database when a transaction begins, so the unlocked half of the "
            "test would wait for itself; upstream leaves it out for SQLite too",
            runs=False,
        ),
    ),
)
