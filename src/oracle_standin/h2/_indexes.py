"""Indexes, with expressions and descending columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.errors import not_modelled
from oracle_standin.h2 import _bridge
from oracle_standin.h2._columns import ColumnDefinition, DefinitionReader
from oracle_standin.h2._names import is_name, read_name, resolve_table
from oracle_standin.h2._register import record_column
from oracle_standin.h2._tables import path
from oracle_standin.h2._text import quoted
from oracle_standin.h2._types import Declared
from oracle_standin.sql._scanner import TokenKind

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["create_index", "drop_index"]


def create_index(session: H2Session, reader: DefinitionReader, i: int, *, unique: bool, bitmap: bool) -> None:
    """Make an index; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    if not reader.word(i, "ON"):
        raise reader.fail(969, "missing ON keyword", i)
    table_owner, table, i = read_name(reader.tokens, i + 1, session.current_schema)
    table_owner, table = resolve_table(session, table_owner, table)
    if not reader.symbol(i, "("):
        raise reader.fail(906, "missing left parenthesis", i)
    close = reader.translator.closing(i)
    columns: list[tuple[str, str | None, str]] = []
    sql = []
    for number, (a, b) in enumerate(reader.translator.items(i + 1, close), 1):
        descending = reader.word(b - 1, "DESC")
        last = b - (descending or reader.word(b - 1, "ASC"))
        order = "DESC" if descending else "ASC"
        if last - a == 1 and is_name(reader.tokens, a):
            column = reader.tokens[a].value
            sql.append(f"{quoted(column)}{' DESC' if descending else ''}")
            hidden = f"SYS_NC{number:05d}$" if descending else column
            columns.append((hidden, quoted(column) if descending else None, order))
        else:
            hidden = _expression_column(session, reader, table_owner, table, a, last)
            sql.append(f"{quoted(hidden)}{' DESC' if descending else ''}")
            columns.append((hidden, _normal(reader, a, last), order))
    options: dict[str, str] = {}
    behind = reader.storage(close + 1, len(reader.tokens), options)
    if behind < len(reader.tokens):
        if reader.tokens[behind].is_word("INDEXTYPE", "PARAMETERS", "INCLUDE", "GLOBAL", "INVISIBLE"):
            raise not_modelled(f"CREATE INDEX with {reader.tokens[behind].value}")
        raise reader.fail(922, "missing or invalid option", behind)
    kind = "UNIQUE " if unique else ""
    # H2 wants an index in the schema of its table; its owner is in the bookkeeping.
    statement = (
        f"CREATE {kind}INDEX {path(table_owner, name)} ON {path(table_owner, table)} ({', '.join(sql)})"
    )
    session.native(statement)
    if (table_owner, table) in session.database.temporary:
        session.database.temporary[table_owner, table].append(statement)
    by_function = any(expression is not None for _, expression, _ in columns)
    index_type = "FUNCTION-BASED " * by_function + ("BITMAP" if bitmap else "NORMAL")
    compress = options.get("COMPRESS")
    prefix = None
    if compress is not None:
        prefix = int(compress) if compress.isdigit() else len(columns) - unique
    session.database.execute(
        "INSERT INTO STANDIN.INDEXES (OWNER, INDEX_NAME, TABLE_OWNER, TABLE_NAME, INDEX_TYPE, UNIQUENESS,"
        " COMPRESSION, PREFIX_LENGTH, TABLESPACE_NAME) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        owner,
        name,
        table_owner,
        table,
        "BITMAP" if bitmap else index_type,
        "UNIQUE" if unique else "NONUNIQUE",
        "ENABLED" if compress is not None else "DISABLED",
        prefix,
        options.get("TABLESPACE"),
    )
    for position, (column, expression, order) in enumerate(columns, 1):
        session.database.execute(
            "INSERT INTO STANDIN.INDEX_COLUMNS (OWNER, INDEX_NAME, TABLE_OWNER, TABLE_NAME, COLUMN_POSITION,"
            " COLUMN_NAME, COLUMN_EXPRESSION, DESCEND) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            owner, name, table_owner, table, position, column, expression, order,
        )  # fmt: skip


