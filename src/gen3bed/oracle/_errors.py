"""Errors of Oracle's, told apart, and what to do about them."""

from __future__ import annotations

import re
from typing import Any

import oracledb
import sqlalchemy
from lsst.daf.butler.registry.interfaces import SchemaAlreadyDefinedError

__all__ = [
    "CommitOutcomeUnknownError",
    "HalfMadeSchemaError",
    "NamespaceMissingError",
    "OldServerError",
    "explain",
    "number_of",
]


class OldServerError(RuntimeError):
    """Raised if the server is older than a Butler registry can live on."""


class NamespaceMissingError(RuntimeError):
    """Raised if a schema is to be made for a user that does not exist."""


class HalfMadeSchemaError(SchemaAlreadyDefinedError):
    """Raised if a schema has some of a registry's tables and not all of them."""


class CommitOutcomeUnknownError(oracledb.OperationalError):
    """Raised, by SQLAlchemy's errors as their ``orig``, if the answer to a commit was lost.

    The changes may be permanent or undone.
    """


def number_of(error: BaseException | None) -> int:
    """Return an error's ORA number (`int`); 0 if it has none."""
    orig = getattr(error, "orig", None) or error
    first: Any = orig.args[0] if orig is not None and orig.args else None
    if str(getattr(first, "full_code", "")).startswith("ORA-"):
        return int(first.code)
    return 0


_HINTS = {
    18: "The server has as many sessions as it may have. Ask its administrator for more SESSIONS,"
    " or let fewer processes use it.",
    20: "The server has as many processes as it may have. Ask its administrator for more PROCESSES,"
    " or let fewer processes use it.",
    942: "If the table exists, its owner has to let {user} read it: GRANT SELECT ON {table} TO {user}.",
    1017: "Look at the entry for this URL in the db-auth file.",
    1045: "Ask the database administrator for GRANT CREATE SESSION TO {user}.",
    1536: "Ask the database administrator for a larger quota: ALTER USER {owner} QUOTA ... ON {tablespace}.",
    1950: "Ask the database administrator for a quota: ALTER USER {owner} QUOTA ... ON {tablespace}.",
    12516: "The server has as many sessions as it may have. Let fewer processes use it, or wait.",
    12519: "The server has as many sessions as it may have. Let fewer processes use it, or wait.",
    22835: "A row of a materialized query has regions or overlaps of more than 256 000 bytes, which a private"
    " temporary table cannot hold. Materialize a query that joins fewer detectors or patches to a row.",
    28000: "The account is locked. Ask the database administrator for ALTER USER {user} ACCOUNT UNLOCK.",
    28001: "The password of {user} has expired. Set another one, and put it into the db-auth file.",
    32460: "Queries that are open in this transaction have as many temporary tables as a session may have."
    " Leave some of them before others are materialized or given many data IDs,"
    " or forbid temporary tables: registry.temporary_tables: false.",
    32464: "Private temporary tables are disabled on this server. Ask its administrator for the parameter"
    " PRIVATE_TEMP_TABLE_PREFIX, or forbid them: registry.temporary_tables: false.",
}  # fmt: skip
_LACKING = frozenset({1031, 41900})
"""The second is what 23ai says of another user's table.
https://docs.oracle.com/error-help/db/ora-41900"""

# What OpenSSL and the driver say when there is no connection; none has a number of Oracle's.
_UNCONNECTED = {
    "certificate has expired": "The certificate of the server {server}, or its authority's, has expired."
    " Ask the server's administrator to renew it.",
    "certificate is not yet valid": "The certificate of the server {server} is not valid yet."
    " Compare the clocks of this machine and of the server.",
    "CERTIFICATE_VERIFY_FAILED": "No authority that the wallet names has signed the certificate of the server"
    " {server}. Get the authority's from the server's administrator, as ewallet.pem in the directory that the"
    " URL's query names as wallet_location.",
    "DPY-4001": "There is no entry for the server {server} in the db-auth file that LSST_DB_AUTH names"
    " (default ~/.lsst/db-auth.yaml).",
    "DPY-6001": "What stands behind the host in the URL is the name of a service, and no SID."
    " Ask the administrator of the server {server} for the name of its service.",
    "DPY-2018": "Name a directory with ewallet.pem in the URL's query as wallet_location.",
    "NO_CERTIFICATE_OR_CRL_FOUND": "The ewallet.pem of the URL's wallet_location holds no certificate."
    " Get it again from the administrator of the server {server}.",
    "DPY-6006": "The certificate of the server {server} is for another host."
    " Write the host as the certificate has it, or ask the server's administrator for one of this name.",
}

# What is asked for by a statement's first words.
_PRIVILEGES = (
    (r"CREATE (PRIVATE TEMPORARY )?TABLE", "CREATE TABLE"),
    (r"CREATE SEQUENCE", "CREATE SEQUENCE"),
    (r"CREATE (UNIQUE )?INDEX", "CREATE TABLE, as the owner of the table"),
    (r"LOCK TABLE", "LOCK ANY TABLE"),
    (r"INSERT INTO", "INSERT ON {table}"),
    (r"UPDATE", "UPDATE ON {table}"),
    (r"DELETE FROM", "DELETE ON {table}"),
    (r"(SELECT|WITH)\b", "SELECT ON {table}"),
)
_TABLE = re.compile(r"\b(?:INTO|UPDATE|FROM|TABLE|JOIN|ON)\s+([\w$#.\"]+)", re.IGNORECASE)


def explain(context: Any) -> None:
    """Add what to do to an error that SQLAlchemy is about to raise; a listener of ``handle_error``."""
    error = context.sqlalchemy_exception
    if not isinstance(error, sqlalchemy.exc.DBAPIError):
        return
    url = context.engine.url if context.engine is not None else None
    hint = _connection_hint(str(error.orig), url) or _hint(error, url.username if url is not None else None)
    if hint:
        error.add_detail(hint)


def _connection_hint(message: str, url: sqlalchemy.URL | None) -> str:
    server = f"{url.host}:{url.port or 1521}" if url is not None else ""
    return next((hint for words, hint in _UNCONNECTED.items() if words in message), "").format(server=server)


def _hint(error: sqlalchemy.exc.DBAPIError, user: str | None) -> str:
    if isinstance(error.orig, CommitOutcomeUnknownError):
        return (
            "The connection was lost during a commit: the changes may have been made or not."
            " Look whether they are there before they are made again."
        )
    number = number_of(error)
    statement = error.statement or ""
    hint = _HINTS.get(number, "")
    if number in _LACKING:
        grants = (grant for words, grant in _PRIVILEGES if re.match(rf"\s*{words}", statement, re.IGNORECASE))
        grant = next(grants, "the privilege for this statement")
        hint = f"Ask the database administrator for GRANT {grant} TO {{user}}."
    table = _TABLE.search(statement)
    name = table.group(1) if table else "the table"
    owner = name.partition(".")[0] if "." in name else user
    space = re.search(r"tablespace '(\w+)'", str(error.orig))
    return hint.format(
        user=(user or "the user").upper(),
        owner=(owner or "the user").strip('"').upper(),
        table=name,
        tablespace=space.group(1) if space else "its tablespace",
    )
