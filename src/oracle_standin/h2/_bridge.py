"""Values between Python and JDBC.

Measured with JPype 1.7: a call of a setter or getter costs about 1 µs, so
that 10 000 rows of five columns are bound, or read, in 0.1 to 0.15 s without
any Java of our own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from oracle_standin.engine._lobs import MemoryLob
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.h2._runtime import java_class
from oracle_standin.values import Column, DataType, Lob, TypeSpec, Value, YearMonth

__all__ = ["UntypedColumnError", "bind", "cast_type", "describe", "reader", "readers", "to_spec"]

_MAX_STRING = 1_048_576
"""Characters or bytes that H2 takes as VARCHAR or VARBINARY."""
_LONG = 1 << 63
_EXPRESSION_SIZE = 4000
"""Bytes that a text expression is described with where H2 knows no limit."""

_NUMBER = TypeSpec(type=DataType.NUMBER, scale=-127)

_CASTS = {
    DataType.VARCHAR2: "VARCHAR",
    DataType.CHAR: "VARCHAR",
    DataType.LONG: "VARCHAR",
    DataType.ROWID: "VARCHAR",
    DataType.UROWID: "VARCHAR",
    DataType.NUMBER: "DECFLOAT(40)",
    DataType.BINARY_INTEGER: "DECFLOAT(40)",
    DataType.BINARY_FLOAT: "REAL",
    DataType.BINARY_DOUBLE: "DOUBLE PRECISION",
    DataType.DATE: "TIMESTAMP(0)",
    DataType.TIMESTAMP: "TIMESTAMP(9)",
    DataType.TIMESTAMP_TZ: "TIMESTAMP(9) WITH TIME ZONE",
    DataType.TIMESTAMP_LTZ: "TIMESTAMP(9) WITH TIME ZONE",
    DataType.INTERVAL_DS: "INTERVAL DAY(9) TO SECOND(9)",
    DataType.INTERVAL_YM: "INTERVAL YEAR(9) TO MONTH",
    DataType.RAW: "VARBINARY",
    DataType.LONG_RAW: "VARBINARY",
    DataType.CLOB: "CLOB",
    DataType.BLOB: "BLOB",
    DataType.BOOLEAN: "BOOLEAN",
}


class UntypedColumnError(Exception):
    """A column of a query is a bind, whose type H2 does not know."""


def cast_type(spec: TypeSpec) -> str:
    """Return H2's name of a bind's type.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a type that H2 cannot hold (ORA-03001).
    """
    try:
        return _CASTS[spec.type]
    except KeyError:
        raise not_modelled(f"bind values of the type {spec.type.name}") from None


def bind(prepared: Any, index: int, value: Value) -> None:  # noqa: C901, PLR0912 - a branch per type
    """Set a parameter of a JDBC statement.

    Parameters
    ----------
    prepared : Java ``PreparedStatement``
        The statement.
    index : `int`
        Position of the parameter, from 1.
    value : `~oracle_standin.values.Value`
        What to set.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a value that cannot be set (ORA-03001).
    """
    match value:
        case None | "" | b"":
            prepared.setNull(index, 0)
        case str():
            _bind_text(prepared, index, value)
        case bool():
            prepared.setBoolean(index, value)
        case int():
            if -_LONG <= value < _LONG:
                prepared.setLong(index, value)
            else:
                prepared.setBigDecimal(index, java_class("java.math.BigDecimal")(str(value)))
        case Decimal():
            prepared.setBigDecimal(index, java_class("java.math.BigDecimal")(str(value)))
        case float():
            prepared.setDouble(index, value)
        case dt.datetime():
            prepared.setObject(index, _datetime(value))
        case dt.timedelta():
            prepared.setObject(index, _interval(value))
        case bytes():
            _bind_bytes(prepared, index, value)
        case YearMonth():
            months = value.years * 12 + value.months
            java = java_class("org.h2.api.Interval")
            prepared.setObject(index, java(java_class("org.h2.api.IntervalQualifier").YEAR_TO_MONTH,
                                           months < 0, abs(months) // 12, abs(months) % 12))  # fmt: skip
        case MemoryLob():
            content = value.value
            bind(prepared, index, content or None)
        case Lob():
            bind(prepared, index, value.read(1, value.length()) or None)
        case _:
            raise not_modelled(f"bind values of the Python type {type(value).__name__}")


def _bind_text(prepared: Any, index: int, value: str) -> None:
    if len(value) < _MAX_STRING:
        prepared.setString(index, value)
    else:
        prepared.setClob(index, java_class("java.io.StringReader")(value))


def _bind_bytes(prepared: Any, index: int, value: bytes) -> None:
    if len(value) < _MAX_STRING:
        prepared.setBytes(index, value)
    else:
        prepared.setBlob(index, java_class("java.io.ByteArrayInputStream")(value))


def _datetime(value: dt.datetime) -> Any:
    local = java_class("java.time.LocalDateTime").of(
        value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond * 1000
    )
    offset = value.utcoffset()
    if offset is None:
        return local
    zone = java_class("java.time.ZoneOffset").ofTotalSeconds(int(offset.total_seconds()))
    return java_class("java.time.OffsetDateTime").of(local, zone)


def _interval(value: dt.timedelta) -> Any:
    total = value // dt.timedelta(microseconds=1)
    days, rest = divmod(abs(total), 86_400_000_000)
    # As H2 counts it: the leading field, then all that remains in nanoseconds.
    return java_class("org.h2.api.Interval")(
        java_class("org.h2.api.IntervalQualifier").DAY_TO_SECOND, total < 0, days, rest * 1000
    )


def _number_of(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        value = Decimal(text)
    if value.is_finite() and value == value.to_integral_value():
        return int(value)
    return value


def _datetime_of(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise not_modelled(f"a date outside of the years 1 to 9999 ({text})") from None


_UNITS = {"YEAR": 0, "MONTH": 1, "DAY": 0, "HOUR": 1, "MINUTE": 2, "SECOND": 3}


def _interval_fields(text: str) -> tuple[int, list[str], str]:
    """Split ``INTERVAL '-1 02:03:04.5' DAY TO SECOND`` into sign, fields and first unit."""
    _, body, qualifier = text.split("'")
    sign = -1 if body.startswith("-") else 1
    fields = body.lstrip("-").replace(" ", ":").replace("-", ":").split(":")
    return sign, fields, qualifier.split()[0]


def _timedelta_of(text: str) -> dt.timedelta:
    sign, fields, first = _interval_fields(text)
    values = [0] * _UNITS[first] + [Decimal(field) for field in fields]
    values += [0] * (4 - len(values))
    days, hours, minutes, seconds = values
    return sign * dt.timedelta(
        days=int(days), hours=int(hours), minutes=int(minutes), microseconds=int(Decimal(seconds) * 1_000_000)
    )


def _year_month_of(text: str) -> YearMonth:
    sign, fields, first = _interval_fields(text)
    numbers = [int(field) for field in fields]
    months = numbers[0] if first == "MONTH" else numbers[0] * 12 + (numbers[1] if len(numbers) > 1 else 0)
    return YearMonth(sign * (months // 12), sign * (months % 12))


def _text_reader(convert: Callable[[str], Value]) -> Callable[[Any, int], Value]:
    def read(rows: Any, index: int) -> Value:
        value = rows.getString(index)
        return None if value is None else convert(str(value))

    return read


def _read_bytes(rows: Any, index: int) -> Value:
    value = rows.getBytes(index)
    return None if value is None else bytes(value) or None


def _read_double(rows: Any, index: int) -> Value:
    value = float(rows.getDouble(index))
    return None if rows.wasNull() else value


def _read_boolean(rows: Any, index: int) -> Value:
    value = bool(rows.getBoolean(index))
    return None if rows.wasNull() else value


def _clob_reader(national: bool) -> Callable[[Any, int], Value]:  # noqa: FBT001 - it is private, and read in one place
    def read(rows: Any, index: int) -> Value:
        clob = rows.getClob(index)
        if clob is None:
            return None
        writer = java_class("java.io.StringWriter")()
        clob.getCharacterStream().transferTo(writer)
        return MemoryLob(str(writer.toString()), national=national)

    return read


def _read_blob(rows: Any, index: int) -> Value:
    blob = rows.getBlob(index)
    return None if blob is None else MemoryLob(bytes(blob.getBinaryStream().readAllBytes()))


_READERS: dict[DataType, Callable[[Any, int], Value]] = {
    DataType.VARCHAR2: _text_reader(lambda text: text or None),
    DataType.CHAR: _text_reader(lambda text: text or None),
    DataType.LONG: _text_reader(lambda text: text or None),
    DataType.ROWID: _text_reader(lambda text: text or None),
    DataType.NUMBER: _text_reader(_number_of),
    DataType.BINARY_INTEGER: _text_reader(_number_of),
    DataType.DATE: _text_reader(_datetime_of),
    DataType.TIMESTAMP: _text_reader(_datetime_of),
    DataType.TIMESTAMP_TZ: _text_reader(_datetime_of),
    DataType.TIMESTAMP_LTZ: _text_reader(_datetime_of),
    DataType.INTERVAL_DS: _text_reader(_timedelta_of),
    DataType.INTERVAL_YM: _text_reader(_year_month_of),
    DataType.BINARY_FLOAT: _read_double,
    DataType.BINARY_DOUBLE: _read_double,
    DataType.BOOLEAN: _read_boolean,
    DataType.RAW: _read_bytes,
    DataType.LONG_RAW: _read_bytes,
    DataType.BLOB: _read_blob,
}


def reader(spec: TypeSpec) -> Callable[[Any, int], Value]:
    """Return what reads a value of a type from a JDBC ``ResultSet`` and a position."""
    if spec.type is DataType.CLOB:
        return _clob_reader(spec.national)
    return _READERS[spec.type]


def readers(columns: Sequence[Column]) -> list[tuple[Callable[[Any, int], Value], int]]:
    """Return the readers of a row's columns, with their positions."""
    return [(reader(column.spec), position) for position, column in enumerate(columns, 1)]


