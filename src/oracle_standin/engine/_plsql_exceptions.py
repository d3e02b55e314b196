"""Exceptions of PL/SQL: those that it has, and those that a block declares."""

from __future__ import annotations

from oracle_standin.errors import OracleError

__all__ = ["Exceptions", "UserDefinedError"]

_PREDEFINED = {
    "NO_DATA_FOUND": (1403, "no data found"),
    "TOO_MANY_ROWS": (1422, "exact fetch returns more than requested number of rows"),
    "DUP_VAL_ON_INDEX": (1, "unique constraint violated"),
    "ZERO_DIVIDE": (1476, "divisor is equal to zero"),
    "INVALID_NUMBER": (1722, "invalid number"),
    "VALUE_ERROR": (6502, "PL/SQL: numeric or value error"),
    "INVALID_CURSOR": (1001, "invalid cursor"),
    "CURSOR_ALREADY_OPEN": (6511, "PL/SQL: cursor already open"),
    "LOGIN_DENIED": (1017, "invalid username/password; logon denied"),
    "NOT_LOGGED_ON": (1012, "not logged on"),
    "PROGRAM_ERROR": (6501, "PL/SQL: program error"),
    "STORAGE_ERROR": (6500, "PL/SQL: storage error"),
    "TIMEOUT_ON_RESOURCE": (51, "timeout occurred while waiting for a resource"),
    "CASE_NOT_FOUND": (6592, "CASE not found while executing CASE statement"),
}


class UserDefinedError(OracleError):
    """An exception that a block declared and raised.

    Parameters
    ----------
    name : `str`
        What the block calls it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(6510, "PL/SQL: unhandled user-defined exception")
        self.name = name


class Exceptions:
    """The names of exceptions that a block knows."""

    def __init__(self) -> None:
        self._declared: dict[str, int | None] = {}

    def declare(self, name: str) -> None:
        """Make an exception."""
        self._declared[name] = None

    def knows(self, name: str) -> bool:
        """Return whether there is such an exception."""
        return name in self._declared or name in _PREDEFINED

    def associate(self, name: str, number: int) -> None:
        """Make a declared exception that of an error's number, as the pragma EXCEPTION_INIT does."""
        self._declared[name] = number

    def raised(self, name: str) -> OracleError:
        """Return what RAISE raises."""
        if name in self._declared:
            number = self._declared[name]
            return UserDefinedError(name) if number is None else OracleError(number, "")
        return OracleError(*_PREDEFINED[name])

    def means(self, name: str, error: OracleError) -> bool:
        """Return whether a handler of this name is one for an error."""
        if name in self._declared and self._declared[name] is None:
            return isinstance(error, UserDefinedError) and error.name == name
        number = self._declared[name] if name in self._declared else _PREDEFINED.get(name, (None,))[0]
        return number == error.number and not isinstance(error, UserDefinedError)
