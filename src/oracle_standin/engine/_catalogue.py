"""What the rules of SQL ask about tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from oracle_standin.values import DataType

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["TableCatalogue"]

_MOST = 1000


class TableCatalogue:
    """The tables as a session sees them, for `oracle_standin.sql.check`.

    Parameters
    ----------
    session : `EngineSession`
        The session.
    """

    def __init__(self, session: EngineSession) -> None:
        self._session = session
        self._known: dict[tuple[str | None, str], Mapping[str, DataType] | None] = {}
        self._state: tuple[int, str] | None = None

    def columns(self, schema: str | None, table: str) -> Mapping[str, DataType] | None:
        """Return the columns of a table or view, or `None` if there is none of that name."""
        state = (self._session.database.ddl_generation, self._session.current_schema)
        if state != self._state or len(self._known) > _MOST:
            self._known.clear()
            self._state = state
        key = (schema, table)
        if key not in self._known:
            self._known[key] = self._session.table_columns(schema, table)
        return self._known[key]
