"""Statements that define objects: which one it is, and when it commits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from oracle_standin.dictionary import live
from oracle_standin.engine import _alter_table, _indexes, _objects, _routines, _tables, _tablespaces
from oracle_standin.engine._definitions import DefinitionReader
from oracle_standin.engine._names import is_name, read_name
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import scan

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["run"]

# Kinds whose names no procedure or function may have.
_BESIDE_ROUTINES = ("TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "SYNONYM")
_BUSY = 54
_EXISTS = 955
_BEFORE_KIND = ("OR", "REPLACE", "FORCE", "NO", "NOFORCE", "GLOBAL", "PRIVATE", "TEMPORARY", "UNIQUE",
                "BITMAP", "PUBLIC", "EDITIONABLE", "NONEDITIONABLE", "EDITIONING", "BIGFILE",
                "SMALLFILE")  # fmt: skip
"""Words of CREATE before the kind of object."""
_NOT_CREATED = ("PACKAGE", "TRIGGER", "TYPE", "DATABASE", "DIRECTORY", "CONTEXT", "UNDO", "PROFILE",
                "CLUSTER", "DOMAIN", "VECTOR", "SEARCH", "PLUGGABLE", "LIBRARY")  # fmt: skip
_MISSING = (942, 959, 2289, 1418, 12003, 1434, 1432, 1918, 4043)


def run(session: EngineSession, text: str) -> None:
    """Run DDL: it commits before, even if it fails, and after.

    A private temporary table whose definition goes with the transaction does
    not commit.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what Oracle refuses or the stand-in does not model.
    """
    tokens = scan(text)
    database, schema = session.database, session.current_schema
    reader = DefinitionReader(text, session.translator(tokens), session.current_schema)
    commits = not (reader.word(0, "CREATE", "PRIVATE", "TEMPORARY") and not _preserves(reader))
    if commits:
        session.commit()
    if database.accounts.run(text, session.user, schema):
        database.ddl_generation += 1
        return
    database.accounts.check(text, session.user, schema)
    deadline = time.monotonic() + session.settings.ddl_lock_timeout
    try:
        with session.guarded(text):
            while True:
                try:
                    _dispatch(session, reader)
                    break
                except OracleError as error:
                    if error.number != _BUSY or session.cancelled or time.monotonic() >= deadline:
                        raise
    finally:
        # Also after an error: it may have done a part.
        if commits:
            session.commit()
        database.ddl_generation += 1
    if commits:
        database.accounts.after_ddl(text, schema)
        live.after_ddl(database.execute, text, schema)


def _preserves(reader: DefinitionReader) -> bool:
    return any(reader.word(i, "PRESERVE", "DEFINITION") for i in range(len(reader.tokens)))


def _dispatch(session: EngineSession, reader: DefinitionReader) -> None:
    verb = reader.tokens[0].value
    action = _VERBS.get(verb)
    if action is None:
        raise not_modelled(f"{verb} statements")
    action(session, reader)


def _existence(reader: DefinitionReader, i: int) -> tuple[bool, int]:
    """Read ``IF [NOT] EXISTS``; return whether it was there, and the position behind."""
    if reader.word(i, "IF"):
        return True, i + (3 if reader.word(i + 1, "NOT") else 2)
    return False, i


def _kind(reader: DefinitionReader, i: int) -> tuple[str, int]:
    """Read what kind of object it is; return it and the position behind."""
    if reader.word(i, "MATERIALIZED", "VIEW"):
        return "MATERIALIZED VIEW", i + 2
    return reader.tokens[i].value, i + 1


def _create(session: EngineSession, reader: DefinitionReader) -> None:
    i, words = 1, set()
    while i < len(reader.tokens) and reader.tokens[i].is_word(*_BEFORE_KIND):
        words.add(reader.tokens[i].value)
        i += 1
    if i + 1 >= len(reader.tokens):
        raise reader.fail(901, "invalid CREATE command", i)
    kind, i = _kind(reader, i)
    lenient, i = _existence(reader, i)
    try:
        _create_object(session, reader, i, kind, words)
    except OracleError as error:
        if not (lenient and error.number == _EXISTS):
            raise


def _create_object(  # noqa: C901, PLR0912 - a branch per kind of object
    session: EngineSession, reader: DefinitionReader, i: int, kind: str, words: set[str]
) -> None:
    if kind in _BESIDE_ROUTINES and "PUBLIC" not in words and is_name(reader.tokens, i):
        owner, name, _ = read_name(reader.tokens, i, session.current_schema)
        if (owner, name) in session.database.routines:
            raise OracleError(955, "name is already used by an existing object")
    replace = "REPLACE" in words
    match kind:
        case "TABLE":
            temporary = "GLOBAL TEMPORARY" if "GLOBAL" in words else "PRIVATE TEMPORARY"
            _tables.create_table(session, reader, i, temporary if "TEMPORARY" in words else "TABLE")
        case "VIEW":
            force = "FORCE" in words and "NO" not in words
            _objects.create_view(session, reader, i, replace=replace, force=force)
        case "MATERIALIZED VIEW":
            _objects.create_materialized_view(session, reader, i)
        case "INDEX":
            unique, bitmap = "UNIQUE" in words, "BITMAP" in words
            _indexes.create_index(session, reader, i, unique=unique, bitmap=bitmap)
        case "SEQUENCE":
            _objects.create_sequence(session, reader, i)
        case "SYNONYM":
            _objects.create_synonym(session, reader, i, replace=replace, public="PUBLIC" in words)
        case "TABLESPACE":
            _tablespaces.create_tablespace(session, reader, i, words)
        case "SCHEMA":
            raise OracleError(2420, "missing schema authorization clause", offset=reader.tokens[i].start)
        case "PROCEDURE" | "FUNCTION":
            _routines.create_routine(session, reader, i, kind, replace=replace)
        case _ if kind in _NOT_CREATED:
            raise not_modelled(f"CREATE {kind}")
        case _:
            raise reader.fail(901, "invalid CREATE command", i - 1)


def _drop(session: EngineSession, reader: DefinitionReader) -> None:
    i, public = 1, False
    if reader.word(i, "PUBLIC"):
        public, i = True, 2
    if i + 1 >= len(reader.tokens):
        raise reader.fail(950, "invalid DROP option", i)
    kind, i = _kind(reader, i)
    lenient, i = _existence(reader, i)
    try:
        match kind:
            case "SYNONYM":
                _objects.drop_synonym(session, reader, i, public=public)
            case "PROCEDURE" | "FUNCTION":
                _routines.drop_routine(session, reader, i, kind)
            case _ if kind in _DROPS:
                _DROPS[kind](session, reader, i)
            case _:
                raise not_modelled(f"DROP {kind}")
    except OracleError as error:
        if not (lenient and error.number in _MISSING):
            raise


_DROPS: dict[str, Callable[[EngineSession, DefinitionReader, int], None]] = {
    "TABLE": _tables.drop_table,
    "VIEW": _objects.drop_view,
    "MATERIALIZED VIEW": _objects.drop_materialized_view,
    "INDEX": _indexes.drop_index,
    "SEQUENCE": _objects.drop_sequence,
    "TABLESPACE": _tablespaces.drop_tablespace,
}


def _alter(session: EngineSession, reader: DefinitionReader) -> None:
    if len(reader.tokens) < 3:  # noqa: PLR2004 - the verb, the kind and a name
        raise reader.fail(940, "invalid ALTER command", 1)
    match reader.tokens[1].value:
        case "TABLE":
            _alter_table.alter_table(session, reader, 2)
        case "SEQUENCE":
            _objects.alter_sequence(session, reader, 2)
        case "INDEX":
            _alter_index(session, reader)
        case "VIEW" | "PROCEDURE" | "FUNCTION" if reader.word(len(reader.tokens) - 1, "COMPILE"):
            return
        case kind:
            raise not_modelled(f"ALTER {kind}")


def _alter_index(session: EngineSession, reader: DefinitionReader) -> None:
    owner, name, i = read_name(reader.tokens, 2, session.current_schema)
    if reader.word(i, "RENAME", "TO"):
        new = reader.tokens[i + 2].value
        session.store.rename_index(owner, name, new)
        for kept in ("INDEXES", "INDEX_COLUMNS"):
            session.database.execute(
                f"UPDATE STANDIN.{kept} SET INDEX_NAME = ? WHERE OWNER = ? AND INDEX_NAME = ?",  # noqa: S608 - the names are ours
                new, owner, name,
            )  # fmt: skip
    elif not reader.word(i, "REBUILD"):
        raise not_modelled("this form of ALTER INDEX")


def _truncate(session: EngineSession, reader: DefinitionReader) -> None:
    if not reader.word(1, "TABLE"):
        raise reader.fail(3290, "Invalid truncate command - missing CLUSTER or TABLE keyword", 1)
    _tables.truncate_table(session, reader, 2)


def _comment(session: EngineSession, reader: DefinitionReader) -> None:
    _objects.comment(session, reader, 2)


def _rename(session: EngineSession, reader: DefinitionReader) -> None:
    _alter_table.rename(session, reader, 1)


def _purge(session: EngineSession, reader: DefinitionReader) -> None:  # noqa: ARG001 - all of the table take the same arguments
    """Do nothing: dropped objects are gone, so that the recycle bin is always empty."""
    if reader.word(1, "TABLE") or reader.word(1, "INDEX"):
        raise OracleError(38307, "object not in RECYCLE BIN")


def _nothing(session: EngineSession, reader: DefinitionReader) -> None:
    """Do nothing: what ANALYZE computes is for an optimizer that is not here."""


_VERBS: dict[str, Callable[[EngineSession, DefinitionReader], None]] = {
    "CREATE": _create,
    "DROP": _drop,
    "ALTER": _alter,
    "TRUNCATE": _truncate,
    "COMMENT": _comment,
    "RENAME": _rename,
    "PURGE": _purge,
    "ANALYZE": _nothing,
}
