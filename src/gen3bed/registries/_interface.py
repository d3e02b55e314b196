"""What every registry module provides, and how it is found."""

from __future__ import annotations

import importlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gen3bed.ledger import Entry, Ledger
from gen3bed.matrix import Registry, load_matrix
from gen3bed.registries._templates import Step
from gen3bed.services import Service

if TYPE_CHECKING:
    import sqlalchemy

    # Importing the middleware costs seconds, which the xdist controller and
    # the command line need not pay.
    from lsst.daf.butler.registry.interfaces import Database

__all__ = [
    "Backend",
    "Known",
    "Lease",
    "Namespace",
    "Provisioner",
    "RegistryAddress",
    "backend_of",
    "remove_from_server",
]


@dataclass(frozen=True)
class RegistryAddress:
    """Where one registry lives.

    Attributes
    ----------
    url : `str`
        Value for the Butler's ``registry.db``: a SQLAlchemy URL without a
        password.  The password comes from the db-auth file that
        ``LSST_DB_AUTH`` names.
    namespace : `str` or `None`
        Value for ``registry.namespace``: a schema, or `None` for the
        database's default.
    """

    url: str
    namespace: str | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What the ``registry`` of a Butler configuration must hold to be there (`dict`)."""
        # Not SQLAlchemy's parser: importing that costs 0.1 s.
        dialect = re.split("[+:]", self.url, maxsplit=1)[0]
        settings: dict[str, Any] = {"db": self.url}
        if self.namespace is not None:
            settings["namespace"] = self.namespace
        registry = load_matrix().registries.get(dialect)
        if registry is not None and registry.database:
            settings["engines"] = {dialect: registry.database}
        return settings


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What a worker is told about its namespace.

    Travels through xdist's pipe to the worker, so it holds plain values.
    """

    registry: str
    variant: str
    worker: str
    server_version: str = ""
    """Version of the server; empty for an embedded database."""
    facts: dict[str, str] = field(default_factory=dict, repr=False)
    """What the backend needs to open the namespace; may hold a password."""


class Provisioner(ABC):
    """Makes the namespaces of one run, and drops them.

    Lives in the xdist controller, and alone holds administrator's rights.
    A context manager: leaving it drops everything that it made.
    """

    @abstractmethod
    def provision(self, worker: str) -> Lease:
        """Make the namespace of a worker, after writing it to the ledger.

        Parameters
        ----------
        worker : `str`
            Name of the worker, such as ``gw0``.

        Raises
        ------
        gen3bed.errors.NamespaceError
            Raised if it exists and is not ours, or may not be made.
        """

    @abstractmethod
    def close(self) -> None:
        """Drop every namespace that this object made."""

    def lost(self) -> str:
        """Return why the server does not answer any more, or nothing.

        Asked after a test failed.  An answer that refuses is an answer.
        """
        return ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Namespace(ABC):
    """One worker's room in a registry database.

    Parameters
    ----------
    lease : `Lease`
        What the controller's `Provisioner` made.
    directory : `pathlib.Path`
        A directory of the worker's own, for files and credentials.
    """

    copies = False
    """Whether `copy` and `refill` work here, and are cheaper than building (`bool`)."""
    lasting = True
    """Whether a registry outlives the connection that made it (`bool`)."""

    def __init__(self, lease: Lease, directory: Path) -> None:
        self.lease = lease
        self.directory = directory
        self._handed_out: set[RegistryAddress] = set()

    @contextmanager
    def borrowing(self) -> Iterator[None]:
        """Release, at the end of the block, what was handed out in it."""
        before = set(self._handed_out)
        try:
            yield
        finally:
            for address in self._handed_out - before:
                self.release(address)

    def _hand_out(self, address: RegistryAddress) -> RegistryAddress:
        self._handed_out.add(address)
        return address

    @abstractmethod
    def empty(self) -> RegistryAddress:
        """Return the address of a new, empty place for one registry."""

    def copy(self, *steps: Step) -> RegistryAddress:
        """Return the address of a fresh copy of a template.

        Parameters
        ----------
        *steps : `Step`
            What makes the template's content, at least one.

        Raises
        ------
        NotImplementedError
            Raised where `copies` is `False`.
        """
        raise NotImplementedError

    def refill(self, address: RegistryAddress, *steps: Step) -> None:
        """Put a copy of a template where another copy is that nobody changed.

        Parameters
        ----------
        address : `RegistryAddress`
            What `copy` returned.  All connections are closed, and nothing was
            written there, so it may be given to the next test.
        *steps : `Step`
            What makes the template's content, at least one.

        Raises
        ------
        NotImplementedError
            Raised where `copies` is `False`.
        """
        raise NotImplementedError

    @abstractmethod
    def release(self, address: RegistryAddress) -> None:
        """Remove what `empty` or `copy` made.  All connections are closed."""

    @abstractmethod
    def leaks(self) -> list[str]:
        """Return what a test left unfinished or behind in this namespace.

        Called after a test, before its engines are disposed of and before
        its addresses are released.

        Returns
        -------
        leaks : `list` [`str`]
            One line each: an open transaction, a lock, a temporary table, or
            a table or sequence that is in no address that was handed out.
        """

    @abstractmethod
    def open_sessions(self) -> list[str]:
        """Return sessions that are left after all engines were disposed of.

        Returns
        -------
        sessions : `list` [`str`]
            One line each.
        """

    @abstractmethod
    def close(self) -> None:
        """Forget credentials and close the namespace's own connections."""

    def connect_again(self, database: Database, *, writeable: bool) -> Database:
        """Return another connection to the storage of ``database``.

        The default connects to the same URL and namespace.
        """
        url = database._engine.url  # noqa: SLF001
        return database.fromUri(
            url, origin=database.origin, namespace=database.namespace, writeable=writeable
        )

    @contextmanager
    def read_only(self, database: Database) -> Iterator[Database]:
        """Yield a connection to ``database`` that cannot write."""
        yield self.connect_again(database, writeable=False)


