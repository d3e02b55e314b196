"""Quotas on tablespaces.

Oracle counts the extents that a user's segments have been given; they are
not given back by DELETE or a rollback, only by DROP and TRUNCATE.  Here a
table's segment grows by an estimate of the rows inserted (see
`row_size`), its indexes are not counted, and its extents are Oracle's for
automatic allocation: 64 KiB up to 1 MiB, then 1 MiB each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oracle_standin.dictionary.accounts._grants import Execute
from oracle_standin.errors import OracleError
from oracle_standin.values import Lob, Value

__all__ = ["Quotas", "row_size"]

_SMALL, _LARGE = 1 << 16, 1 << 20
_ROW_OVERHEAD = 3
_VALUE_OVERHEAD = 1
_FIXED_SIZE = 8
"""About the size of numbers, dates and what is not text, bytes or a LOB."""


def row_size(row: Sequence[Value]) -> int:
    """Return about how many bytes a row of values takes in a block."""
    total = _ROW_OVERHEAD
    for value in row:
        total += _VALUE_OVERHEAD
        match value:
            case None:
                pass
            case str():
                total += len(value.encode(errors="surrogatepass"))
            case bytes():
                total += len(value)
            case Lob():
                total += value.length()
            case _:
                total += _FIXED_SIZE
    return total


def _extents(size: int) -> int:
    """Return the bytes of the extents that hold this many bytes."""
    unit = _SMALL if size <= _LARGE else _LARGE
    return max(-(-size // unit), 1) * unit


@dataclass
class _Segment:
    tablespace: str
    written: int = 0
    allocated: int = 0


@dataclass
class Quotas:
    """Quotas of users, and how much of them their tables use."""

    execute: Execute
    limits: dict[tuple[str, str], int] = field(default_factory=dict)
    """Bytes by user and tablespace; -1 is UNLIMITED."""
    _segments: dict[tuple[str, str], _Segment] = field(default_factory=dict)

    def set(self, user: str, tablespace: str, size: int) -> None:
        """Set a user's quota; 0 takes it away."""
        self.execute(
            "DELETE FROM STANDIN.QUOTAS WHERE USERNAME = ? AND TABLESPACE_NAME = ?", user, tablespace
        )
        self.limits.pop((user, tablespace), None)
        if size:
            self.limits[user, tablespace] = size
            self.execute("INSERT INTO STANDIN.QUOTAS VALUES (?, ?, ?)", user, tablespace, size)

    def charge(self, owner: str, table: str, tablespace: str, size: int, *, unlimited: bool) -> None:
        """Let a table's segment grow.

        Parameters
        ----------
        owner, table, tablespace : `str`
            The segment.
        size : `int`
            Bytes that are written.
        unlimited : `bool`
            Whether the owner has UNLIMITED TABLESPACE.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if the owner has no quota (ORA-01950), or not enough
            (ORA-01536).
        """
        segment = self._segments.get((owner, table)) or _Segment(tablespace)
        needed = _extents(segment.written + size)
        if needed > segment.allocated:
            limit = self.limits.get((owner, tablespace), 0)
            if not unlimited and limit >= 0:
                if limit == 0:
                    raise OracleError(1950, f"no privileges on tablespace '{tablespace}'")
                if self.used(owner, tablespace) - segment.allocated + needed > limit:
                    raise OracleError(1536, f"space quota exceeded for tablespace '{tablespace}'")
            segment.allocated = needed
            self.execute("DELETE FROM STANDIN.SEGMENTS WHERE OWNER = ? AND SEGMENT_NAME = ?", owner, table)
            self.execute("INSERT INTO STANDIN.SEGMENTS VALUES (?, ?, ?, ?)", owner, table, tablespace, needed)
        segment.written += size
        self._segments[owner, table] = segment

    def used(self, owner: str, tablespace: str) -> int:
        """Return the bytes of all of a user's extents in a tablespace."""
        return sum(
            segment.allocated
            for (user, _), segment in self._segments.items()
            if user == owner and segment.tablespace == tablespace
        )

    def release(self, owner: str, table: str) -> None:
        """Give a dropped or truncated table's extents back."""
        if self._segments.pop((owner, table), None) is not None:
            self.execute("DELETE FROM STANDIN.SEGMENTS WHERE OWNER = ? AND SEGMENT_NAME = ?", owner, table)

    def forget_user(self, user: str) -> None:
        """Forget the quotas and segments of a user that was dropped."""
        for owner, table in [key for key in self._segments if key[0] == user]:
            self.release(owner, table)
        for key in [key for key in self.limits if key[0] == user]:
            self.set(*key, 0)
