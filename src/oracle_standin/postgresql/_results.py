"""Prepared statements, and the rows of a query."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from oracle_standin.interface import ResultSet
from oracle_standin.postgresql._translate import Translation
from oracle_standin.values import Column, Value

__all__ = ["PostgreSQLResultSet", "Prepared", "Translations"]

_MOST = 2000


@dataclass(kw_only=True)
class Prepared:
    """A statement that PostgreSQL has parsed.

    Attributes
    ----------
    name : `str`
        PostgreSQL's name of it.
    translation : `Translation`
        What it was given.
    columns : `tuple` [`~oracle_standin.values.Column`, ...]
        Of a query, or of RETURNING.
    generation : `int`
        The database's DDL that it was prepared after.
    """

    name: str
    translation: Translation
    columns: tuple[Column, ...] = ()
    generation: int = 0


class Translations:
    """Translations of one database's statements; the least recently used go first."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, Translation] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Translation | None:
        """Return one that is known."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, key: Hashable, translation: Translation) -> None:
        """Keep one."""
        with self._lock:
            self._found[key] = translation
            while len(self._found) > _MOST:
                self._found.popitem(last=False)


class PostgreSQLResultSet(ResultSet):
    """Rows of a query, which PostgreSQL has sent all.

    Later changes do not show: the consistency that Oracle gives by other means.

    Parameters
    ----------
    result : libpq's result
        The rows.
    columns : `tuple` [`~oracle_standin.values.Column`, ...]
        Their columns.
    getters : `list`
        From `oracle_standin.postgresql._values.readers`.
    """

    def __init__(
        self, result: Any, columns: tuple[Column, ...], getters: list[Callable[[bytes], Value]]
    ) -> None:
        self.columns = columns
        self._result: Any = result
        self._getters = list(enumerate(getters))
        self._next = 0

    def fetch(self, count: int) -> list[tuple[Value, ...]]:
        """Return up to ``count`` rows; fewer only at the end."""
        if self._result is None:
            return []
        get, getters = self._result.get_value, self._getters
        last = min(self._next + count, self._result.ntuples)
        rows = [
            tuple([None if (raw := get(row, i)) is None else read(raw) for i, read in getters])
            for row in range(self._next, last)
        ]
        self._next = last
        if len(rows) < count:
            self.close()
        return rows

    def close(self) -> None:
        """Let go of the rows; may be called again."""
        self._result = None
