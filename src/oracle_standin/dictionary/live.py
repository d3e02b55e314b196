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
from oracle_standin.sql._scanner import Token, TokenKind, scan

__all__ = ["after_ddl", "forget_session", "note_details", "note_statistics", "wants_statistics"]

_STATISTICS_VIEW = re.compile(r"\bG?V_?\$(?:SESSTAT|MYSTAT|SYSSTAT)\b", re.IGNORECASE)

_DETAILS = (
    "OSUSER", "MACHINE", "PROGRAM", "TERMINAL", "PROCESS", "DRIVER", "SERVICE", "MODULE", "ACTION", "CLIENT_INFO",
    "CLIENT_IDENTIFIER", "PROTOCOL",
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
        f"MERGE INTO STANDIN.SESSION_DETAILS (SID, {columns}) KEY (SID) VALUES (?, {marks})",  # noqa: S608
        sid, *values,
    )  # fmt: skip


def wants_statistics(text: str) -> bool:
    """Return whether a statement reads statistics of sessions."""
    return "$" in text and _STATISTICS_VIEW.search(text) is not None


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
            "MERGE INTO STANDIN.SESSION_STATISTICS KEY (SID, STATISTIC) VALUES (?, ?, ?)",
            sid, STATISTICS.index(name), count,
        )  # fmt: skip


def forget_session(execute: Execute, sid: int) -> None:
    """Forget a session that has ended."""
    for table in ("SESSION_DETAILS", "SESSION_STATISTICS", "TABLE_LOCKS", "OPEN_CURSORS"):
        execute(f"DELETE FROM STANDIN.{table} WHERE SID = ?", sid)  # noqa: S608


def after_ddl(execute: Execute, text: str, schema: str) -> None:
    """Take note of DDL that has succeeded.

    Parameters
    ----------
    execute : `~collections.abc.Callable`
        See the module.
    text, schema : `str`
        The statement and the session's current schema.
    """
    for demand in demands(text):
        if demand.name is None or demand.action not in ("CREATE", "ALTER", "DROP"):
            continue
        owner = "PUBLIC" if demand.kind == "PUBLIC SYNONYM" else demand.schema or schema
        truncated = text.lstrip()[:8].upper() == "TRUNCATE"
        if demand.action == "DROP" and not truncated:
            execute(
                "DELETE FROM STANDIN.OBJECT_TIMES WHERE OWNER = ? AND OBJECT_NAME = ?", owner, demand.name
            )
            if demand.kind == "TABLE":
                execute(
                    "DELETE FROM STANDIN.NOT_NULLS WHERE OWNER = ? AND TABLE_NAME = ?", owner, demand.name
                )
            continue
        if demand.action == "CREATE":
            execute(
                "DELETE FROM STANDIN.OBJECT_TIMES WHERE OWNER = ? AND OBJECT_NAME = ?", owner, demand.name
            )
        execute(
            "MERGE INTO STANDIN.OBJECT_TIMES T USING DUAL ON (T.OWNER = ? AND T.OBJECT_NAME = ?)"
            " WHEN MATCHED THEN UPDATE SET LAST_DDL_TIME = LOCALTIMESTAMP"
            " WHEN NOT MATCHED THEN INSERT VALUES (?, ?, LOCALTIMESTAMP, LOCALTIMESTAMP)",
            owner, demand.name, owner, demand.name,
        )  # fmt: skip
        if demand.kind == "TABLE" and not truncated:
            _note_not_nulls(execute, owner, demand.name, _declared_not_null(scan(text)))


def _note_not_nulls(execute: Execute, owner: str, table: str, declared: Mapping[str, str | None]) -> None:
    """Bring the NOT NULL constraints of a table up to date.

    A column of the primary key has one only if it was declared so.
    """
    columns = execute(
        """SELECT C.COLUMN_NAME, C.IS_NULLABLE, N.CONSTRAINT_NAME, CASE WHEN EXISTS (
            SELECT 1 FROM STANDIN.D_CONS_COLUMNS K JOIN STANDIN.CONSTRAINTS P
                ON P.OWNER = K.OWNER AND P.CONSTRAINT_NAME = K.CONSTRAINT_NAME
            WHERE P.OWNER = C.TABLE_SCHEMA AND P.TABLE_NAME = C.TABLE_NAME AND P.CONSTRAINT_TYPE = 'P'
                AND K.COLUMN_NAME = C.COLUMN_NAME) THEN 'Y' ELSE 'N' END
        FROM INFORMATION_SCHEMA.COLUMNS C
        LEFT JOIN STANDIN.NOT_NULLS N ON N.OWNER = C.TABLE_SCHEMA AND N.TABLE_NAME = C.TABLE_NAME
            AND N.COLUMN_NAME = C.COLUMN_NAME
        WHERE C.TABLE_NAME = ? AND C.TABLE_SCHEMA = ?""",
        table, owner,
    )  # fmt: skip
    execute(
        """DELETE FROM STANDIN.NOT_NULLS N WHERE N.OWNER = ? AND N.TABLE_NAME = ? AND NOT EXISTS (
            SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS C WHERE C.TABLE_NAME = N.TABLE_NAME
            AND C.TABLE_SCHEMA = N.OWNER AND C.COLUMN_NAME = N.COLUMN_NAME AND C.IS_NULLABLE = 'NO')""",
        owner, table,
    )  # fmt: skip
    for column, nullable, known, key in columns:
        if nullable == "NO" and known is None and (key == "N" or column in declared):
            name = declared.get(str(column))
            execute(
                "INSERT INTO STANDIN.NOT_NULLS"
                " VALUES (?, COALESCE(?, 'SYS_C' || LPAD(ORA_HASH(?), 10, '0')), ?, ?, ?)",
                owner, name, f"{owner}.{table}.{column}", table, column, "USER NAME" if name else "GENERATED NAME",
            )  # fmt: skip


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
        elif token.is_symbol(",") and depth == 1:
            begins = True
        elif token.is_word("ADD", "MODIFY") and depth == 0:
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
