"""Packets: how messages are cut into pieces on the socket."""

from __future__ import annotations

import struct
from typing import NamedTuple

from oracle_standin.wire.codes import Marker, MessageType, PacketType
from oracle_standin.wire.fields import WireError

__all__ = [
    "DATA_EOF",
    "HEADER",
    "Packet",
    "PacketSplitter",
    "data_packets",
    "inband_packet",
    "marker_packet",
    "packet",
]

HEADER = 8
DATA_EOF = 0x0040
"""Flag of the data packet with which a client says goodbye."""
_END_OF_RESPONSE = 0x2000
_RESERVED = 10
"""What the header and the data flags take of each packet."""
_SLACK = 64
"""By how much a packet may be longer than was agreed; drivers count the header differently."""


class Packet(NamedTuple):
    """One packet.

    Attributes
    ----------
    type : `int`
        A `PacketType`, or anything else that a stranger sent.
    flags : `int`
        Of the header.
    body : `bytes`
        What follows the header.
    """

    type: int
    flags: int
    body: bytes


class PacketSplitter:
    """Find the packets in what comes from a socket.

    Attributes
    ----------
    large : `bool`
        Whether lengths have four bytes, as both sides agree by ACCEPT.
    limit : `int`
        Longest packet in bytes.
    """

    def __init__(self) -> None:
        self.large = False
        self.limit = 0xFFFF
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that are complete with these bytes.

        Raises
        ------
        oracle_standin.wire.fields.WireError
            Raised for a length that no packet has.
        """
        buffer = self._buffer
        buffer += data
        packets = []
        start = 0
        while len(buffer) - start >= HEADER:
            size = int.from_bytes(buffer[start : start + (4 if self.large else 2)], "big")
            if not HEADER <= size <= self.limit + _SLACK:
                raise WireError(f"a packet of {size} bytes; at most {self.limit} were agreed")
            if len(buffer) - start < size:
                break
            body = bytes(buffer[start + HEADER : start + size])
            packets.append(Packet(buffer[start + 4], buffer[start + 5], body))
            start += size
        del buffer[:start]
        return packets


def packet(kind: PacketType, body: bytes, *, large: bool) -> bytes:
    """Return a packet with its header."""
    size = HEADER + len(body)
    if large:
        return struct.pack(">IBBH", size, kind, 0, 0) + body
    return struct.pack(">HHBBH", size, 0, kind, 0, 0) + body


def data_packets(message: bytes, sdu: int, *, end_of_response: bool = False) -> bytes:
    """Return an answer as full data packets.

    Parameters
    ----------
    message : `bytes`
        The answer.
    sdu : `int`
        Agreed size of a packet in bytes.
    end_of_response : `bool`
        Say in the last packet that it is the last one.
    """
    if end_of_response:
        message += bytes((MessageType.END_OF_RESPONSE,))
    room = sdu - _RESERVED
    last = _END_OF_RESPONSE if end_of_response else 0
    if len(message) <= room:
        return struct.pack(">IBBHH", _RESERVED + len(message), PacketType.DATA, 0, 0, last) + message
    parts: list[bytes] = []
    for start in range(0, len(message), room):
        chunk = message[start : start + room]
        flags = last if start + room >= len(message) else 0
        parts += (struct.pack(">IBBHH", _RESERVED + len(chunk), PacketType.DATA, 0, 0, flags), chunk)
    return b"".join(parts)


def marker_packet(kind: Marker) -> bytes:
    """Return a marker."""
    return packet(PacketType.MARKER, bytes((1, 0, kind)), large=True)


def inband_packet(number: int) -> bytes:
    """Return the notice that the session is to be given up, with the ORA number why."""
    return packet(PacketType.CONTROL, struct.pack(">HII", 8, 0, number), large=True)
