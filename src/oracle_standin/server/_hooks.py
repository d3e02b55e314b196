"""Where faults and the statement log come in."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from oracle_standin.errors import OracleError
from oracle_standin.values import TypeSpec

__all__ = [
    "LISTENER_ERRORS",
    "Call",
    "CallKind",
    "CallObserver",
    "CutConnection",
    "KillSession",
    "SilentObserver",
]

LISTENER_ERRORS = range(12500, 12600)
"""ORA numbers with which a listener turns a client away, before its login."""


class CallKind(enum.Enum):
    """What a client asks for."""

    CONNECT = "connect"
    """A client at the listener; nobody knows yet as whom it will log in."""
    LOGIN = "login"
    EXECUTE = "execute"
    FETCH = "fetch"
    COMMIT = "commit"
    """Also the one that goes with an execution, inside it: under autocommit, or of a statement ``COMMIT``."""
    ROLLBACK = "rollback"
    """Of a whole transaction; also of a statement ``ROLLBACK``, inside its execution."""
    PING = "ping"
    LOB = "lob"


@dataclass(kw_only=True)
class Call:
    """One call of one connection.

    Attributes
    ----------
    kind : `CallKind`
        What it is.
    connection : `int`
        Number of the connection, from 1.
    user : `str`
        Who is logged in, or about to; empty before that.
    client : `str`
        What the client calls the connection (``CONNECTION_ID``): begins with
        the ``connection_id_prefix`` that its program gave.
    text : `str`
        The statement of an execution or fetch, the connect data of a connect;
        empty for others.
    types : `tuple` [`~oracle_standin.values.TypeSpec`, ...]
        Types of the binds.
    executions : `int`
        Sets of values.
    parsed : `bool`
        Whether the client had the statement parsed.
    rows : `int`
        Rows affected or fetched; 0 until it was applied.
    round_trips : `int`
        Requests that the client waits for; 0 if it is part of another call.
    pause : `~collections.abc.Callable`
        Waits for a number of seconds, but not longer than the client does.
    begun : `float`
        When it arrived, in seconds of `time.perf_counter`.
    error : `~oracle_standin.errors.OracleError` or `None`
        What it ended with; known once it was applied.
    """

    kind: CallKind
    connection: int
    user: str = ""
    client: str = ""
    text: str = ""
    types: tuple[TypeSpec, ...] = ()
    executions: int = 0
    parsed: bool = False
    rows: int = 0
    round_trips: int = 1
    pause: Callable[[float], object] = time.sleep
    begun: float = field(default_factory=time.perf_counter)
    error: OracleError | None = None


class CutConnection(Exception):  # noqa: N818 - it is an order, not an error
    """Raised by an observer to close the client's socket at once."""


class KillSession(OracleError):  # noqa: N818 - it is an order as well
    """Raised by an observer to end the session with ORA-00028."""

    def __init__(self) -> None:
        super().__init__(28, "your session has been killed")


class CallObserver(Protocol):
    """Is told of each call; may delay it, make it fail or cut the connection.

    All methods are called by the connection's own thread.  `before` and
    `after` may raise `~oracle_standin.errors.OracleError`, which the client is
    answered, `KillSession` or `CutConnection`.  For a connect, one of
    `LISTENER_ERRORS` turns the client away, and another error fails its login.
    """

    def before(self, call: Call) -> None:
        """Do what is due before the call is applied."""

    def after(self, call: Call) -> None:
        """Do what is due when the call was applied, or failed, and is not yet answered."""

    def closed(self, connection: int) -> None:
        """Take note that a connection has ended; it may never have got to a call."""


class SilentObserver:
    """Lets everything pass."""

    def before(self, call: Call) -> None:
        """Do nothing."""

    def after(self, call: Call) -> None:
        """Do nothing."""

    def closed(self, connection: int) -> None:
        """Do nothing."""
