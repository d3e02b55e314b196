"""Prepared statements of one session, kept for their next use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from oracle_standin.h2._translate import Translation
from oracle_standin.interface import ResultSet
from oracle_standin.values import Column, Value

__all__ = ["H2ResultSet", "Prepared", "StatementCache"]

_MOST = 200
"""Statements kept per session."""


@dataclass(kw_only=True)
class Prepared:
    """A statement that H2 has parsed.

    Attributes
    ----------
    key : `~collections.abc.Hashable`
        What it is kept under.
    translation : `Translation`
        What H2 was given.
    jdbc : Java ``PreparedStatement``
        H2's side of it.
    columns : `tuple` [`~oracle_standin.values.Column`, ...]
        Of a query.
    targets : `tuple` [`tuple` [`str`, `str`], ...]
        Tables that it changes.
    generation : `int`
        The database's DDL that it was prepared after.
    casts : `bool`
        Whether its binds are cast to their types.
    """

    key: Hashable
    translation: Translation
    jdbc: Any
    columns: tuple[Column, ...] = ()
    targets: tuple[tuple[str, str], ...] = ()
    generation: int = 0
    casts: bool = False


class StatementCache:
    """The least recently used go first.

    A JDBC statement has one open result, so one in use is out of the cache
    and a second user of the same text gets another.
    """

    def __init__(self) -> None:
        self._idle: OrderedDict[Hashable, Prepared] = OrderedDict()

    def take(self, key: Hashable, generation: int) -> Prepared | None:
        """Return an idle statement, or `None`; the caller gives it back."""
        found = self._idle.pop(key, None)
        if found is not None and found.generation != generation:
            found.jdbc.close()
            return None
        return found

    def give_back(self, prepared: Prepared) -> None:
        """Keep a statement that is not used any more."""
        twin = self._idle.pop(prepared.key, None)
        if twin is not None:
            twin.jdbc.close()
        self._idle[prepared.key] = prepared
        while len(self._idle) > _MOST:
            self._idle.popitem(last=False)[1].jdbc.close()


class H2ResultSet(ResultSet):
    """Rows of a query.

    H2 has computed them all when the query returns, so that later changes do
    not show: the consistency that Oracle gives by other means.

    Parameters
    ----------
    rows : Java ``ResultSet``
        H2's rows.
    columns : `tuple` [`~oracle_standin.values.Column`, ...]
        Their columns.
    getters : `list`
        From `oracle_standin.h2._bridge.readers`.
    done : `~collections.abc.Callable`
        Called once when it is closed.
    """

    def __init__(
        self,
        rows: Any,
        columns: tuple[Column, ...],
        getters: list[tuple[Callable[[Any, int], Value], int]],
        done: Callable[[], None],
    ) -> None:
        self.columns = columns
        self._rows = rows
        self._getters = getters
        self._done: Callable[[], None] | None = done

    def fetch(self, count: int) -> list[tuple[Value, ...]]:
        """Return up to ``count`` rows; fewer only at the end."""
        if self._done is None:
            return []
        rows, getters = self._rows, self._getters
        advance = rows.next
        fetched: list[tuple[Value, ...]] = []
        while len(fetched) < count:
            if not advance():
                self.close()
                break
            fetched.append(tuple([read(rows, i) for read, i in getters]))
        return fetched

    def close(self) -> None:
        """Let go of H2's rows; may be called again."""
        if self._done is not None:
            done, self._done = self._done, None
            self._rows.close()
            done()
