"""What names in a session's statements stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oracle_standin.dictionary import SYS_VIEWS
from oracle_standin.values import DataType

if TYPE_CHECKING:
    from oracle_standin.postgresql._session import PostgreSQLSession

__all__ = ["NameResolver"]

_MOST_SYNONYMS = 8
"""Synonyms of synonyms that are followed."""


class NameResolver:
    """Finds what names stand for; see `oracle_standin.postgresql._rewrite.Resolver`.

    Parameters
    ----------
    session : `PostgreSQLSession`
        Whose names they are.
    """

    def __init__(self, session: PostgreSQLSession) -> None:
        self._session = session
        self._database = session.database

    def resolve(self, schema: str | None, name: str) -> tuple[str, str]:
        """Return owner and name of what a name stands for; the current schema's if nothing is known."""
        synonyms = self._database.synonyms()
        found = (schema or self._session.current_schema, name)
        for _ in range(_MOST_SYNONYMS):
            if self._database.has_table(*found):
                return found
            following = synonyms.get(found)
            if following is None and schema is None:
                following = synonyms.get(("PUBLIC", name))
                if following is None and (name == "DUAL" or name in SYS_VIEWS):
                    return "SYS", name
            if following is None or following == found:
                break
            found, schema = following, following[0]
        return found

    def table(self, schema: str | None, name: str) -> tuple[str, str]:
        """Return PostgreSQL's schema and name of a table or view; of none if there is none."""
        return self._session.temporary.place(*self.resolve(schema, name))

    def sequence(self, parts: Sequence[str]) -> tuple[str, str]:
        """Return Oracle's schema and name of a sequence."""
        schema = parts[-2] if len(parts) > 1 else None
        return self.resolve(schema, parts[-1])

    def column_type(self, schema: str | None, table: str, column: str) -> DataType | None:
        """Return the declared type of a column, if the table has one of that name."""
        spec = self._database.declared_type(*self.resolve(schema, table), column)
        return spec.type if spec is not None else None

    def generated(self, schema: str | None, table: str) -> str | None:
        """Return the column of a table that is always an identity, if it has one."""
        return self._database.identities().get(self.resolve(schema, table))
