"""The first packets: CONNECT, ACCEPT and REFUSE."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from oracle_standin.wire.codes import PacketType
from oracle_standin.wire.fields import WireError
from oracle_standin.wire.packets import HEADER, packet

__all__ = [
    "PLAIN_VERSION",
    "RESPONSE_VERSION",
    "ConnectCall",
    "accept_packet",
    "parse_connect",
    "refuse_packet",
    "stranger",
]

PLAIN_VERSION = 315
"""Oldest version that the driver takes; without the things that need ACCEPT flags."""
RESPONSE_VERSION = 319
"""Version with flags, of which this server knows those of `accept_packet`."""
_FAST_AUTH = 0x10000000
_END_OF_RESPONSE = 0x02000000
_LEAST_BODY = 26
_LARGE_SDU_AT = 58 - HEADER
_OFFSET_AT = 26 - HEADER
_LENGTH_AT = 24 - HEADER
_HTTP = (b"GET ", b"HEAD", b"POST", b"PUT ", b"DELE", b"OPTI", b"PATC", b"CONN", b"PRI ")
_TLS = b"\x16\x03"


def stranger(data: bytes) -> str | None:
    """Return what else a client speaks, by the first bytes that it sends.

    Returns
    -------
    protocol : `str` or `None`
        ``HTTP``, ``TLS`` or ``an unknown protocol``; `None` if they may begin a CONNECT.
    """
    if data.startswith(_HTTP):
        return "HTTP"
    if data.startswith(_TLS):
        return "TLS"
    if len(data) >= HEADER and data[4] != PacketType.CONNECT:
        return "an unknown protocol"
    return None


@dataclass(frozen=True, kw_only=True)
class ConnectCall:
    """What a client asks the listener for.

    Attributes
    ----------
    version, minimum : `int`
        Newest and oldest version that it speaks.
    sdu : `int`
        Size of a packet in bytes that it wants.
    text : `str`
        The connect data; empty if they come in a packet of their own.
    """

    version: int
    minimum: int
    sdu: int
    text: str

    def value_of(self, name: str) -> str | None:
        """Return a value out of the connect data, such as that of ``SERVICE_NAME``."""
        match = re.search(rf"\(\s*{name}\s*=\s*([^()]*?)\s*\)", self.text, re.IGNORECASE)
        return match[1] if match else None


def parse_connect(body: bytes) -> ConnectCall:
    """Return what is in a CONNECT packet.

    Raises
    ------
    oracle_standin.wire.fields.WireError
        Raised if it is too short to be one.
    """
    if len(body) < _LEAST_BODY:
        raise WireError(f"a CONNECT packet of {len(body)} bytes")
    version, minimum, _, sdu = struct.unpack_from(">HHHH", body)
    (length, offset) = struct.unpack_from(">HH", body, _LENGTH_AT)
    if offset - HEADER >= _LARGE_SDU_AT + 4 <= len(body):
        sdu = struct.unpack_from(">I", body, _LARGE_SDU_AT)[0] or sdu
    start = offset - HEADER
    data = body[start : start + length]
    return ConnectCall(version=version, minimum=minimum, sdu=sdu, text=data.decode(errors="replace"))


def accept_packet(version: int, sdu: int, *, fast_auth: bool, end_of_response: bool) -> bytes:
    """Return the packet that lets a client in.

    Parameters
    ----------
    version : `int`
        `PLAIN_VERSION` or `RESPONSE_VERSION`.
    sdu : `int`
        Size of a packet in bytes.
    fast_auth : `bool`
        Whether negotiation and login may come as one message.
    end_of_response : `bool`
        Whether answers will say that they are complete.
    """
    # The service options lack "can receive attention": breaks come as markers.
    body = struct.pack(">HH10xB9xI", version, 0, 0, sdu)
    if version >= RESPONSE_VERSION:
        flags = _FAST_AUTH * fast_auth | _END_OF_RESPONSE * end_of_response
        body += struct.pack(">5xI", flags)
    return packet(PacketType.ACCEPT, body, large=False)


def refuse_packet(number: int) -> bytes:
    """Return the packet that turns a client away with an ORA number."""
    # The layout of the text is what clients look for the number in.
    text = f"(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR={number})(ERROR_STACK=(ERROR=(CODE={number})(EMFI=4))))"
    body = struct.pack(">BBH", 34, 0, len(text)) + text.encode()
    return packet(PacketType.REFUSE, body, large=False)
