"""ALTER SESSION, SET TRANSACTION, SAVEPOINT, LOCK TABLE and their like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from oracle_standin.engine._names import is_name, read_name, resolve_table
from oracle_standin.engine._transaction import READ_COMMITTED, READ_ONLY, SERIALIZABLE
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import Token, TokenKind, scan

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = [
    "MODES",
    "Settings",
    "check_number_texts",
    "limits_rows",
    "locking_clause",
    "run",
    "set_current_schema",
]


MODES = ("ROW SHARE", "ROW EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE")
"""Modes of LOCK TABLE, weakest first."""


@dataclass(kw_only=True)
class Settings:
    """What ALTER SESSION SET changed and the engine minds.

    Attributes
    ----------
    ddl_lock_timeout : `int`
        Seconds that DDL waits for locks.
    decimal_point : `bool`
        Whether numbers are written with a point, as everything here does.
    others : `dict` [`str`, `str`]
        Parameters that are kept and shown, without effect here.
    """

    ddl_lock_timeout: int = 0
    decimal_point: bool = True
    others: dict[str, str] = field(default_factory=dict)


# Parameters whose only supported value is the default, so that setting them to it changes nothing.
_FIXED = {
    "NLS_SORT": {"BINARY"},
    "NLS_COMP": {"BINARY"},
    "NLS_LANGUAGE": {"AMERICAN"},
    "NLS_DATE_LANGUAGE": {"AMERICAN"},
    "NLS_LENGTH_SEMANTICS": {"BYTE", "CHAR"},
}
# Decimal and group separator of those that are commonly set.
_TERRITORIES = {
    "AMERICA": ".,",
    "AUSTRIA": ",.",
    "BRAZIL": ",.",
    "CANADA": ", ",
    "FRANCE": ", ",
    "GERMANY": ",.",
    "ITALY": ",.",
    "JAPAN": ".,",
    "SPAIN": ",.",
    "SWITZERLAND": ".'",
    "UNITED KINGDOM": ".,",
}
_NUMBER_TEXTS = ("TO_CHAR", "TO_NUMBER", "LISTAGG", "CONCAT", "VARCHAR2", "NVARCHAR2", "VARCHAR")
# Without a meaning for what the stand-in does.
_HARMLESS = frozenset(
    [
        "OPTIMIZER_MODE",
        "CURSOR_SHARING",
        "STATISTICS_LEVEL",
        "SQL_TRACE",
        "TIMED_STATISTICS",
        "EVENTS",
        "TRACEFILE_IDENTIFIER",
        "RECYCLEBIN",
        "COMMIT_LOGGING",
        "COMMIT_WAIT",
        "SESSION_CACHED_CURSORS",
        "PLSQL_OPTIMIZE_LEVEL",
        "RESULT_CACHE_MODE",
        "OPTIMIZER_DYNAMIC_SAMPLING",
        "PARALLEL_DEGREE_POLICY",
        "WORKAREA_SIZE_POLICY",
        "SORT_AREA_SIZE",
        "HASH_AREA_SIZE",
        "MAX_DUMP_FILE_SIZE",
        "PLSQL_WARNINGS",
        "PLSCOPE_SETTINGS",
        "OPTIMIZER_FEATURES_ENABLE",
        "QUERY_REWRITE_ENABLED",
        "NLS_DATE_FORMAT",
        "NLS_TIMESTAMP_FORMAT",
        "NLS_TIMESTAMP_TZ_FORMAT",
        "DEFERRED_SEGMENT_CREATION",
        "EDITION",
    ]
)


def run(session: EngineSession, text: str) -> None:
    """Run a statement that is neither a query, nor DML, DDL or PL/SQL.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a statement that is none of Oracle's (ORA-00900), or not
        modelled (ORA-03001).
    """
    tokens = scan(text)
    first = tokens[0].value if tokens and tokens[0].kind is TokenKind.NAME else ""
    found = _STATEMENTS.get(first)
    if found is None:
        raise OracleError(900, "invalid SQL statement")
    with session.guarded(text):
        found(session, tokens)


def _words(tokens: Sequence[Token], start: int, *words: str) -> bool:
    return all(start + n < len(tokens) and tokens[start + n].is_word(word) for n, word in enumerate(words))


def _alter(session: EngineSession, tokens: Sequence[Token]) -> None:
    if _words(tokens, 1, "SYSTEM"):
        _alter_system(session, tokens)
        return
    if not _words(tokens, 1, "SESSION"):
        raise OracleError(940, "invalid ALTER command", offset=tokens[1].start if len(tokens) > 1 else 0)
    if not _words(tokens, 2, "SET"):
        raise not_modelled("ALTER SESSION other than SET", offset=tokens[1].end)
    i = 3
    while i + 2 < len(tokens):
        name = tokens[i].value
        if not tokens[i + 1].is_symbol("="):
            raise OracleError(927, "missing equal sign", offset=tokens[i + 1].start)
        i += 2
        value = [tokens[i]]
        i += 1
        while i < len(tokens) and not (i + 1 < len(tokens) and tokens[i + 1].is_symbol("=")):
            value.append(tokens[i])
            i += 1
        _set(session, name, " ".join(token.value for token in value).strip(), value[0])
    if i == 3:  # noqa: PLR2004 - no parameter was read
        raise OracleError(2248, "invalid option for ALTER SESSION", offset=tokens[-1].end)


def _set(session: EngineSession, name: str, value: str, token: Token) -> None:  # noqa: C901, PLR0912 - a table
    match name:
        case "CURRENT_SCHEMA":
            set_current_schema(session, value)
        case "TIME_ZONE":
            here = value.upper() in ("+00:00", "GMT", "DBTIMEZONE", "LOCAL", "OS_TZ")
            try:
                session.use_time_zone("UTC" if here else value)
            except OracleError as error:
                raise OracleError(error.number, error.text, offset=token.start) from None
        case "ISOLATION_LEVEL":
            session.transaction.set_session_level(_level(value, token))
        case "DDL_LOCK_TIMEOUT":
            session.settings.ddl_lock_timeout = int(value)
        case "CONTAINER":
            if value.upper() not in (session.database.service.upper(), "CDB$ROOT"):
                raise OracleError(65011, f"Pluggable database {value} does not exist.")
        case "NLS_TERRITORY":
            characters = _TERRITORIES.get(value.upper())
            if characters is None:
                raise not_modelled(f"NLS_TERRITORY = {value}", offset=token.start)
            _set(session, "NLS_NUMERIC_CHARACTERS", characters, token)
        case "NLS_NUMERIC_CHARACTERS":
            session.settings.decimal_point = value.startswith(".")
        case _ if name in _FIXED:
            if value.upper() not in _FIXED[name]:
                raise not_modelled(f"{name} = {value}", offset=token.start)
        case _ if name in _HARMLESS or name.startswith("_"):
            session.settings.others[name] = value
            session.use_parameters()
        case _:
            raise OracleError(2248, "invalid option for ALTER SESSION", offset=token.start)
    session.database.execute(
        "MERGE INTO STANDIN.SESSION_PARAMETERS (SID, PARAMETER, SETTING) KEY (SID, PARAMETER) VALUES"
        " (?, ?, ?)",
        session.sid, name, value,
    )  # fmt: skip


def check_number_texts(text: str) -> None:
    """Refuse a statement that writes or reads numbers as text, where they do not have a decimal point.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if it does (ORA-03001).
    """
    for token in scan(text):
        if token.is_word(*_NUMBER_TEXTS) or token.is_symbol("||"):
            raise not_modelled("texts of numbers with NLS_NUMERIC_CHARACTERS that begin otherwise than with"
                               " a point", offset=token.start)  # fmt: skip


def set_current_schema(session: EngineSession, name: str) -> None:
    """Make a schema the one that names without one belong to.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if there is none (ORA-01435).
    """
    if not session.database.execute("SELECT 1 FROM STANDIN.USERS WHERE USERNAME = ?", name):
        raise OracleError(1435, "user does not exist")
    session.use_schema(name)
    session.current_schema = name
    session.database.execute("UPDATE STANDIN.SESSIONS SET SCHEMANAME = ? WHERE SID = ?", name, session.sid)


def _alter_system(session: EngineSession, tokens: Sequence[Token]) -> None:  # noqa: ARG001 - all of the table take the same arguments
    if _words(tokens, 2, "FLUSH") or _words(tokens, 2, "CHECKPOINT") or _words(tokens, 2, "SET"):
        # There are no caches and no files that a client could tell from flushed ones.
        return
    raise not_modelled(f"ALTER SYSTEM {tokens[2].value if len(tokens) > 2 else ''}".strip())  # noqa: PLR2004 - the words ALTER SYSTEM and more


def _level(value: str, token: Token) -> str:
    level = " ".join(value.upper().split())
    if level not in (READ_COMMITTED, SERIALIZABLE):
        raise OracleError(2183, "valid options: ISOLATION_LEVEL { SERIALIZABLE | READ COMMITTED }",
                          offset=token.start)  # fmt: skip
    return level


def _set_statement(session: EngineSession, tokens: Sequence[Token]) -> None:
    if _words(tokens, 1, "TRANSACTION"):
        rest = " ".join(token.value for token in tokens[2:])
        match rest.partition(" NAME ")[0]:
            case "READ ONLY":
                session.transaction.set_level(READ_ONLY)
            case "READ WRITE" | "ISOLATION LEVEL READ COMMITTED":
                session.transaction.set_level(READ_COMMITTED)
            case "ISOLATION LEVEL SERIALIZABLE":
                session.transaction.set_level(SERIALIZABLE)
            case _ if rest.startswith(("NAME ", "USE ROLLBACK ")):
                session.transaction.set_level(READ_COMMITTED)
            case _:
                raise OracleError(900, "invalid SQL statement")
    elif _words(tokens, 1, "CONSTRAINT") or _words(tokens, 1, "CONSTRAINTS"):
        if not (_words(tokens, 2, "ALL", "DEFERRED") or _words(tokens, 2, "ALL", "IMMEDIATE")):
            raise not_modelled("SET CONSTRAINTS of other than ALL")
        session.transaction.set_constraints(immediate=tokens[3].is_word("IMMEDIATE"))
    elif _words(tokens, 1, "ROLE"):
        # Every role that a user has is enabled from its login on.
        return
    else:
        raise OracleError(922, "missing or invalid option", offset=tokens[0].end)


def _commit(session: EngineSession, tokens: Sequence[Token]) -> None:
    if _words(tokens, 1, "FORCE"):
        raise not_modelled("COMMIT FORCE")
    session.transaction.commit()


def _rollback(session: EngineSession, tokens: Sequence[Token]) -> None:
    i = 2 if _words(tokens, 1, "WORK") else 1
    if len(tokens) == i:
        session.transaction.rollback()
    elif _words(tokens, i, "TO"):
        i += 2 if _words(tokens, i + 1, "SAVEPOINT") else 1
        if not is_name(tokens, i):
            raise OracleError(3001, "unimplemented feature")
        session.transaction.rollback_to(tokens[i].value)
    else:
        raise OracleError(2181, "invalid option to ROLLBACK WORK", offset=tokens[i].start)


def _savepoint(session: EngineSession, tokens: Sequence[Token]) -> None:
    if not is_name(tokens, 1) or len(tokens) != 2:  # noqa: PLR2004 - the word and the name
        raise OracleError(3050 if len(tokens) == 1 else 933, "SQL command not properly ended")
    session.transaction.savepoint(tokens[1].value)


def _lock(session: EngineSession, tokens: Sequence[Token]) -> None:  # noqa: C901 - a branch per clause
    if not _words(tokens, 1, "TABLE"):
        raise OracleError(903, "invalid table name", offset=tokens[0].end)
    tables, i = [], 1
    while i == 1 or tokens[i].is_symbol(","):
        schema, name, i = read_name(tokens, i + 1, session.current_schema)
        tables.append(resolve_table(session, schema, name))
        if i >= len(tokens):
            raise OracleError(905, "missing keyword", offset=tokens[-1].end)
    if not tokens[i].is_word("IN"):
        raise OracleError(905, "missing keyword", offset=tokens[i].start)
    words = []
    i += 1
    while i < len(tokens) and not tokens[i].is_word("MODE"):
        words.append(tokens[i].value)
        i += 1
    mode = " ".join(words).replace("SHARE UPDATE", "ROW SHARE")
    if i == len(tokens) or mode not in MODES:
        raise OracleError(1737, "valid modes: [ROW] SHARE, [[SHARE] ROW] EXCLUSIVE, SHARE UPDATE")
    seconds: float | None = None
    if _words(tokens, i + 1, "NOWAIT"):
        seconds = 0
    elif _words(tokens, i + 1, "WAIT") and i + 2 < len(tokens):
        seconds = float(tokens[i + 2].value)
    for table in tables:
        if (
            not session.database.execute(
                "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", *table
            )
            and table not in session.database.temporary
        ):
            raise OracleError(942, "table or view does not exist", offset=tokens[2].start)
        session.lock_table(table, mode, seconds=seconds)
    session.transaction.active = True


_STATEMENTS: dict[str, Callable[[EngineSession, Sequence[Token]], None]] = {
    "ALTER": _alter,
    "SET": _set_statement,
    "COMMIT": _commit,
    "ROLLBACK": _rollback,
    "SAVEPOINT": _savepoint,
    "LOCK": _lock,
}


@lru_cache(maxsize=1024)
def locking_clause(text: str) -> str | None:
    """Return how a query waits for rows: FOR UPDATE, NOWAIT, WAIT, or `None` if it locks none."""
    if "UPDATE" not in text.upper():
        return None
    tokens = scan(text)
    for i in range(len(tokens) - 1):
        if tokens[i].is_word("FOR") and tokens[i + 1].is_word("UPDATE"):
            rest = [token.value for token in tokens[i + 2 :]]
            return "NOWAIT" if "NOWAIT" in rest else "WAIT" if "WAIT" in rest else "FOR UPDATE"
    return None


@lru_cache(maxsize=1024)
def limits_rows(text: str, major: int) -> bool:
    """Return whether a query's rows are not simply a table's, but limited or grouped.

    From version 23 on the first rows of a table may be locked.
    """
    tokens = scan(text)
    depth, inline = 0, None
    for i, token in enumerate(tokens):
        if token.is_symbol("("):
            before = tokens[i - 1] if i else None
            if (
                inline is None
                and before is not None
                and (before.is_word("FROM", "JOIN") or before.is_symbol(","))
            ):
                inline = depth if i + 1 < len(tokens) and tokens[i + 1].is_word("SELECT", "WITH") else None
            depth += 1
        elif token.is_symbol(")"):
            depth -= 1
            if depth == inline:
                inline = None
        elif depth == 0 and major >= _FIRST_WITH_LIMITED_LOCKS and token.is_word("FETCH"):
            continue
        elif (depth == 0 and token.is_word("FETCH", "OFFSET")) or (
            inline is not None and depth == inline + 1 and token.is_word(*_NO_LONGER_ROWS)
        ):
            return True
    return False


_FIRST_WITH_LIMITED_LOCKS = 23
_NO_LONGER_ROWS = ("FETCH", "OFFSET", "DISTINCT", "GROUP", "UNION", "MINUS", "INTERSECT", "ROWNUM")
