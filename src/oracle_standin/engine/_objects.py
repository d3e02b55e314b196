"""Views, indexes, sequences, synonyms and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._definitions import DefinitionReader
from oracle_standin.engine._names import read_name, resolve_table
from oracle_standin.engine._register import forget_column, forget_table
from oracle_standin.engine._tables import make_synonyms, remove_table, store_as_table
from oracle_standin.errors import OracleError, not_modelled

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["alter_sequence", "comment", "create_materialized_view", "create_sequence",
           "create_synonym", "create_view", "drop_materialized_view", "drop_sequence",
           "drop_synonym", "drop_view", "exists", "record_view_columns"]  # fmt: skip


def exists(session: EngineSession, owner: str, name: str) -> bool:
    """Return whether there is a table or view of that name."""
    return (owner, name) in session.database.temporary or bool(
        session.database.execute(
            "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", owner, name
        )
    )


def create_view(
    session: EngineSession, reader: DefinitionReader, i: int, *, replace: bool, force: bool
) -> None:
    """Make a view; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    names: list[str] = []
    if reader.symbol(i, "("):
        names, i = reader.names(i)
    if not reader.word(i, "AS"):
        raise reader.fail(905, "missing keyword", i)
    end, read_only = len(reader.tokens), "N"
    if reader.word(end - 3, "WITH", "READ", "ONLY"):
        end, read_only = end - 3, "Y"
    elif reader.word(end - 3, "WITH", "CHECK", "OPTION"):
        raise not_modelled("WITH CHECK OPTION", offset=reader.tokens[end - 3].start)
    query = reader.translator.render(i + 1, end)
    session.store.create_view(owner, name, names, query, replace=replace, force=force)
    session.database.execute(
        "MERGE INTO STANDIN.VIEWS (OWNER, VIEW_NAME, TEXT, READ_ONLY) KEY (OWNER, VIEW_NAME) VALUES"
        " (?, ?, ?, ?)",
        owner, name, reader.source(i + 1, end), read_only,
    )  # fmt: skip
    record_view_columns(session, owner, name)
    make_synonyms(session, owner, name)


def record_view_columns(session: EngineSession, owner: str, name: str, query: str | None = None) -> None:
    """Record, for a view's columns that are a table's, how those were declared.

    Parameters
    ----------
    session : `EngineSession`
        Whose view it is.
    owner, name : `str`
        The view.
    query : `str`, optional
        What it selects; of a view by itself.
    """
    columns = session.database.execute(
        "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"
        " ORDER BY ORDINAL_POSITION",
        owner, name,
    )  # fmt: skip
    found = session.store.sources(query or session.store.view_query(owner, name))
    # A view that is not valid has no columns.
    for (column,), source in zip(columns, found or (), strict=False):
        if source is None or column is None:
            continue
        forget_column(session.database, owner, name, column)
        session.database.execute(
            "INSERT INTO STANDIN.COLUMNS (OWNER, TABLE_NAME, COLUMN_NAME, DATA_TYPE,"
            " DATA_LENGTH, DATA_PRECISION,"
            " DATA_SCALE, CHAR_LENGTH, CHAR_USED) SELECT ?, ?, ?, DATA_TYPE, DATA_LENGTH, DATA_PRECISION,"
            " DATA_SCALE, CHAR_LENGTH, CHAR_USED FROM STANDIN.COLUMNS"
            " WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
            owner, name, column, source.owner, source.table, source.column,
        )  # fmt: skip
        spec = session.database.declared_type(source.owner, source.table, source.column)
        if spec is not None:
            session.database.declared.setdefault((owner, name), {})[column] = spec


