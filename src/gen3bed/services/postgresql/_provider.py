"""What every provider of a PostgreSQL server offers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy

from gen3bed.ledger import Ledger
from gen3bed.matrix import load_matrix
from gen3bed.services._service import Profile, Service
from gen3bed.services.postgresql._server import ServerState

__all__ = [
    "ADMINISTRATOR",
    "Provider",
    "Wanted",
    "admin_url",
    "describe",
    "minimum_version",
    "service_name",
]

ADMINISTRATOR = "postgres"
"""Superuser of the servers that we start, as PostgreSQL itself calls it."""


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
    profile: Profile
    url: sqlalchemy.URL | None
    keep: bool
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
    """

    provide: Callable[[Wanted], AbstractContextManager[Service]]
    lacking: Callable[[], str]


def service_name(ledger: Ledger) -> str:
    """Return a new name for a server, unique on the machine."""
    return f"gen3bed-{ledger.run}-postgresql-{secrets.token_hex(2)}"


def admin_url(*, host: str, port: int, password: str) -> sqlalchemy.URL:
    """Return the administrator's URL of a server that we started."""
    # The driver is named because SQLAlchemy 2.0 and 2.1 differ in the default.
    return sqlalchemy.URL.create(
        "postgresql+psycopg",
        username=ADMINISTRATOR,
        password=password,
        host=host,
        port=port,
        database="postgres",
    )


def minimum_version() -> str:
    """Return the oldest server version that the matrix accepts."""
    return load_matrix().registries["postgresql"].minimum


def describe(state: ServerState) -> dict[str, str]:
    """Return the facts about a server that every provider reports."""
    return {
        "parameters": state.parameters,
        "pg_sphere": "available" if state.sphere_available else "absent",
        "rights": state.rights,
    }
