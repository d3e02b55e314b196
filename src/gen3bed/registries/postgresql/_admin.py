"""Statements that need an administrator, and what their refusal means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import sqlalchemy
from psycopg import sql

from gen3bed.errors import (
    CredentialsError,
    LedgerError,
    NamespaceError,
    ReadOnlyServerError,
    ServiceError,
    StorageFullError,
)
from gen3bed.services import without_password

__all__ = ["connect", "create_role", "execute", "lost", "refusals", "when_refused"]


def connect(url: sqlalchemy.URL, database: str | None = None) -> psycopg.Connection:
    """Open an autocommitting connection; `CREATE DATABASE` takes no other.

    Raises
    ------
    gen3bed.errors.ServiceError
        Raised if the server cannot be reached or refuses.
    """
    with refusals(without_password(url)):
        return psycopg.connect(**_options(url, database), autocommit=True)


def lost(url: sqlalchemy.URL) -> str:
    """Return that the server does not answer, if so; a refusal is an answer."""
    conninfo = psycopg.conninfo.make_conninfo(**_options(url, None))
    if psycopg.pq.PGconn.ping(conninfo.encode()) != psycopg.pq.Ping.NO_RESPONSE:
        return ""
    return f"{without_password(url)} does not answer any more"


def _options(url: sqlalchemy.URL, database: str | None) -> dict[str, Any]:
    return {
        "connect_timeout": 10,
        "application_name": "gen3bed administrator",
        # Such as sslmode and sslrootcert.
        **url.query,
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": None if url.password is None else str(url.password),
        "dbname": database or url.database,
    }


def execute(connection: psycopg.Connection, statement: LiteralString, **names: str) -> None:
    """Execute a statement whose ``{placeholders}`` are identifiers."""
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    connection.execute(sql.SQL(statement).format(**identifiers))


def create_role(connection: psycopg.Connection, name: str, password: str) -> None:
    """Create a role that may log in and has no other right.

    The password reaches the server as a SCRAM verifier, so that no log of the
    server can hold it.
    """
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    connection.execute(
        sql.SQL(
            "CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {verifier}"
        ).format(name=sql.Identifier(name), verifier=sql.Literal(verifier.decode()))
    )


@dataclass(frozen=True)
class _Refusal:
    """What a class of errors of the server means, and what to do about it."""

    causes: tuple[type[psycopg.Error], ...]
    error: type[ServiceError]
    meaning: str
    hint: str


_REFUSALS = (
    _Refusal(
        (psycopg.errors.DuplicateDatabase, psycopg.errors.DuplicateObject),
        NamespaceError,
        "the namespace exists already and is not ours",
        "Run `gen3bed reap`; if it stays, somebody else made it: choose another server.",
    ),
    _Refusal(
        (psycopg.errors.InsufficientPrivilege,),
        NamespaceError,
        "the account may not make namespaces",
        "Ask for CREATEDB and CREATEROLE, or for CREATE on one database that has btree_gist.",
    ),
    _Refusal(
        (psycopg.errors.ReadOnlySqlTransaction,),
        ReadOnlyServerError,
        "the server accepts no writes",
        "Use the primary, not a standby, and an account without default_transaction_read_only.",
    ),
    _Refusal(
        (psycopg.errors.DiskFull,),
        StorageFullError,
        "the server's disk is full",
        "Make room on the server; `gen3bed reap` removes what crashed runs left.",
    ),
    _Refusal(
        (psycopg.errors.InvalidPassword, psycopg.errors.InvalidAuthorizationSpecification),
        CredentialsError,
        "the server refused the account",
        "Correct the entry for this server in the db-auth file that LSST_DB_AUTH names.",
    ),
    _Refusal(
        (psycopg.Error,),
        ServiceError,
        "the server refused",
        "Look at the server's log; `gen3bed doctor` checks this machine.",
    ),
)
"""The first that fits counts, so the last is for everything else."""


@contextmanager
def refusals(subject: str) -> Iterator[None]:
    """Turn the server's refusals into errors that say what to do.

    Parameters
    ----------
    subject : `str`
        What the statements in the block work on.
    """
    try:
        yield
    except psycopg.Error as err:
        refusal = next(r for r in _REFUSALS if isinstance(err, r.causes))
        raise refusal.error(
            subject, reason=f"{refusal.meaning}: {_first_line(err)}", hint=refusal.hint
        ) from err


_UNCERTAIN = frozenset({"08", "57"})
"""Classes of SQLSTATE after which a statement may have taken effect: a lost
connection, and a server that is shut down."""


@contextmanager
def when_refused(forget: Callable[[], object]) -> Iterator[None]:
    """Forget what the block should have made if the server says that it did not.

    A name that somebody else has already must be neither dropped at the end
    nor left to a reaper.  After a lost connection nobody knows, and what was
    recorded stays.

    Parameters
    ----------
    forget : `~collections.abc.Callable`
        Strikes it from the ledger.
    """
    try:
        yield
    except psycopg.Error as err:
        if err.sqlstate and err.sqlstate[:2] not in _UNCERTAIN:
            # Why the server refused is what the reader needs.
            with suppress(LedgerError):
                forget()
        raise


def _first_line(err: psycopg.Error) -> str:
    return str(err).strip().splitlines()[0] if str(err).strip() else type(err).__name__
