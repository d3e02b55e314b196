"""What the rules of SQL ask about tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jpype

from oracle_standin.errors import OracleError
from oracle_standin.h2 import _bridge
from oracle_standin.h2._text import quoted
from oracle_standin.values import DataType

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["TableCatalogue"]

_MOST = 1000


class TableCatalogue:
    """The tables as a session sees them, for `oracle_standin.sql.check`.

    Parameters
    ----------
    session : `H2Session`
        The session.
    """

    def __init__(self, session: H2Session) -> None:
        self._session = session
        self._known: dict[tuple[str | None, str], dict[str, DataType] | None] = {}
        self._state: tuple[int, str] | None = None

    def columns(self, schema: str | None, table: str) -> dict[str, DataType] | None:
        """Return the columns of a table or view, or `None` if there is none of that name."""
        state = (self._session.database.ddl_generation, self._session.current_schema)
        if state != self._state or len(self._known) > _MOST:
            self._known.clear()
            self._state = state
        key = (schema, table)
        if key not in self._known:
            self._known[key] = self._read(schema, table)
        return self._known[key]

    def _read(self, schema: str | None, table: str) -> dict[str, DataType] | None:
        name = quoted(table) if schema is None else f"{quoted(schema)}.{quoted(table)}"
        try:
            prepared = self._session.connection.prepareStatement(f"SELECT * FROM {name}")  # noqa: S608
        except jpype.JException:
            return None
        try:
            columns = _bridge.describe(prepared.getMetaData(), self._session.database.declared_type)
        except OracleError:
            # A view over something that Oracle has no type for: nothing to apply rules to.
            return None
        finally:
            prepared.close()
        return {column.name: column.spec.type for column in columns}
