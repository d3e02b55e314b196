"""Temporary tables, which PostgreSQL makes for each session anew.

The definition of a global temporary table is a table of its schema that is
always empty; a session's rows are in a table like it of the session's own.
A private temporary table is the session's alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle_standin.postgresql._session import PostgreSQLSession

__all__ = ["TemporaryTables"]


class TemporaryTables:
    """One session's temporary tables.

    Parameters
    ----------
    session : `PostgreSQLSession`
        The session.
    """

    def __init__(self, session: PostgreSQLSession) -> None:
        self._session = session
        self._made: dict[tuple[str, str], list[str]] = {}
        self._sure: set[tuple[str, str]] = set()

    def doubt(self) -> None:
        """Take note that a rollback may have undone what was made."""
        self._sure.clear()

    def place(self, owner: str, name: str) -> tuple[str, str]:
        """Return PostgreSQL's schema and name of where a table's rows are for this session."""
        names = self._session.database.names
        if name.startswith("ORA$PTT_"):
            return "pg_temp", names.inner(name)
        clause = self._session.database.temporary.get((owner, name))
        if clause is None:
            return names.inner(owner), names.inner(name)
        inner = names.inner(f"{owner}.{name}")
        same = self._made.get((owner, name)) is clause
        if not same or (owner, name) not in self._sure:
            self._make(owner, name, inner, clause[0], keep=same)
            self._made[owner, name] = clause
            self._sure.add((owner, name))
        return "pg_temp", inner

    def _make(self, owner: str, name: str, inner: str, on_commit: str, *, keep: bool) -> None:
        session = self._session
        quoted = '"' + inner.replace('"', '""') + '"'
        model = session.database.names.path(owner, name)
        if not keep:
            session.link.run(f"DROP TABLE IF EXISTS pg_temp.{quoted}")
        session.link.run(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {quoted} (LIKE {model} INCLUDING ALL)"
            f" ON COMMIT {on_commit}"
        )
