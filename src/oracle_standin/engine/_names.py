"""What names in statements stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oracle_standin.errors import OracleError
from oracle_standin.interface import Statement
from oracle_standin.sql._scanner import Token, TokenKind, scan

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["is_name", "lock_targets", "read_name", "require_tablespace", "resolve_table"]


def is_name(tokens: Sequence[Token], i: int) -> bool:
    """Return whether there is a word or a quoted name at a position."""
    return 0 <= i < len(tokens) and tokens[i].kind in (TokenKind.NAME, TokenKind.QUOTED)


def read_name(tokens: Sequence[Token], i: int, default_schema: str) -> tuple[str, str, int]:
    """Read ``[schema.]name``.

    Returns
    -------
    schema, name : `str`
        As the dictionary shows them.
    index : `int`
        Position of the token behind.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if there is no name (ORA-00903).
    """
    if not is_name(tokens, i):
        raise OracleError(903, "invalid table name", offset=tokens[min(i, len(tokens) - 1)].start)
    if i + 2 < len(tokens) and tokens[i + 1].is_symbol(".") and is_name(tokens, i + 2):
        return tokens[i].value, tokens[i + 2].value, i + 3
    return default_schema, tokens[i].value, i + 1


def resolve_table(session: EngineSession, schema: str, name: str) -> tuple[str, str]:
    """Return the table that a name stands for, following synonyms; itself if there is none."""
    for _ in range(8):
        found = session.database.execute(
            "SELECT TABLE_OWNER, TABLE_NAME FROM STANDIN.SYNONYMS WHERE SYNONYM_NAME = ?"
            " AND OWNER IN (?, 'PUBLIC') ORDER BY CASE OWNER WHEN 'PUBLIC' THEN 1 ELSE 0 END",
            name, schema,
        )  # fmt: skip
        own = session.database.execute(
            "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", schema, name
        )
        if own or not found:
            return schema, name
        schema, name = found[0][0] or schema, found[0][1] or name
    return schema, name


def require_tablespace(session: EngineSession, name: str | None, *, owner: str = "") -> None:
    """Make sure that there is a tablespace; that of the owner's tables if none is named.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if there is none (ORA-00959).
    """
    if name is None:
        rows = session.database.execute(
            "SELECT DEFAULT_TABLESPACE FROM STANDIN.USERS WHERE USERNAME = ?", owner
        )
        name = rows[0][0] if rows else None
    found = session.database.execute("SELECT 1 FROM STANDIN.TABLESPACES WHERE TABLESPACE_NAME = ?", name)
    if not found:
        raise OracleError(959, f"tablespace '{name}' does not exist")


def lock_targets(session: EngineSession, statement: Statement) -> tuple[tuple[str, str], ...]:
    """Return the table that DML changes, which it locks against LOCK TABLE of others."""
    tokens = scan(statement.text)
    i = next((i for i, t in enumerate(tokens[:4]) if t.is_word("INTO", "FROM")), 0) + 1
    if not is_name(tokens, i):
        return ()
    schema, name, _ = read_name(tokens, i, session.current_schema)
    return (resolve_table(session, schema, name),)
