"""What ends the server's answers: errors, status, counts."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.errors import OracleError
from oracle_standin.interface import RowError
from oracle_standin.wire.codes import FieldVersion, MessageType
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.fields import clr, sb, ub

__all__ = ["BATCH_ERRORS", "NO_MORE_ROWS", "end_message", "parameters", "status"]

BATCH_ERRORS = OracleError(24381, "error(s) in array DML")
NO_MORE_ROWS = OracleError(1403, "no data found")
_LARGEST_OFFSET = 0x7FFF
_CURRENT_SCHEMA = 168
"""Keyword of the current schema."""


def status(*, call_status: int) -> bytes:
    """Return the end of an answer that has nothing to say."""
    return bytes((MessageType.STATUS,)) + ub(call_status) + ub(0)


def parameters(*, schema: str | None = None, row_counts: Sequence[int] | None = None) -> bytes:
    """Return what an execution tells besides.

    Parameters
    ----------
    schema : `str`, optional
        The new current schema.
    row_counts : `~collections.abc.Sequence` [`int`], optional
        Affected rows per set of values; only if the client asked for them.
    """
    pairs = b"\0"
    if schema is not None:
        raw = schema.encode()
        pairs = ub(1) + ub(len(raw)) + clr(raw) + ub(0) + ub(_CURRENT_SCHEMA)
    parts = [bytes((MessageType.PARAMETER, 0, 0)), pairs, b"\0"]
    if row_counts is not None:
        parts.append(ub(len(row_counts)))
        parts += map(ub, row_counts)
    return b"".join(parts)


def end_message(
    dialect: Dialect,
    *,
    call_status: int,
    cursor: int = 0,
    error: OracleError | None = None,
    row_count: int = 0,
    batch_errors: Sequence[RowError] = (),
) -> bytes:
    """Return the error block, which ends almost every answer, also good ones.

    Parameters
    ----------
    dialect : `~oracle_standin.wire.dialect.Dialect`
        How the client speaks.
    call_status : `int`
        2 while a transaction is open.
    cursor : `int`
        Number of the statement's cursor.
    error : `~oracle_standin.errors.OracleError`, optional
        What went wrong.
    row_count : `int`
        Rows affected or fetched; for a PL/SQL block that failed, how many
        executions went well.
    batch_errors : `~collections.abc.Sequence` [`~oracle_standin.interface.RowError`]
        Rows that failed while others did not.
    """
    number = error.number if error else 0
    offset = min(error.offset, _LARGEST_OFFSET) if error else 0
    parts = [
        bytes((MessageType.ERROR,)),
        ub(call_status),
        ub(0),
        ub(min(row_count, 0xFFFFFFFF)),
        ub(number & 0xFFFF),
        bytes(2),
        ub(cursor),
        sb(offset),
        bytes(6),  # statement type and flags
        bytes(5),  # row identifier
        bytes(6),  # operating system's error, counters, logical row identifier
        *_batch(batch_errors),
        ub(number),
        ub(row_count),
    ]
    if dialect.field_version >= FieldVersion.V20_1:
        parts.append(bytes(2))
    if error:
        parts.append(clr(f"{error}\n".encode()))
    return b"".join(parts)


def _batch(errors: Sequence[RowError]) -> list[bytes]:
    if not errors:
        return [bytes(3)]
    count = ub(len(errors))
    texts = [str(failed.error).encode() for failed in errors]
    return [
        count,
        b"\0",
        *(ub(failed.error.number) for failed in errors),
        count,
        b"\0",
        *(ub(failed.row) for failed in errors),
        count,
        b"\0",
        *(ub(len(raw)) + clr(raw) + bytes(2) for raw in texts),
    ]
