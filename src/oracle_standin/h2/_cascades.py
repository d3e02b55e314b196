"""Deletions that reach a table on two ways.

Oracle checks keys when the whole statement is done.  H2 checks them while a
deletion cascades: if a row goes by one key, it complains of a row that refers
to it and that another key of the same statement would have deleted as well.
Rows that refer to the deleted ones themselves are so deleted before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from oracle_standin.engine._text import quoted

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["Cascades"]

Table = tuple[str, str]

_DELETE = "DELETE FROM "
_CASCADE = 0
"""``java.sql.DatabaseMetaData.importedKeyCascade``."""


class Cascades:
    """What a session has to delete before a deletion.

    Parameters
    ----------
    session : `H2Session`
        Whose deletions they are.
    """

    def __init__(self, session: H2Session) -> None:
        self._session = session
        self._known: dict[Table, list[str]] = {}
        self._generation = -1

    def before(self, table: Table, deletion: str) -> list[str]:
        """Return the deletions, in H2's SQL, that have to come before one.

        Parameters
        ----------
        table : `tuple` [`str`, `str`]
            Owner and name of the table that rows are deleted from.
        deletion : `str`
            The deletion in H2's SQL; each of those returned has its binds.
        """
        if not deletion.startswith(_DELETE):
            return []
        generation = self._session.database.ddl_generation
        if self._generation != generation:
            self._known.clear()
            self._generation = generation
        if table not in self._known:
            self._known[table] = self._beginnings(table)
        rest = deletion.removeprefix(_DELETE)
        return [f"{beginning} FROM {rest})" for beginning in self._known[table]]

    def _beginnings(self, table: Table) -> list[str]:
        """Return how deletions begin from children that refer to other children as well."""
        # By JDBC's metadata, because H2 joins the views of its schema of
        # information by reading all of them: seconds, in a database with many users.
        metadata = self._session.connection.getMetaData()
        keys: dict[tuple[Table, str], list[tuple[str, str]]] = {}
        for row in _rows(metadata.getExportedKeys(None, *table)):
            if row.getInt("DELETE_RULE") == _CASCADE:
                child = (str(row.getString("FKTABLE_SCHEM")), str(row.getString("FKTABLE_NAME")))
                columns = (str(row.getString("FKCOLUMN_NAME")), str(row.getString("PKCOLUMN_NAME")))
                keys.setdefault((child, str(row.getString("FK_NAME"))), []).append(columns)
        children = {child for child, _ in keys} - {table}
        found = []
        for (child, _), pairs in keys.items():
            parents = {
                (str(row.getString("PKTABLE_SCHEM")), str(row.getString("PKTABLE_NAME")))
                for row in _rows(metadata.getImportedKeys(None, *child))
            }
            if parents & (children - {child}):
                referring = ", ".join(quoted(column) for column, _ in pairs)
                referred = ", ".join(quoted(column) for _, column in pairs)
                name = f"{quoted(child[0])}.{quoted(child[1])}"
                found.append(f"DELETE FROM {name} WHERE ({referring}) IN (SELECT {referred}")  # noqa: S608 - names are quoted
        return found


def _rows(result: Any) -> Iterator[Any]:
    while result.next():
        yield result
    result.close()
