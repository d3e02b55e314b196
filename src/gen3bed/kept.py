"""Services that outlive the command that started them: up, ps, down."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy
import yaml

from gen3bed.errors import LedgerError, LedgerGoneError, ServiceError, UsageError
from gen3bed.ledger import Ledger, ledger_directory, open_ledgers
from gen3bed.matrix import load_matrix
from gen3bed.reap import Reaped, reap_run
from gen3bed.registries import backend_of
from gen3bed.services import Profile, Service, without_password
from gen3bed.services._directory import directory_entry, make_directory
from gen3bed.services._private_file import write_private

__all__ = ["KeptService", "KeptState", "KeptStatus", "bring_up", "kept_services", "take_down"]

KeptState = Literal["running", "not answering", "damaged", "elsewhere"]
"""What a look at a kept service can find: its server answers or does not, its
files cannot be read, or it is on another host that shares the ledgers."""


@dataclass(frozen=True, kw_only=True)
class KeptService:
    """A service that was brought up to be used for a while.

    Attributes
    ----------
    run : `str`
        Its name for ``gen3bed down``.
    service : `gen3bed.services.Service`
        The server.
    url : `str`
        Address of the database for repositories, without password.
    db_auth : `pathlib.Path`
        File with the credentials, for ``LSST_DB_AUTH``.
    """

    run: str
    service: Service
    url: str
    db_auth: Path

    @property
    def stanza(self) -> str:
        """The db-auth stanza, with the password (`str`)."""
        return self.db_auth.read_text()


@dataclass(frozen=True, kw_only=True)
class KeptStatus:
    """What a look at a kept service found.

    Attributes
    ----------
    run : `str`
        Its name for ``gen3bed down``.
    state : `str`
        One of `KeptState`.
    shown : `str`
        Which server it is and where, as far as that is known, and what is
        wrong with it.
    hint : `str`
        What to do about it; empty if all is well.
    """

    run: str
    state: KeptState
    shown: str
    hint: str = ""


def bring_up(registry: str, *, provider: str | None, profile: Profile) -> KeptService:
    """Start a server that stays, with a database for Butler repositories.

    Parameters
    ----------
    registry : `str`
        Name of the registry in the matrix.
    provider : `str` or `None`
        Where the server comes from; `None` for what the machine has.
    profile : `str`
        ``fast`` or ``durable``.

    Raises
    ------
    gen3bed.errors.UsageError
        Raised if the registry or provider is unknown, or needs no server.
    gen3bed.errors.ServiceError
        Raised if the server does not start; nothing is left of it.
    """
    matrix = load_matrix()
    matrix.cells_of(registry)
    row = matrix.registries[registry]
    backend = backend_of(row)
    if not row.service or backend.hand_over is None:
        raise UsageError(
            registry,
            reason="it needs no server",
            hint="Make a repository in a directory with `butler create`.",
        )
    service_module: Any = importlib.import_module(row.service)
    ledger = Ledger.create()
    try:
        variant = provider or service_module.choose_variant()
        with service_module.provide(variant, ledger=ledger, profile=profile, keep=True) as service:
            kept = _write_down(ledger, service, backend.hand_over(service))
            ledger.mark_kept()
            return kept
    except BaseException as err:
        for thing in reap_run(ledger):
            if not thing.gone:
                err.add_note(f"{thing.kind} {thing.name} is still there: {thing.reason}\n{thing.hint}")
        raise


def kept_services() -> list[KeptStatus]:
    """Look at the services that `bring_up` started and nobody took down.

    The ledger says which there are, so that one whose files are damaged can
    still be named, and taken down.
    """
    found = []
    for ledger in _kept_ledgers():
        with contextlib.suppress(LedgerGoneError):
            found.append(_look(ledger))
    return found


def take_down(run: str) -> list[Reaped]:
    """Remove a kept service and all in it, and nothing else.

    Crashed runs are left to `gen3bed.reap.reap`: who names one thing to be
    removed does not expect others to go.

    Raises
    ------
    gen3bed.errors.UsageError
        Raised if there is no such kept service, or it is on another host.
    """
    kept = {ledger.run: ledger for ledger in _kept_ledgers()}
    if run in kept:
        if not (owner := kept[run].owner).is_here:
            raise UsageError(
                run, reason=f"it runs on the host {owner.host}", hint="Give the same command there."
            )
        return reap_run(kept[run])
    known = ", ".join(kept) or "none is up"
    raise UsageError(run, reason="there is no kept service of that name", hint=f"Known are: {known}.")


def _write_down(ledger: Ledger, service: Service, url: sqlalchemy.URL) -> KeptService:
    entry = directory_entry(ledger, base=_directory())
    _directory().mkdir(mode=0o700, parents=True, exist_ok=True)
    ledger.record(entry)
    directory = make_directory(entry)
    stanza = {
        "url": f"{url.get_backend_name()}://{url.host}:{url.port}/{url.database}",
        "username": url.username,
        "password": str(url.password),
    }
    write_private(directory / "db-auth.yaml", yaml.safe_dump([stanza], sort_keys=False))
    write_private(directory / "url", without_password(url))
    service.save(directory / "service.json")
    return _read(ledger)


def _kept_ledgers() -> Iterator[Ledger]:
    for ledger in open_ledgers():
        kept = False
        # One that cannot be read is no reason to be silent about the others.
        with contextlib.suppress(LedgerError):
            kept = ledger.keep
        if kept:
            yield ledger


def _look(ledger: Ledger) -> KeptStatus:
    down = f"gen3bed down {ledger.run}"
    try:
        kept = _read(ledger)
    except ServiceError as err:
        return KeptStatus(run=ledger.run, state="damaged", shown=f"{err.subject}: {err.reason}", hint=down)
    service = kept.service
    shown = f"{service.registry} {service.version} ({service.provider})  {kept.url}"
    if not (owner := ledger.owner).is_here:
        # Its port here, if anything, is somebody else's.
        return KeptStatus(run=ledger.run, state="elsewhere", shown=f"{shown}  on {owner.host}")
    service_module: Any = importlib.import_module(load_matrix().registries[service.registry].service)
    if reason := service_module.why_silent(service):
        return KeptStatus(run=ledger.run, state="not answering", shown=f"{shown}: {reason}", hint=down)
    return KeptStatus(run=ledger.run, state="running", shown=shown)


def _read(ledger: Ledger) -> KeptService:
    """Read what `_write_down` wrote.

    Raises
    ------
    gen3bed.errors.ServiceError
        Raised if something of it is missing or damaged.
    """
    names = [Path(e.name) for e in ledger.outstanding() if e.kind == "directory"]
    directory = next((name for name in names if name.parent == _directory()), _directory() / ledger.run)
    service = Service.load(directory / "service.json")
    if service.registry not in load_matrix().registries:
        raise ServiceError(
            str(directory / "service.json"),
            reason=f"it names the registry {service.registry}, which is not known",
            hint=f"Take the server down with `gen3bed down {ledger.run}`.",
        )
    try:
        url = (directory / "url").read_text()
        sqlalchemy.make_url(url)
    except (OSError, ValueError, sqlalchemy.exc.ArgumentError) as err:
        raise ServiceError(
            str(directory / "url"),
            reason="the address of the database cannot be read",
            hint=f"Take the server down with `gen3bed down {ledger.run}`.",
        ) from err
    return KeptService(run=ledger.run, service=service, url=url, db_auth=directory / "db-auth.yaml")


def _directory() -> Path:
    return ledger_directory().parent / "kept"
