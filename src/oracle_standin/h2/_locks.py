"""Table locks, which H2 has none of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from oracle_standin.errors import OracleError

__all__ = ["LockTable"]

# Oracle's matrix: what another session may hold beside each mode.
_COMPATIBLE = {
    "ROW SHARE": {"ROW SHARE", "ROW EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE"},
    "ROW EXCLUSIVE": {"ROW SHARE", "ROW EXCLUSIVE"},
    "SHARE": {"ROW SHARE", "SHARE"},
    "SHARE ROW EXCLUSIVE": {"ROW SHARE"},
    "EXCLUSIVE": set[str](),
}
_POLL_SECONDS = 0.1
"""How often a waiting session looks whether it was cancelled."""

Table = tuple[str, str]


class LockTable:
    """Who holds and awaits which lock.

    A deadlock among these locks is found; one that also runs through a row's
    lock in H2 is not.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: dict[Table, dict[object, set[str]]] = {}
        self._awaited: dict[object, Table] = {}

    def acquire(
        self,
        owner: object,
        table: Table,
        mode: str,
        *,
        seconds: float | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take a lock, waiting for others.

        Parameters
        ----------
        owner : `object`
            The session; what it holds itself is never in its way.
        table : `tuple` [`str`, `str`]
            Schema and name.
        mode : `str`
            A mode of LOCK TABLE.
        seconds : `float`, optional
            Longest wait; forever by default, and not at all if 0.
        cancelled : `~collections.abc.Callable`
            Asked while waiting.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if it must wait with 0 seconds (ORA-00054) or too long
            (ORA-30006), for a deadlock (ORA-00060), and when cancelled
            (ORA-01013).
        """
        with self._changed:
            mine = self._held.get(table, {}).get(owner)
            if mine and mode in mine:
                return
            deadline = None if seconds is None else time.monotonic() + seconds
            try:
                while self._blockers(owner, table, mode):
                    if seconds == 0:
                        raise OracleError(
                            54, "resource busy and acquire with NOWAIT specified or timeout expired"
                        )
                    if deadline is not None and time.monotonic() >= deadline:
                        raise OracleError(30006, "resource busy; acquire with WAIT timeout expired")
                    if cancelled():
                        raise OracleError(1013, "user requested cancel of current operation")
                    self._awaited[owner] = table
                    if self._waits_for_itself(owner):
                        raise OracleError(60, "deadlock detected while waiting for resource")
                    self._changed.wait(_POLL_SECONDS)
            finally:
                self._awaited.pop(owner, None)
            self._held.setdefault(table, {}).setdefault(owner, set()).add(mode)

    def release(self, owner: object) -> None:
        """Let go of all locks of a session, at the end of its transaction."""
        with self._changed:
            for table in [table for table, holders in self._held.items() if owner in holders]:
                del self._held[table][owner]
                if not self._held[table]:
                    del self._held[table]
            self._changed.notify_all()

    def held(self, owner: object) -> set[Table]:
        """Return the tables that a session has locks of, as of each that it has changed."""
        with self._changed:
            return {table for table, holders in self._held.items() if owner in holders}

    def _blockers(self, owner: object, table: Table, mode: str) -> list[object]:
        holders = self._held.get(table, {})
        return [
            other for other, modes in holders.items() if other is not owner and not modes <= _COMPATIBLE[mode]
        ]

    def _waits_for_itself(self, owner: object) -> bool:
        seen: set[object] = set()
        ahead = [owner]
        while ahead:
            waiting = self._awaited.get(ahead.pop())
            for holder in self._held.get(waiting, {}) if waiting else ():
                if holder is owner and seen:
                    return True
                if holder is not owner and holder not in seen:
                    seen.add(holder)
                    ahead.append(holder)
        return False
