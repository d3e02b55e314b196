"""What columns a query has, as bytes."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.values import Column, DataType, TypeSpec
from oracle_standin.wire.codes import FieldVersion, MessageType
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.fields import text, ub

__all__ = ["columns_described", "describe_message"]

_CHARSET, _NATIONAL_CHARSET = 873, 2000
_IMPLICIT, _NATIONAL = 1, 2
_SIZES = {
    DataType.NUMBER: 22,
    DataType.BINARY_INTEGER: 22,
    DataType.ROWID: 18,
    DataType.UROWID: 4000,
    DataType.DATE: 7,
    DataType.BINARY_FLOAT: 4,
    DataType.BINARY_DOUBLE: 8,
    DataType.CURSOR: 4,
    DataType.CLOB: 4000,
    DataType.BLOB: 4000,
    DataType.TIMESTAMP: 11,
    DataType.TIMESTAMP_TZ: 13,
    DataType.TIMESTAMP_LTZ: 11,
    DataType.INTERVAL_YM: 5,
    DataType.INTERVAL_DS: 11,
    DataType.BOOLEAN: 4,
}
"""Sizes in bytes of types that have no other; the driver takes a column of size 0 for NULL throughout."""
_OF_VARYING_SIZE = frozenset({DataType.VARCHAR2, DataType.CHAR, DataType.RAW})
_TEXT = frozenset({DataType.VARCHAR2, DataType.CHAR, DataType.LONG, DataType.CLOB})


def describe_message(columns: Sequence[Column], dialect: Dialect) -> bytes:
    """Return the message that describes a query's columns."""
    return bytes((MessageType.DESCRIBE, 0)) + columns_described(columns, dialect)


def columns_described(columns: Sequence[Column], dialect: Dialect) -> bytes:
    """Return the columns as they stand in that message and in front of a cursor's number."""
    parts = [ub(sum(_size(column.spec) for column in columns)), ub(len(columns))]
    if columns:
        parts.append(b"\0")
    parts += (_described(column, position, dialect) for position, column in enumerate(columns, 1))
    parts.append(bytes(6))
    return b"".join(parts)


def _size(spec: TypeSpec) -> int:
    if spec.type in _OF_VARYING_SIZE:
        return max(spec.size, 1)
    return _SIZES.get(spec.type, 0)


def _described(column: Column, position: int, dialect: Dialect) -> bytes:
    spec = column.spec
    version = dialect.field_version
    form = 0
    if spec.type in _TEXT:
        form = _NATIONAL if spec.national else _IMPLICIT
    charset = (0, _CHARSET, _NATIONAL_CHARSET)[form]
    parts = [
        bytes((spec.type, 0, spec.precision & 0xFF, spec.scale & 0xFF)),
        ub(_size(spec)),
        bytes(4),  # array elements, flags, object identifier, its version
        ub(charset),
        bytes((form,)),
        ub(spec.char_size),
    ]
    if version >= FieldVersion.V12_2:
        parts.append(b"\0")
    parts += (bytes((column.nullable, 0)), text(column.name), bytes(2), ub(position), b"\0")
    if version >= FieldVersion.V23_1:
        parts.append(bytes(2))  # domain
    if version >= FieldVersion.V23_1_EXT_3:
        parts.append(b"\0")  # annotations
    if version >= FieldVersion.V23_4:
        parts.append(bytes(3))  # vector
    return b"".join(parts)
