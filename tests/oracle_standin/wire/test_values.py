"""Values as bytes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from oracle_standin.errors import OracleError
from oracle_standin.values import DataType, YearMonth
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.numbers import decode_number, encode_number
from oracle_standin.wire.rowids import encode_rowid, encode_urowid
from oracle_standin.wire.values import decoder, encoder

NOON = dt.datetime(2026, 12, 31, 12, 30, 59)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        (0, "80"),
        (1, "c102"),
        (10, "c10b"),
        (100, "c202"),
        (123456, "c30d2339"),
        (-1, "3e6466"),
        (-123456, "3c59432d66"),
        (Decimal("0.5"), "c033"),
        (Decimal("0.05"), "c006"),
        (Decimal("-0.001"), "405b66"),
        (Decimal("1.5"), "c10233"),
        (10**125, "ff0b"),
        (Decimal("1E-130"), "8002"),
    ],
)
def test_known_numbers(value: Any, raw: str) -> None:
    """Numbers have the bytes that Oracle stores them as."""
    assert encode_number(value).hex() == raw
    decoded = decode_number(bytes.fromhex(raw))
    assert decoded == value
    # A zero of 127 decimals is equal to zero, and written otherwise.
    assert isinstance(decoded, int) == (value == int(value))


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_come_back(sign: int) -> None:
    """Numbers of all sizes are decoded as they were encoded, whole ones as int."""
    for power in range(-120, 125):
        for digits in (1, 7, 12, 123456789, 10**37 + 1):
            value = Decimal(sign * digits).scaleb(power)
            if not 1e-125 < abs(value) < 1e125:
                continue
            decoded = decode_number(encode_number(value))
            assert decoded == value
            assert isinstance(decoded, int) == (value == value.to_integral_value())


def test_numbers_are_rounded_and_limited() -> None:
    """More digits than a NUMBER has are rounded away, and what is too large is ORA-01426."""
    assert decode_number(encode_number(Decimal(2) / 3)) == Decimal(2) / 3
    long = Decimal("0." + "6" * 60)
    assert decode_number(encode_number(long)) == Decimal("0." + "6" * 39 + "7")
    assert encode_number(0.1) == encode_number(Decimal("0.1"))
    for bad in (10**126, Decimal("Infinity"), Decimal("NaN")):
        with pytest.raises(OracleError, match="ORA-01426"):
            encode_number(bad)


@pytest.mark.parametrize(
    ("kind", "value", "raw"),
    [
        (DataType.VARCHAR2, "é", "c3a9"),
        (DataType.DATE, NOON, "787e0c1f0d1f3c"),
        (DataType.TIMESTAMP, NOON.replace(microsecond=1), "787e0c1f0d1f3c000003e8"),
        (DataType.TIMESTAMP_TZ, NOON.replace(tzinfo=dt.UTC), "787e0c1f0d1f3c00000000143c"),
        (
            DataType.TIMESTAMP_TZ,
            NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
            "787e0c1f08013c00000000195a",
        ),
        (
            DataType.TIMESTAMP_TZ,
            NOON.replace(tzinfo=dt.timezone(-dt.timedelta(hours=3, minutes=30))),
            "787e0c1f11013c00000000111e",
        ),
        (DataType.INTERVAL_DS, dt.timedelta(days=1, hours=2, seconds=3), "800000013e3c3f80000000"),
        (DataType.INTERVAL_DS, -dt.timedelta(days=1, microseconds=1), "7fffffff3c3c3c7ffffc18"),
        (DataType.INTERVAL_YM, YearMonth(-1, -2), "7fffffff3a"),
        (DataType.BINARY_DOUBLE, 1.0, "bff0000000000000"),
        (DataType.BINARY_DOUBLE, -1.0, "400fffffffffffff"),
        (DataType.BINARY_FLOAT, 0.5, "bf000000"),
        (DataType.BOOLEAN, True, "0101"),
        (DataType.BOOLEAN, False, "00"),
        (DataType.RAW, b"\x00\x01", "0001"),
        (DataType.BINARY_INTEGER, 7, "c108"),
    ],
)
def test_values(kind: DataType, value: Any, raw: str) -> None:
    """Values of each type have their bytes, and come back from them."""
    assert encoder(kind, national=False)(value).hex() == raw
    assert decoder(kind, national=False, dialect=Dialect())(bytes.fromhex(raw)) == value


def test_national_text() -> None:
    """Text in the national character set is UTF-16."""
    assert encoder(DataType.VARCHAR2, national=True)("é").hex() == "00e9"
    assert decoder(DataType.CHAR, national=True, dialect=Dialect())(b"\x00\xe9") == "é"


def test_local_time_zone() -> None:
    """A bound TIMESTAMP WITH LOCAL TIME ZONE stands in the session's zone."""
    zone = dt.timezone(dt.timedelta(hours=2))
    decode = decoder(DataType.TIMESTAMP_LTZ, national=False, dialect=Dialect(zone=zone))
    assert decode(bytes.fromhex("787e0c1f0d1f3c")) == NOON.replace(tzinfo=zone)


def test_dates_that_cannot_be() -> None:
    """A date before the year 1 is refused with Oracle's number."""
    with pytest.raises(OracleError, match="ORA-01841"):
        decoder(DataType.DATE, national=False, dialect=Dialect())(bytes((60, 100, 1, 1, 1, 1, 1)))


def test_rowids() -> None:
    """A row identifier is sent as its four numbers."""
    assert encode_rowid("AAASd6AAEAAAAInAAB").hex() == "0e0301277a0104000202270101"
    assert encode_urowid("AAASd6AAEAAAAInAAB").hex() == "02010d0d010001277a0004000002270001"
    for bad in ("AAA", "AAASd6AAEAAAAInAA?"):
        with pytest.raises(OracleError, match="ORA-01410"):
            encode_rowid(bad)
