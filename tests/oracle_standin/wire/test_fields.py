"""Fields and packets as bytes."""

from __future__ import annotations

import pytest

from oracle_standin.wire.codes import Marker, PacketType
from oracle_standin.wire.fields import WireError, clr, dalc, key_value, sb, text, ub
from oracle_standin.wire.packets import (
    Packet,
    PacketSplitter,
    data_packets,
    inband_packet,
    marker_packet,
    packet,
)
from tests.oracle_standin.wire.support import is_read, reader_of


@pytest.mark.parametrize(
    ("value", "raw"),
    [(0, "00"), (1, "0101"), (255, "01ff"), (256, "020100"), (65536, "03010000"), (2**32, "050100000000")],
)
def test_numbers(value: int, raw: str) -> None:
    """Numbers have their length in front, zero is one byte, and the sign is in the length."""
    assert ub(value).hex() == raw
    assert sb(value).hex() == raw
    assert reader_of(bytes.fromhex(raw)).ub() == value
    if value:
        assert reader_of(sb(-value)).sb() == -value


def test_numbers_that_cannot_be() -> None:
    """A negative number where none can be, and one of too many bytes, are no part of the protocol."""
    with pytest.raises(WireError, match="negative"):
        reader_of(b"\x81\x01").ub()
    with pytest.raises(WireError, match="9 bytes"):
        reader_of(b"\x09" + bytes(9)).ub()


@pytest.mark.parametrize("size", [1, 252, 253, 254, 255, 32767, 32768, 100_000])
@pytest.mark.parametrize("chunk", [1, 7, 8192])
def test_lengths(size: int, chunk: int) -> None:
    """Bytes of any length are read back, however they are cut; long ones come in chunks."""
    raw = bytes(n % 251 for n in range(size))
    field = clr(raw)
    assert field[0] == (size if size < 253 else 0xFE)
    reader = reader_of(field + dalc(raw) + b"\x05", chunk=chunk if size < 1000 else max(chunk, 512))
    assert (reader.clr(), reader.dalc(), reader.u8()) == (raw, raw, 5)
    assert is_read(reader)


def test_null_and_text() -> None:
    """No bytes are NULL; texts have their length twice."""
    assert (clr(b""), dalc(b""), text("é")) == (b"\0", b"\0", b"\x01\x02\x02\xc3\xa9")
    reader = reader_of(b"\x00\xff\x00" + key_value("K", "v", 7))
    assert (reader.clr(), reader.clr(), reader.dalc()) == (None, None, b"")
    assert reader.key_value() == ("K", "v", 7)


def test_packets_are_found() -> None:
    """Packets are found in any pieces, with lengths of two bytes and then of four."""
    first = packet(PacketType.CONNECT, b"abc", large=False)
    second = packet(PacketType.DATA, b"\0\0defg", large=True)
    splitter = PacketSplitter()
    found: list[Packet] = []
    for byte in first:
        found += splitter.feed(bytes((byte,)))
    splitter.large = True
    found += splitter.feed(second[:9])
    found += splitter.feed(second[9:] + marker_packet(Marker.RESET))
    assert found == [
        Packet(PacketType.CONNECT, 0, b"abc"),
        Packet(PacketType.DATA, 0, b"\0\0defg"),
        Packet(PacketType.MARKER, 0, b"\1\0\2"),
    ]


def test_lengths_that_no_packet_has() -> None:
    """A packet that is too short or longer than was agreed is refused before it is waited for."""
    splitter = PacketSplitter()
    with pytest.raises(WireError, match="7 bytes"):
        splitter.feed(b"\0\x07\0\0\x06\0\0\0")
    splitter = PacketSplitter()
    splitter.large, splitter.limit = True, 8192
    with pytest.raises(WireError, match="9000 bytes; at most 8192"):
        splitter.feed((9000).to_bytes(4, "big") + b"\x06\0\0\0")


@pytest.mark.parametrize("size", [0, 1, 501, 502, 503, 1004, 5000])
@pytest.mark.parametrize("end", [False, True])
def test_answers_fill_packets(size: int, end: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """An answer is cut into packets of the agreed size; only the last one may be marked as such."""
    message = bytes(n % 256 for n in range(size))
    splitter = PacketSplitter()
    splitter.large, splitter.limit = True, 512
    found = splitter.feed(data_packets(message, 512, end_of_response=end))
    assert b"".join(p.body[2:] for p in found) == message + b"\x1d" * end
    flags = [p.body[:2] for p in found]
    assert flags == [b"\0\0"] * (len(found) - 1) + [b"\x20\0" if end else b"\0\0"]
    assert all(len(p.body) + 8 == 512 for p in found[:-1])


def test_notices() -> None:
    """The notice of a session's end carries the ORA number."""
    assert inband_packet(2396).hex() == "000000120e0000000008000000000000095c"
