"""Indexes, with expressions and descending columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._definitions import DefinitionReader
from oracle_standin.engine._key_limits import check_index
from oracle_standin.engine._names import is_name, read_name, require_tablespace, resolve_table
from oracle_standin.engine._store import IndexItem
from oracle_standin.engine._text import quoted
from oracle_standin.errors import not_modelled
from oracle_standin.sql._scanner import TokenKind

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["create_index", "drop_index"]


def create_index(
    session: EngineSession, reader: DefinitionReader, i: int, *, unique: bool, bitmap: bool
) -> None:
    """Make an index; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    if not reader.word(i, "ON"):
        raise reader.fail(969, "missing ON keyword", i)
    table_owner, table, i = read_name(reader.tokens, i + 1, session.current_schema)
    table_owner, table = resolve_table(session, table_owner, table)
    if not reader.symbol(i, "("):
        raise reader.fail(906, "missing left parenthesis", i)
    close = reader.translator.closing(i)
    items, shown = _read_items(reader, i + 1, close)
    options: dict[str, str] = {}
    behind = reader.storage(close + 1, len(reader.tokens), options)
    if behind < len(reader.tokens):
        if reader.tokens[behind].is_word("INDEXTYPE", "PARAMETERS", "INCLUDE", "GLOBAL", "INVISIBLE"):
            raise not_modelled(f"CREATE INDEX with {reader.tokens[behind].value}")
        raise reader.fail(922, "missing or invalid option", behind)
    if "TABLESPACE" in options:
        require_tablespace(session, options["TABLESPACE"])
    check_index(session, table_owner, table, items, shown)
    hidden = session.store.create_index(table_owner, table, name, items, unique=unique)
    columns = [
        (column, expression, "DESC" if item.descending else "ASC")
        for column, expression, item in zip(hidden, shown, items, strict=True)
    ]
    by_function = any(expression is not None for _, expression, _ in columns)
    index_type = "BITMAP" if bitmap else "FUNCTION-BASED NORMAL" if by_function else "NORMAL"
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
        index_type,
        "UNIQUE" if unique else "NONUNIQUE",
        "ENABLED" if compress is not None else "DISABLED",
        prefix,
        options.get("TABLESPACE"),
    )
    for position, (column, text, order) in enumerate(columns, 1):
        session.database.execute(
            "INSERT INTO STANDIN.INDEX_COLUMNS (OWNER, INDEX_NAME, TABLE_OWNER, TABLE_NAME, COLUMN_POSITION,"
            " COLUMN_NAME, COLUMN_EXPRESSION, DESCEND) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            owner, name, table_owner, table, position, column, text, order,
        )  # fmt: skip


def _read_items(reader: DefinitionReader, start: int, end: int) -> tuple[list[IndexItem], list[str | None]]:
    """Read the items of an index; return them and what the dictionary shows as their expressions."""
    items: list[IndexItem] = []
    shown: list[str | None] = []
    for a, b in reader.translator.items(start, end):
        descending = reader.word(b - 1, "DESC")
        last = b - (descending or reader.word(b - 1, "ASC"))
        if last - a == 1 and is_name(reader.tokens, a):
            column = reader.tokens[a].value
            items.append(IndexItem(column=column, descending=descending))
            shown.append(quoted(column) if descending else None)
        else:
            expression = reader.translator.render(a, last)
            source = reader.source(a, last)
            items.append(IndexItem(column=None, expression=expression, source=source, descending=descending))
            shown.append(_normal(reader, a, last))
    return items, shown


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


def drop_index(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Drop an index; ``i`` is the position of its name."""
    owner, name, _ = read_name(reader.tokens, i, session.current_schema)
    known = session.database.execute(
        "SELECT TABLE_OWNER FROM STANDIN.INDEXES WHERE OWNER = ? AND INDEX_NAME = ?", owner, name
    )
    rows = session.database.execute(
        "SELECT TABLE_OWNER, TABLE_NAME, COLUMN_NAME FROM STANDIN.INDEX_COLUMNS WHERE OWNER = ? AND"
        " INDEX_NAME = ?"
        " AND COLUMN_EXPRESSION IS NOT NULL",
        owner, name,
    )  # fmt: skip
    hidden = [(table or "", column or "") for _, table, column in rows]
    session.store.drop_index((known[0][0] if known else None) or owner, name, hidden)
    for kept in ("INDEXES", "INDEX_COLUMNS"):
        session.database.execute(
            f"DELETE FROM STANDIN.{kept} WHERE OWNER = ? AND INDEX_NAME = ?",  # noqa: S608 - the names are ours
            owner,
            name,
        )
