"""Piggybacks: calls without an answer, in front of another call."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle_standin.wire.codes import Function
from oracle_standin.wire.fields import Reader

__all__ = ["Piggyback", "read_piggyback"]

_ATTRIBUTES = ("client_identifier", "module", "action", "", "", "client_info", "", "", "dbop")
_LOCATOR = 40


@dataclass(kw_only=True)
class Piggyback:
    """What a client told along with a call.

    Attributes
    ----------
    closed_cursors : `list` [`int`]
        Cursors that it does not need any more.
    freed_lobs : `list` [`bytes`]
        Locators of temporary large objects that it does not need any more.
    schema : `str` or `None`
        The current schema that it wants.
    attributes : `dict` [`str`, `str`]
        What it says it does: ``module``, ``action`` and their like.
    known : `bool`
        Whether it was read; if not, nobody knows where it ends.
    """

    closed_cursors: list[int] = field(default_factory=list)
    freed_lobs: list[bytes] = field(default_factory=list)
    schema: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    known: bool = True


def read_piggyback(reader: Reader, function: int) -> Piggyback:
    """Read the body of a piggyback of any function."""
    match function:
        case Function.CLOSE_CURSORS:
            reader.u8()
            return Piggyback(closed_cursors=[reader.ub() for _ in range(reader.ub())])
        case Function.SET_SCHEMA:
            reader.u8()
            return Piggyback(schema=reader.text())
        case Function.SET_END_TO_END:
            return Piggyback(attributes=_read_end_to_end(reader))
        case Function.LOB:
            return Piggyback(freed_lobs=_read_freed_lobs(reader))
        case Function.SESSION_STATE:
            reader.ub()
        case Function.KEY_VALUE:
            _skip_key_values(reader)
        case Function.PIPELINE_BEGIN:
            reader.skip(2, 1, 1)
        case _:
            return Piggyback(known=False)
    return Piggyback()


def _read_end_to_end(reader: Reader) -> dict[str, str]:
    reader.skip(1, 1, 4)
    # Pointer and length of each; three that no driver sends are built otherwise.
    given: list[tuple[str, int, int]] = []
    for name in _ATTRIBUTES:
        pointer = reader.u8()
        given.append((name, pointer, reader.ub()))
    values = {}
    for name, pointer, size in given:
        raw = b""
        while size and not raw:
            # An empty text before this one may have left a byte 0, or nothing.
            raw = reader.clr() or b""
        value = raw.decode()
        if pointer and name:
            values[name] = value
    return values


def _read_freed_lobs(reader: Reader) -> list[bytes]:
    reader.u8()
    size = reader.ub()
    reader.skip(1, 4, 4, 4, 1, 1, 1, 4, 1, 4, 8, 8, 1)
    reader.skip(1, 4, 1, 4, 1, 4)
    return [reader.raw(_LOCATOR) for _ in range(size // _LOCATOR)]


def _skip_key_values(reader: Reader) -> None:
    reader.skip(1, 4, 1)
    count = reader.ub()
    reader.skip(2, 1)
    reader.clr()
    for _ in range(count):
        reader.key_value()
