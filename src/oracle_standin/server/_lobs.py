"""The large objects that a client has handles of, and its calls on them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import Session
from oracle_standin.values import DataType, Lob, TypeSpec
from oracle_standin.wire.codes import LobOperation
from oracle_standin.wire.lobs import CHUNK, LobCall, lob_answer, lob_field, locator_for, locator_number

__all__ = ["LobTable"]

_MOST = 20_000
"""Locators kept per session of LOBs that are not temporary: clients never give them back."""


class LobTable:
    """The large objects of one session.

    Parameters
    ----------
    session : `~oracle_standin.interface.Session`
        Whose they are.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._temporary: dict[int, Lob] = {}
        self._stored: OrderedDict[int, Lob] = OrderedDict()
        self._open: set[int] = set()
        self._last = 0

    def _locator(self, lob: Lob) -> bytes:
        self._last += 1
        if lob.temporary:
            self._temporary[self._last] = lob
        else:
            self._stored[self._last] = lob
            if len(self._stored) > _MOST:
                self._stored.popitem(last=False)
        return locator_for(self._last, lob)

    def field(self, value: Any, spec: TypeSpec) -> bytes:
        """Return a value as a client gets it: a locator; text and bytes become temporary LOBs."""
        if not isinstance(value, Lob):
            lob = self._session.create_lob(spec)
            lob.write(1, value)
            value = lob
        return lob_field(self._locator(value), value.length())

    def get(self, locator: bytes) -> Lob:
        """Return what a locator stands for.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if there is no such large object (any more) (ORA-22922).
        """
        number = locator_number(locator)
        lob = self._temporary.get(number) or self._stored.get(number)
        if lob is None:
            raise OracleError(22922, "nonexistent LOB value")
        return lob

    def free(self, locator: bytes) -> None:
        """Forget a temporary one that the client does not need any more."""
        number = locator_number(locator)
        self._temporary.pop(number, None)
        self._open.discard(number)

    def apply(self, call: LobCall) -> bytes:  # noqa: C901 - a table of operations
        """Do what a call asks for; return the answer without the block that ends it."""
        if call.operation == LobOperation.CREATE_TEMPORARY:
            kind = DataType.BLOB if call.kind == DataType.BLOB else DataType.CLOB
            lob = self._session.create_lob(TypeSpec(type=kind, national=call.national))
            return lob_answer(call, locator=self._locator(lob))
        lob = self.get(call.locator)
        number = locator_number(call.locator)
        match call.operation:
            case LobOperation.LENGTH:
                return lob_answer(call, amount=lob.length())
            case LobOperation.CHUNK_SIZE:
                return lob_answer(call, amount=CHUNK)
            case LobOperation.READ:
                return _read(lob, call)
            case LobOperation.WRITE:
                _write(lob, call)
            case LobOperation.TRIM:
                _trim(lob, call)
            case LobOperation.OPEN:
                if number in self._open:
                    raise OracleError(22293, "LOB already opened in the same transaction")
                self._open.add(number)
            case LobOperation.CLOSE:
                if number not in self._open:
                    raise OracleError(22289, "cannot perform operation on an unopened file or LOB")
                self._open.discard(number)
            case LobOperation.IS_OPEN:
                return lob_answer(call, flag=number in self._open)
            case _:
                raise not_modelled(f"LOB operation {call.operation:#x}")
        return lob_answer(call)


def _encoding(lob: Lob) -> str:
    return "utf-16-be" if lob.national else "utf-8"


def _read(lob: Lob, call: LobCall) -> bytes:
    if call.offset < 1:
        raise OracleError(24801, "illegal parameter value in OCI lob function")
    left = max(lob.length() - call.offset + 1, 0)
    data = lob.read(call.offset, min(call.amount or 0, left))
    raw = data.encode(_encoding(lob)) if isinstance(data, str) else data
    return lob_answer(call, data=raw, amount=len(data))


def _write(lob: Lob, call: LobCall) -> None:
    data = call.data or b""
    if data:
        lob.write(call.offset, data if lob.type is DataType.BLOB else data.decode(_encoding(lob)))


def _trim(lob: Lob, call: LobCall) -> None:
    length = call.amount or 0
    if length > lob.length():
        raise OracleError(22926, "specified trim length is greater than current LOB value's length")
    lob.trim(length)