def _text_spec(kind: DataType, precision: int, *, is_column: bool) -> TypeSpec:
    if precision > _EXPRESSION_SIZE:
        return TypeSpec(type=DataType.VARCHAR2, size=_EXPRESSION_SIZE, char_size=_EXPRESSION_SIZE)
    chars = max(precision, 1)
    return TypeSpec(type=kind, size=min(4 * chars, _EXPRESSION_SIZE) if is_column else chars, char_size=chars)


def to_spec(name: str, precision: int, scale: int, *, is_column: bool) -> TypeSpec:  # noqa: C901, PLR0911, PLR0912 - a branch per type
    """Return H2's type of a result's column as Oracle's.

    Parameters
    ----------
    name : `str`
        H2's name of the type.
    precision, scale : `int`
        As H2 gives them; an interval's precision is that of its first field.
    is_column : `bool`
        Whether it is a table's column; Oracle describes a computed number
        without precision.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a type that Oracle does not have, such as an array.
    UntypedColumnError
        Raised for a bind.
    """
    match name:
        case "CHARACTER VARYING" | "VARCHAR_IGNORECASE":
            return _text_spec(DataType.VARCHAR2, precision, is_column=is_column)
        case "CHARACTER":
            return _text_spec(DataType.CHAR, precision, is_column=is_column)
        case "NUMERIC" if is_column:
            return TypeSpec(type=DataType.NUMBER, precision=min(precision, 38), scale=scale)
        case "NUMERIC" | "DECFLOAT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT":
            return _NUMBER
        case "DOUBLE PRECISION":
            return TypeSpec(type=DataType.BINARY_DOUBLE)
        case "REAL":
            return TypeSpec(type=DataType.BINARY_FLOAT)
        case "DATE":
            return TypeSpec(type=DataType.DATE)
        case "TIMESTAMP":
            return TypeSpec(type=DataType.TIMESTAMP, scale=scale) if scale else TypeSpec(type=DataType.DATE)
        case "TIMESTAMP WITH TIME ZONE":
            return TypeSpec(type=DataType.TIMESTAMP_TZ, scale=scale)
        case "BOOLEAN":
            return TypeSpec(type=DataType.BOOLEAN)
        case "CHARACTER LARGE OBJECT":
            return TypeSpec(type=DataType.CLOB)
        case "BINARY LARGE OBJECT":
            return TypeSpec(type=DataType.BLOB)
        case "BINARY VARYING" | "BINARY" | "UUID":
            return TypeSpec(type=DataType.RAW, size=min(max(precision, 1), 2000))
        case "NULL":
            return TypeSpec(type=DataType.VARCHAR2)
        case "UNKNOWN":
            raise UntypedColumnError
        case _ if name.startswith("INTERVAL"):
            if "YEAR" in name or "MONTH" in name:
                return TypeSpec(type=DataType.INTERVAL_YM, precision=min(precision, 9))
            return TypeSpec(type=DataType.INTERVAL_DS, precision=min(precision, 9), scale=min(scale, 9))
        case _:
            raise OracleError(902, f"invalid datatype ({name})")


def describe(metadata: Any, declared: Callable[[str, str, str], TypeSpec | None]) -> tuple[Column, ...]:
    """Return the columns of a JDBC ``ResultSetMetaData``.

    Parameters
    ----------
    metadata : Java ``ResultSetMetaData``
        Of a result or of a prepared query.
    declared : `~collections.abc.Callable`
        Returns what was declared for schema, table and column, if known: H2
        forgets national character sets, LONG, FLOAT and the like.
    """
    columns = []
    for i in range(1, int(metadata.getColumnCount()) + 1):
        table = str(metadata.getTableName(i) or "")
        spec = None
        if table:
            spec = declared(str(metadata.getSchemaName(i) or ""), table, str(metadata.getColumnName(i)))
        if spec is None:
            name = str(metadata.getColumnTypeName(i))
            spec = to_spec(
                name, int(metadata.getPrecision(i)), int(metadata.getScale(i)), is_column=bool(table)
            )
        nullable = int(metadata.isNullable(i)) != 0
        columns.append(Column(name=str(metadata.getColumnLabel(i)), spec=spec, nullable=nullable))
    return tuple(columns)
