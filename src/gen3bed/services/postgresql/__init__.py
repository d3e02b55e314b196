"""PostgreSQL servers: in a container, from local programs, or somebody's."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy

from gen3bed.errors import Gen3bedError
from gen3bed.ledger import Ledger
from gen3bed.services._provider import Providers, Wanted
from gen3bed.services._service import Profile, Service
from gen3bed.services.postgresql import _container, _local, _url
from gen3bed.services.postgresql._binaries import find_binaries, unprivileged_account
from gen3bed.services.postgresql._provider import minimum_version
from gen3bed.services.postgresql._readiness import wait_until_ready
from gen3bed.services.postgresql._url import look_at

__all__ = ["available_variants", "choose_variant", "find_local_binaries", "look_at", "provide", "why_silent"]

_LOOK = 2
"""Seconds that a look at a server may take, the least that libpq allows: one
that hangs must not hold up a list of several."""

_PROVIDERS = Providers(
    registry="postgresql",
    title="PostgreSQL",
    table={"container": _container.provider, "local": _local.provider, "url": _url.provider},
    hint="Install Docker or PostgreSQL's server programs, or give a server's URL; see `gen3bed doctor`.",
)
"""A new provider joins by one module and one row here; the order is that in
which `choose_variant` prefers them."""

available_variants = _PROVIDERS.available
choose_variant = _PROVIDERS.choose


def find_local_binaries() -> tuple[str, Path]:
    """Return version and directory of this machine's server programs.

    Raises
    ------
    ProviderUnavailableError
        Raised if there are none that the ``local`` variant could use.
    """
    found = find_binaries(minimum=minimum_version(), account=unprivileged_account())
    return found.version, found.directory


def provide(
    variant: str,
    *,
    ledger: Ledger,
    profile: Profile = "fast",
    url: sqlalchemy.URL | None = None,
    keep: bool = False,
    timeout: float = 60.0,
) -> AbstractContextManager[Service]:
    """Bring a PostgreSQL server up for the duration of a block.

    Whatever is started is in the ledger before it is started, and is gone
    when the block ends, also if the block or the start raises anything,
    including `KeyboardInterrupt`.

    Parameters
    ----------
    variant : `str`
        ``container``, ``local`` or ``url``.
    ledger : `Ledger`
        Ledger of the run.
    profile : `str`, optional
        ``fast`` for data that may be lost, or ``durable``.
    url : `sqlalchemy.URL`, optional
        Address of somebody's server; needed by ``url`` and used by no other.
    keep : `bool`, optional
        Whether the server stays up if the block ends well.
    timeout : `float`, optional
        Seconds to wait for the server to get ready.

    Returns
    -------
    service : `~contextlib.AbstractContextManager` [ `Service` ]
        Context manager whose value is the ready service.

    Raises
    ------
    UsageError
        Raised if there is no such variant.
    ServiceError
        Raised on entering, in the subclass that fits, if there is no server
        to be had.
    """
    wanted = Wanted(ledger=ledger, profile=profile, url=url, keep=keep, timeout=timeout)
    return _PROVIDERS.provide(variant, wanted)


def why_silent(service: Service) -> str:
    """Ask a server that was brought up before whether it still answers.

    Parameters
    ----------
    service : `Service`
        What `provide` yielded.

    Returns
    -------
    reason : `str`
        Why it does not answer; empty if it does.
    """
    url = service.url.update_query_dict({"connect_timeout": str(_LOOK)})
    try:
        wait_until_ready(url, subject=service.holder, timeout=0)
    except Gen3bedError as err:
        return err.reason
    return ""
