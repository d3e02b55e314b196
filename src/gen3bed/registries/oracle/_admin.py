"""Statements that need rights over users or schemas, and what their refusal means."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import oracledb
import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    LedgerError,
    NamespaceError,
    ReadOnlyServerError,
    ServiceError,
    StorageFullError,
)
from gen3bed.services import without_password
from gen3bed.services.oracle import connect

__all__ = [
    "Administrator",
    "drop_user",
    "empty_schema",
    "lost",
    "number_of",
    "quoted",
    "refusals",
    "when_refused",
]

_CONNECTED = 1940
"""Cannot drop a user that is connected."""
_NO_USER = 1918
_PATIENCE = 10.0
"""Seconds for sessions of a user to end: the server notices a closed socket soon, not at once."""


def quoted(name: str) -> str:
    """Return a name as an identifier of a statement.

    Raises
    ------
    ValueError
        Raised if it could end the quotation.
    """
    if '"' in name or "\0" in name:
        raise ValueError(name)
    return f'"{name}"'


def number_of(error: oracledb.Error) -> int:
    """Return the number of an ORA error, or 0 if the driver raised it itself."""
    first: Any = error.args[0] if error.args else None
    full_code = str(getattr(first, "full_code", ""))
    return int(full_code.removeprefix("ORA-")) if full_code.startswith("ORA-") else 0


class Administrator:
    """A session for a whole run, opened anew when the server has ended it.

    One thread at a time may use it.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address with name and password.

    Raises
    ------
    gen3bed.errors.ServiceError
        Raised if the server cannot be reached or refuses.
    """

    def __init__(self, url: sqlalchemy.URL) -> None:
        self._url = url
        self._connection = self._open()

    def execute(self, statement: str, **parameters: object) -> list[Any]:
        """Execute a statement and return its rows; a change is committed.

        Raises
        ------
        oracledb.Error
            Raised if the server refuses.
        gen3bed.errors.ServiceError
            Raised if the session was lost and the server gives no other.
        """
        try:
            # Before each piece of work: without an answer nothing is made.
            self._connection.ping()
        except oracledb.Error:
            with suppress(oracledb.Error):
                self._connection.close()
            self._connection = self._open()
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            rows = cursor.fetchall() if cursor.description else []
            self._connection.commit()
            return rows

    def close(self) -> None:
        """End the session."""
        with suppress(oracledb.Error):
            self._connection.close()

    def _open(self) -> oracledb.Connection:
        with refusals(without_password(self._url)):
            return connect(self._url)


def lost(url: sqlalchemy.URL) -> str:
    """Return that the server does not answer, if so; a refusal is an answer."""
    try:
        connect(url).close()
    except (oracledb.Error, OSError) as err:
        if isinstance(err, oracledb.Error) and number_of(err):
            return ""
        return f"{without_password(url)} does not answer any more"
    return ""


def drop_user(admin: Administrator, name: str) -> None:
    """Drop a user with all that it has; done if it is gone.

    Sessions that it still has are ended, if the account may do that.

    Raises
    ------
    oracledb.Error
        Raised if the server refuses, also after a while.
    """
    deadline = time.monotonic() + _PATIENCE
    pause = 0.02
    while True:
        try:
            admin.execute(f"DROP USER {quoted(name)} CASCADE")
        except oracledb.Error as err:
            if number_of(err) == _NO_USER:
                return
            if number_of(err) != _CONNECTED or time.monotonic() > deadline:
                raise
            time.sleep(pause)
            pause = min(2 * pause, 1.0)
            _end_sessions(admin, name)
        else:
            return


def _end_sessions(admin: Administrator, name: str) -> None:
    # Not every account that may make users may end sessions: then they are waited for.
    with suppress(oracledb.Error):
        for sid, serial in admin.execute(
            "SELECT sid, serial# FROM v$session WHERE username = :name", name=name
        ):
            admin.execute(f"ALTER SYSTEM KILL SESSION '{int(sid)},{int(serial)}' IMMEDIATE")


def empty_schema(admin: Administrator, *, but: str = "") -> None:
    """Drop all tables, views and sequences of the session's own schema.

    Parameters
    ----------
    admin : `Administrator`
        Session of the schema's own user.
    but : `str`, optional
        A sequence that stays.
    """
    for kind, statement in (
        ("VIEW", "DROP VIEW {name}"),
        # Its indexes and the sequences of its identity columns go with it.
        ("TABLE", "DROP TABLE {name} CASCADE CONSTRAINTS PURGE"),
        ("SEQUENCE", "DROP SEQUENCE {name}"),
    ):
        rows = admin.execute("SELECT object_name FROM user_objects WHERE object_type = :kind", kind=kind)
        for (name,) in rows:
            if name != but and not name.startswith("ISEQ$$"):
                admin.execute(statement.format(name=quoted(name)))


@dataclass(frozen=True)
class _Refusal:
    """What some of the server's errors mean, and what to do about it."""

    numbers: frozenset[int]
    error: type[ServiceError]
    meaning: str
    hint: str


_REFUSALS = (
    _Refusal(
        frozenset({1920, 955}),
        NamespaceError,
        "the namespace exists already and is not ours",
        "Run `gen3bed reap`; if it stays, somebody else made it: choose another server.",
    ),
    _Refusal(
        frozenset({1031, 990, 1919}),
        NamespaceError,
        "the account may not make or drop namespaces",
        "Ask for CREATE USER, DROP USER and GRANT ANY PRIVILEGE, or give an account with an empty schema.",
    ),
    _Refusal(
        frozenset({65096, 65094}),
        NamespaceError,
        "the service is that of the container's root, where no ordinary user can be made",
        "Write the service of a pluggable database behind the host, such as FREEPDB1.",
    ),
    _Refusal(
        frozenset({16000, 16456}),
        ReadOnlyServerError,
        "the database accepts no writes",
        "Use the primary database, opened READ WRITE.",
    ),
    _Refusal(
        frozenset({1536, 1653, 1654, 1950, 12954, 30036, 959}),
        StorageFullError,
        "there is no room for tables",
        "Ask for a quota on a tablespace with room; `gen3bed reap` removes what crashed runs left.",
    ),
    _Refusal(
        frozenset({1017, 1045, 28000, 28001}),
        CredentialsError,
        "the server refused the account",
        "Correct the entry for this server in the db-auth file that LSST_DB_AUTH names.",
    ),
)


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
    except (oracledb.Error, OSError) as err:
        number = number_of(err) if isinstance(err, oracledb.Error) else 0
        found = next((r for r in _REFUSALS if number in r.numbers), None)
        text = str(err).strip().splitlines()[0] if str(err).strip() else type(err).__name__
        if found is None:
            raise ServiceError(
                subject,
                reason=f"the server refused: {text}",
                hint="Look at the server's alert log; `gen3bed doctor` checks this machine.",
            ) from err
        raise found.error(subject, reason=f"{found.meaning}: {text}", hint=found.hint) from err


@contextmanager
def when_refused(forget: Callable[[], object]) -> Iterator[None]:
    """Forget what the block should have made if the server says that it did not.

    After a lost connection nobody knows, and what was recorded stays.

    Parameters
    ----------
    forget : `~collections.abc.Callable`
        Strikes it from the ledger.
    """
    try:
        yield
    except oracledb.Error as err:
        if number_of(err):
            # Why the server refused is what the reader needs.
            with suppress(LedgerError):
                forget()
        raise
