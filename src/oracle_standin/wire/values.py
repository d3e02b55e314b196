"""Values of Oracle's types as bytes, without the length that goes in front.

Encoders take what `oracle_standin.values` says a type's value is, decoders
return it; NULL is dealt with by who calls them.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from oracle_standin.errors import OracleError
from oracle_standin.values import DataType, Value, YearMonth
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.numbers import decode_number, encode_number

__all__ = ["decoder", "encoder"]

_DAYS_MIDDLE = 1 << 31
_DURATION = 60
_ZONE_HOUR, _ZONE_MINUTE = 20, 60
_FRACTION_AT, _ZONE_AT = 7, 11
_TOP_BIT = 0x80
_UTF16 = "utf-16-be"
_TEXT = frozenset({DataType.VARCHAR2, DataType.CHAR, DataType.LONG, DataType.ROWID, DataType.UROWID})


def decoder(kind: DataType, *, national: bool, dialect: Dialect) -> Callable[[bytes], Value]:
    """Return what makes values out of a type's bytes.

    Parameters
    ----------
    kind : `~oracle_standin.values.DataType`
        A type whose values come with a plain length; not a LOB, not a cursor.
    national : `bool`
        Whether text is in the national character set, UTF-16.
    dialect : `~oracle_standin.wire.dialect.Dialect`
        Has the session's time zone.
    """
    if kind in _TEXT:
        return _decode_national if national else bytes.decode
    if kind is DataType.TIMESTAMP_LTZ:
        zone = dialect.zone
        return lambda raw: _decode_date(raw).replace(tzinfo=zone)
    return _DECODERS[kind]


def encoder(kind: DataType, *, national: bool) -> Callable[[Any], bytes]:
    """Return what makes bytes out of a type's values; see `decoder`."""
    if kind in _TEXT:
        return _encode_national if national else _encode_text
    return _ENCODERS[kind]


def _decode_national(raw: bytes) -> str:
    return raw.decode(_UTF16)


def _encode_text(value: Any) -> bytes:
    # Numbers are asked for as text by RETURNING into a text variable.
    return (value if isinstance(value, str) else str(value)).encode()


def _encode_national(value: Any) -> bytes:
    return str(value).encode(_UTF16)


def _decode_date(raw: bytes) -> dt.datetime:
    year = (raw[0] - 100) * 100 + raw[1] - 100
    micros = int.from_bytes(raw[_FRACTION_AT:_ZONE_AT], "big") // 1000 if len(raw) >= _ZONE_AT else 0
    try:
        return dt.datetime(year, raw[2], raw[3], raw[4] - 1, raw[5] - 1, raw[6] - 1, micros)  # noqa: DTZ001 - Oracle's DATE has no zone
    except ValueError:
        raise OracleError(1841, "(full) year must be between -4713 and +9999, and not be 0") from None


def _decode_zoned(raw: bytes) -> dt.datetime:
    value = _decode_date(raw).replace(tzinfo=dt.UTC)
    if len(raw) <= _ZONE_AT + 1:
        return value
    offset = dt.timedelta(hours=raw[_ZONE_AT] - _ZONE_HOUR, minutes=raw[_ZONE_AT + 1] - _ZONE_MINUTE)
    return value.astimezone(dt.timezone(offset)) if offset else value


def _encode_date(value: dt.datetime) -> bytes:
    year = value.year
    return bytes(
        (
            year // 100 + 100,
            year % 100 + 100,
            value.month,
            value.day,
            value.hour + 1,
            value.minute + 1,
            value.second + 1,
        )
    )


def _encode_timestamp(value: dt.datetime) -> bytes:
    return _encode_date(value) + (value.microsecond * 1000).to_bytes(4, "big")


def _encode_zoned(value: dt.datetime) -> bytes:
    offset = value.utcoffset()
    if not offset:
        return _encode_timestamp(value) + bytes((_ZONE_HOUR, _ZONE_MINUTE))
    minutes = int(offset.total_seconds() / 60)
    sign = -1 if minutes < 0 else 1
    hours, minutes = divmod(abs(minutes), 60)
    zone = bytes((_ZONE_HOUR + sign * hours, _ZONE_MINUTE + sign * minutes))
    return _encode_timestamp(value.astimezone(dt.UTC)) + zone


