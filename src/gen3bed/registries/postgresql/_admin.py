"""Statements that need an administrator, and what their refusal means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
import sqlalchemy
from psycopg import sql

from gen3bed.errors import (
    CredentialsError,
    NamespaceError,
    ReadOnlyServerError,
    ServiceError,
    StorageFullError,
)
from gen3bed.services import without_password

__all__ = ["connect", "create_role", "execute", "refusals"]


def connect(url: sqlalchemy.URL, database: str | None = None) -> psycopg.Connection:
    """Open an autocommitting connection; `CREATE DATABASE` takes no other.

    Raises
    ------
    gen3bed.errors.ServiceError
        Raised if the server cannot be reached or refuses.
    """
    with refusals(without_password(url)):
        return psycopg.connect(
            host=url.host,
            port=url.port,
            user=url.username,
            password=None if url.password is None else str(url.password),
            dbname=database or url.database,
            autocommit=True,
            connect_timeout=10,
            application_name="gen3bed administrator",
        )


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


@contextmanager
def refusals(subject: str) -> Iterator[None]:
    """Turn the server's refusals into errors that say what to do."""
    try:
        yield
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.DuplicateObject) as err:
        raise NamespaceError(
            subject,
            reason=f"the namespace exists already and is not ours: {_first_line(err)}",
            hint="Run `gen3bed reap`; if it stays, somebody else made it: choose another server.",
        ) from err
    except psycopg.errors.InsufficientPrivilege as err:
        raise NamespaceError(
            subject,
            reason=f"the account may not make namespaces: {_first_line(err)}",
            hint="Ask for CREATEDB and CREATEROLE, or for CREATE on one database that has btree_gist.",
        ) from err
    except psycopg.errors.ReadOnlySqlTransaction as err:
        raise ReadOnlyServerError(
            subject,
            reason=f"the server accepts no writes: {_first_line(err)}",
            hint="Use the primary, not a standby, and an account without default_transaction_read_only.",
        ) from err
    except psycopg.errors.DiskFull as err:
        raise StorageFullError(
            subject,
            reason=f"the server's disk is full: {_first_line(err)}",
            hint="Make room on the server; `gen3bed reap` removes what crashed runs left.",
        ) from err
    except (psycopg.errors.InvalidPassword, psycopg.errors.InvalidAuthorizationSpecification) as err:
        raise CredentialsError(
            subject,
            reason=f"the server refused the account: {_first_line(err)}",
            hint="Correct the entry for this server in the db-auth file that LSST_DB_AUTH names.",
        ) from err
    except psycopg.Error as err:
        raise ServiceError(
            subject,
            reason=_first_line(err),
            hint="Look at the server's log; `gen3bed doctor` checks this machine.",
        ) from err


def _first_line(err: psycopg.Error) -> str:
    return str(err).strip().splitlines()[0] if str(err).strip() else type(err).__name__
