"""Removing what a crashed run left on somebody's server."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import sqlalchemy

from gen3bed.errors import CredentialsError, NamespaceError, ServerUnreachableError, ServiceError
from gen3bed.ledger import Entry, Kind
from gen3bed.registries.postgresql._admin import connect, execute, refusals
from gen3bed.services.postgresql._url import with_credentials

__all__ = ["remove"]

_REMOVALS: dict[Kind, LiteralString] = {
    "database": "DROP DATABASE IF EXISTS {name} WITH (FORCE)",
    "role": "DROP ROLE IF EXISTS {name}",
    "schema": "DROP SCHEMA IF EXISTS {name} CASCADE",
}
"""The statement for each kind of entry that can be on a server."""


def remove(entry: Entry, run: str) -> None:
    """Remove the database, role or schema of an entry; done if it is gone.

    Parameters
    ----------
    entry : `gen3bed.ledger.Entry`
        What the run wrote down.
    run : `str`
        The run; only names that carry it are removed.

    Raises
    ------
    gen3bed.errors.NamespaceError
        Raised if the name does not carry the run's number.
    gen3bed.errors.ServerUnreachableError
        Raised if no session can be opened, for want of an answer or of
        credentials: other entries of the server will fare no better.
    gen3bed.errors.ServiceError
        Raised if the server refuses to remove it.
    """
    if not entry.name.startswith(f"gen3bed_{run}"):
        raise NamespaceError(
            entry.name,
            reason=f"its name does not say that run {run} made it",
            hint="Look at it, and drop it by hand if nobody needs it.",
        )
    with _session(entry.facts["server"]) as admin, refusals(entry.name):
        execute(admin, _REMOVALS[entry.kind], name=entry.name)


def _session(server: str) -> psycopg.Connection:
    try:
        url = with_credentials(sqlalchemy.make_url(server))
    except CredentialsError as err:
        raise ServerUnreachableError(
            server, reason=err.reason, hint="Name a db-auth file with an entry for it in LSST_DB_AUTH."
        ) from err
    try:
        return connect(url)
    except ServiceError as err:
        raise ServerUnreachableError(server, reason=err.reason, hint=err.hint) from err