def _decode_interval(raw: bytes) -> dt.timedelta:
    days, hours, minutes, seconds, nanos = struct.unpack(">IBBBI", raw)
    return dt.timedelta(
        days=days - _DAYS_MIDDLE,
        hours=hours - _DURATION,
        minutes=minutes - _DURATION,
        seconds=seconds - _DURATION,
        microseconds=(nanos - _DAYS_MIDDLE) // 1000,
    )


def _encode_interval(value: dt.timedelta) -> bytes:
    sign = -1 if value < dt.timedelta() else 1
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return struct.pack(
        ">IBBBI",
        _DAYS_MIDDLE + sign * value.days,
        _DURATION + sign * hours,
        _DURATION + sign * minutes,
        _DURATION + sign * seconds,
        _DAYS_MIDDLE + sign * value.microseconds * 1000,
    )


def _decode_year_month(raw: bytes) -> YearMonth:
    return YearMonth(int.from_bytes(raw[:4], "big") - _DAYS_MIDDLE, raw[4] - _DURATION)


def _encode_year_month(value: tuple[int, int]) -> bytes:
    years, months = value
    return (years + _DAYS_MIDDLE).to_bytes(4, "big") + bytes((months + _DURATION,))


def _flip(raw: bytes) -> bytes:
    """Turn an IEEE number into one whose bytes are in the numbers' order."""
    if raw[0] & _TOP_BIT:
        return bytes(~byte & 0xFF for byte in raw)
    return bytes((raw[0] | _TOP_BIT,)) + raw[1:]


def _unflip(raw: bytes) -> bytes:
    if raw[0] & _TOP_BIT:
        return bytes((raw[0] & ~_TOP_BIT,)) + raw[1:]
    return bytes(~byte & 0xFF for byte in raw)


def _decode_float(raw: bytes) -> float:
    return float(struct.unpack(">f" if len(raw) == 4 else ">d", _unflip(raw))[0])  # noqa: PLR2004 - four bytes are a BINARY_FLOAT


def _encode_binary_float(value: float | Decimal) -> bytes:
    return _flip(struct.pack(">f", value))


def _encode_double(value: float | Decimal) -> bytes:
    return _flip(struct.pack(">d", value))


def _encode_boolean(value: object) -> bytes:
    return b"\x01\x01" if value else b"\x00"


def _decode_boolean(raw: bytes) -> bool:
    return raw[-1] == 1


_DECODERS: dict[DataType, Callable[[bytes], Value]] = {
    DataType.NUMBER: decode_number,
    DataType.BINARY_INTEGER: decode_number,
    DataType.RAW: bytes,
    DataType.LONG_RAW: bytes,
    DataType.DATE: _decode_date,
    DataType.TIMESTAMP: _decode_date,
    DataType.TIMESTAMP_TZ: _decode_zoned,
    DataType.INTERVAL_DS: _decode_interval,
    DataType.INTERVAL_YM: _decode_year_month,
    DataType.BINARY_FLOAT: _decode_float,
    DataType.BINARY_DOUBLE: _decode_float,
    DataType.BOOLEAN: _decode_boolean,
}
_ENCODERS: dict[DataType, Callable[[Any], bytes]] = {
    DataType.NUMBER: encode_number,
    DataType.BINARY_INTEGER: encode_number,
    DataType.RAW: bytes,
    DataType.LONG_RAW: bytes,
    DataType.DATE: _encode_date,
    DataType.TIMESTAMP: _encode_timestamp,
    # The engine gives it in the session's time zone, which is how it is shown.
    DataType.TIMESTAMP_LTZ: _encode_timestamp,
    DataType.TIMESTAMP_TZ: _encode_zoned,
    DataType.INTERVAL_DS: _encode_interval,
    DataType.INTERVAL_YM: _encode_year_month,
    DataType.BINARY_FLOAT: _encode_binary_float,
    DataType.BINARY_DOUBLE: _encode_double,
    DataType.BOOLEAN: _encode_boolean,
}
