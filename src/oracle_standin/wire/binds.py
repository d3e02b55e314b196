"""Binds and defines: how a client describes them, and rows of bind values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oracle_standin.values import DataType, TypeSpec, Value
from oracle_standin.wire.codes import FieldVersion, MessageType
from oracle_standin.wire.dialect import MAX_STRING, Dialect
from oracle_standin.wire.fields import Reader, WireError
from oracle_standin.wire.values import decoder

__all__ = ["BindColumn", "BindRows", "CursorBind", "LobBind", "Unsupported", "read_columns"]

_ARRAY = 0x40
_NATIONAL = 2
_SHORT = 0xFD
"""First length byte that is not simply a length."""
_NULL_BOOLEAN = 0xFD
_OBJECT, _BFILE, _VECTOR = 109, 114, 127
_NAMES = {_OBJECT: "object types", _BFILE: "BFILE", _VECTOR: "VECTOR", 119: "JSON", 58: "XMLTYPE"}
_KNOWN = frozenset(int(kind) for kind in DataType)


@dataclass(frozen=True)
class Unsupported:
    """A value of a type that is not modelled; it was read all the same."""

    what: str


@dataclass(frozen=True)
class LobBind:
    """A locator that the client was given earlier."""

    locator: bytes


@dataclass(frozen=True)
class CursorBind:
    """A cursor that the client was given earlier; number 0 is a new one."""

    number: int


@dataclass(frozen=True, kw_only=True)
class BindColumn:
    """A bind or define as the client describes it.

    Attributes
    ----------
    code : `int`
        Number of its type on the wire.
    size : `int`
        Largest value in bytes; for text 4 bytes a character.
    elements : `int`
        Most elements of a PL/SQL array.
    is_array : `bool`
        Whether it is a PL/SQL array.
    national : `bool`
        Whether text is in UTF-16.
    """

    code: int
    size: int
    elements: int
    is_array: bool
    national: bool

    @property
    def unsupported(self) -> str | None:
        """What it is, if it is not modelled (`str`), else `None`."""
        if self.code in _NAMES or self.code not in _KNOWN:
            return _NAMES.get(self.code, f"data type {self.code}")
        return None

    @property
    def has_handles(self) -> bool:
        """Whether its values are handles, of LOBs or cursors, or cannot be used (`bool`)."""
        return self.code in _SPECIAL and self.code != DataType.BOOLEAN

    @property
    def spec(self) -> TypeSpec:
        """The type (`~oracle_standin.values.TypeSpec`); VARCHAR2 if it is not modelled."""
        kind = DataType.VARCHAR2 if self.unsupported else DataType(self.code)
        if kind in {DataType.VARCHAR2, DataType.CHAR, DataType.LONG}:
            return TypeSpec(type=kind, size=self.size, char_size=self.size // 4, national=self.national)
        size = self.size if kind in {DataType.RAW, DataType.LONG_RAW} else 0
        return TypeSpec(type=kind, size=size, national=self.national)


def read_columns(reader: Reader, count: int, dialect: Dialect) -> list[BindColumn]:
    """Return the descriptions of binds or defines."""
    columns = []
    for _ in range(count):
        code, flags = reader.u8(), reader.u8()
        reader.skip(1, 1)
        size, elements = reader.ub(), reader.ub()
        reader.skip(8)
        reader.dalc()
        reader.skip(4, 4)
        form = reader.u8()
        reader.skip(4)
        if dialect.field_version >= FieldVersion.V12_2:
            reader.skip(4)
        columns.append(
            BindColumn(
                code=code,
                size=size,
                elements=elements,
                is_array=bool(flags & _ARRAY),
                national=form == _NATIONAL,
            )
        )
    return columns


class BindRows:
    """Read the sets of values of an execution.

    Parameters
    ----------
    columns : `~collections.abc.Sequence` [`BindColumn`]
        Binds that are given values, in the order of their places.
    dialect : `~oracle_standin.wire.dialect.Dialect`
        How the client speaks.
    plsql : `bool`
        Whether it is a PL/SQL block, in which all values come in order; else
        those that may be longer than a VARCHAR2 come behind the others.
    """

    def __init__(self, columns: Sequence[BindColumn], dialect: Dialect, *, plsql: bool) -> None:
        order = list(range(len(columns)))
        if not plsql:
            order.sort(key=lambda index: columns[index].size > MAX_STRING)
        self._in_order = order == list(range(len(columns)))
        self._places = [order.index(index) for index in range(len(columns))]
        self._readers = [_value_reader(columns[index], dialect) for index in order]
        plain = [_plain_decoder(columns[index], dialect) for index in order]
        self._decoders = [decode for decode in plain if decode is not None]
        self._all_plain = len(self._decoders) == len(plain)

    def read(self, reader: Reader, count: int) -> list[list[Value]]:
        """Return that many sets of values, each in the order of the places."""
        rows: list[list[Value]] = []
        while len(rows) < count:
            if self._all_plain:
                self._read_available(reader, count, rows)
            if len(rows) < count:
                # Goes beyond what has arrived, or has values that need more than a look.
                kind = reader.u8()
                if kind != MessageType.ROW_DATA:
                    raise WireError(f"message {kind} where a row of values should be")
                rows.append([read(reader) for read in self._readers])
        if not self._in_order:
            places = self._places
            rows = [[row[place] for place in places] for row in rows]
        return rows

    def _read_available(self, reader: Reader, count: int, rows: list[list[Value]]) -> None:
        """Read rows of short values as far as they have arrived.

        Thousands of rows are decoded here, so it has no calls but the decoders.
        """
        data, start, decoders = reader.data, reader.position, self._decoders
        end = len(data)
        for _ in range(count - len(rows)):
            position = start + 1
            row: list[Value] = []
            for decode in decoders:
                if position >= end:
                    break
                size = data[position]
                position += 1
                stop = position + size
                if size >= _SHORT or stop > end:
                    break
                row.append(decode(data[position:stop]) if size else None)
                position = stop
            else:
                if start < end and data[start] == MessageType.ROW_DATA:
                    rows.append(row)
                    start = position
                    continue
            break
        reader.position = start


def _plain_decoder(column: BindColumn, dialect: Dialect) -> Callable[[bytes], Value] | None:
    """Return what decodes a value that is nothing but a length and bytes."""
    if column.unsupported or column.is_array or column.code in _SPECIAL:
        return None
    return decoder(DataType(column.code), national=column.national, dialect=dialect)


def _value_reader(column: BindColumn, dialect: Dialect) -> Callable[[Reader], Value]:
    """Return what reads a value, however long and of whatever type."""
    special = _SPECIAL.get(column.code)
    if special is not None:
        read = special
    elif column.unsupported:
        what = column.unsupported

        def read(reader: Reader) -> Value:
            return None if reader.clr() is None else Unsupported(what)
    else:
        decode = decoder(DataType(column.code), national=column.national, dialect=dialect)

        def read(reader: Reader) -> Value:
            raw = reader.clr()
            return None if raw is None else decode(raw)

    if not column.is_array:
        return read
    return lambda reader: [read(reader) for _ in range(reader.ub())]


def _read_lob(reader: Reader) -> Value:
    locator = reader.dalc()
    return LobBind(locator) if locator else None


def _read_bfile(reader: Reader) -> Value:
    return Unsupported("BFILE") if reader.dalc() else None


def _read_cursor(reader: Reader) -> Value:
    reader.u8()
    return CursorBind(reader.ub() if reader.u8() else 0)


def _read_boolean(reader: Reader) -> Value:
    size = reader.u8()
    if size == _NULL_BOOLEAN:
        reader.u8()
        return None
    return reader.raw(size)[-1] == 1 if size else None


def _read_document(reader: Reader) -> Value:
    """Read JSON or VECTOR: a locator that says nothing, and the data."""
    if not reader.dalc():
        return None
    reader.clr()
    return Unsupported("JSON or VECTOR")


def _read_object(reader: Reader) -> Value:
    reader.dalc()
    reader.dalc()
    reader.skip(4, 4)
    size = reader.ub()
    reader.skip(4)
    if not size:
        return None
    reader.clr()
    return Unsupported("object types")


_SPECIAL: dict[int, Callable[[Reader], Value]] = {
    DataType.CLOB: _read_lob,
    DataType.BLOB: _read_lob,
    DataType.CURSOR: _read_cursor,
    DataType.BOOLEAN: _read_boolean,
    DataType.JSON: _read_document,
    _VECTOR: _read_document,
    _OBJECT: _read_object,
    _BFILE: _read_bfile,
}
