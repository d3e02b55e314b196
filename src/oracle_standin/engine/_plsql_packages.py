"""Procedures of Oracle's packages, as far as blocks may call them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from oracle_standin.engine._plsql_sql import BlockSql
from oracle_standin.engine._waits import sleep
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.values import Value

__all__ = ["Output", "PackageCalls"]

# Packages whose procedures have no effect that a client of the stand-in could see.
_SILENT = ("DBMS_APPLICATION_INFO", "DBMS_STATS", "DBMS_MONITOR")
_SILENT_CALLS = (
    ("DBMS_SESSION", "SET_IDENTIFIER"),
    ("DBMS_SESSION", "CLEAR_IDENTIFIER"),
    ("DBMS_SESSION", "RESET_PACKAGE"),
    ("DBMS_SESSION", "MODIFY_PACKAGE_STATE"),
)
_MOST_LINE = 32767


class Output:
    """The lines that a session has written by DBMS_OUTPUT and not yet read."""

    def __init__(self) -> None:
        self._enabled = False
        self._lines: deque[str] = deque()
        self._line: str | None = None

    def enable(self) -> None:
        """Keep what is written from now on."""
        self._enabled = True

    def disable(self) -> None:
        """Forget what was written, and what will be."""
        self._enabled, self._line = False, None
        self._lines.clear()

    def put(self, text: str, *, ends: bool) -> None:
        """Write a part of a line, or its end."""
        if not self._enabled:
            return
        line = (self._line or "") + text
        if len(line.encode()) > _MOST_LINE:
            raise OracleError(20000, "ORU-10028: line length overflow, limit of 32767 bytes per line")
        self._line = None if ends else line
        if ends:
            self._lines.append(line)

    def get_line(self) -> str | None:
        """Return the next line, which is then read, or `None`."""
        return self._lines.popleft() if self._lines else None


class PackageCalls(BlockSql):
    """Runs calls of packages' procedures."""

    def package_call(self, i: int, end: int) -> None:
        """Run the call that begins at a position.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised for a procedure that is not modelled (ORA-03001).
        """
        package, name = self.tokens[i].value, self.tokens[i + 2].value
        if package in _SILENT or (package, name) in _SILENT_CALLS:
            return
        ranges = self.items(i + 4, self.closing(i + 3)) if self.symbol(i + 3, "(") else []
        if package == "DBMS_OUTPUT" and name in _OUTPUT:
            _OUTPUT[name](self, self.session.output, ranges)
        elif (package, name) in (("DBMS_LOCK", "SLEEP"), ("DBMS_SESSION", "SLEEP")):
            sleep(self.session, float(str(self.evaluate(i + 4, end - 1) or 0)))
        elif (package, name) in self.session.database.routines:
            # For who may not execute it, it is not there.
            raise self.undeclared(i)
        else:
            raise not_modelled(f"the procedure {package}.{name}", offset=self.tokens[i].start)

    def text_argument(self, ranges: list[tuple[int, int]]) -> str:
        """Return the text that a call writes."""
        value: Value = self.scope.as_text(self.evaluate(*self.positional(ranges, 1)[0]))
        return str(value or "")

    def positional(self, ranges: list[tuple[int, int]], count: int) -> list[tuple[int, int]]:
        """Return the ranges of a call's arguments, which have to be so many and without names."""
        if len(ranges) != count or any(self.symbol(a + 1, "=>") for a, _ in ranges):
            raise not_modelled("this call of a package's procedure")
        return ranges


def _get_line(block: PackageCalls, output: Output, ranges: list[tuple[int, int]]) -> None:
    (line, _), (status, _) = block.positional(ranges, 2)
    found = output.get_line()
    block.scope.assign(block.target(line), found)
    block.scope.assign(block.target(status), int(found is None))


_OUTPUT: dict[str, Callable[[PackageCalls, Output, list[tuple[int, int]]], None]] = {
    "ENABLE": lambda block, output, ranges: output.enable(),  # noqa: ARG005 - all of the table take the same arguments
    "DISABLE": lambda block, output, ranges: output.disable(),  # noqa: ARG005
    "PUT": lambda block, output, ranges: output.put(block.text_argument(ranges), ends=False),
    "PUT_LINE": lambda block, output, ranges: output.put(block.text_argument(ranges), ends=True),
    "NEW_LINE": lambda block, output, ranges: output.put("", ends=True),  # noqa: ARG005
    "GET_LINE": _get_line,
}
