"""CREATE and DROP of tablespaces, which store nothing here: users, tables and quotas refer to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oracle_standin.engine._definitions import DefinitionReader
from oracle_standin.engine._names import is_name, require_tablespace
from oracle_standin.engine._tables import is_referenced, remove_table
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import TokenKind

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["create_tablespace", "drop_tablespace"]

_LONGEST_NAME = 30
"""Bytes, also where other names may have 128."""
_BLOCK = 8192
_LARGEST = {False: 4194302 * _BLOCK, True: 4294967294 * _BLOCK}
"""Bytes of a file that grows without limit, by whether it is a bigfile's."""
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_FIRST_OF_BIGFILES = 23
"""First version in which a tablespace is a bigfile one if nothing is said."""
_UNDROPPABLE = {
    "SYSTEM": (1550, "cannot drop system tablespace"),
    "SYSAUX": (13501, "Cannot drop SYSAUX tablespace"),
    "UNDOTBS1": (30013, "undo tablespace 'UNDOTBS1' is currently in use"),
    "TEMP": (12906, "cannot drop default temporary tablespace"),
    "USERS": (12919, "Can not drop the default permanent tablespace"),
}


@dataclass(kw_only=True)
class _File:
    name: str
    size: int = 0
    increment: int = 0
    """Bytes by which it grows; 0 if it does not."""
    largest: int = 0


def create_tablespace(session: EngineSession, reader: DefinitionReader, i: int, words: set[str]) -> None:
    """Make a permanent tablespace.

    Parameters
    ----------
    session : `EngineSession`
        Whose statement it is.
    reader : `DefinitionReader`
        Over the statement.
    i : `int`
        Position of the name.
    words : `set` [`str`]
        Words between CREATE and TABLESPACE.
    """
    if "TEMPORARY" in words:
        raise not_modelled("CREATE TEMPORARY TABLESPACE")
    name = reader.tokens[i].value
    if len(name.encode()) > _LONGEST_NAME:
        raise reader.fail(972, "identifier is too long", i)
    execute = session.database.execute
    if execute("SELECT 1 FROM STANDIN.TABLESPACES WHERE TABLESPACE_NAME = ?", name):
        raise OracleError(1543, f"tablespace '{name}' already exists")
    big = "BIGFILE" in words or (
        "SMALLFILE" not in words and session.database.profile.major >= _FIRST_OF_BIGFILES
    )
    # There is no parameter db_create_file_dest that would name the files.
    if not reader.word(i + 1, "DATAFILE"):
        raise OracleError(2199, "missing DATAFILE/TEMPFILE clause")
    files = _files(reader, i + 2, big=big)
    if big and len(files) > 1:
        raise OracleError(32774, f"more than one file specified for bigfile tablespace {name}")
    for file in files:
        if execute("SELECT 1 FROM STANDIN.DATA_FILES WHERE FILE_NAME = ?", file.name):
            raise OracleError(1537, f"cannot add file '{file.name}' - file already part of database")
    execute(
        "INSERT INTO STANDIN.TABLESPACES (TABLESPACE_NAME, CONTENTS, BIGFILE) VALUES (?, 'PERMANENT', ?)",
        name, "YES" if big else "NO",
    )  # fmt: skip
    for file in files:
        execute(
            "INSERT INTO STANDIN.DATA_FILES (TABLESPACE_NAME, FILE_NAME, BYTES, MAXBYTES, INCREMENT_BY)"
            " VALUES (?, ?, ?, ?, ?)",
            name, file.name, file.size, file.largest, file.increment // _BLOCK,
        )  # fmt: skip


def _files(reader: DefinitionReader, i: int, *, big: bool) -> list[_File]:
    """Read the files behind DATAFILE; the grammar has been checked before."""
    files = []
    while True:
        if i >= len(reader.tokens) or reader.tokens[i].kind is not TokenKind.STRING:
            raise reader.fail(2236, "invalid file name", i)
        file = _File(name=reader.tokens[i].value)
        i += 1
        while i < len(reader.tokens) and reader.tokens[i].is_word("SIZE", "REUSE", "AUTOEXTEND"):
            i = _file_option(reader, i, file, big=big)
        if not file.size:
            # It would be taken if it were there; here no file is.
            raise OracleError(
                1119,
                f"error in creating database file '{file.name}'\n"
                f"ORA-17610: file '{file.name}' does not exist and no size specified",
            )
        files.append(file)
        if not reader.symbol(i, ","):
            return files
        i += 1


def _file_option(reader: DefinitionReader, i: int, file: _File, *, big: bool) -> int:
    """Read an option of a file; return the position behind."""
    if reader.word(i, "SIZE"):
        file.size, i = _size(reader, i + 1)
        return i
    if not reader.word(i, "AUTOEXTEND", "ON"):
        return i + 1 + reader.word(i, "AUTOEXTEND")
    file.increment, file.largest = _BLOCK, _LARGEST[big]
    i += 2
    if reader.word(i, "NEXT"):
        file.increment, i = _size(reader, i + 1)
    if reader.word(i, "MAXSIZE", "UNLIMITED"):
        return i + 2
    if reader.word(i, "MAXSIZE"):
        file.largest, i = _size(reader, i + 1)
    return i


def _size(reader: DefinitionReader, i: int) -> tuple[int, int]:
    """Read a number of bytes; return it and the position behind."""
    number = int(reader.tokens[i].value)
    unit = _UNITS.get(reader.tokens[i + 1].value) if i + 1 < len(reader.tokens) else None
    return number * (unit or 1), i + (2 if unit else 1)


def drop_tablespace(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Drop a tablespace, and what is in it if that is said; ``i`` is the position of its name."""
    if not is_name(reader.tokens, i):
        raise reader.fail(903, "invalid table name", i)
    name = reader.tokens[i].value
    require_tablespace(session, name)
    if name in _UNDROPPABLE:
        raise OracleError(*_UNDROPPABLE[name])
    execute = session.database.execute
    rows = execute("SELECT OWNER, TABLE_NAME FROM STANDIN.D_TABLES WHERE TABLESPACE_NAME = ?", name)
    # One without rows is content here; whether it is in Oracle, which gives it no segment yet, is not known.
    tables = [(str(owner), str(table)) for owner, table in rows]
    if tables and not reader.word(i + 1, "INCLUDING", "CONTENTS"):
        raise OracleError(1549, "tablespace not empty, use INCLUDING CONTENTS option")
    cascade = any(reader.word(n, "CASCADE", "CONSTRAINTS") for n in range(i, len(reader.tokens)))
    for owner, table in tables:
        if not cascade and is_referenced(session, owner, table, but=tables):
            raise OracleError(2449, "unique/primary keys in table referenced by foreign keys")
    for owner, table in tables:
        remove_table(session, owner, table)
        session.database.accounts.forget_table(owner, table)
    execute("DELETE FROM STANDIN.DATA_FILES WHERE TABLESPACE_NAME = ?", name)
    execute("DELETE FROM STANDIN.TABLESPACES WHERE TABLESPACE_NAME = ?", name)
