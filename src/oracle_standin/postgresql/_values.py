"""Values and types between Oracle's terms and PostgreSQL's texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from oracle_standin.engine._lobs import MemoryLob
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.postgresql._link import Shape
from oracle_standin.values import Column, DataType, Lob, TypeSpec, Value, YearMonth

__all__ = ["CLOB_MARK", "LONG_LENGTH", "encoded", "reader", "readers", "to_spec", "type_number"]

CLOB_MARK = 10_485_760
"""Length of ``varchar`` that stands for a CLOB in an expression: the longest that PostgreSQL knows."""
LONG_LENGTH = 1_000_000
"""Length of ``varchar`` that stands for a LONG in the dictionary."""
_HEADER = 4
"""What PostgreSQL adds to a length in a type's modifier."""
_EXPRESSION_SIZE = 4000

_UNKNOWN, _TEXT, _NUMERIC, _BYTEA, _FLOAT4, _FLOAT8, _BOOL = 0, 25, 1700, 17, 700, 701, 16
_TIMESTAMP, _TIMESTAMPTZ, _INTERVAL, _VARCHAR, _BPCHAR = 1114, 1184, 1186, 1043, 1042

_NUMBERS: dict[DataType, int] = {
    DataType.VARCHAR2: _UNKNOWN,
    DataType.CHAR: _UNKNOWN,
    DataType.LONG: _UNKNOWN,
    DataType.ROWID: _UNKNOWN,
    DataType.UROWID: _UNKNOWN,
    DataType.CLOB: _UNKNOWN,
    DataType.NUMBER: _NUMERIC,
    DataType.BINARY_INTEGER: _NUMERIC,
    DataType.BINARY_FLOAT: _FLOAT4,
    DataType.BINARY_DOUBLE: _FLOAT8,
    DataType.DATE: _TIMESTAMP,
    DataType.TIMESTAMP: _TIMESTAMP,
    DataType.TIMESTAMP_TZ: _TIMESTAMPTZ,
    DataType.TIMESTAMP_LTZ: _TIMESTAMPTZ,
    DataType.INTERVAL_DS: _INTERVAL,
    DataType.INTERVAL_YM: _INTERVAL,
    DataType.RAW: _BYTEA,
    DataType.LONG_RAW: _BYTEA,
    DataType.BLOB: _BYTEA,
    DataType.BOOLEAN: _BOOL,
}


def type_number(spec: TypeSpec, *, certain: bool) -> int:
    """Return PostgreSQL's number of a bind's type.

    Parameters
    ----------
    spec : `~oracle_standin.values.TypeSpec`
        The bind's type.
    certain : `bool`
        Whether a text is to be a text; otherwise PostgreSQL infers what it
        is, as Oracle converts it.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a type that is not modelled (ORA-03001).
    """
    try:
        number = _NUMBERS[spec.type]
    except KeyError:
        raise not_modelled(f"bind values of the type {spec.type.name}") from None
    return _TEXT if certain and number == _UNKNOWN else number


def encoded(value: Value) -> bytes | None:  # noqa: C901, PLR0911
    """Return a bind's value as PostgreSQL reads it.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a value that cannot be bound (ORA-03001).
    """
    match value:
        case None | "" | b"":
            return None
        case str():
            return value.encode()
        case bool():
            return b"t" if value else b"f"
        case int() | Decimal():
            return str(value).encode()
        case float():
            return repr(value).encode()
        case dt.datetime():
            return value.isoformat(sep=" ").encode()
        case dt.timedelta():
            total = value // dt.timedelta(microseconds=1)
            days, rest = divmod(abs(total), 86_400_000_000)
            sign = "-" if total < 0 else ""
            return f"{sign}{days} days {sign}{rest // 1_000_000}.{rest % 1_000_000:06d} seconds".encode()
        case bytes():
            return b"\\x" + value.hex().encode()
        case YearMonth():
            return f"{value.years * 12 + value.months} months".encode()
        case MemoryLob():
            return encoded(value.value)
        case Lob():
            return encoded(value.read(1, value.length()))
        case _:
            raise not_modelled(f"bind values of the Python type {type(value).__name__}")


def _number(raw: bytes) -> Value:
    try:
        return int(raw)
    except ValueError:
        text = raw.decode()
    if "." not in text:
        return float(text)
    text = text.rstrip("0").rstrip(".")
    return Decimal(text) if "." in text else int(text)


def _datetime(raw: bytes) -> Value:
    try:
        return dt.datetime.fromisoformat(raw.decode())
    except ValueError:
        raise not_modelled(f"a date outside of the years 1 to 9999 ({raw.decode()})") from None


_ISO = re.compile(
    r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?"
    r"(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+(?:\.\d+)?)S)?)?"
)


def _fields(raw: bytes) -> list[Decimal]:
    found = _ISO.fullmatch(raw.decode())
    if found is None:
        raise not_modelled(f"the interval {raw.decode()}")
    return [Decimal(field or 0) for field in found.groups()]


