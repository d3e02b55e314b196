"""Fields of messages as bytes, and a reader that pulls them from packets."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Reader", "WireError", "clr", "dalc", "key_value", "sb", "text", "ub"]

_CHUNKED = 0xFE
_NULL = 0xFF
_SHORT = 0xFC
"""Longest value with a single length byte."""
_CHUNK = 32767
"""Bytes of one chunk of a long value; what the driver itself sends."""
_SIGN = 0x80


class WireError(Exception):
    """Bytes that are no part of the protocol."""


def _ub(value: int) -> bytes:
    size = (value.bit_length() + 7) // 8
    return bytes((size,)) + value.to_bytes(size, "big")


_SMALL = tuple(_ub(value) for value in range(256))


def ub(value: int) -> bytes:
    """Return a number that is not negative, with its length in front."""
    return _SMALL[value] if value < len(_SMALL) else _ub(value)


def sb(value: int) -> bytes:
    """Return a number that may be negative, with length and sign in front."""
    if value >= 0:
        return ub(value)
    raw = ub(-value)
    return bytes((raw[0] | _SIGN,)) + raw[1:]


def clr(raw: bytes) -> bytes:
    """Return bytes with their length in front; no bytes are NULL."""
    size = len(raw)
    if size <= _SHORT:
        return bytes((size,)) + raw
    parts = [bytes((_CHUNKED,))]
    for start in range(0, size, _CHUNK):
        chunk = raw[start : start + _CHUNK]
        parts += (ub(len(chunk)), chunk)
    parts.append(ub(0))
    return b"".join(parts)


def dalc(raw: bytes) -> bytes:
    """Return bytes with their length twice in front."""
    return ub(len(raw)) + clr(raw) if raw else ub(0)


def text(value: str) -> bytes:
    """Return a text with its length twice in front."""
    return dalc(value.encode())


def key_value(key: str, value: str, flags: int = 0) -> bytes:
    """Return a pair of texts."""
    return text(key) + text(value) + ub(flags)


class Reader:
    """Fields out of a stream of chunks.

    Parameters
    ----------
    more : `~collections.abc.Callable`
        Returns the next chunk, not empty; may raise to end the reading.

    Attributes
    ----------
    data : `bytes`
        What is there without another chunk; only for those who read rows in bulk.
    position : `int`
        Where the next field begins in it.
    """

    def __init__(self, more: Callable[[], bytes]) -> None:
        self._more = more
        self.data = b""
        self.position = 0

    def raw(self, size: int) -> bytes:
        """Return the next bytes."""
        start = self.position
        end = start + size
        if end <= len(self.data):
            self.position = end
            return self.data[start:end]
        parts = [self.data[start:]]
        missing = size - len(parts[0])
        while missing > 0:
            chunk = self._more()
            parts.append(chunk)
            missing -= len(chunk)
        # The last chunk becomes what is read from next; it overlaps the end.
        self.data = parts[-1]
        self.position = len(self.data) + missing
        parts[-1] = self.data[: self.position]
        return b"".join(parts)

    def u8(self) -> int:
        """Return a byte."""
        position = self.position
        if position < len(self.data):
            self.position = position + 1
            return self.data[position]
        return self.raw(1)[0]

    def u16(self) -> int:
        """Return two bytes, the most significant first."""
        return int.from_bytes(self.raw(2), "big")

    def sb(self) -> int:
        """Return a number with length and sign in front."""
        size = self.u8()
        if not size:
            return 0
        if size & _SIGN:
            return -int.from_bytes(self.raw(size & ~_SIGN), "big")
        if size > 8:  # noqa: PLR2004 - the widest number has 8 bytes
            raise WireError(f"a number of {size} bytes")
        return int.from_bytes(self.raw(size), "big")

    def ub(self) -> int:
        """Return a number with its length in front.

        Raises
        ------
        WireError
            Raised if it is negative.
        """
        value = self.sb()
        if value < 0:
            raise WireError("a negative number where none can be")
        return value

    def skip(self, *widths: int) -> None:
        """Pass over fields: 1 for a byte, 4 for a number with its length."""
        for width in widths:
            if width == 1:
                self.u8()
            else:
                self.sb()

    def clr(self) -> bytes | None:
        """Return bytes with their length in front, `None` for NULL."""
        size = self.u8()
        if size in {0, _NULL}:
            return None
        if size != _CHUNKED:
            return self.raw(size)
        parts = []
        while part := self.ub():
            parts.append(self.raw(part))
        return b"".join(parts)

    def dalc(self) -> bytes:
        """Return bytes with their length twice in front."""
        return (self.clr() or b"") if self.ub() else b""

    def text(self) -> str:
        """Return a text with its length twice in front."""
        return self.dalc().decode()

    def key_value(self) -> tuple[str, str, int]:
        """Return a pair of texts and its flags."""
        return self.text(), self.text(), self.ub()
