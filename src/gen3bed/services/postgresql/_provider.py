"""What the providers of a PostgreSQL server share."""

from __future__ import annotations

import sqlalchemy

from gen3bed.matrix import load_matrix
from gen3bed.services.postgresql._server import ServerState

__all__ = ["ADMINISTRATOR", "admin_url", "describe", "minimum_version"]

ADMINISTRATOR = "postgres"
"""Superuser of the servers that we start, as PostgreSQL itself calls it."""


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
        # They speak no TLS; PGSSLMODE=require, which people set for servers
        # of their own, would refuse to talk to them.
        query={"sslmode": "disable"},
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