def _day_second(raw: bytes) -> Value:
    _, _, weeks, days, hours, minutes, seconds = _fields(raw)
    return dt.timedelta(
        days=int(weeks) * 7 + int(days),
        hours=int(hours),
        minutes=int(minutes),
        microseconds=int(seconds * 1_000_000),
    )


def _year_month(raw: bytes) -> Value:
    years, months, *_ = _fields(raw)
    total = int(years) * 12 + int(months)
    sign = -1 if total < 0 else 1
    return YearMonth(sign * (abs(total) // 12), sign * (abs(total) % 12))


def _bytes(raw: bytes) -> bytes | None:
    return bytes.fromhex(raw[2:].decode()) or None


def _blob(raw: bytes) -> Value:
    return MemoryLob(bytes.fromhex(raw[2:].decode()))


def _string(raw: bytes) -> Value:
    return raw.decode() or None


def _clob(national: bool) -> Callable[[bytes], Value]:  # noqa: FBT001
    return lambda raw: MemoryLob(raw.decode(), national=national)


_READERS: dict[DataType, Callable[[bytes], Value]] = {
    DataType.VARCHAR2: _string,
    DataType.CHAR: _string,
    DataType.LONG: _string,
    DataType.ROWID: _string,
    DataType.NUMBER: _number,
    DataType.BINARY_INTEGER: _number,
    DataType.DATE: _datetime,
    DataType.TIMESTAMP: _datetime,
    DataType.TIMESTAMP_TZ: _datetime,
    DataType.TIMESTAMP_LTZ: _datetime,
    DataType.INTERVAL_DS: _day_second,
    DataType.INTERVAL_YM: _year_month,
    DataType.BINARY_FLOAT: float,
    DataType.BINARY_DOUBLE: float,
    DataType.BOOLEAN: lambda raw: raw == b"t",
    DataType.RAW: _bytes,
    DataType.LONG_RAW: _bytes,
    DataType.BLOB: _blob,
}


def reader(spec: TypeSpec) -> Callable[[bytes], Value]:
    """Return what reads a value of a type, which is not NULL, from PostgreSQL's text."""
    if spec.type is DataType.CLOB:
        return _clob(spec.national)
    return _READERS[spec.type]


def readers(columns: Sequence[Column]) -> list[Callable[[bytes], Value]]:
    """Return the readers of a row's columns."""
    return [reader(column.spec) for column in columns]


def to_spec(shape: Shape) -> TypeSpec:  # noqa: C901, PLR0911, PLR0912
    """Return the type of a result's column that is not a table's, or whose declaration is not known.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a type that Oracle does not have.
    """
    match shape.type:
        case 25 | 1043 | 1042 | 705 | 19 | 18 | 2205 | 2206:
            return _text_spec(shape)
        case 1700 | 20 | 21 | 23 | 26 | 28:
            return _number_spec(shape)
        case 701:
            return TypeSpec(type=DataType.BINARY_DOUBLE)
        case 700:
            return TypeSpec(type=DataType.BINARY_FLOAT)
        case 1114:
            if shape.modifier == 0:
                return TypeSpec(type=DataType.DATE)
            return TypeSpec(type=DataType.TIMESTAMP, scale=shape.modifier if shape.modifier > 0 else 6)
        case 1184:
            return TypeSpec(type=DataType.TIMESTAMP_TZ, scale=shape.modifier if shape.modifier > 0 else 6)
        case 1082:
            return TypeSpec(type=DataType.DATE)
        case 1186:
            if shape.modifier >= 0 and (shape.modifier >> 16) & 32767 == _YEAR_TO_MONTH:
                return TypeSpec(type=DataType.INTERVAL_YM, precision=9)
            return TypeSpec(type=DataType.INTERVAL_DS, precision=9, scale=6)
        case 16:
            return TypeSpec(type=DataType.BOOLEAN)
        case 17:
            return TypeSpec(type=DataType.RAW, size=2000)
        case _:
            raise OracleError(902, f"invalid datatype ({shape.type})")


_YEAR_TO_MONTH = 6


def _text_spec(shape: Shape) -> TypeSpec:
    length = shape.modifier - _HEADER if shape.modifier > _HEADER else 0
    if length == CLOB_MARK:
        return TypeSpec(type=DataType.CLOB)
    if length == LONG_LENGTH:
        return TypeSpec(type=DataType.LONG)
    chars = min(length or _EXPRESSION_SIZE, _EXPRESSION_SIZE)
    kind = DataType.CHAR if shape.type == _BPCHAR and length else DataType.VARCHAR2
    size = min(4 * chars, _EXPRESSION_SIZE) if shape.table else chars
    return TypeSpec(type=kind, size=size, char_size=chars)


def _number_spec(shape: Shape) -> TypeSpec:
    if shape.type == _NUMERIC and shape.modifier >= _HEADER and shape.table:
        packed = shape.modifier - _HEADER
        scale = packed & 2047
        # PostgreSQL's scale has a sign of its own.
        return TypeSpec(
            type=DataType.NUMBER, precision=min(packed >> 16 & 65535, 38), scale=(scale ^ 1024) - 1024
        )
    return TypeSpec(type=DataType.NUMBER, scale=-127)
