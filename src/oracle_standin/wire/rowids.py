"""ROWID and UROWID: four numbers, or anything, written in base 64."""

from __future__ import annotations

from oracle_standin.errors import OracleError
from oracle_standin.wire.fields import clr, ub

__all__ = ["encode_rowid", "encode_urowid"]

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_LENGTH = 18
_PHYSICAL, _LOGICAL = 1, 2


def _number(digits: str) -> int:
    value = 0
    for digit in digits:
        if digit not in _VALUES:
            raise OracleError(1410, "invalid ROWID")
        value = value * 64 + _VALUES[digit]
    return value


def _parts(rowid: str) -> tuple[int, int, int, int]:
    """Return number of object, file, block and row."""
    if len(rowid) != _LENGTH:
        raise OracleError(1410, "invalid ROWID")
    return _number(rowid[:6]), _number(rowid[6:9]), _number(rowid[9:15]), _number(rowid[15:])


def encode_rowid(rowid: str) -> bytes:
    """Return a fetched ROWID: a length that only tells NULL from others, and its parts.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if it has not 18 digits to the base of 64 (ORA-01410).
    """
    table, file, block, row = _parts(rowid)
    return b"\x0e" + ub(table) + ub(file) + b"\0" + ub(block) + ub(row)


def encode_urowid(rowid: str) -> bytes:
    """Return a fetched UROWID; a logical one begins with ``*``."""
    if rowid.startswith("*"):
        raw = _logical(rowid[1:])
    else:
        table, file, block, row = _parts(rowid)
        raw = bytes((_PHYSICAL,)) + b"".join(
            part.to_bytes(size, "big") for part, size in ((table, 4), (file, 2), (block, 4), (row, 2))
        )
    return clr(ub(len(raw))) + clr(raw)


def _logical(digits: str) -> bytes:
    bits = len(digits) * 6 // 8
    return bytes((_LOGICAL,)) + (_number(digits) >> (len(digits) * 6 - bits * 8)).to_bytes(bits, "big")
