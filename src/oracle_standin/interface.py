"""The seam between the wire and what runs the SQL.

``server`` talks to clients and calls these; the engines ``h2`` and
``postgresql`` implement them.  Neither side knows more of the other.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oracle_standin.errors import OracleError
from oracle_standin.profiles import Profile
from oracle_standin.values import Column, Lob, TypeSpec, Value

__all__ = [
    "BindPlace",
    "Database",
    "DmlResult",
    "Kind",
    "ResultSet",
    "RowError",
    "Session",
    "SessionCounts",
    "Statement",
]


class Kind(enum.Enum):
    """What a statement is, as far as a client's protocol depends on it."""

    QUERY = "query"
    DML = "dml"
    DDL = "ddl"
    PLSQL = "plsql"
    OTHER = "other"
    """ALTER SESSION, SET TRANSACTION, SAVEPOINT, LOCK TABLE and their like."""


@dataclass(frozen=True, kw_only=True)
class BindPlace:
    """A place for a value in a statement.

    Attributes
    ----------
    name : `str`
        Upper case unless it was quoted; without colon and quotes.
    returning : `bool`
        Whether it stands after ``RETURNING ... INTO`` and is given no value.
    """

    name: str
    returning: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement that was parsed and checked, ready to be run by its session.

    Attributes
    ----------
    text : `str`
        As the client sent it.
    kind : `Kind`
        What it is.
    verb : `str`
        Its first word in upper case, such as ``INSERT``; for the log.
    binds : `tuple` [`BindPlace`, ...]
        In SQL one per occurrence; in PL/SQL one per distinct name, in the
        order of their first occurrence.
    """

    text: str
    kind: Kind
    verb: str
    binds: tuple[BindPlace, ...] = ()


class ResultSet(ABC):
    """The rows of a query that is being fetched."""

    columns: tuple[Column, ...]

    @abstractmethod
    def fetch(self, count: int) -> list[tuple[Value, ...]]:
        """Return up to ``count`` rows; fewer only at the end.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if a row cannot be computed, such as ORA-01476.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the engine's resources; may be called again."""


@dataclass(frozen=True, kw_only=True)
class RowError:
    """A row of an array of values that failed."""

    row: int
    error: OracleError


@dataclass(kw_only=True)
class DmlResult:
    """What an INSERT, UPDATE, DELETE or MERGE did.

    Attributes
    ----------
    counts : `list` [`int`]
        Rows affected per set of values, for the sets that were run.
    errors : `list` [`RowError`]
        With ``batch_errors`` all rows that failed; without, at most one,
        after which nothing was run.  What was done before stays.
    returned : `list` [`list` [`tuple` [`~oracle_standin.values.Value`, ...]]]
        Per set of values one row per affected row, with a value per
        returning bind; empty without RETURNING.
    """

    counts: list[int] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    returned: list[list[tuple[Value, ...]]] = field(default_factory=list)


@dataclass(kw_only=True)
class SessionCounts:
    """What a session's client has asked for, as the server counts it.

    Attributes
    ----------
    round_trips : `int`
        Times that the client waited for an answer, the login included.
    calls : `int`
        Logins, executions, fetches, commits and other calls.
    executions : `int`
        Statements that were executed; an array of values counts once.
    parses : `int`
        Statements that the client had parsed, instead of naming an open cursor.
    hard_parses : `int`
        Those of them that the session had not seen before.
    commits, rollbacks : `int`
        Transactions that the client ended.
    cursors, cursors_ever : `int`
        Cursors that are open, and that were opened.
    sent, received : `int`
        Bytes to and from the client.
    """

    round_trips: int = 0
    calls: int = 0
    executions: int = 0
    parses: int = 0
    hard_parses: int = 0
    commits: int = 0
    rollbacks: int = 0
    cursors: int = 0
    cursors_ever: int = 0
    sent: int = 0
    received: int = 0


