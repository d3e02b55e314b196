"""Answers as bytes; the driver's own reading of them is tested with the server."""

from __future__ import annotations

import pytest

from oracle_standin.errors import OracleError
from oracle_standin.interface import RowError
from oracle_standin.profiles import PROFILES
from oracle_standin.values import Column, DataType, TypeSpec
from oracle_standin.wire.answers import end_message, parameters, status
from oracle_standin.wire.auth import AuthCall, Verifier, version_number
from oracle_standin.wire.codes import Direction
from oracle_standin.wire.connect import accept_packet, refuse_packet
from oracle_standin.wire.describe import describe_message
from oracle_standin.wire.dialect import Dialect
from oracle_standin.wire.rows import io_vector, row_header


def test_status_and_parameters() -> None:
    """A status has the transaction bit; parameters carry counts and the schema."""
    assert status(call_status=2).hex() == "09010200"
    assert parameters(row_counts=[1, 0, 300]).hex() == "0800000000010301010002012c"
    assert parameters(schema="HR").hex() == "080000010101020248520001a800"


def test_end_without_error() -> None:
    """The block that ends a good answer has cursor and row count."""
    raw = end_message(Dialect(field_version=12), call_status=0, cursor=3, row_count=7)
    assert raw.hex() == "0400000107000000010300" + "00" * 6 + "00" * 5 + "00" * 6 + "000000000107"
    newer = end_message(Dialect(field_version=14), call_status=0, cursor=3, row_count=7)
    assert newer == raw + b"\0\0"


def test_end_with_errors() -> None:
    """Errors have number, place and text, those of an array each of their own."""
    error = OracleError(942, "table or view does not exist", offset=14)
    raw = end_message(Dialect(field_version=12), call_status=2, error=error)
    assert raw.startswith(bytes.fromhex("04010200000203ae000000010e"))
    assert raw.endswith(b"\x02\x03\xae\x00\x28ORA-00942: table or view does not exist\n")
    rows = [RowError(row=1, error=OracleError(1, "x"))]
    batch = end_message(Dialect(field_version=12), call_status=0, error=error, batch_errors=rows)
    assert bytes.fromhex("01010001010101000101010100010c0c") + b"ORA-00001: x\0\0" in batch


@pytest.mark.parametrize(("version", "more"), [(7, -1), (8, 0), (17, 2), (20, 3), (24, 6)])
def test_describe_grows_with_the_field_version(version: int, more: int) -> None:
    """A column has more fields for newer clients."""
    column = Column(name="A", spec=TypeSpec(type=DataType.NUMBER, precision=10, scale=-127), nullable=False)
    raw = describe_message([column], Dialect(field_version=version))
    body = "02000a81011600000000000000" + "00" + "0000010101410000010100"
    plain = bytes.fromhex("10000116010100" + body) + bytes(6)
    assert len(raw) == len(plain) + more
    if not more:
        assert raw == plain


def test_a_column_never_has_size_0() -> None:
    """A column of size 0 would be NULL throughout for the driver, so it has at least 1."""
    column = Column(name="A", spec=TypeSpec(type=DataType.VARCHAR2))
    assert describe_message([column], Dialect())[7:13] == bytes.fromhex("010000000101")


def test_rows_and_directions() -> None:
    """The heads of rows and of a block's values tell how many there are."""
    assert row_header(3).hex() == "060001030000000000"
    assert io_vector([Direction.IN, Direction.IN_OUT]).hex() == "0b0001020001010000002030"
    assert io_vector([Direction.IN] * 300)[:6].hex() == "0b00012c0101"


def test_first_packets() -> None:
    """ACCEPT has flags for newer versions only; REFUSE has the number where clients look for it."""
    assert accept_packet(315, 8192, fast_auth=False, end_of_response=False).hex() == (
        "0024000002000000013b0000" + "00" * 10 + "00" + "00" * 9 + "00002000"
    )
    newer = accept_packet(319, 8192, fast_auth=True, end_of_response=True)
    assert newer.endswith(bytes.fromhex("000000000012000000"))
    assert b"(ERR=12514)" in refuse_packet(12514)


def test_version_numbers() -> None:
    """The version as a number is laid out anew from 18 on."""
    assert version_number(PROFILES["23"], 24) == 23 << 24 | 9 << 16 | 25 << 4 | 7
    assert version_number(PROFILES["19"], 10) == 19 << 24 | 21 << 20


def test_verifier_refuses_nonsense() -> None:
    """A login without or with broken keys is a wrong password, not a defect."""
    verifier = Verifier("tiger")
    for pairs in (
        {},
        {"AUTH_SESSKEY": "zz", "AUTH_PASSWORD": ""},
        {"AUTH_SESSKEY": "00" * 32, "AUTH_PASSWORD": "00" * 16},
    ):
        assert not verifier.check(AuthCall(user="SCOTT", mode=0, pairs=pairs))
