"""Readers over bytes that are there already."""

from __future__ import annotations

from collections.abc import Iterator

from oracle_standin.wire.fields import Reader

__all__ = ["EndOfBytes", "is_read", "reader_of"]


class EndOfBytes(Exception):  # noqa: N818 - it stands for a socket that waits
    """More was read than there is."""


def reader_of(data: bytes, *, chunk: int = 8192) -> Reader:
    """Return a reader that gets the bytes in chunks."""

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(data), chunk):
            yield data[start : start + chunk]
        raise EndOfBytes

    source = chunks()

    def more() -> bytes:
        try:
            return next(source)
        except RuntimeError:
            raise EndOfBytes from None

    return Reader(more)


def is_read(reader: Reader) -> bool:
    """Return whether nothing is left."""
    try:
        reader.u8()
    except EndOfBytes:
        return True
    return False
