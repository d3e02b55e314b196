"""CREATE, ALTER, DROP, RENAME and TRUNCATE of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.engine._definitions import DefinitionReader
from oracle_standin.engine._key_limits import check_added, check_constraints
from oracle_standin.engine._names import is_name, read_name
from oracle_standin.engine._register import (
    forget_column,
    forget_table,
    record_column,
    record_constraint,
    rename_table,
)
from oracle_standin.engine._store import NewTable
from oracle_standin.errors import OracleError, not_modelled

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = [
    "alter_table",
    "create_table",
    "drop_table",
    "make_synonyms",
    "rename",
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


def alter_table(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Change a table; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    end = len(reader.tokens)
    while i < end:
        if reader.word(i, "ADD"):
            i = _add(session, reader, owner, name, i + 1)
        elif reader.word(i, "MODIFY"):
            i = _modify(session, reader, owner, name, i + 1)
        elif reader.word(i, "DROP"):
            i = _drop(session, reader, owner, name, i + 1)
        elif reader.word(i, "RENAME"):
            i = _rename(session, reader, owner, name, i + 1)
        else:
            behind = reader.storage(i, end, {})
            if behind == i:
                raise not_modelled(f"ALTER TABLE {reader.tokens[i].value}", offset=reader.tokens[i].start)
            i = behind


def _ranges(reader: DefinitionReader, i: int) -> tuple[list[tuple[int, int]], int]:
    """Return the ranges of the definitions, one or several in parentheses, and the position behind."""
    if reader.symbol(i, "("):
        close = reader.translator.closing(i)
        return reader.translator.items(i + 1, close), close + 1
    return [(i, len(reader.tokens))], len(reader.tokens)


def _add(session: EngineSession, reader: DefinitionReader, owner: str, name: str, i: int) -> int:
    if reader.is_constraint(i):
        constraint = reader.constraint(i, len(reader.tokens))
        _add_constraint(session, owner, name, constraint)
        return len(reader.tokens)
    if reader.word(i, "COLUMN"):
        raise reader.fail(904, ": invalid identifier", i)
    ranges, behind = _ranges(reader, i)
    for a, b in ranges:
        if reader.is_constraint(a):
            _add_constraint(session, owner, name, reader.constraint(a, b))
            continue
        column = reader.column(a, b)
        if column.declared is None:
            raise OracleError(2263, "need to specify the datatype for this column")
        session.store.add_column(owner, name, column)
        record_column(session.database, owner, name, column)
        for constraint in column.constraints:
            _add_constraint(session, owner, name, constraint)
    return behind


def _add_constraint(session: EngineSession, owner: str, name: str, constraint: Constraint) -> None:
    check_added(session, owner, name, constraint)
    constraint_name = constraint.name or session.database.system_name()
    session.store.add_constraint(owner, name, (constraint_name, constraint))
    columns = {
        column or ""
        for (column,) in session.database.execute(
            "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
            owner, name,
        )
    }  # fmt: skip
    record_constraint(session.database, owner, name, constraint, constraint_name, columns)
    if constraint.deferred and constraint.kind == "R":
        session.store.deferred_keys(owner, name)


def _modify(session: EngineSession, reader: DefinitionReader, owner: str, name: str, i: int) -> int:
    ranges, behind = _ranges(reader, i)
    for a, b in ranges:
        column = reader.column(a, b, altering=True)
        if column.identity is not None or column.virtual:
            raise not_modelled("MODIFY of a generated column", offset=reader.tokens[a].start)
        seen = any(reader.word(n, "VISIBLE") for n in range(a, b)) or None
        visible = False if column.invisible else seen
        session.store.modify_column(owner, name, column, visible=visible)
        if visible is not None:
            session.database.execute(
                "UPDATE STANDIN.COLUMNS SET HIDDEN_COLUMN = ?"
                " WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
                "YES" if column.invisible else "NO", owner, name, column.name,
            )  # fmt: skip
        _record_changes(session, owner, name, column)
        for constraint in column.constraints:
            _add_constraint(session, owner, name, constraint)
    return behind


def _record_changes(session: EngineSession, owner: str, name: str, column: ColumnDefinition) -> None:
    if column.declared is not None:
        (old,) = session.database.execute(
            "SELECT MAX(DATA_DEFAULT) FROM STANDIN.COLUMNS WHERE OWNER = ? AND TABLE_NAME = ? AND"
            " COLUMN_NAME = ?",
            owner, name, column.name,
        )  # fmt: skip
        column.default = column.default or old[0]
        record_column(session.database, owner, name, column)
    elif column.default is not None:
        session.database.execute(
            "UPDATE STANDIN.COLUMNS SET DATA_DEFAULT = ?"
            " WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
            column.default, owner, name, column.name,
        )  # fmt: skip


def _drop(session: EngineSession, reader: DefinitionReader, owner: str, name: str, i: int) -> int:
    if reader.word(i, "CONSTRAINT"):
        if not is_name(reader.tokens, i + 1):
            raise reader.fail(2250, "missing or invalid constraint name", i + 1)
        constraint = reader.tokens[i + 1].value
        session.store.drop_constraint(owner, name, constraint, cascade=reader.word(i + 2, "CASCADE"))
        for kept in ("CONSTRAINTS", "CHECK_COLUMNS"):
            session.database.execute(
                f"DELETE FROM STANDIN.{kept} WHERE OWNER = ? AND CONSTRAINT_NAME = ?",  # noqa: S608 - the names are ours
                owner,
                constraint,
            )
        return len(reader.tokens)
    if reader.word(i, "PRIMARY", "KEY"):
        session.store.drop_primary_key(owner, name)
        session.database.execute(
            "DELETE FROM STANDIN.CONSTRAINTS WHERE OWNER = ? AND TABLE_NAME = ? AND CONSTRAINT_TYPE = 'P'",
            owner, name,
        )  # fmt: skip
        return len(reader.tokens)
    if reader.word(i, "COLUMN"):
        columns, behind = [reader.tokens[i + 1].value], i + 2
    elif reader.symbol(i, "("):
        columns, behind = reader.names(i)
    else:
        raise not_modelled("this form of ALTER TABLE DROP", offset=reader.tokens[i].start)
    if reader.word(behind, "CASCADE", "CONSTRAINTS"):
        behind += 2
    for column in columns:
        session.store.drop_column(owner, name, column)
        forget_column(session.database, owner, name, column)
        session.database.execute(
            "DELETE FROM STANDIN.COMMENTS WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
            owner,
            name,
            column,
        )
        session.database.declared.get((owner, name), {}).pop(column, None)
    return behind


def _rename(session: EngineSession, reader: DefinitionReader, owner: str, name: str, i: int) -> int:
    database = session.database
    if reader.word(i, "TO"):
        new = reader.tokens[i + 1].value
        session.store.rename_table(owner, name, new)
        rename_table(database, owner, name, new)
        return i + 2
    if reader.word(i, "COLUMN") or reader.word(i, "CONSTRAINT"):
        what = reader.tokens[i].value
        old, new = reader.tokens[i + 1].value, reader.tokens[i + 3].value
        if what == "COLUMN":
            session.store.rename_column(owner, name, old, new)
            for kept in ("COLUMNS", "COMMENTS", "CHECK_COLUMNS"):
                database.execute(
                    f"UPDATE STANDIN.{kept} SET COLUMN_NAME = ?"  # noqa: S608 - the names are ours
                    " WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
                    new, owner, name, old,
                )  # fmt: skip
            known = database.declared.get((owner, name), {})
            if old in known:
                known[new] = known.pop(old)
        else:
            session.store.rename_constraint(owner, name, old, new)
            for kept in ("CONSTRAINTS", "CHECK_COLUMNS"):
                database.execute(
                    f"UPDATE STANDIN.{kept} SET CONSTRAINT_NAME = ? WHERE OWNER = ? AND CONSTRAINT_NAME = ?",  # noqa: S608 - the names are ours
                    new, owner, old,
                )  # fmt: skip
        return i + 4
    raise not_modelled("this form of ALTER TABLE RENAME", offset=reader.tokens[i].start)


def rename(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Run ``RENAME old TO new`` on a table or view."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    if not reader.word(i, "TO"):
        raise reader.fail(905, "missing keyword", i)
    _rename(session, reader, owner, name, i)


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
    if not cascade and _is_referenced(session, owner, name):
        raise OracleError(2449, "unique/primary keys in table referenced by foreign keys")
    remove_table(session, owner, name)


def _is_referenced(session: EngineSession, owner: str, name: str) -> bool:
    return bool(
        session.database.execute(
            "SELECT 1 FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS R"
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
    forget_table(session.database, owner, name)


def truncate_table(session: EngineSession, reader: DefinitionReader, i: int) -> None:
    """Empty a table; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    session.store.truncate_table(owner, name)
