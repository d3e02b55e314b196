"""A database in memory that knows statements by heart, for tests of the wire without an engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oracle_standin.errors import OracleError
from oracle_standin.interface import (
    BindPlace,
    Database,
    DmlResult,
    Kind,
    ResultSet,
    RowError,
    Session,
    SessionCounts,
    Statement,
)
from oracle_standin.profiles import PROFILES, Profile
from oracle_standin.sql._scanner import TokenKind, scan
from oracle_standin.values import Column, DataType, Lob, TypeSpec, Value
from oracle_standin.wire.places import input_binds

__all__ = ["FakeDatabase", "FakeLob", "FakeResult", "FakeSession", "Query", "column"]

_KINDS = {
    "SELECT": Kind.QUERY,
    "WITH": Kind.QUERY,
    "INSERT": Kind.DML,
    "UPDATE": Kind.DML,
    "DELETE": Kind.DML,
    "BEGIN": Kind.PLSQL,
    "DECLARE": Kind.PLSQL,
    "CREATE": Kind.DDL,
    "DROP": Kind.DDL,
}


def column(name: str, kind: DataType = DataType.NUMBER, **spec: Any) -> Column:
    """Return a column, by default one for numbers."""
    if kind is DataType.NUMBER:
        spec = {"precision": 0, "scale": -127, **spec}
    if kind in {DataType.VARCHAR2, DataType.CHAR} and "size" in spec:
        spec.setdefault("char_size", spec["size"])
    return Column(name=name, spec=TypeSpec(type=kind, **spec))


class FakeLob(Lob):
    """A large object in a string or bytes."""

    def __init__(self, spec: TypeSpec, data: str | bytes | None = None, *, temporary: bool = True) -> None:
        self.type = spec.type
        self.national = spec.national
        self.temporary = temporary
        self.data: Any = data if data is not None else (b"" if self.type is DataType.BLOB else "")

    def length(self) -> int:
        """Return the length."""
        return len(self.data)

    def read(self, offset: int, amount: int) -> str | bytes:
        """Return a piece."""
        piece: str | bytes = self.data[offset - 1 : offset - 1 + amount]
        return piece

    def write(self, offset: int, data: str | bytes) -> None:
        """Write a piece."""
        gap = offset - 1 - len(self.data)
        filler = b"\0" if self.type is DataType.BLOB else " "
        self.data = (
            (self.data + filler * max(gap, 0))[: offset - 1] + data + self.data[offset - 1 + len(data) :]
        )

    def trim(self, length: int) -> None:
        """Cut it."""
        self.data = self.data[:length]


class FakeResult(ResultSet):
    """Rows of a list."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[tuple[Value, ...]]) -> None:
        self.columns = tuple(columns)
        self.closed = False
        self._rows = list(rows)

    def fetch(self, count: int) -> list[tuple[Value, ...]]:
        """Return the next rows."""
        rows, self._rows = self._rows[:count], self._rows[count:]
        for row in rows:
            for value in row:
                if isinstance(value, OracleError):
                    raise value
        return rows

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


@dataclass
class Query:
    """What a query answers: columns and rows, or a function of the bind values that returns rows."""

    columns: Sequence[Column]
    rows: Sequence[tuple[Any, ...]] | Callable[[Sequence[Value]], Sequence[tuple[Any, ...]]] = ()


