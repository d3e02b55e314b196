"""Services that outlive the command that started them: up, ps, down."""

from __future__ import annotations

import contextlib
import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy
import yaml

from gen3bed.errors import LedgerGoneError, UsageError
from gen3bed.ledger import Ledger, ledger_directory, open_ledgers
from gen3bed.matrix import load_matrix
from gen3bed.reap import Reaped, reap
from gen3bed.registries import backend_of
from gen3bed.services import Profile, Service, without_password
from gen3bed.services._directory import directory_entry, make_directory

__all__ = ["KeptService", "bring_up", "kept_services", "take_down"]


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
    except BaseException:
        reap(own=ledger)
        raise


def kept_services() -> list[KeptService]:
    """Return the services that `bring_up` started and nobody took down."""
    return [_read(path) for path in sorted(_directory().glob("*/service.json"))]


def take_down(run: str) -> list[Reaped]:
    """Remove a kept service and all in it.

    Raises
    ------
    gen3bed.errors.UsageError
        Raised if there is no such kept service.
    """
    for ledger in open_ledgers():
        # Somebody else may take it down at this moment.
        with contextlib.suppress(LedgerGoneError):
            if ledger.run == run and ledger.keep:
                return [reaped for reaped in reap(own=ledger) if reaped.run == run]
    known = ", ".join(kept.run for kept in kept_services()) or "none is up"
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
    descriptor = os.open(directory / "db-auth.yaml", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        yaml.safe_dump([stanza], stream, sort_keys=False)
    (directory / "url").write_text(without_password(url))
    # Last, since its presence makes the directory that of a kept service.
    service.save(directory / "service.json")
    return _read(directory / "service.json")


def _read(path: Path) -> KeptService:
    return KeptService(
        run=path.parent.name.split("-")[1],
        service=Service.load(path),
        url=(path.parent / "url").read_text(),
        db_auth=path.parent / "db-auth.yaml",
    )


def _directory() -> Path:
    return ledger_directory().parent / "kept"
