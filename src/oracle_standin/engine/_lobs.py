"""Large objects that a session hands to its client."""

from __future__ import annotations

from typing import Any

from oracle_standin.errors import OracleError
from oracle_standin.values import DataType, Lob, TypeSpec, Value

__all__ = ["MemoryLob", "as_lob"]

_BLANK = {DataType.BLOB: b"\0", DataType.CLOB: " "}


class MemoryLob(Lob):
    """A large object held in memory.

    A column's value is read from H2 with its row, which keeps it readable
    after later changes and commits, as Oracle's read consistency does.

    Parameters
    ----------
    data : `str` or `bytes`
        What is in it; decides between CLOB and BLOB.
    national : `bool`, optional
        Whether it is an NCLOB: then units are UTF-16 code units.
    temporary : `bool`, optional
        Whether it is the client's own and not a column's value.
    """

    def __init__(self, data: str | bytes, *, national: bool = False, temporary: bool = False) -> None:
        self.type = DataType.CLOB if isinstance(data, str) else DataType.BLOB
        self.national = national
        self.temporary = temporary
        self._data = self._units(data)

    @property
    def value(self) -> str | bytes:
        """All of it (`str` or `bytes`)."""
        return self._plain(self._data)

    def length(self) -> int:
        """Return the length in units."""
        return len(self._data)

    def read(self, offset: int, amount: int) -> str | bytes:
        """Return up to ``amount`` units; empty beyond the end."""
        return self._plain(self._data[offset - 1 : offset - 1 + amount])

    def write(self, offset: int, data: str | bytes) -> None:
        """Write over and beyond what is there; fill a gap with blanks or zeros.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if it is a column's value (ORA-22920): the stand-in has no
            writable locators of columns.
        """
        self._check_writable()
        units: Any = self._units(data)
        old: Any = self._data
        blank: Any = _BLANK[self.type]
        head = old[: offset - 1] + blank * max(offset - 1 - len(old), 0)
        self._data = head + units + old[offset - 1 + len(units) :]

    def trim(self, length: int) -> None:
        """Cut it to ``length`` units.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if it is a column's value (ORA-22920), or shorter (ORA-22926).
        """
        self._check_writable()
        if length > len(self._data):
            raise OracleError(22926, "specified trim length is greater than current LOB value's length")
        self._data = self._data[:length]

    def _check_writable(self) -> None:
        if not self.temporary:
            raise OracleError(22920, "row containing the LOB value is not locked")

    def _units(self, data: str | bytes) -> str | bytes:
        """Return data with one item per unit: a national text as one character per code unit."""
        if self.national and isinstance(data, str) and not data.isascii():
            raw = data.encode("utf-16-be", "surrogatepass")
            return "".join(chr(raw[i] << 8 | raw[i + 1]) for i in range(0, len(raw), 2))
        return data

    def _plain(self, units: str | bytes) -> str | bytes:
        """Return units as text with its surrogate pairs joined; inverse of `_units`."""
        if self.national and isinstance(units, str) and not units.isascii():
            return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")
        return units


def as_lob(value: Value, spec: TypeSpec) -> Value:
    """Return a value as a client's own LOB if a bind is one; else as it is."""
    if spec.type not in _BLANK:
        return value
    content = value.value if isinstance(value, MemoryLob) else value
    if not isinstance(content, (str, bytes)):
        return value
    return MemoryLob(content, national=spec.national, temporary=True)
