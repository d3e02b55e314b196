"""Somebody else's database, looked at before anything is written to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy

from gen3bed.errors import ProviderUnavailableError, UsageError
from gen3bed.services._db_auth import with_db_auth
from gen3bed.services._provider import Provider, Wanted
from gen3bed.services._service import Service, without_password
from gen3bed.services.oracle._connection import require_driver
from gen3bed.services.oracle._provider import describe, minimum_version
from gen3bed.services.oracle._readiness import wait_until_ready
from gen3bed.services.oracle._server import check_server

__all__ = ["look_at", "provider", "with_credentials"]

_FORM = "oracle://user@host:1521/SERVICE"


def _lacking() -> str:
    return "the URL of a server must be given"


@contextlib.contextmanager
def _provide(wanted: Wanted) -> Iterator[Service]:
    if wanted.url is None:
        raise ProviderUnavailableError("oracle url", reason=_lacking(), hint=f"Give it with --url {_FORM}.")
    yield look_at(wanted.url)


provider = Provider(provide=_provide, lacking=_lacking)
"""This provider's row in the table (`Provider`)."""


def look_at(url: sqlalchemy.URL) -> Service:
    """Return somebody's server if a registry can live in it; nothing is written.

    The facts carry ``rights``: ``server`` if the account may make users, and
    ``schema`` if registries can only live in its own schema.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address of a database in it.

    Raises
    ------
    UsageError
        Raised if the URL is no complete Oracle URL.
    CredentialsError
        Raised if there is no password for it, or the server refuses it.
    ServiceError
        Raised, in the subclass that fits, if the server is not reachable or
        not usable.
    """
    require_driver()
    address = with_credentials(url)
    subject = without_password(address)
    # It runs whether we do or not: it is asked once and not waited for.
    state = wait_until_ready(address, subject=subject, timeout=0)
    check_server(subject, state, minimum=minimum_version())
    return Service(
        registry="oracle",
        provider="url",
        url=address,
        version=state.version,
        # Its own schema is one place.
        most_workers=1 if state.rights == "schema" else 0,
        facts={"server": subject, **describe(state)},
    )


def with_credentials(url: sqlalchemy.URL) -> sqlalchemy.URL:
    """Return the URL with name and password, from db-auth if it has none.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address of an Oracle database.  A password in it is used as it is;
        otherwise the file that ``LSST_DB_AUTH`` names is asked.

    Raises
    ------
    UsageError
        Raised if it is not Oracle's, or names no host or service.
    CredentialsError
        Raised if no credentials are found.
    """
    shown = without_password(url)
    if url.get_backend_name() != "oracle":
        raise UsageError(shown, reason="it is not the URL of an Oracle database", hint=f"Write {_FORM}.")
    for part, value in (("host", url.host), ("service", url.database)):
        if not value:
            raise UsageError(shown, reason=f"the URL names no {part}", hint=f"Write {_FORM}.")
    return with_db_auth(url.set(drivername="oracle+oracledb"), shown=shown)
