"""What is tried again, where and how often: the policy that docs/reference/oracle-registry.md describes.

A connection is asked for again while the server has none to give.  A whole
operation of the Database is done again if it began its transaction itself and
nothing of it has been committed.  An operation within somebody else's
transaction is not, because what came before it is lost as well.
"""

from __future__ import annotations

import functools
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate

import oracledb
import sqlalchemy
from lsst.daf.butler.registry.interfaces import Database

from gen3bed.oracle._errors import CommitOutcomeUnknownError, number_of

__all__ = ["CONNECT_WAITS", "WAITS", "Retried", "commit", "connect_patiently"]

_LOG = logging.getLogger(__name__)

CONNECT_WAITS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts to connect, some 16 in total: a job's end frees a session."""
WAITS = (0.05, 0.1, 0.2, 0.4)
"""Seconds between attempts of an operation; each is done at most five times."""

# No sessions or processes left: ORA-00018, ORA-00020, and what the listener says of it.
_FULL = frozenset({18, 20, 12516, 12519, 12520})
_CONFLICTS = frozenset({
    54,  # Resource busy: a lock that NOWAIT or DDL does not wait for.
    60,  # Deadlock: this statement was undone, so that the other transaction can go on.
    8177,  # Another transaction has changed what a serializable one changes.
    30006,  # Resource busy after a wait.
})  # fmt: skip


def connect_patiently[Connection](connect: Callable[[], Connection]) -> Connection:
    """Connect, and try again while the server has no session left.

    Parameters
    ----------
    connect : `~collections.abc.Callable`
        Connects once.

    Raises
    ------
    oracledb.Error
        Raised with the last error.
    """
    for wait in CONNECT_WAITS:
        try:
            return connect()
        except oracledb.Error as error:
            if not _is_full(error):
                raise
            _LOG.warning("The server takes no connection now; trying again in %g s: %s", wait, _line(error))
        _sleep(wait)
    return connect()


def _is_full(error: oracledb.Error) -> bool:
    # The listener's numbers are in the text of DPY-6000, which is that of DPY-6005.
    return number_of(error) in _FULL or any(f"ORA-{number:05d}" in str(error) for number in _FULL)


def commit(connection: Any, commit_once: Callable[[], None]) -> None:
    """Commit, and tell a commit whose answer was lost from other lost connections.

    Parameters
    ----------
    connection : `oracledb.Connection`
        Whether it lives says whether the answer was lost.
    commit_once : `~collections.abc.Callable`
        Commits.

    Raises
    ------
    CommitOutcomeUnknownError
        Raised if the connection was lost.
    """
    try:
        commit_once()
    except oracledb.Error as error:
        if connection.is_healthy():
            raise
        raise CommitOutcomeUnknownError(*error.args) from error


@dataclass(frozen=True, kw_only=True)
class Retried:
    """Lets a method of a Database, whose changes are one transaction, be done again where that is safe.

    Attributes
    ----------
    idempotent : `bool`
        Whether it may be done again though it may have been committed: rows
        are the same after it was done twice.  What it returns may then be
        what the second time found.
    """

    idempotent: bool

    def __call__[D: Database, **P, R](
        self, method: Callable[Concatenate[D, P], R]
    ) -> Callable[Concatenate[D, P], R]:
        """Return the method in its patient form."""

        @functools.wraps(method)
        def patient(database: D, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if database.isInTransaction():
                return method(database, *args, **kwargs)
            for wait in WAITS:
                try:
                    return method(database, *args, **kwargs)
                except sqlalchemy.exc.DBAPIError as error:
                    if not self._allows(error):
                        raise
                    _LOG.warning("%s is done again in %g s: %s", method.__name__, wait, _line(error.orig))
                _sleep(wait)
            return method(database, *args, **kwargs)

        return patient

    def _allows(self, error: sqlalchemy.exc.DBAPIError) -> bool:
        if isinstance(error.orig, CommitOutcomeUnknownError):
            return self.idempotent
        # With a lost connection goes what had not been committed.
        return error.connection_invalidated or number_of(error) in _CONFLICTS


def _sleep(seconds: float) -> None:
    # Not all at once: those that met in a deadlock would meet again.
    time.sleep(seconds * random.uniform(0.5, 1.5))  # noqa: S311 - nothing secret


def _line(error: BaseException | None) -> str:
    return str(error).partition("\n")[0]
