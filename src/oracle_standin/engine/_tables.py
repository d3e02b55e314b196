"""CREATE, DROP and TRUNCATE of tables."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.engine._definitions import DefinitionReader
from oracle_standin.engine._key_limits import check_constraints
from oracle_standin.engine._names import read_name, require_tablespace
from oracle_standin.engine._register import forget_table, record_column, record_constraint
from oracle_standin.engine._store import NewTable
from oracle_standin.errors import OracleError, not_modelled

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = [
    "create_table",
    "drop_table",
    "is_referenced",
    "make_synonyms",
    "remove_table",
    "store_as_table",
    "truncate_table",
]

_TRANSACTION = "SYS$TRANSACTION"
_DURATIONS = {"DELETE": _TRANSACTION, "DROP": _TRANSACTION, "PRESERVE": "SYS$SESSION"}
"""Of a temporary table, as the dictionary shows it, by what a commit does."""


def create_table(session: EngineSession, reader: DefinitionReader, i: int, kind: str) -> None:
    """Make a table.

    Parameters
    ----------
    session : `EngineSession`
        Whose statement it is.
    reader : `DefinitionReader`
        Over the statement.
    i : `int`
        Position of the table's name.
    kind : `str`
        ``TABLE``, ``GLOBAL TEMPORARY`` or ``PRIVATE TEMPORARY``.
    """
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    end = len(reader.tokens)
    columns, constraints, i = _read_parts(reader, i)
    options, on_commit, i = _read_options(reader, i, end)
    query = reader.translator.render(i + 1, end) if reader.word(i, "AS") else None
    if not columns and query is None:
        raise reader.fail(906, "missing left parenthesis", i)
    drops_definition = on_commit == "DROP" or (kind == "PRIVATE TEMPORARY" and on_commit is None)
    duration = None if kind == "TABLE" and on_commit is None else _DURATIONS[on_commit or "DROP"]
    constraints = [c for column in columns for c in column.constraints] + constraints
    check_constraints(session, owner, columns, constraints)
    named = [(c.name or session.database.system_name(), c) for c in constraints]
    if kind == "GLOBAL TEMPORARY" and query is not None:
        raise not_modelled("CREATE GLOBAL TEMPORARY TABLE AS SELECT")
    if kind == "TABLE":
        require_tablespace(session, options.get("TABLESPACE"), owner=owner)
    if kind == "PRIVATE TEMPORARY":
        session.private_tables.check()
    session.store.create_table(
        NewTable(
            owner=owner,
            name=name,
            kind=kind,
            columns=columns,
            constraints=named,
            query=query,
            keeps_rows=duration != _TRANSACTION,
            drops_definition=drops_definition,
        )
    )
    if kind == "PRIVATE TEMPORARY":
        session.transaction.active = session.transaction.active or drops_definition
        session.private_tables.add(name, drops_definition=drops_definition)
        return
    database = session.database
    _record_table(session, owner, name, kind, duration, options)
    known = {column.name for column in columns}
    for column in columns:
        record_column(database, owner, name, column)
    for constraint_name, constraint in named:
        record_constraint(database, owner, name, constraint, constraint_name, known)
    if any(constraint.deferred and constraint.kind == "R" for constraint in constraints):
        session.store.deferred_keys(owner, name)
    make_synonyms(session, owner, name)


def _read_parts(reader: DefinitionReader, i: int) -> tuple[list[ColumnDefinition], list[Constraint], int]:
    """Read the columns and constraints in parentheses, if there are some; return the position behind too."""
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    if not reader.symbol(i, "("):
        return columns, constraints, i
    close = reader.translator.closing(i)
    for a, b in reader.translator.items(i + 1, close):
        if reader.is_constraint(a):
            constraints.append(reader.constraint(a, b))
        else:
            columns.append(reader.column(a, b))
    return columns, constraints, close + 1


def _read_options(reader: DefinitionReader, i: int, end: int) -> tuple[dict[str, str], str | None, int]:
    """Read what is between the columns and a query.

    Returns
    -------
    options : `dict` [`str`, `str`]
        What the dictionary shows of the storage.
    on_commit : `str` or `None`
        ``DELETE``, ``PRESERVE`` or ``DROP``, if it is said.
    index : `int`
        Position behind.
    """
    options: dict[str, str] = {}
    on_commit = None
    while i < end and not reader.word(i, "AS"):
        if reader.word(i, "ON", "COMMIT"):
            on_commit = reader.tokens[i + 2].value
            i += 4
            continue
        behind = reader.storage(i, end, options)
        if behind == i:
            if reader.word(i, "PARTITION"):
                raise not_modelled("partitions", offset=reader.tokens[i].start)
            raise reader.fail(922, "missing or invalid option", i)
        i = behind
    return options, on_commit, i


def _record_table(  # noqa: PLR0917 - they are what the table is made of
    session: EngineSession, owner: str, name: str, kind: str, duration: str | None, options: dict[str, str]
) -> None:
    compress = options.get("COMPRESS")
    session.database.execute(
        "MERGE INTO STANDIN.TABLES (OWNER, TABLE_NAME, KIND, DURATION, TABLESPACE_NAME, COMPRESSION,"
        " COMPRESS_FOR,"
        " IOT_TYPE) KEY (OWNER, TABLE_NAME) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        owner,
        name,
        kind,
        duration,
        options.get("TABLESPACE"),
        "ENABLED" if compress is not None else "DISABLED",
        (compress or "BASIC") if compress is not None else None,
        "IOT" if options.get("ORGANIZATION") == "INDEX" else None,
    )


def store_as_table(session: EngineSession, owner: str, name: str, query: str, key: list[str]) -> None:
    """Make a materialized view, which is a plain table here."""
    session.store.create_table(NewTable(owner=owner, name=name, query=query))
    session.database.execute(
        "MERGE INTO STANDIN.TABLES (OWNER, TABLE_NAME, KIND, COMPRESSION, QUERY) KEY (OWNER, TABLE_NAME)"
        " VALUES (?, ?, 'MATERIALIZED VIEW', 'DISABLED', ?)",
        owner, name, query,
    )  # fmt: skip
    if key:
        constraint = session.database.system_name()
        primary = Constraint(kind="P", name=None, columns=key)
        for column in key:
            definition = ColumnDefinition(name=column, not_null=True)
            session.store.modify_column(owner, name, definition, visible=None)
        session.store.add_constraint(owner, name, (constraint, primary))
        record_constraint(
            session.database,
            owner,
            name,
            primary,
            constraint,
            set(),
        )
    make_synonyms(session, owner, name)


def make_synonyms(session: EngineSession, owner: str, name: str) -> None:
    """Make the synonyms that wait for a table or view of this name."""
    for synonym_owner, synonym in session.database.execute(
        "SELECT OWNER, SYNONYM_NAME FROM STANDIN.SYNONYMS WHERE TABLE_OWNER = ? AND TABLE_NAME = ?",
        owner,
        name,
    ):
        session.store.create_synonym(synonym_owner or "", synonym or "", (owner, name))


def drop_table(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Drop a table; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    cascade = reader.word(i, "CASCADE", "CONSTRAINTS")
    database = session.database
    (kind,) = database.execute(
        "SELECT MAX(KIND) FROM STANDIN.TABLES WHERE OWNER = ? AND TABLE_NAME = ?", owner, name
    )[0] or (None,)
    if kind == "MATERIALIZED VIEW":
        raise OracleError(12083, f'must use DROP MATERIALIZED VIEW to drop "{owner}"."{name}"')
    if not cascade and is_referenced(session, owner, name):
        raise OracleError(2449, "unique/primary keys in table referenced by foreign keys")
    remove_table(session, owner, name)


def is_referenced(
    session: EngineSession, owner: str, name: str, *, but: Collection[tuple[str, str]] = ()
) -> bool:
    """Return whether foreign keys of other tables refer to a table; some tables may be left out."""
    return any(
        (schema, table) not in but
        for schema, table in session.database.execute(
            "SELECT C.TABLE_SCHEMA, C.TABLE_NAME FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS R"
            " JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS P ON P.CONSTRAINT_SCHEMA = R.UNIQUE_CONSTRAINT_SCHEMA"
            " AND P.CONSTRAINT_NAME = R.UNIQUE_CONSTRAINT_NAME"
            " JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS C ON C.CONSTRAINT_SCHEMA = R.CONSTRAINT_SCHEMA"
            " AND C.CONSTRAINT_NAME = R.CONSTRAINT_NAME"
            " WHERE P.TABLE_SCHEMA = ? AND P.TABLE_NAME = ?"
            " AND (C.TABLE_SCHEMA <> P.TABLE_SCHEMA OR C.TABLE_NAME <> P.TABLE_NAME)",
            owner,
            name,
        )
    )


def remove_table(session: EngineSession, owner: str, name: str) -> None:
    """Drop a table with what refers to it; views stay, invalid, as in Oracle."""
    session.store.drop_table(owner, name)
    session.private_tables.discard(name)
    forget_table(session.database, owner, name)


def truncate_table(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Empty a table; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    session.store.truncate_table(owner, name)