def _normal(reader: DefinitionReader, start: int, end: int) -> str:
    """Return an expression as the dictionary shows it: without blanks, names in quotes."""
    tokens = reader.tokens
    while reader.symbol(start, "(") and reader.translator.closing(start) == end - 1:
        start, end = start + 1, end - 1
    parts = []
    for i in range(start, end):
        token = tokens[i]
        name = token.kind is TokenKind.NAME and not reader.symbol(i + 1, "(")
        if token.kind is TokenKind.QUOTED or (name and token.value not in _OPERATORS):
            parts.append(quoted(token.value))
        elif token.kind is TokenKind.NAME:
            parts.append(token.value if not name else f" {token.value} ")
        else:
            parts.append(reader.source(i, i + 1))
    return "".join(parts)


_OPERATORS = (
    "AND",
    "OR",
    "NOT",
    "NULL",
    "IS",
    "IN",
    "LIKE",
    "BETWEEN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "DAY",
    "MONTH",
    "YEAR",
    "HOUR",
    "MINUTE",
    "SECOND",
    "AS",
    "SYSDATE",
)


def _expression_column(  # noqa: PLR0917
    session: H2Session, reader: DefinitionReader, owner: str, table: str, start: int, end: int
) -> str:
    """Add the hidden column that an index on an expression needs, and return its name."""
    sql = reader.translator.render(start, end)
    prepared = session.connection.prepareStatement(f"SELECT {sql} FROM {path(owner, table)}")  # noqa: S608
    try:
        metadata = prepared.getMetaData()
        (column,) = _bridge.describe(metadata, session.database.declared_type)
        h2 = str(metadata.getColumnTypeName(1))
        if h2 in ("CHARACTER VARYING", "CHARACTER", "BINARY VARYING"):
            h2 += f"({min(int(metadata.getPrecision(1)), 4000)})"
    finally:
        prepared.close()
    (count,) = session.database.execute(
        "SELECT COUNT(*) + 1 FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
        owner, table,
    )[0]  # fmt: skip
    name = f"SYS_NC{int(count or 1):05d}$"
    session.native(
        f"ALTER TABLE {path(owner, table)} ADD {quoted(name)} {h2} INVISIBLE GENERATED ALWAYS AS ({sql})"
    )
    spec = column.spec
    declared = Declared(
        h2=h2, spec=spec, name=spec.type.name, length=spec.size or 22, char_length=spec.char_size,
        char_used="B" if spec.char_size else None,
    )  # fmt: skip
    definition = ColumnDefinition(
        name=name, declared=declared, default=reader.source(start, end), virtual=True
    )
    record_column(session.database, owner, table, definition, hidden=True)
    return name


def drop_index(session: H2Session, reader: DefinitionReader, i: int) -> None:
    """Drop an index; ``i`` is the position of its name."""
    owner, name, _ = read_name(reader.tokens, i, session.current_schema)
    known = session.database.execute(
        "SELECT TABLE_OWNER FROM STANDIN.INDEXES WHERE OWNER = ? AND INDEX_NAME = ?", owner, name
    )
    session.native(f"DROP INDEX {path(known[0][0] or owner if known else owner, name)}")
    rows = session.database.execute(
        "SELECT TABLE_OWNER, TABLE_NAME, COLUMN_NAME FROM STANDIN.INDEX_COLUMNS WHERE OWNER = ? AND"
        " INDEX_NAME = ?"
        " AND COLUMN_EXPRESSION IS NOT NULL",
        owner, name,
    )  # fmt: skip
    for kept in ("INDEXES", "INDEX_COLUMNS"):
        session.database.execute(
            f"DELETE FROM STANDIN.{kept} WHERE OWNER = ? AND INDEX_NAME = ?",  # noqa: S608
            owner,
            name,
        )
    for table_owner, table, column in rows:
        key = (table_owner, table, column)
        if session.database.execute(
            "DELETE FROM STANDIN.COLUMNS WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?", *key
        ) or session.database.execute(
            "SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND"
            " COLUMN_NAME = ?",
            *key,
        ):
            session.native(
                f"ALTER TABLE {path(table_owner or '', table or '')} DROP COLUMN {quoted(column or '')}"
            )
