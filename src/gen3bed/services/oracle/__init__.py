"""Oracle databases: in a container, somebody's, or a stand-in for one."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy

from gen3bed.errors import Gen3bedError
from gen3bed.ledger import Ledger
from gen3bed.services._provider import Providers, Wanted
from gen3bed.services._service import Profile, Service
from gen3bed.services.oracle import _url
from gen3bed.services.oracle._connection import connect, require_driver
from gen3bed.services.oracle._container import container_provider
from gen3bed.services.oracle._provider import WAYS_OUT
from gen3bed.services.oracle._readiness import wait_until_ready
from gen3bed.services.oracle._server import NEEDED
from gen3bed.services.oracle._stand_in import stand_in_provider
from gen3bed.services.oracle._url import look_at, with_credentials

__all__ = [
    "NEEDED",
    "available_variants",
    "choose_variant",
    "connect",
    "look_at",
    "provide",
    "require_driver",
    "why_silent",
    "with_credentials",
]

_LOOK = 2.0
"""Seconds that a look at a server may take: one that hangs must not hold up a
list of several."""

_STAND_INS = {
    f"stand-in-{engine}-{profile}": stand_in_provider(
        f"stand-in-{engine}-{profile}", engine=engine, profile=profile
    )
    for engine in ("h2", "postgresql")
    for profile in ("19", "21", "23")
}

_PROVIDERS = Providers(
    registry="oracle",
    title="Oracle",
    table={
        "container": container_provider("container", image="oracle-free", service="FREEPDB1"),
        "xe": container_provider("xe", image="oracle-xe", service="XEPDB1"),
        "url": _url.provider,
        **_STAND_INS,
    },
    hint=WAYS_OUT,
)
"""A new provider joins by one module and one row here."""

available_variants = _PROVIDERS.available
choose_variant = _PROVIDERS.choose


def provide(
    variant: str,
    *,
    ledger: Ledger,
    profile: Profile = "fast",
    url: sqlalchemy.URL | None = None,
    keep: bool = False,
    timeout: float = 60.0,
) -> AbstractContextManager[Service]:
    """Bring an Oracle database up for the duration of a block.

    Whatever is started is in the ledger before it is started, and is gone
    when the block ends, also if the block or the start raises anything,
    including `KeyboardInterrupt`.

    Parameters
    ----------
    variant : `str`
        ``container``, ``xe``, ``url``, or one of the stand-ins.
    ledger : `gen3bed.ledger.Ledger`
        Ledger of the run.
    profile : `str`, optional
        Makes no difference here.
    url : `sqlalchemy.URL`, optional
        Address of somebody's server; needed by ``url`` and used by no other.
    keep : `bool`, optional
        Whether the server stays up if the block ends well.
    timeout : `float`, optional
        Seconds to wait for the server to get ready; a real database is
        given more.

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
    try:
        wait_until_ready(service.url, subject=service.holder, timeout=0, patience=_LOOK)
    except Gen3bedError as err:
        return err.reason
    return ""
