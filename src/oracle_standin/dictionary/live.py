"""What the engine tells the dictionary about sessions and DDL.

``STANDIN.SESSIONS`` and ``STANDIN.SESSION_PARAMETERS`` are the engine's own.
These are kept through the functions here, each with an ``execute`` that runs
H2's SQL with all rights and at once permanent:

* ``SESSION_DETAILS``: `note_details`, when a client says who it is (at the
  login, and when it sets module, action or client identifier),
* ``SESSION_STATISTICS``: `note_statistics`, before a statement for which
  `wants_statistics` holds, for every session whose counts matter,
* ``NOT_NULLS`` and ``OBJECT_TIMES``: `after_ddl`, when DDL has succeeded,
* `forget_session`, when a session ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from oracle_standin.dictionary._tables import STATISTICS
from oracle_standin.dictionary.accounts._demands import demands
from oracle_standin.dictionary.accounts._grants import Execute
from oracle_standin.interface import SessionCounts
from oracle_standin.sql._scanner import Token, TokenKind, scan

__all__ = [
    "ENDED",
    "after_ddl",
    "forget_session",
    "lasting",
    "named",
    "note_details",
    "note_statistics",
    "wants_statistics",
]

ENDED = 0
"""Number of no session; its statistics are those of all sessions that have ended."""

_CURRENT = "opened cursors current"

_STATISTICS_VIEW = re.compile(r"\bG?V_?\$(?:SESSTAT|MYSTAT|SYSSTAT)\b", re.IGNORECASE)

_DETAILS = (
    "OSUSER", "MACHINE", "PROGRAM", "TERMINAL", "PROCESS", "DRIVER", "SERVICE", "MODULE", "ACTION",
    "CLIENT_INFO", "CLIENT_IDENTIFIER", "PROTOCOL",
)  # fmt: skip
_SIZES = {
    "OSUSER": 128,
    "MACHINE": 64,
    "PROGRAM": 84,
    "PROCESS": 24,
    "PROTOCOL": 8,
    "DRIVER": 30,
    "TERMINAL": 30,
}
"""Bytes that V$SESSION shows of each; 64 of the others."""


def note_details(execute: Execute, sid: int, details: Mapping[str, str | None]) -> None:
    """Write down what a client says of itself; what is not given stays.

    Parameters
    ----------
    execute : `~collections.abc.Callable`
        See the module.
    sid : `int`
        The session, as in ``STANDIN.SESSIONS``.
    details : `~collections.abc.Mapping`
        Texts by the column's name: OSUSER, MACHINE, PROGRAM, TERMINAL,
        PROCESS, DRIVER, SERVICE, MODULE, ACTION, CLIENT_INFO,
        CLIENT_IDENTIFIER, PROTOCOL (TCP or TCPS).
    """
    given = [name for name in _DETAILS if name in details]
    if not given:
        return
    values = [(details[name] or "")[: _SIZES.get(name, 64)] or None for name in given]
    columns, marks = ", ".join(given), ", ".join("?" * len(given))
    execute(
        f"MERGE INTO STANDIN.SESSION_DETAILS (SID, {columns}) KEY (SID) VALUES (?, {marks})",
        sid, *values,
    )  # fmt: skip


def wants_statistics(text: str) -> bool:
    """Return whether a statement reads statistics of sessions."""
    return "$" in text and _STATISTICS_VIEW.search(text) is not None


def named(counts: SessionCounts) -> dict[str, int]:
    """Return a session's counts by their names in ``V$STATNAME``."""
    return {
        "opened cursors cumulative": counts.cursors_ever,
        _CURRENT: counts.cursors,
        "user commits": counts.commits,
        "user rollbacks": counts.rollbacks,
        "user calls": counts.calls,
        "execute count": counts.executions,
        "parse count (total)": counts.parses,
        "parse count (hard)": counts.hard_parses,
        "bytes sent via SQL*Net to client": counts.sent,
        "bytes received via SQL*Net from client": counts.received,
        "SQL*Net roundtrips to/from client": counts.round_trips,
    }


def lasting(counts: SessionCounts) -> dict[str, int]:
    """Return those of a session's counts that stay in V$SYSSTAT when it has ended."""
    return {name: count for name, count in named(counts).items() if name != _CURRENT}


def note_statistics(execute: Execute, sid: int, counts: Mapping[str, int]) -> None:
    """Write down a session's statistics.

    Parameters
    ----------
    execute, sid
        As of `note_details`.
    counts : `~collections.abc.Mapping` [`str`, `int`]
        By names as in ``V$STATNAME``, such as ``SQL*Net roundtrips to/from client``.
    """
    for name, count in counts.items():
        execute(
            "MERGE INTO STANDIN.SESSION_STATISTICS (SID, STATISTIC, SETTING) KEY (SID, STATISTIC)"
            " VALUES (?, ?, ?)",
            sid, STATISTICS.index(name), count,
        )  # fmt: skip


def forget_session(execute: Execute, sid: int) -> None:
    """Forget a session that has ended."""
    for table in ("SESSION_DETAILS", "SESSION_STATISTICS", "TABLE_LOCKS", "OPEN_CURSORS"):
        execute(f"DELETE FROM STANDIN.{table} WHERE SID = ?", sid)  # noqa: S608 - the names are ours


