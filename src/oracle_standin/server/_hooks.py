"""Where faults and the statement log come in."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from oracle_standin.errors import OracleError
from oracle_standin.values import TypeSpec

__all__ = ["Call", "CallKind", "CallObserver", "CutConnection", "SilentObserver"]


class CallKind(enum.Enum):
    """What a client asks for."""

    CONNECT = "connect"
    EXECUTE = "execute"
    FETCH = "fetch"
    COMMIT = "commit"
    """Also the commit that goes with an execution under autocommit, inside it."""
    ROLLBACK = "rollback"
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
        Who is logged in; empty before that.
    text : `str`
        The statement of an execution or fetch; empty for others.
    types : `tuple` [`~oracle_standin.values.TypeSpec`, ...]
        Types of the binds.
    executions : `int`
        Sets of values.
    parsed : `bool`
        Whether the client had the statement parsed.
    rows : `int`
        Rows affected or fetched; 0 until it was applied.
    error : `~oracle_standin.errors.OracleError` or `None`
        What it ended with; known once it was applied.
    """

    kind: CallKind
    connection: int
    user: str = ""
    text: str = ""
    types: tuple[TypeSpec, ...] = ()
    executions: int = 0
    parsed: bool = False
    rows: int = 0
    error: OracleError | None = None


class CutConnection(Exception):  # noqa: N818 - it is an order, not an error
    """Raised by an observer to close the client's socket at once."""


class CallObserver(Protocol):
    """Is told of each call; may delay it, make it fail or cut the connection.

    Both methods are called by the connection's own thread and may raise
    `~oracle_standin.errors.OracleError`, which the client is answered, or
    `CutConnection`.  For a connect, an error with the number of a listener's
    (12500 to 12599) turns the client away before its login.
    """

    def before(self, call: Call) -> None:
        """Do what is due before the call is applied."""

    def after(self, call: Call) -> None:
        """Do what is due when the call was applied, or failed, and is not yet answered."""


class SilentObserver:
    """Lets everything pass."""

    def before(self, call: Call) -> None:
        """Do nothing."""

    def after(self, call: Call) -> None:
        """Do nothing."""