def drop_view(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Drop a view; ``i`` is the position of its name."""
    owner, name, _ = read_name(reader.tokens, i, session.current_schema)
    if (owner, name) not in session.database.views:
        raise OracleError(942, "table or view does not exist", offset=reader.tokens[i].start)
    session.store.drop_view(owner, name)
    forget_table(session.database, owner, name)


def create_materialized_view(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Make a materialized view that is filled once; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    while i < len(reader.tokens) and not reader.word(i, "AS"):
        if reader.word(i, "ON", "COMMIT"):
            raise not_modelled("REFRESH ON COMMIT", offset=reader.tokens[i].start)
        i += 1
    if i >= len(reader.tokens):
        raise reader.fail(905, "missing keyword", i)
    query = reader.translator.render(i + 1, len(reader.tokens))
    store_as_table(session, owner, name, query, _master_key(session, reader, i + 1))
    record_view_columns(session, owner, name, query)
    session.database.execute(
        "UPDATE STANDIN.TABLES SET QUERY = ? WHERE OWNER = ? AND TABLE_NAME = ?",
        reader.source(i + 1, len(reader.tokens)), owner, name,
    )  # fmt: skip


def _master_key(session: EngineSession, reader: DefinitionReader, i: int) -> list[str]:
    """Return the primary key of the one table that a materialized view's query reads, if it selects it."""
    tokens = reader.tokens
    sources = [n for n in range(i, len(tokens)) if tokens[n].is_word("FROM")]
    if len(sources) != 1 or any(t.is_word("JOIN", "UNION", "GROUP", "DISTINCT") for t in tokens[i:]):
        return []
    owner, table, behind = read_name(tokens, sources[0] + 1, session.current_schema)
    if reader.symbol(behind, ",") or reader.symbol(behind + 1, ","):
        return []
    key = [
        column or ""
        for (column,) in session.database.execute(
            "SELECT K.COLUMN_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS C"
            " JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE K ON K.CONSTRAINT_SCHEMA = C.CONSTRAINT_SCHEMA"
            " AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME WHERE C.TABLE_SCHEMA = ? AND C.TABLE_NAME = ?"
            " AND C.CONSTRAINT_TYPE = 'PRIMARY KEY' ORDER BY K.ORDINAL_POSITION",
            *resolve_table(session, owner, table),
        )
    ]
    selected = {token.value for token in tokens[i : sources[0]] if token.value}
    return key if "*" in selected or selected.issuperset(key) else []


def drop_materialized_view(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Drop a materialized view; ``i`` is the position of its name."""
    owner, name, _ = read_name(reader.tokens, i, session.current_schema)
    if not session.database.execute(
        "SELECT 1 FROM STANDIN.TABLES WHERE OWNER = ? AND TABLE_NAME = ? AND KIND = 'MATERIALIZED VIEW'",
        owner,
        name,
    ):
        raise OracleError(12003, f'materialized view or zonemap "{owner}"."{name}" does not exist')
    remove_table(session, owner, name)


def create_sequence(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Make a sequence; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    options, behind = reader.sequence(i, len(reader.tokens))
    if behind < len(reader.tokens):
        raise reader.fail(933, "SQL command not properly ended", behind)
    session.store.create_sequence(owner, name, options)
    session.database.execute(
        "INSERT INTO STANDIN.SEQUENCES (OWNER, SEQUENCE_NAME, ORDER_FLAG) VALUES (?, ?, ?)",
        owner, name, "Y" if options.get("ORDER") == "YES" else "N",
    )  # fmt: skip


def alter_sequence(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Change a sequence; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    restart = None
    if reader.word(i, "RESTART"):
        restart, i = "", i + 1
        if reader.word(i, "START"):
            restart, i = reader.tokens[i + 2].value, i + 3
    options, behind = reader.sequence(i, len(reader.tokens))
    if "START" in options:
        raise OracleError(2283, "cannot alter starting sequence number")
    if behind < len(reader.tokens):
        raise reader.fail(933, "SQL command not properly ended", behind)
    session.store.alter_sequence(owner, name, options, restart)


def drop_sequence(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Drop a sequence; ``i`` is the position of its name."""
    owner, name, _ = read_name(reader.tokens, i, session.current_schema)
    session.store.drop_sequence(owner, name)
    session.database.execute(
        "DELETE FROM STANDIN.SEQUENCES WHERE OWNER = ? AND SEQUENCE_NAME = ?", owner, name
    )


def create_synonym(
    session: EngineSession, reader: DefinitionReader, i: int, *, replace: bool, public: bool
) -> None:
    """Make a synonym; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    owner = "PUBLIC" if public else owner
    if not reader.word(i, "FOR"):
        raise reader.fail(905, "missing keyword", i)
    table_owner, table, i = read_name(reader.tokens, i + 1, session.current_schema)
    link = None
    if reader.symbol(i, "@"):
        link = reader.tokens[i + 1].value
    known = session.database.execute(
        "SELECT 1 FROM STANDIN.SYNONYMS WHERE OWNER = ? AND SYNONYM_NAME = ?", owner, name
    )
    if (known and not replace) or (not public and exists(session, owner, name)):
        raise OracleError(
            955, "name is already used by an existing object", offset=reader.tokens[i - 1].start
        )
    session.database.execute(
        "MERGE INTO STANDIN.SYNONYMS (OWNER, SYNONYM_NAME, TABLE_OWNER, TABLE_NAME, DB_LINK)"
        " KEY (OWNER, SYNONYM_NAME) VALUES (?, ?, ?, ?, ?)",
        owner, name, table_owner, table, link,
    )  # fmt: skip
    target = resolve_table(session, table_owner, table)
    if link is None and exists(session, *target):
        session.store.create_synonym(owner, name, target)


def drop_synonym(session: EngineSession, reader: DefinitionReader, i: int, *, public: bool) -> None:
    """Drop a synonym; ``i`` is the position of its name."""
    owner, name, _ = read_name(reader.tokens, i, session.current_schema)
    owner = "PUBLIC" if public else owner
    if not session.database.execute(
        "SELECT 1 FROM STANDIN.SYNONYMS WHERE OWNER = ? AND SYNONYM_NAME = ?", owner, name
    ):
        raise (
            OracleError(1432, "public synonym to be dropped does not exist")
            if public
            else OracleError(1434, "private synonym to be dropped does not exist")
        )
    session.store.drop_synonym(owner, name)
    session.database.execute("DELETE FROM STANDIN.SYNONYMS WHERE OWNER = ? AND SYNONYM_NAME = ?", owner, name)


def comment(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Run COMMENT; ``i`` is the position behind ON."""
    column = None
    if reader.word(i, "MATERIALIZED", "VIEW"):
        owner, name, i = read_name(reader.tokens, i + 2, session.current_schema)
    elif reader.word(i, "TABLE"):
        owner, name, i = read_name(reader.tokens, i + 1, session.current_schema)
    elif reader.word(i, "COLUMN"):
        owner, name, i = read_name(reader.tokens, i + 1, session.current_schema)
        if reader.symbol(i, "."):
            column, i = reader.tokens[i + 1].value, i + 2
        else:
            owner, name, column = session.current_schema, owner, name
    else:
        raise not_modelled(f"COMMENT ON {reader.tokens[i].value}", offset=reader.tokens[i].start)
    if not reader.word(i, "IS"):
        raise reader.fail(905, "missing keyword", i)
    if not exists(session, owner, name):
        raise OracleError(942, "table or view does not exist", offset=reader.tokens[2].start)
    if column is not None and not _has_column(session, owner, name, column):
        raise OracleError(904, f'"{column}": invalid identifier', offset=reader.tokens[i - 1].start)
    text = reader.tokens[i + 1].value
    session.database.execute(
        "DELETE FROM STANDIN.COMMENTS WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME IS NOT"
        " DISTINCT FROM ?",
        owner, name, column,
    )  # fmt: skip
    if text:
        session.database.execute(
            "INSERT INTO STANDIN.COMMENTS (OWNER, TABLE_NAME, COLUMN_NAME, COMMENTS) VALUES (?, ?, ?, ?)",
            owner, name, column, text,
        )  # fmt: skip


def _has_column(session: EngineSession, owner: str, name: str, column: str) -> bool:
    """Return whether a table has a column; asked of the session, which sees its temporary tables."""
    columns = session.table_columns(owner, name)
    return columns is not None and column in columns