def after_ddl(execute: Execute, text: str, schema: str) -> None:
    """Take note of DDL that has succeeded.

    Parameters
    ----------
    execute : `~collections.abc.Callable`
        See the module.
    text, schema : `str`
        The statement and the session's current schema.
    """
    if text.lstrip()[:8].upper() == "TRUNCATE":
        return
    for demand in demands(text):
        if demand.action not in {"CREATE", "ALTER", "DROP"} or demand.kind == "TABLESPACE":
            continue
        owner = "PUBLIC" if demand.kind == "PUBLIC SYNONYM" else demand.schema or schema
        if demand.action == "DROP":
            execute(
                "DELETE FROM STANDIN.OBJECT_TIMES WHERE OWNER = ? AND OBJECT_NAME = ?", owner, demand.name
            )
            if demand.kind == "TABLE":
                execute(
                    "DELETE FROM STANDIN.NOT_NULLS WHERE TABLE_NAME = ? AND OWNER = ?", demand.name, owner
                )
            continue
        _note_time(execute, owner, demand.name, new=demand.action == "CREATE")
        if demand.kind == "TABLE":
            tokens = scan(text)
            if demand.action == "ALTER":
                _forget_nullable(execute, owner, demand.name, tokens)
            _note_not_nulls(execute, owner, demand.name, _declared_not_null(tokens))


def _note_time(execute: Execute, owner: str, name: str, *, new: bool) -> None:
    if new:
        execute("DELETE FROM STANDIN.OBJECT_TIMES WHERE OWNER = ? AND OBJECT_NAME = ?", owner, name)
    execute(
        "MERGE INTO STANDIN.OBJECT_TIMES T USING DUAL ON (T.OWNER = ? AND T.OBJECT_NAME = ?)"
        " WHEN MATCHED THEN UPDATE SET LAST_DDL_TIME = LOCALTIMESTAMP"
        " WHEN NOT MATCHED THEN INSERT VALUES (?, ?, LOCALTIMESTAMP, LOCALTIMESTAMP)",
        owner,
        name,
        owner,
        name,
    )


def _forget_nullable(execute: Execute, owner: str, table: str, tokens: tuple[Token, ...]) -> None:
    """Forget the constraints of columns that are gone, have a new name or may be NULL now."""
    if not any(token.is_word("NULL", "DROP", "RENAME") for token in tokens):
        return
    for i, token in enumerate(tokens[:-1]):
        if token.is_word("RENAME") and tokens[i + 1].is_word("TO"):
            execute(
                "UPDATE STANDIN.NOT_NULLS SET TABLE_NAME = ? WHERE TABLE_NAME = ? AND OWNER = ?",
                tokens[i + 2].value,
                table,
                owner,
            )
            return
        if token.is_word("RENAME") and tokens[i + 1].is_word("COLUMN"):
            execute(
                "UPDATE STANDIN.NOT_NULLS SET COLUMN_NAME = ?"
                " WHERE TABLE_NAME = ? AND OWNER = ? AND COLUMN_NAME = ?",
                tokens[i + 4].value,
                table,
                owner,
                tokens[i + 2].value,
            )
            return
    execute(
        """DELETE FROM STANDIN.NOT_NULLS N WHERE N.TABLE_NAME = ? AND N.OWNER = ? AND N.COLUMN_NAME NOT IN (
            SELECT C.COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS C WHERE C.TABLE_NAME = ?
            AND C.TABLE_SCHEMA = ? AND C.IS_NULLABLE = 'NO')""",
        table,
        owner,
        table,
        owner,
    )


def _note_not_nulls(execute: Execute, owner: str, table: str, declared: dict[str, str | None]) -> None:
    """Write down the constraints that a statement declares; an identity column has one by itself."""
    for (column,) in execute(
        "SELECT COLUMN_NAME FROM STANDIN.COLUMNS"
        " WHERE OWNER = ? AND TABLE_NAME = ? AND GENERATION_TYPE IS NOT NULL",
        owner,
        table,
    ):
        declared.setdefault(str(column), None)
    for column, name in declared.items():
        execute(
            "DELETE FROM STANDIN.NOT_NULLS WHERE TABLE_NAME = ? AND OWNER = ? AND COLUMN_NAME = ?",
            table,
            owner,
            column,
        )
        execute(
            "INSERT INTO STANDIN.NOT_NULLS"
            " VALUES (?, COALESCE(?, 'SYS_C' || LPAD(ORA_HASH(?), 10, '0')), ?, ?, ?)",
            owner,
            name,
            f"{owner}.{table}.{column}",
            table,
            column,
            "USER NAME" if name else "GENERATED NAME",
        )


def _declared_not_null(tokens: tuple[Token, ...]) -> dict[str, str | None]:
    """Return the names that NOT NULL constraints were given, by column; `None` without a name."""
    found: dict[str, str | None] = {}
    depth = 0
    column: str | None = None
    begins = False
    for i, token in enumerate(tokens):
        if token.is_symbol("("):
            depth += 1
            begins = depth == 1
            continue
        if token.is_symbol(")"):
            depth -= 1
        elif (token.is_symbol(",") and depth == 1) or (token.is_word("ADD", "MODIFY") and depth == 0):
            begins = True
        elif begins and token.kind in (TokenKind.NAME, TokenKind.QUOTED):
            column, begins = token.value, False
        elif (
            token.is_word("NOT")
            and depth <= 1
            and column is not None
            and i + 1 < len(tokens)
            and tokens[i + 1].is_word("NULL")
        ):
            named = tokens[i - 2].is_word("CONSTRAINT")
            found[column] = tokens[i - 1].value if named else None
    return found
