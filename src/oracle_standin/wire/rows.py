"""Rows of queries and values of out binds as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from oracle_standin.interface import ResultSet
from oracle_standin.values import DataType, Lob, TypeSpec, Value
from oracle_standin.wire.codes import Direction, MessageType
from oracle_standin.wire.fields import clr, ub
from oracle_standin.wire.numbers import encode_number
from oracle_standin.wire.rowids import encode_rowid, encode_urowid
from oracle_standin.wire.values import encoder

__all__ = ["Handles", "encode_rows", "io_vector", "lob_text", "out_row", "returned_row", "row_header"]

_SHORT = 0xFC
_LENGTHS = tuple(bytes((size,)) for size in range(_SHORT + 1))
_ROW = bytes((MessageType.ROW_DATA,))
_LONG_END = b"\0\0"
"""Indicator and return code behind a LONG."""
_NULL = b"\0"
_REMEMBERED = 50_000
_NUMBERS = frozenset({DataType.NUMBER, DataType.BINARY_INTEGER})
_LONGS = frozenset({DataType.LONG, DataType.LONG_RAW})

FieldEncoder = Callable[[Any], bytes]


class Handles(Protocol):
    """Who gives numbers to what a client only gets a handle of."""

    def lob(self, value: Any, spec: TypeSpec) -> bytes:
        """Return a large object's field: lengths and locator."""

    def cursor(self, value: ResultSet) -> bytes:
        """Return a cursor's field: its description and number."""


class _NumberFields(dict[Any, bytes]):
    def __missing__(self, value: Any) -> bytes:
        if len(self) >= _REMEMBERED:
            self.clear()
        field = self[value] = clr(encode_number(value))
        return field


_number_field = _NumberFields().__getitem__


def lob_text(value: Lob) -> str | bytes:
    """Return all that is in a large object."""
    return value.read(1, max(value.length(), 1))


def row_header(columns: int) -> bytes:
    """Return the message in front of a query's rows."""
    return bytes((MessageType.ROW_HEADER, 0)) + ub(columns) + bytes(5)


def encode_rows(rows: Iterable[Sequence[Value]], specs: Sequence[TypeSpec], handles: Handles) -> list[bytes]:
    """Return fetched rows as pieces of an answer.

    Parameters
    ----------
    rows : `~collections.abc.Iterable`
        The rows.
    specs : `~collections.abc.Sequence` [`~oracle_standin.values.TypeSpec`]
        What the client wants the columns as; a LOB as LONG comes whole.
    handles : `Handles`
        For LOBs and cursors.
    """
    encoders = [_fetched(spec, handles) for spec in specs]
    nulls = [_NULL + _LONG_END if spec.type in _LONGS else _NULL for spec in specs]
    pieces: list[bytes] = []
    append = pieces.append
    for row in rows:
        append(_ROW)
        for value, encode, null in zip(row, encoders, nulls, strict=True):
            append(null if value is None else encode(value))
    return pieces


def _fetched(spec: TypeSpec, handles: Handles) -> FieldEncoder:
    match spec.type:
        case DataType.ROWID:
            return encode_rowid
        case DataType.UROWID:
            return encode_urowid
        case DataType.LONG | DataType.LONG_RAW:
            plain = _plain(spec)
            return lambda value: plain(lob_text(value) if isinstance(value, Lob) else value) + _LONG_END
        case _:
            return _field(spec, handles)


def _field(spec: TypeSpec, handles: Handles) -> FieldEncoder:
    match spec.type:
        case DataType.CLOB | DataType.BLOB:
            return lambda value: handles.lob(value, spec)
        case DataType.CURSOR:
            return handles.cursor
        case kind if kind in _NUMBERS:
            return _number_field
        case _:
            return _plain(spec)


def _plain(spec: TypeSpec) -> FieldEncoder:
    if spec.type in {DataType.VARCHAR2, DataType.CHAR, DataType.LONG} and not spec.national:
        return _text_field
    encode = encoder(spec.type, national=spec.national)

    def field(value: Any) -> bytes:
        raw = encode(value)
        size = len(raw)
        return _LENGTHS[size] + raw if size <= _SHORT else clr(raw)

    return field


def _text_field(value: Any) -> bytes:
    raw = (value if isinstance(value, str) else str(value)).encode()
    size = len(raw)
    return _LENGTHS[size] + raw if size <= _SHORT else clr(raw)


def _out(spec: TypeSpec, handles: Handles) -> FieldEncoder:
    """Return what encodes an out bind: in the bind's type, with its length as it really was."""
    field = _field(spec, handles)

    def encode(value: Any) -> bytes:
        if value is None:
            return _NULL + _NULL
        if isinstance(value, Lob) and spec.type not in {DataType.CLOB, DataType.BLOB}:
            value = lob_text(value)
        return field(value) + _NULL

    return encode


def returned_row(rows: Sequence[Sequence[Value]], specs: Sequence[TypeSpec], handles: Handles) -> list[bytes]:
    """Return what one execution of DML returned.

    Parameters
    ----------
    rows : `~collections.abc.Sequence`
        Values per affected row, one per returning bind.
    specs : `~collections.abc.Sequence` [`~oracle_standin.values.TypeSpec`]
        Types of the returning binds.
    handles : `Handles`
        For LOBs.
    """
    pieces = [_ROW]
    for place, spec in enumerate(specs):
        encode = _out(spec, handles)
        pieces.append(ub(len(rows)))
        pieces += (encode(row[place]) for row in rows)
    return pieces


def io_vector(directions: Sequence[Direction]) -> bytes:
    """Return the message that says which binds of a PL/SQL block have values for the client."""
    low, high = len(directions) % 256, len(directions) // 256
    head = bytes((MessageType.IO_VECTOR, 0)) + ub(low) + ub(high) + ub(1) + bytes(3)
    return head + bytes(directions)


def out_row(
    values: Sequence[Value], specs: Sequence[TypeSpec], arrays: Sequence[bool], handles: Handles
) -> list[bytes]:
    """Return the values that one execution of a PL/SQL block gave its out binds."""
    pieces = [_ROW]
    for value, spec, is_array in zip(values, specs, arrays, strict=True):
        encode = _out(spec, handles)
        if is_array:
            elements: Sequence[Any] = value if isinstance(value, list | tuple) else ()
            pieces.append(ub(len(elements)))
            pieces += map(encode, elements)
        else:
            pieces.append(encode(value))
    return pieces
