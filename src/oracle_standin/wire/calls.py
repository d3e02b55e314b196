"""Calls of the client: how they begin, executions and fetches."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle_standin.wire.binds import BindColumn, read_columns
from oracle_standin.wire.codes import ExecuteFlag, ExecuteOption, FieldVersion
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.fields import Reader, WireError

__all__ = [
    "CallHead",
    "ExecuteCall",
    "FetchCall",
    "ReexecuteCall",
    "read_execute",
    "read_fetch",
    "read_head",
    "read_reexecute",
]

_COMMIT_REEXECUTE = 0x1
_PARAMETERS = 13


@dataclass(frozen=True)
class CallHead:
    """How each call begins.

    Attributes
    ----------
    function : `int`
        A `~oracle_standin.wire.codes.Function`, or one that is not known here.
    token : `int`
        Number that an answer in a pipeline repeats; 0 for none.
    """

    function: int
    token: int


def read_head(reader: Reader, dialect: Dialect) -> CallHead:
    """Read what stands behind the message's type."""
    function = reader.u8()
    reader.u8()
    token = reader.ub() if dialect.field_version >= FieldVersion.V23_1_EXT_1 else 0
    return CallHead(function, token)


@dataclass(kw_only=True)
class ExecuteCall:
    """An execution, up to the rows of values.

    Attributes
    ----------
    options : `~oracle_standin.wire.codes.ExecuteOption`
        What to do.
    flags : `~oracle_standin.wire.codes.ExecuteFlag`
        More of it.
    cursor : `int`
        Number of the cursor; 0 for a new one.
    sql : `str` or `None`
        The statement, if it is sent.
    rows : `int`
        How many rows of a query are wanted.
    executions : `int`
        How many sets of values there are.
    is_query : `bool`
        Whether the client takes it for a query.
    orientation, position : `int`
        Where a scrollable cursor goes.
    defines : `list` [`~oracle_standin.wire.binds.BindColumn`]
        What a query's columns are wanted as.
    binds : `list` [`~oracle_standin.wire.binds.BindColumn`]
        The binds; rows of values follow if any of them is given values.
    """

    options: ExecuteOption
    flags: ExecuteFlag
    cursor: int
    sql: str | None
    rows: int
    executions: int
    is_query: bool
    orientation: int
    position: int
    defines: list[BindColumn] = field(default_factory=list)
    binds: list[BindColumn] = field(default_factory=list)


def read_execute(reader: Reader, dialect: Dialect) -> ExecuteCall:
    """Read the body of function 94, except for the rows of values."""
    options = ExecuteOption(reader.ub())
    cursor = reader.ub()
    has_sql = reader.u8()
    reader.skip(4, 1, 4, 1, 1, 4)
    rows = reader.ub()
    reader.skip(4, 1)
    bind_count = reader.ub()
    reader.skip(1, 1, 1, 1, 1, 1)
    define_count = reader.ub()
    reader.skip(4, 1, 1, 1, 4, 1, 4, 4, 1, 4, 1)
    if dialect.field_version >= FieldVersion.V12_2:
        reader.skip(1, 4, 1, 4, 1)
    if dialect.field_version >= FieldVersion.V12_2_EXT_1:
        reader.skip(1, 4)
    sql = (reader.clr() or b"").decode() if has_sql else None
    numbers = [reader.ub() for _ in range(_PARAMETERS)]
    call = ExecuteCall(
        options=options,
        flags=ExecuteFlag(numbers[9]),
        cursor=cursor,
        sql=sql,
        rows=rows,
        executions=numbers[1],
        is_query=bool(numbers[7]),
        orientation=numbers[10],
        position=numbers[11],
    )
    if options & ExecuteOption.DEFINE:
        call.defines = read_columns(reader, define_count, dialect)
    elif bind_count:
        call.binds = read_columns(reader, bind_count, dialect)
    return call


@dataclass(frozen=True)
class ReexecuteCall:
    """Another execution of a cursor whose binds are as before.

    Attributes
    ----------
    cursor : `int`
        Number of the cursor.
    count : `int`
        Sets of values, or how many rows of a query are wanted.
    commit : `bool`
        Commit if it goes well.
    """

    cursor: int
    count: int
    commit: bool


def read_reexecute(reader: Reader) -> ReexecuteCall:
    """Read the body of functions 4 and 78, except for the rows of values."""
    cursor, count = reader.ub(), reader.ub()
    reader.ub()
    return ReexecuteCall(cursor, count, bool(reader.ub() & _COMMIT_REEXECUTE))


@dataclass(frozen=True)
class FetchCall:
    """A fetch of more rows."""

    cursor: int
    rows: int


def read_fetch(reader: Reader) -> FetchCall:
    """Read the body of function 5."""
    cursor, rows = reader.ub(), reader.ub()
    if not cursor:
        raise WireError("a fetch from cursor 0")
    return FetchCall(cursor, rows)
