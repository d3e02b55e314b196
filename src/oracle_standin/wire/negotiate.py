"""Negotiation of protocol, data types and capabilities."""

from __future__ import annotations

import struct

from oracle_standin.wire.codes import MessageType
from oracle_standin.wire.dialect import MAX_FIELD_VERSION
from oracle_standin.wire.fields import Reader, WireError, clr

__all__ = [
    "data_types_answer",
    "protocol_answer",
    "read_data_types",
    "read_fast_auth_middle",
    "read_protocol",
]

_UTF8, _UTF16 = 873, 2000
_FIELD_VERSION = 7
"""Index of the field version among the compile-time capabilities."""
_COMPILE_CAPABILITIES = 46
_RUNTIME_CAPABILITIES = bytes((2, 0, 0, 0, 0, 0, 0))
"""Without the flag for strings of 32767 bytes, as ``max_string_size = standard``."""


def read_protocol(reader: Reader) -> str:
    """Read the protocol message behind its type; return the client's name for itself."""
    while reader.u8():
        pass
    name = bytearray()
    while byte := reader.u8():
        name.append(byte)
    return name.decode(errors="replace")


def protocol_answer(banner: str, field_version: int) -> bytes:
    """Return character sets and capabilities.

    Parameters
    ----------
    banner : `str`
        What the server calls itself.
    field_version : `int`
        The newest field version that it wants.
    """
    compiled = bytearray(_COMPILE_CAPABILITIES)
    compiled[_FIELD_VERSION] = field_version
    conversion = bytes(9) + struct.pack(">H", _UTF16)
    return b"".join(
        (
            bytes((MessageType.PROTOCOL, 6, 0)),
            banner.encode() + b"\0",
            struct.pack("<HBH", _UTF8, 1, 0),
            struct.pack(">H", len(conversion)),
            conversion,
            clr(bytes(compiled)),
            clr(_RUNTIME_CAPABILITIES),
        )
    )


def read_data_types(reader: Reader) -> int:
    """Read the data types message behind its type.

    Returns
    -------
    field_version : `int`
        The newest field version that the client speaks.
    """
    reader.raw(5)
    compiled = reader.clr() or b""
    reader.clr()
    while reader.u16():
        reader.raw(6)  # as what it is converted, in which representation
    return compiled[_FIELD_VERSION] if len(compiled) > _FIELD_VERSION else MAX_FIELD_VERSION


def data_types_answer() -> bytes:
    """Return that all types are converted as the client wishes."""
    return bytes((MessageType.DATA_TYPES, 0, 0))


def read_fast_auth_middle(reader: Reader) -> int:
    """Read what stands between protocol and data types in a fast login.

    Returns
    -------
    field_version : `int`
        The one that the login that follows is written for.

    Raises
    ------
    oracle_standin.wire.fields.WireError
        Raised if the data types do not follow.
    """
    reader.raw(5)
    version = reader.u8()
    if (kind := reader.u8()) != MessageType.DATA_TYPES:
        raise WireError(f"message {kind} where the data types should be")
    return version
