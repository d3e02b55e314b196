"""Somebody else's server, looked at before anything is written to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy

from gen3bed.errors import ProviderUnavailableError, UsageError
from gen3bed.services._db_auth import with_db_auth
from gen3bed.services._provider import Provider, Wanted
from gen3bed.services._service import Service
from gen3bed.services.postgresql._provider import describe, minimum_version
from gen3bed.services.postgresql._readiness import wait_until_ready
from gen3bed.services.postgresql._server import check_server

__all__ = ["lacking", "look_at", "provide", "provider", "with_credentials"]


def lacking() -> str:
    """Return what is needed: a machine cannot know of a server by itself."""
    return "the URL of a server must be given"


@contextlib.contextmanager
def provide(wanted: Wanted) -> Iterator[Service]:
    """Check a server that somebody else runs; nothing is made or removed.

    Raises
    ------
    ProviderUnavailableError
        Raised if no URL was given.
    Gen3bedError
        Raised as by `look_at`.
    """
    if wanted.url is None:
        raise ProviderUnavailableError(
            "postgresql url",
            reason=lacking(),
            hint="Give it with --url postgresql://user@host:port/database.",
        )
    yield look_at(wanted.url)


provider = Provider(provide=provide, lacking=lacking)
"""This provider's row in the table (`Provider`)."""


def look_at(url: sqlalchemy.URL) -> Service:
    """Return somebody's server if a registry can live in it; nothing is written.

    The facts carry ``rights``: ``server`` if the account may make databases
    and roles, ``database`` if it may only make schemas in the URL's database.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address of a database in it.

    Raises
    ------
    UsageError
        Raised if the URL is no complete PostgreSQL URL, or has an option
        that PostgreSQL's client refuses.
    CredentialsError
        Raised if there is no password for it, or the server refuses it.
    ServiceError
        Raised, in the subclass that fits, if the server is not reachable or
        not usable.
    """
    address = with_credentials(url)
    subject = _shown(address)
    # It runs whether we do or not: it is asked once and not waited for.
    state = wait_until_ready(address, subject=subject, timeout=0)
    check_server(subject, state, minimum=minimum_version())
    return Service(
        registry="postgresql",
        provider="url",
        url=address,
        version=state.version,
        facts={"server": subject, **describe(state)},
    )


def with_credentials(url: sqlalchemy.URL) -> sqlalchemy.URL:
    """Return the URL with name and password, from db-auth if it has none.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address of a PostgreSQL database.  A password in it is used as it is;
        otherwise the file that ``LSST_DB_AUTH`` names is asked.

    Raises
    ------
    UsageError
        Raised if it is not PostgreSQL's, or names no host or database.
    CredentialsError
        Raised if no credentials are found.
    """
    shown = _shown(url)
    if url.get_backend_name() != "postgresql":
        raise UsageError(
            shown,
            reason="it is not the URL of a PostgreSQL database",
            hint="Write postgresql://user@host/database.",
        )
    for part, value in (("host", url.host), ("database", url.database)):
        if not value:
            raise UsageError(
                shown, reason=f"the URL names no {part}", hint="Write postgresql://user@host:port/database."
            )
    return with_db_auth(url.set(drivername="postgresql+psycopg"), shown=shown)


def _shown(url: sqlalchemy.URL) -> str:
    """Return how errors and reports name the server: without any secret."""
    # The query may carry secrets of its own, such as a key's pass phrase.
    bare = sqlalchemy.URL.create(
        url.get_backend_name(), username=url.username, host=url.host, port=url.port, database=url.database
    )
    return bare.render_as_string()