@dataclass(frozen=True, kw_only=True)
class Known:
    """An upstream test that a registry cannot pass, and why.

    Attributes
    ----------
    test : `str`
        ``Class.method`` of the upstream class that defines it.
    reason : `str`
        Why, for the report.
    runs : `bool`
        Whether it is run and must fail (a strict expected failure), or is
        skipped because running it would hang or prove nothing.
    below : `str`
        The failure is known for servers older than this version only; empty
        if for all.
    mode : `str`
        It is known for leases with this fact ``mode`` only; empty if for all.
    """

    test: str
    reason: str
    runs: bool
    below: str = ""
    mode: str = ""

    def applies_to(self, lease: Lease) -> bool:
        """Return whether it is known for what a worker works in."""
        if self.mode and lease.facts.get("mode") != self.mode:
            return False
        return not self.below or _numbers(lease.server_version) < _numbers(self.below)


@dataclass(frozen=True, kw_only=True)
class Backend:
    """How a registry is provisioned and used; one per registry module.

    Attributes
    ----------
    provisioner : `~collections.abc.Callable`
        Makes the controller's `Provisioner` from the variant, the service
        (`None` for an embedded database) and the ledger.
    namespace : `~collections.abc.Callable`
        Makes the worker's `Namespace` from a lease and a directory.
    known : `tuple` [`Known`, ...]
        Upstream tests that it cannot pass; counted in the report.
    remove : `~collections.abc.Callable` or `None`
        Removes what a crashed run left on somebody's server, given the
        ledger's entry and the run; `None` if it cannot leave anything.
    hand_over : `~collections.abc.Callable` or `None`
        Makes an ordinary account with a database for Butler repositories in
        a service, and returns its URL with password; `None` if the registry
        needs no service.
    """

    provisioner: Callable[[str, Service | None, Ledger], Provisioner]
    namespace: Callable[[Lease, Path], Namespace]
    known: tuple[Known, ...] = ()
    remove: Callable[[Entry, str], None] | None = None
    hand_over: Callable[[Service], sqlalchemy.URL] | None = None


def backend_of(registry: Registry) -> Backend:
    """Return the backend of a registry of the matrix."""
    module: Any = importlib.import_module(registry.module)
    backend: Backend = module.backend
    return backend


def remove_from_server(entry: Entry, run: str) -> None:
    """Remove a database, role or schema that a crashed run left.

    Parameters
    ----------
    entry : `gen3bed.ledger.Entry`
        What the run wrote down; the URL in its fact ``server`` tells which
        registry it belongs to.
    run : `str`
        The run that made it.

    Raises
    ------
    gen3bed.errors.Gen3bedError
        Raised if it cannot be removed now.
    """
    # Only a reaper with a database to drop needs it, and it costs 0.1 s.
    import sqlalchemy  # noqa: PLC0415

    registry = sqlalchemy.make_url(entry.facts["server"]).get_backend_name()
    remove = backend_of(load_matrix().registries[registry]).remove
    assert remove is not None, registry  # noqa: S101
    remove(entry, run)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, such as ``17.6 (Debian)``."""
    return tuple(int(part) for part in version.split(maxsplit=1)[0].split(".") if part.isdigit())
