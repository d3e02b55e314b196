"""What every provider of a server offers, and how one is chosen."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy

from gen3bed.errors import ProviderUnavailableError, UsageError
from gen3bed.ledger import Ledger
from gen3bed.services._service import Profile, Service

__all__ = ["Provider", "Providers", "Wanted", "service_name"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of a provider.

    Attributes
    ----------
    ledger : `gen3bed.ledger.Ledger`
        Where everything is written before it is made.
    profile : `str`
        ``fast`` for data that may be lost, or ``durable``; of no use to a
        provider that starts nothing.
    url : `sqlalchemy.URL` or `None`
        Address of somebody's server; of no use to a provider that starts one.
    keep : `bool`
        Whether the server stays up if the block ends well.
    timeout : `float`
        Seconds to wait for the server to get ready.
    """

    ledger: Ledger
    profile: Profile = "fast"
    url: sqlalchemy.URL | None = None
    keep: bool = False
    timeout: float


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One way to come by a server.

    Attributes
    ----------
    provide : `~collections.abc.Callable`
        Brings it up, and takes it down when the block ends.
    lacking : `~collections.abc.Callable`
        Returns what the machine lacks for it, or an empty string.
    by_itself : `bool`
        Whether it may be taken without being named.
    """

    provide: Callable[[Wanted], AbstractContextManager[Service]]
    lacking: Callable[[], str]
    by_itself: bool = True


@dataclass(frozen=True, kw_only=True)
class Providers:
    """All ways to come by a server for one registry.

    Attributes
    ----------
    registry, title : `str`
        Its key in the matrix, and how people call it.
    table : `dict` [`str`, `Provider`]
        From variant to provider, in the order of preference.
    hint : `str`
        What to do where none can be used.
    """

    registry: str
    title: str
    table: dict[str, Provider]
    hint: str

    def available(self) -> dict[str, str]:
        """Return every variant, with the reason why it is not available here, or nothing."""
        return {variant: provider.lacking() for variant, provider in self.table.items()}

    def choose(self) -> str:
        """Return the variant that the machine has what it needs for.

        Raises
        ------
        ProviderUnavailableError
            Raised if there is none; the detail gives the reason for each.
        """
        reasons: dict[str, str] = {}
        for variant, provider in self.table.items():
            if not provider.by_itself:
                continue
            reasons[variant] = provider.lacking()
            if not reasons[variant]:
                return variant
        raise ProviderUnavailableError(
            self.registry,
            reason="this machine lacks something for each of the providers",
            hint=self.hint,
            detail="\n".join(f"{variant}: {reason}" for variant, reason in reasons.items()),
        )

    def provide(self, variant: str, wanted: Wanted) -> AbstractContextManager[Service]:
        """Bring a server up for the duration of a block.

        Raises
        ------
        UsageError
            Raised if there is no such variant.
        ServiceError
            Raised on entering, in the subclass that fits, if there is no
            server to be had.
        """
        try:
            provider = self.table[variant]
        except KeyError:
            raise UsageError(
                variant,
                reason=f"there is no such provider of {self.title}",
                hint=f"Choose one of {', '.join(self.table)}.",
            ) from None
        return provider.provide(wanted)


def service_name(ledger: Ledger, registry: str) -> str:
    """Return a new name for a server, unique on the machine."""
    return f"gen3bed-{ledger.run}-{registry}-{secrets.token_hex(2)}"
