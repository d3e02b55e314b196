"""Large objects: locators and calls on them."""

from __future__ import annotations

from dataclasses import dataclass

from oracle_standin.values import DataType, Lob
from oracle_standin.wire.codes import LobOperation, MessageType
from oracle_standin.wire.fields import Reader, clr, sb, ub

__all__ = ["LobCall", "lob_answer", "lob_field", "locator_for", "locator_number", "read_lob_call"]

CHUNK = 8060
"""Chunk size that clients are told; what 8 KiB blocks give."""
_LENGTH = 40
_BLOB = 0x01
_UTF16 = 0x80
_TEMPORARY = 0x01
_NUMBER_AT = 16
_NATIONAL = 2
_WITH_FLAG = frozenset(
    {
        LobOperation.CREATE_TEMPORARY,
        LobOperation.IS_OPEN,
        LobOperation.FILE_EXISTS,
        LobOperation.FILE_IS_OPEN,
    }
)


def locator_for(number: int, lob: Lob) -> bytes:
    """Return the handle by which a client names a large object."""
    locator = bytearray(_LENGTH)
    locator[1] = _LENGTH - 2
    locator[4] = _BLOB if lob.type is DataType.BLOB else 0
    locator[6] = _UTF16 if lob.national else 0
    locator[7] = _TEMPORARY if lob.temporary else 0
    locator[_NUMBER_AT : _NUMBER_AT + 8] = number.to_bytes(8, "big")
    return bytes(locator)


def locator_number(locator: bytes) -> int:
    """Return the number that `locator_for` was given; 0 if it made no such locator."""
    return int.from_bytes(locator[_NUMBER_AT : _NUMBER_AT + 8], "big")


def lob_field(locator: bytes, length: int) -> bytes:
    """Return a large object as a column's or bind's value."""
    return ub(len(locator)) + ub(length) + ub(CHUNK) + clr(locator)


@dataclass(frozen=True, kw_only=True)
class LobCall:
    """A call on a large object.

    Attributes
    ----------
    operation : `int`
        A `~oracle_standin.wire.codes.LobOperation`, or another one.
    locator : `bytes`
        Which one; of no meaning when one is made.
    offset : `int`
        Where to read or write, from 1.
    amount : `int` or `None`
        How much, or the new length.
    data : `bytes` or `None`
        What to write.
    kind : `int`
        Number of the data type of one that is made.
    national : `bool`
        Whether an NCLOB is made.
    """

    operation: int
    locator: bytes
    offset: int
    amount: int | None
    data: bytes | None
    kind: int
    national: bool


def read_lob_call(reader: Reader) -> LobCall:
    """Read the body of function 96."""
    reader.u8()
    size = reader.ub()
    reader.skip(1, 4, 4, 4, 1, 1, 1)
    operation = reader.ub()
    reader.skip(1, 1)
    offset, destination = reader.ub(), reader.ub()
    has_amount = reader.u8()
    reader.raw(6)
    locator = reader.raw(size)
    if operation == LobOperation.CREATE_TEMPORARY:
        reader.ub()
    data = None
    if operation == LobOperation.WRITE:
        reader.u8()
        data = reader.clr() or b""
    amount = reader.ub() if has_amount else None
    return LobCall(
        operation=operation,
        locator=locator,
        offset=offset,
        amount=amount,
        data=data,
        kind=destination,
        national=offset == _NATIONAL,
    )


def lob_answer(
    call: LobCall,
    *,
    locator: bytes | None = None,
    data: bytes = b"",
    amount: int | None = None,
    flag: bool = False,
) -> bytes:
    """Return what a call did, without the error block that ends the answer.

    Parameters
    ----------
    call : `LobCall`
        The call.
    locator : `bytes`, optional
        Of a large object that was made.
    data : `bytes`
        What was read.
    amount : `int`, optional
        Length, chunk size or how much was read.
    flag : `bool`
        Whether it is open.
    """
    parts: list[bytes] = []
    if data:
        parts += (bytes((MessageType.LOB_DATA,)), clr(data))
    parts += (bytes((MessageType.PARAMETER,)), locator or call.locator)
    if call.operation == LobOperation.CREATE_TEMPORARY:
        parts.append(bytes(2))
    elif call.amount is not None:
        parts.append(sb(amount if amount is not None else call.amount))
    if call.operation in _WITH_FLAG and call.operation != LobOperation.CREATE_TEMPORARY:
        parts.append(bytes((flag,)))
    return b"".join(parts)
