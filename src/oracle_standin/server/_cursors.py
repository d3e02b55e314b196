"""The statements and result sets that a client has numbers of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from oracle_standin.errors import OracleError
from oracle_standin.interface import ResultSet, Statement
from oracle_standin.values import Column, DataType, TypeSpec, Value
from oracle_standin.wire.binds import BindColumn, BindRows

__all__ = ["Cursor", "CursorTable"]

_LOBS = {DataType.CLOB: DataType.LONG, DataType.BLOB: DataType.LONG_RAW}
_LONGS = {
    DataType.CLOB: frozenset({DataType.VARCHAR2, DataType.CHAR, DataType.LONG}),
    DataType.BLOB: frozenset({DataType.RAW, DataType.LONG_RAW}),
}
"""What a column may have been before, for a client to go on taking its LOBs whole."""


@dataclass(kw_only=True)
class Cursor:
    """A statement that can be executed again, or a result set handed out by PL/SQL.

    Attributes
    ----------
    number : `int`
        What the client calls it.
    statement : `~oracle_standin.interface.Statement` or `None`
        `None` for a result set that a PL/SQL block or a query's column opened.
    binds : `list` [`~oracle_standin.wire.binds.BindColumn`]
        As last described by the client.
    values : `~oracle_standin.wire.binds.BindRows` or `None`
        Reads rows of values; `None` if there are none.
    result : `~oracle_standin.interface.ResultSet` or `None`
        Rows that wait to be fetched.
    columns : `tuple` [`~oracle_standin.values.Column`, ...]
        As last described to the client.
    specs : `list` [`~oracle_standin.values.TypeSpec`]
        What the client takes the columns as.
    fetched : `int`
        Rows fetched since the execution.
    buffer : `list` or `None`
        All rows, if the client wants to scroll.
    """

    number: int
    statement: Statement | None = None
    binds: list[BindColumn] = field(default_factory=list)
    values: BindRows | None = None
    result: ResultSet | None = None
    columns: tuple[Column, ...] = ()
    specs: list[TypeSpec] = field(default_factory=list)
    fetched: int = 0
    buffer: list[tuple[Value, ...]] | None = None

    def described(self, columns: tuple[Column, ...], *, anew: bool) -> None:
        """Take over columns that the client is being told.

        A client that took a column as text before and finds it a CLOB now
        expects to get it as LONG; likewise RAW and BLOB.
        """
        before = [] if anew else self.specs
        self.columns = columns
        self.specs = [column.spec for column in columns]
        for place, (spec, old) in enumerate(zip(self.specs, before, strict=False)):
            if old.type in _LONGS.get(spec.type, ()):
                self.specs[place] = replace(spec, type=_LOBS[spec.type])

    def define(self, defines: Sequence[BindColumn]) -> None:
        """Take over what the client wants LOBs as; the driver converts all others itself."""
        for place, (column, wanted) in enumerate(zip(self.columns, defines, strict=False)):
            if column.spec.type in _LOBS and not wanted.unsupported:
                self.specs[place] = wanted.spec

    @property
    def waits_for_define(self) -> bool:
        """Whether the client will say what it wants LOBs as before it fetches (`bool`)."""
        return any(spec.type in _LOBS or spec.type is DataType.JSON for spec in self.specs)

    def take(self, count: int) -> list[tuple[Value, ...]]:
        """Return up to that many rows; fewer only at the end, where the result set is closed."""
        if self.result is None:
            return []
        rows = self.result.fetch(count) if count else []
        self.fetched += len(rows)
        if len(rows) < count:
            self.close_result()
        return rows

    def close_result(self) -> None:
        """Let go of the rows that were not fetched."""
        self.buffer = None
        if self.result is not None:
            result, self.result = self.result, None
            result.close()


class CursorTable:
    """The cursors of one session."""

    def __init__(self) -> None:
        self._cursors: dict[int, Cursor] = {}
        self._last = 0
        self.opened = 0
        """How many were opened so far (`int`)."""

    def __len__(self) -> int:
        return len(self._cursors)

    def open(self) -> Cursor:
        """Return a new one.

        Numbers have two bytes on the wire, so they come again; those in use are passed over.
        """
        while True:
            self._last = self._last % 0xFFFF + 1
            if self._last not in self._cursors:
                break
        self.opened += 1
        cursor = self._cursors[self._last] = Cursor(number=self._last)
        return cursor

    def get(self, number: int) -> Cursor:
        """Return one by its number.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if there is none (ORA-01001).
        """
        try:
            return self._cursors[number]
        except KeyError:
            raise OracleError(1001, "invalid cursor") from None

    def close(self, number: int) -> None:
        """Close one; of no effect if there is none."""
        cursor = self._cursors.pop(number, None)
        if cursor is not None:
            cursor.close_result()

    def close_all(self) -> None:
        """Close all of them."""
        for number in list(self._cursors):
            self.close(number)
