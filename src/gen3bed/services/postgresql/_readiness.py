"""Wait until a server answers, and say in typed errors why it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    Gen3bedError,
    ProviderUnavailableError,
    ReadOnlyServerError,
    ServiceError,
    ServiceNotReadyError,
    StorageFullError,
    UsageError,
)
from gen3bed.services._signs import Evidence, Sign, after, first_sign
from gen3bed.services.postgresql._server import ServerState, connect_arguments, read_state

__all__ = ["classify", "wait_until_ready"]

_POLL = 0.05
"""Seconds between two attempts: start-up takes about half a second, so that
a longer pause would be a large part of it."""

_SIGNS = (
    Sign(
        r"No space left on device|Disk quota exceeded|disk full",
        StorageFullError,
        "there is no room left where the server keeps its data",
        "Make room on that disk, or give Docker more; `gen3bed doctor` shows how much there is.",
        in_log=True,
    ),
    Sign(
        r"Cannot allocate memory|out of memory|could not map anonymous shared memory",
        ServiceNotReadyError,
        "the server could not get the memory it needs",
        "End other programs, or raise the memory limit.",
        in_log=True,
    ),
    Sign(
        r"root. execution of the PostgreSQL server is not permitted|cannot be run as root",
        ProviderUnavailableError,
        "PostgreSQL refuses to run as root",
        "Run as an ordinary user, or make an account called postgres.",
        in_log=True,
    ),
    Sign(
        r"password authentication failed|no password supplied|authentication failed for user",
        CredentialsError,
        "the server refused the password",
        "Correct the password in the db-auth file that LSST_DB_AUTH names (default ~/.lsst/db-auth.yaml).",
    ),
    Sign(
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        CredentialsError,
        "the server accepts no connection for this account from this machine",
        "Ask the server's administrator for a line in pg_hba.conf.",
    ),
    Sign(
        r'role ".*" does not exist|is not permitted to log in',
        CredentialsError,
        "the server does not know this account, or it may not log in",
        "Correct the name in the URL or in the db-auth file.",
    ),
    Sign(
        r'database ".*" does not exist',
        ServiceError,
        "the server has no such database",
        "Correct the name at the end of the URL, or ask for the database.",
    ),
    Sign(
        r"Hot standby mode is disabled",
        ReadOnlyServerError,
        "it is a standby, which accepts no connections",
        "Name the primary server in the URL.",
    ),
    Sign(
        r"too many clients already|remaining connection slots|too many connections",
        ServiceError,
        "the server has no free connection",
        "Use fewer workers, or ask for a higher max_connections.",
    ),
    Sign(
        r"certificate verify failed|does not support SSL|SSL error|sslmode|root certificate",
        ServiceError,
        "no encrypted connection could be made as the URL demands",
        "Correct sslmode and sslrootcert in the URL's query.",
    ),
    Sign(
        r"failed to resolve host|could not translate host name|Name or service not known",
        ServiceError,
        "the host's name cannot be resolved",
        "Correct the host in the URL.",
    ),
)
"""From what a server or client says to what it means, most telling first."""


def classify(subject: str, evidence: Evidence) -> Gen3bedError | None:
    """Return the error that the evidence amounts to.

    Parameters
    ----------
    subject : `str`
        How the error names the server.
    evidence : `Evidence`
        All that is known.

    Returns
    -------
    error : `Gen3bedError` or `None`
        `None` if the server may just need more time.
    """
    if (error := first_sign(_SIGNS, subject, evidence)) or not evidence.waited:
        return error
    if "starting up" in evidence.message or "not yet accepting connections" in evidence.message:
        reason, hint = (
            "it is still starting up",
            "Repeat the command in a minute; the machine may be busy.",
        )
    else:
        reason, hint = "its port is not reachable", "Check host, port and firewall, and that the server runs."
    return ServiceNotReadyError(
        subject, reason=f"{reason}{after(evidence)}", hint=hint, detail=evidence.detail
    )


def wait_until_ready(
    url: sqlalchemy.URL,
    *,
    subject: str,
    timeout: float,
    ended: Callable[[], str] = lambda: "",
    log: Callable[[], str] = lambda: "",
) -> ServerState:
    """Wait until the server answers a query, and return what it says.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address with name and password.
    subject : `str`
        How errors name the server; without password.
    timeout : `float`
        Seconds to go on trying; there is always one attempt.
    ended : `~collections.abc.Callable`, optional
        Returns how the server ended, or an empty string while it runs.
    log : `~collections.abc.Callable`, optional
        Returns the server's log.

    Raises
    ------
    UsageError
        Raised if the URL has an option that PostgreSQL's client refuses.
    ServiceError
        Raised in the subclass that fits what was seen: see `classify`.
    """
    # A firewall that drops packets would hold one attempt for minutes.
    arguments: dict[str, Any] = {"connect_timeout": 10, "application_name": "gen3bed"} | connect_arguments(
        url
    )
    conninfo = _conninfo(subject, arguments)
    begin = time.monotonic()
    while True:
        message = ""
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                return read_state(connection)
        except psycopg.ProgrammingError as err:
            # It answers, and does not know PostgreSQL's catalogue.
            raise ServiceError(
                subject,
                reason="the server answers, but not as PostgreSQL does",
                hint="Name a PostgreSQL server; one that only speaks its protocol holds no registry.",
                detail=str(err).strip(),
            ) from err
        except psycopg.Error as err:
            message = str(err)
        waited = time.monotonic() - begin
        how = ended()
        final = bool(how) or waited >= timeout
        evidence = Evidence(
            message=message,
            ended=how,
            waited=max(waited, 0.001) if final else 0.0,
            log=log() if final else "",
        )
        if (error := classify(subject, evidence)) is not None:
            raise error
        time.sleep(_POLL)


def _conninfo(subject: str, arguments: Mapping[str, Any]) -> str:
    """Return the arguments as libpq takes them, or refuse what no server was asked about."""
    try:
        conninfo = psycopg.conninfo.make_conninfo(**arguments)
        # What psycopg reads itself, and would refuse like a server's answer.
        psycopg.conninfo.timeout_from_conninfo(psycopg.conninfo.conninfo_to_dict(conninfo))
    except psycopg.ProgrammingError as err:
        raise UsageError(
            subject,
            reason=f"the URL's options cannot be used: {str(err).strip()}",
            hint="Correct what follows the question mark; it takes libpq's parameters, such as sslmode.",
        ) from err
    return conninfo
