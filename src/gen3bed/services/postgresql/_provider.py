"""What every provider of a PostgreSQL server offers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy

from gen3bed.ledger import Ledger
from gen3bed.matrix import load_matrix
from gen3bed.services._service import Profile, Service
from gen3bed.services.postgresql._server import ServerState

__all__ = ["ADMINISTRATOR", "Bring", "Provider", "admin_url", "describe", "minimum_version", "service_name"]

ADMINISTRATOR = "postgres"
"""Superuser of the servers that we start, as PostgreSQL itself calls it."""


class Bring(Protocol):
    """Bring a server up, and take it down when the block ends."""

    def __call__(
        self, *, ledger: Ledger, profile: Profile, url: sqlalchemy.URL | None, keep: bool, timeout: float
    ) -> AbstractContextManager[Service]:
        """Return a context manager whose value is the running service."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One way to come by a server.

    Attributes
    ----------
    provide : `Bring`
        Brings it up.
    lacking : `~collections.abc.Callable`
        Returns what the machine lacks for it, or an empty string.
    """

    provide: Bring
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