class Session(ABC):
    """A user's session.  Used by one thread at a time, except `cancel`.

    Every method may raise `oracle_standin.errors.OracleError`; any other
    exception is a defect of the stand-in.
    """

    user: str
    """Name of the user, upper case unless it was quoted."""
    current_schema: str
    """The schema that names without one belong to."""
    sid: int
    """Its number, as in ``V$SESSION``."""
    serial: int
    """Tells it from others that had the same number before."""
    counts: SessionCounts
    """Kept by the server, for the views of statistics."""

    @abstractmethod
    def note_client(self, details: Mapping[str, str | None]) -> None:
        """Take note of what the client says of itself, for ``V$SESSION`` and ``SYS_CONTEXT``.

        Parameters
        ----------
        details : `~collections.abc.Mapping` [`str`, `str` or `None`]
            By the column's name: OSUSER, MACHINE, PROGRAM, TERMINAL, PROCESS,
            DRIVER, SERVICE, MODULE, ACTION, CLIENT_INFO, CLIENT_IDENTIFIER,
            PROTOCOL (TCP or TCPS).  What is not given stays.
        """

    @property
    @abstractmethod
    def in_transaction(self) -> bool:
        """Whether there are changes that are neither committed nor rolled back."""

    @abstractmethod
    def prepare(self, text: str) -> Statement:
        """Parse and check a statement, with all of Oracle's rules for its profile."""

    @abstractmethod
    def describe(self, statement: Statement) -> tuple[Column, ...]:
        """Return the columns of a query without running it."""

    @abstractmethod
    def query(self, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]) -> ResultSet:
        """Run a query.

        Parameters
        ----------
        statement : `Statement`
            Of kind `Kind.QUERY`, from `prepare`.
        values : `~collections.abc.Sequence`
            One per bind place.
        types : `~collections.abc.Sequence` [`~oracle_standin.values.TypeSpec`]
            What the client declared for each bind place.
        """

    @abstractmethod
    def change(
        self,
        statement: Statement,
        rows: Sequence[Sequence[Value]],
        types: Sequence[TypeSpec],
        *,
        batch_errors: bool = False,
    ) -> DmlResult:
        """Run DML once per set of values (once, with an empty set, if it has no binds).

        Parameters
        ----------
        statement : `Statement`
            Of kind `Kind.DML`, from `prepare`.
        rows : `~collections.abc.Sequence`
            Sets of values for the bind places that are not returning.
        types : `~collections.abc.Sequence` [`~oracle_standin.values.TypeSpec`]
            For all bind places, returning ones included.
        batch_errors : `bool`
            Go on after a row that fails.
        """

    @abstractmethod
    def call(
        self, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]
    ) -> dict[int, Value]:
        """Run a PL/SQL block.

        Returns
        -------
        out : `dict` [`int`, `~oracle_standin.values.Value`]
            Values of the bind places that the block assigned to.
        """

    @abstractmethod
    def run(self, statement: Statement) -> None:
        """Run a statement of kind `Kind.DDL` or `Kind.OTHER`."""

    @abstractmethod
    def commit(self) -> None:
        """Make the transaction's changes permanent."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo the transaction's changes."""

    @abstractmethod
    def create_lob(self, spec: TypeSpec) -> Lob:
        """Return an empty temporary CLOB, NCLOB or BLOB."""

    @abstractmethod
    def cancel(self) -> None:
        """Make the running call end with ORA-01013; may be called by another thread."""

    @abstractmethod
    def close(self) -> None:
        """Roll back and end; may be called again."""


class Database(ABC):
    """What clients connect to: one database with users and schemas."""

    profile: Profile
    service: str
    """Service name, such as ``FREEPDB1``."""
    engine: str
    """Name and version of what runs the SQL, for banner and log."""

    @abstractmethod
    def password_of(self, user: str) -> str | None:
        """Return a user's password, or `None` if there is no such user.

        The stand-in keeps passwords as they are: the login needs them, and
        they guard test data.
        """

    @abstractmethod
    def open_session(self, user: str) -> Session:
        """Return a new session of a user whose password was right.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if the user may not: ORA-28000 (locked), ORA-28001
            (expired), ORA-01045 (no CREATE SESSION).
        """

    @abstractmethod
    def close(self) -> None:
        """End all sessions and the engine."""
