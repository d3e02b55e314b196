"""Users, roles and grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.h2._columns import DefinitionReader
from oracle_standin.h2._names import is_name

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["alter", "create", "drop", "grant"]


def _name(reader: DefinitionReader, i: int) -> str:
    if not is_name(reader.tokens, i):
        raise reader.fail(1935, "missing user or role name", i)
    return reader.tokens[i].value


def _password(reader: DefinitionReader, i: int) -> str | None:
    """Read ``IDENTIFIED BY password`` at a position; a word is taken as it is written."""
    if not reader.word(i, "IDENTIFIED", "BY"):
        return None
    token = reader.tokens[i + 2]
    return reader.text[token.start : token.end].strip('"')


def create(session: H2Session, reader: DefinitionReader, kind: str, i: int) -> None:
    """Make a user; ``i`` is the position of its name."""
    if kind == "ROLE":
        raise not_modelled("CREATE ROLE")
    name = _name(reader, i)
    password = _password(reader, i + 1)
    if password is None and not (reader.word(i + 1, "NO", "AUTHENTICATION") or i + 1 >= len(reader.tokens)):
        raise reader.fail(922, "missing or invalid option", i + 1)
    session.database.create_user(name, password)
    _options(session, reader, name, i + 1)


def alter(session: H2Session, reader: DefinitionReader, i: int) -> None:
    """Change a user; ``i`` is the position of its name."""
    name = _name(reader, i)
    if not session.database.execute("SELECT 1 FROM STANDIN.USERS WHERE USERNAME = ?", name):
        raise OracleError(1918, f"user '{name}' does not exist")
    password = _password(reader, i + 1)
    if password is not None:
        session.database.execute("UPDATE STANDIN.USERS SET PASSWORD = ? WHERE USERNAME = ?", password, name)
    _options(session, reader, name, i + 1)


def _options(session: H2Session, reader: DefinitionReader, name: str, i: int) -> None:
    status = None
    for n in range(i, len(reader.tokens)):
        if reader.word(n, "ACCOUNT"):
            status = "LOCKED" if reader.word(n + 1, "LOCK") else "OPEN"
        elif reader.word(n, "PASSWORD", "EXPIRE"):
            status = "EXPIRED"
        elif reader.word(n, "TABLESPACE") and (
            reader.word(n - 1, "DEFAULT") or reader.word(n - 1, "TEMPORARY")
        ):
            column = "DEFAULT_TABLESPACE" if reader.word(n - 1, "DEFAULT") else "TEMPORARY_TABLESPACE"
            session.database.execute(
                f"UPDATE STANDIN.USERS SET {column} = ? WHERE USERNAME = ?",  # noqa: S608
                reader.tokens[n + 1].value,
                name,
            )
    if status is not None:
        session.database.execute(
            "UPDATE STANDIN.USERS SET ACCOUNT_STATUS = ? WHERE USERNAME = ?", status, name
        )


def drop(session: H2Session, reader: DefinitionReader, kind: str, i: int) -> None:
    """Drop a user; ``i`` is the position of its name."""
    if kind == "ROLE":
        raise not_modelled("DROP ROLE")
    session.database.drop_user(_name(reader, i), cascade=reader.word(i + 1, "CASCADE"))


def grant(session: H2Session, reader: DefinitionReader) -> None:
    """Take note of a grant; privileges are not enforced by this engine."""