class FakeSession(Session):
    """A session of the fake."""

    def __init__(self, database: FakeDatabase, user: str) -> None:
        self.user = user
        self.current_schema = user
        self.sid, self.serial = len(database.sessions) + 1, 1
        self.counts = SessionCounts()
        self.told: dict[str, str | None] = {}
        self.closed = False
        self.cancelled = threading.Event()
        self.commits = self.rollbacks = 0
        self.results: list[FakeResult] = []
        self.ran: list[str] = []
        self._database = database
        self._open = False

    def note_client(self, details: Mapping[str, str | None]) -> None:
        """Keep it."""
        self.told.update(details)

    @property
    def in_transaction(self) -> bool:
        """Whether something was changed."""
        return self._open

    def prepare(self, text: str) -> Statement:
        """Look at a statement's first word and binds."""
        if text in self._database.unparsable:
            raise self._database.unparsable[text]
        tokens = scan(text)
        verb = next((token.value for token in tokens if token.kind is TokenKind.NAME), "")
        kind = _KINDS.get(verb, Kind.OTHER)
        names = [token.value for token in tokens if token.kind is TokenKind.BIND]
        if kind is Kind.PLSQL:
            names = list(dict.fromkeys(names))
        inputs = input_binds(text)
        returning = len(names) if inputs is None else inputs
        places = tuple(BindPlace(name=n, returning=i >= returning) for i, n in enumerate(names))
        return Statement(text=text, kind=kind, verb=verb, binds=places)

    def _query(self, statement: Statement) -> Query:
        try:
            return self._database.queries[statement.text]
        except KeyError:
            raise OracleError(942, "table or view does not exist", offset=14) from None

    def describe(self, statement: Statement) -> tuple[Column, ...]:
        """Return the columns."""
        return tuple(self._query(statement).columns)

    def query(self, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]) -> ResultSet:
        """Echo the binds of ``select :a ... from dual``, or answer by heart."""
        self._database.seen.append((values, types))
        if statement.text not in self._database.queries and statement.binds:
            columns = [
                Column(name=p.name, spec=_shown(t)) for p, t in zip(statement.binds, types, strict=True)
            ]
            return FakeResult(columns, [tuple(values)])
        query = self._query(statement)
        rows = query.rows(values) if callable(query.rows) else query.rows
        result = FakeResult(query.columns, rows)
        self.results.append(result)
        return result

    def change(
        self,
        statement: Statement,
        rows: Sequence[Sequence[Value]],
        types: Sequence[TypeSpec],
        *,
        batch_errors: bool = False,
    ) -> DmlResult:
        """Keep the rows; a first value that is there already is an error; return the values themselves."""
        result = DmlResult()
        outs = sum(place.returning for place in statement.binds)
        self._database.seen.append((rows, types))
        for number, row in enumerate(rows):
            if row and row[0] in self._database.keys:
                error = OracleError(1, "unique constraint (SCOTT.PK) violated")
                result.errors.append(RowError(row=number, error=error))
                if not batch_errors:
                    break
                result.counts.append(0)
                continue
            if row:
                self._database.keys.add(row[0])
            self._database.rows.append(tuple(row))
            result.counts.append(1)
            if outs:
                result.returned.append([tuple((list(row) * outs)[:outs])] * self._database.returned_rows)
            self._open = True
        return result

    def call(
        self, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]
    ) -> dict[int, Value]:
        """Answer by heart."""
        self._database.seen.append((values, types))
        return self._database.blocks[statement.text](self, values)

    def wait(self, seconds: float) -> None:
        """Wait until the call is cancelled, as a long statement does."""
        self.cancelled.clear()
        if self.cancelled.wait(seconds):
            raise OracleError(1013, "user requested cancel of current operation")

    def run(self, statement: Statement) -> None:
        """Remember it."""
        self.ran.append(statement.text)
        words = statement.text.replace("=", " = ").split()
        if [word.upper() for word in words[:4]] == ["ALTER", "SESSION", "SET", "CURRENT_SCHEMA"]:
            self.current_schema = words[-1].strip('"')
        if [word.upper() for word in words[:2]] == ["ALTER", "USER"]:
            self._database.users[words[2].strip('"')] = words[-1].strip('"')
        if self._database.in_ddl is not None:
            self._database.in_ddl(statement.text)

    def commit(self) -> None:
        """Commit."""
        self.commits += 1
        self._open = False

    def rollback(self) -> None:
        """Roll back."""
        self.rollbacks += 1
        self._open = False

    def create_lob(self, spec: TypeSpec) -> Lob:
        """Return an empty one."""
        return FakeLob(spec)

    def cancel(self) -> None:
        """End a wait."""
        self.cancelled.set()

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


def _shown(spec: TypeSpec) -> TypeSpec:
    """Return a bind's type as a column's."""
    match spec.type:
        case DataType.NUMBER | DataType.BINARY_INTEGER:
            return TypeSpec(type=DataType.NUMBER, scale=-127)
        case DataType.INTERVAL_DS:
            return TypeSpec(type=spec.type, precision=9, scale=6)
        case DataType.TIMESTAMP | DataType.TIMESTAMP_TZ | DataType.TIMESTAMP_LTZ:
            return TypeSpec(type=spec.type, scale=6)
        case _:
            return spec


@dataclass
class FakeDatabase(Database):
    """A database of the fake.

    Attributes
    ----------
    users : `dict` [`str`, `str`]
        Passwords.
    queries : `dict` [`str`, `Query`]
        Answers by the text of the query.
    blocks : `dict`
        Functions of session and values, by the text of the PL/SQL block;
        they return the values of the out binds.
    unparsable : `dict` [`str`, `~oracle_standin.errors.OracleError`]
        Errors of statements that cannot be parsed.
    rows : `list`
        What was inserted.
    keys : `set`
        First values, each of which can be inserted once.
    returned_rows : `int`
        Rows that each set of values affects, as RETURNING shows it.
    seen : `list`
        Values and types of each execution.
    in_ddl : `~collections.abc.Callable`, optional
        Called with the text of each statement that is run.
    """

    profile: Profile = PROFILES["19"]
    service: str = "FREEPDB1"
    engine: str = "fake"
    users: dict[str, str] = field(default_factory=lambda: {"SCOTT": "tiger"})
    queries: dict[str, Query] = field(default_factory=dict)
    blocks: dict[str, Callable[[FakeSession, Sequence[Value]], dict[int, Value]]] = field(
        default_factory=dict
    )
    unparsable: dict[str, OracleError] = field(default_factory=dict)
    rows: list[tuple[Value, ...]] = field(default_factory=list)
    keys: set[Value] = field(default_factory=set)
    returned_rows: int = 1
    seen: list[Any] = field(default_factory=list)
    sessions: list[FakeSession] = field(default_factory=list)
    in_ddl: Callable[[str], None] | None = None
    locked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.queries.setdefault("select 1 from dual", Query([column("1")], [(1,)]))

    def password_of(self, user: str) -> str | None:
        """Return a password."""
        return self.users.get(user)

    def open_session(self, user: str) -> Session:
        """Return a session, unless the user is locked."""
        if user in self.locked:
            raise OracleError(28000, "the account is locked")
        session = FakeSession(self, user)
        self.sessions.append(session)
        return session

    def close(self) -> None:
        """Do nothing."""
