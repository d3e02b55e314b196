"""CREATE, ALTER, DROP, RENAME and TRUNCATE of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.h2._columns import ColumnDefinition, Constraint, DefinitionReader
from oracle_standin.h2._names import is_name, read_name
from oracle_standin.h2._register import forget_table, record_column, record_constraint, rename_table
from oracle_standin.h2._text import quoted

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = [
    "alter_table",
    "create_table",
    "drop_table",
    "make_synonyms",
    "rename",
    "store_as_table",
    "truncate_table",
]

_TRANSACTION, _SESSION = "SYS$TRANSACTION", "SYS$SESSION"


def path(owner: str, name: str) -> str:
    """Return ``"OWNER"."NAME"``."""
    return f"{quoted(owner)}.{quoted(name)}"


def create_table(session: H2Session, reader: DefinitionReader, i: int, kind: str) -> None:  # noqa: C901, PLR0912, PLR0915
    """Make a table.

    Parameters
    ----------
    session : `H2Session`
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
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    if reader.symbol(i, "("):
        close = reader.translator.closing(i)
        for a, b in reader.translator.items(i + 1, close):
            if reader.is_constraint(a):
                constraints.append(reader.constraint(a, b))
            else:
                columns.append(reader.column(a, b))
        i = close + 1
    options: dict[str, str] = {}
    duration, drops_definition = None, False
    while i < end and not reader.word(i, "AS"):
        if reader.word(i, "ON", "COMMIT"):
            duration = _TRANSACTION if reader.tokens[i + 2].is_word("DELETE", "DROP") else _SESSION
            drops_definition = reader.word(i + 2, "DROP")
            i += 4
            continue
        behind = reader.storage(i, end, options)
        if behind == i:
            if reader.word(i, "PARTITION"):
                raise not_modelled("partitions", offset=reader.tokens[i].start)
            raise reader.fail(922, "missing or invalid option", i)
        i = behind
    query = reader.translator.render(i + 1, end) if reader.word(i, "AS") else None
    if not columns and query is None:
        raise reader.fail(906, "missing left parenthesis", i)
    if kind != "TABLE" and duration is None:
        duration, drops_definition = _TRANSACTION, kind == "PRIVATE TEMPORARY"

    constraints = [c for column in columns for c in column.constraints] + constraints
    named = [(c, c.name or session.database.system_name()) for c in constraints]
    items = [column.sql() for column in columns]
    if query is not None and columns and all(column.declared is None for column in columns):
        items = []
    items += [f"CONSTRAINT {quoted(constraint_name)} {c.sql}" for c, constraint_name in named]
    body = f" ({', '.join(items)})" if items else ""
    if kind == "TABLE":
        sql = f"CREATE TABLE {path(owner, name)}{body}"
    elif kind == "GLOBAL TEMPORARY":
        on_commit = "DELETE ROWS" if duration == _TRANSACTION else "PRESERVE ROWS"
        sql = _temporary(owner, name, body, on_commit)
    else:
        # Like PostgreSQL's: with DROP DEFINITION it neither commits nor survives the transaction.
        clause = "ON COMMIT DROP TRANSACTIONAL" if drops_definition else ""
        session.native(f"CREATE LOCAL TEMPORARY TABLE {path(owner, name)}{body} {clause}{_as(query)}")
        session.transaction.active = session.transaction.active or drops_definition
        return
    _create(session, owner, name, kind, sql, query)
    database = session.database
    _record_table(session, owner, name, kind, duration, options)
    known = {column.name for column in columns}
    for column in columns:
        record_column(database, owner, name, column)
    for constraint, constraint_name in named:
        record_constraint(database, owner, name, constraint, constraint_name, known)
    if any(constraint.deferred and constraint.kind == "R" for constraint in constraints):
        database.deferred.defer(session, (owner, name))
    make_synonyms(session, owner, name)


def _temporary(owner: str, name: str, body: str, on_commit: str) -> str:
    clause = " ON COMMIT DELETE ROWS" if on_commit == "DELETE ROWS" else ""
    return f"CREATE LOCAL TEMPORARY TABLE {path(owner, name)}{body}{clause}"


def _as(query: str | None) -> str:
    return f" AS {query}" if query is not None else ""


def _create(session: H2Session, owner: str, name: str, kind: str, sql: str, query: str | None) -> None:  # noqa: PLR0917
    if kind == "GLOBAL TEMPORARY":
        if query is not None:
            raise not_modelled("CREATE GLOBAL TEMPORARY TABLE AS SELECT")
        if (owner, name) in session.database.temporary:
            raise OracleError(955, "name is already used by an existing object")
        session.native(sql)
        session.database.temporary[owner, name] = [sql]
        session.keep_temporary(owner, name)
    else:
        session.native(sql + _as(query))


def _record_table(  # noqa: PLR0917
    session: H2Session, owner: str, name: str, kind: str, duration: str | None, options: dict[str, str]
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


def store_as_table(session: H2Session, owner: str, name: str, query: str, key: list[str]) -> None:
    """Make a materialized view: a plain table, since H2's own break its dictionary."""
    session.native(f"CREATE TABLE {path(owner, name)} AS {query}")
    session.database.execute(
        "MERGE INTO STANDIN.TABLES (OWNER, TABLE_NAME, KIND, COMPRESSION, QUERY) KEY (OWNER, TABLE_NAME)"
        " VALUES (?, ?, 'MATERIALIZED VIEW', 'DISABLED', ?)",
        owner, name, query,
    )  # fmt: skip
    if key:
        constraint = session.database.system_name()
        columns = ", ".join(map(quoted, key))
        for column in key:
            session.native(f"ALTER TABLE {path(owner, name)} ALTER COLUMN {quoted(column)} SET NOT NULL")
        session.native(
            f"ALTER TABLE {path(owner, name)} ADD CONSTRAINT {quoted(constraint)} PRIMARY KEY ({columns})"
        )
        record_constraint(
            session.database,
            owner,
            name,
            Constraint(kind="P", name=None, sql="", columns=key),
            constraint,
            set(),
        )
    make_synonyms(session, owner, name)


def make_synonyms(session: H2Session, owner: str, name: str) -> None:
    """Make in H2 the synonyms that wait for a table or view of this name."""
    for synonym_owner, synonym in session.database.execute(
        "SELECT OWNER, SYNONYM_NAME FROM STANDIN.SYNONYMS WHERE TABLE_OWNER = ? AND TABLE_NAME = ?",
        owner,
        name,
    ):
        target = path(owner, name)
        session.database.execute(
            f"CREATE OR REPLACE SYNONYM {path(synonym_owner or '', synonym or '')} FOR {target}"
        )


def alter_table(session: H2Session, reader: DefinitionReader, i: int) -> None:
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


def _add(session: H2Session, reader: DefinitionReader, owner: str, name: str, i: int) -> int:
    if reader.is_constraint(i):
        constraint = reader.constraint(i, len(reader.tokens))
        _add_constraint(session, owner, name, constraint)
        return len(reader.tokens)
    if reader.word(i, "COLUMN"):
        raise reader.fail(904, ": invalid identifier", i)
    if reader.symbol(i, "("):
        close = reader.translator.closing(i)
        ranges, behind = reader.translator.items(i + 1, close), close + 1
    else:
        ranges, behind = [(i, len(reader.tokens))], len(reader.tokens)
    for a, b in ranges:
        if reader.is_constraint(a):
            _add_constraint(session, owner, name, reader.constraint(a, b))
            continue
        column = reader.column(a, b)
        session.native(f"ALTER TABLE {path(owner, name)} ADD {column.sql()}")
        record_column(session.database, owner, name, column)
        for constraint in column.constraints:
            _add_constraint(session, owner, name, constraint)
    return behind


def _add_constraint(session: H2Session, owner: str, name: str, constraint: Constraint) -> None:
    constraint_name = constraint.name or session.database.system_name()
    session.native(
        f"ALTER TABLE {path(owner, name)} ADD CONSTRAINT {quoted(constraint_name)} {constraint.sql}"
    )
    columns = {
        column or ""
        for (column,) in session.database.execute(
            "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
            owner, name,
        )
    }  # fmt: skip
    record_constraint(session.database, owner, name, constraint, constraint_name, columns)
    if constraint.deferred and constraint.kind == "R":
        session.database.deferred.defer(session, (owner, name))


def _modify(session: H2Session, reader: DefinitionReader, owner: str, name: str, i: int) -> int:
    if reader.symbol(i, "("):
        close = reader.translator.closing(i)
        ranges, behind = reader.translator.items(i + 1, close), close + 1
    else:
        ranges, behind = [(i, len(reader.tokens))], len(reader.tokens)
    for a, b in ranges:
        column = reader.column(a, b, altering=True)
        table = f"ALTER TABLE {path(owner, name)} ALTER COLUMN {quoted(column.name)}"
        if column.identity is not None or column.virtual:
            raise not_modelled("MODIFY of a generated column", offset=reader.tokens[a].start)
        if column.declared is not None:
            session.native(f"{table} SET DATA TYPE {column.declared.h2}")
        if column.default_sql is not None:
            session.native(f"{table} SET DEFAULT {column.default_sql}")
        if column.not_null is not None:
            session.native(f"{table} {'SET' if column.not_null else 'DROP'} NOT NULL")
        if column.invisible or any(reader.word(n, "VISIBLE") for n in range(a, b)):
            session.native(f"{table} SET {'INVISIBLE' if column.invisible else 'VISIBLE'}")
            session.database.execute(
                "UPDATE STANDIN.COLUMNS SET HIDDEN_COLUMN = ?"
                " WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
                "YES" if column.invisible else "NO", owner, name, column.name,
            )  # fmt: skip
        _record_changes(session, owner, name, column)
        for constraint in column.constraints:
            _add_constraint(session, owner, name, constraint)
    return behind


def _record_changes(session: H2Session, owner: str, name: str, column: ColumnDefinition) -> None:
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


def _drop(session: H2Session, reader: DefinitionReader, owner: str, name: str, i: int) -> int:
    table = f"ALTER TABLE {path(owner, name)}"
    if reader.word(i, "CONSTRAINT"):
        if not is_name(reader.tokens, i + 1):
            raise reader.fail(2250, "missing or invalid constraint name", i + 1)
        constraint = reader.tokens[i + 1].value
        cascade = " CASCADE" if reader.word(i + 2, "CASCADE") else ""
        session.native(f"{table} DROP CONSTRAINT {quoted(constraint)}{cascade}")
        for kept in ("CONSTRAINTS", "CHECK_COLUMNS"):
            session.database.execute(
                f"DELETE FROM STANDIN.{kept} WHERE OWNER = ? AND CONSTRAINT_NAME = ?",  # noqa: S608
                owner,
                constraint,
            )
        return len(reader.tokens)
    if reader.word(i, "PRIMARY", "KEY"):
        session.native(f"{table} DROP PRIMARY KEY")
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
        session.native(f"{table} DROP COLUMN {quoted(column)}")
        session.database.execute(
            "DELETE FROM STANDIN.COLUMNS WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
            owner,
            name,
            column,
        )
        session.database.execute(
            "DELETE FROM STANDIN.COMMENTS WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
            owner,
            name,
            column,
        )
        session.database.declared.get((owner, name), {}).pop(column, None)
    return behind


def _rename(session: H2Session, reader: DefinitionReader, owner: str, name: str, i: int) -> int:
    table = f"ALTER TABLE {path(owner, name)}"
    database = session.database
    if reader.word(i, "TO"):
        new = reader.tokens[i + 1].value
        session.native(f"{table} RENAME TO {quoted(new)}")
        rename_table(database, owner, name, new)
        return i + 2
    if reader.word(i, "COLUMN") or reader.word(i, "CONSTRAINT"):
        what = reader.tokens[i].value
        old, new = reader.tokens[i + 1].value, reader.tokens[i + 3].value
        if what == "COLUMN":
            session.native(f"{table} ALTER COLUMN {quoted(old)} RENAME TO {quoted(new)}")
            for kept in ("COLUMNS", "COMMENTS", "CHECK_COLUMNS"):
                database.execute(
                    f"UPDATE STANDIN.{kept} SET COLUMN_NAME = ?"  # noqa: S608
                    " WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
                    new, owner, name, old,
                )  # fmt: skip
            known = database.declared.get((owner, name), {})
            if old in known:
                known[new] = known.pop(old)
        else:
            session.native(f"{table} RENAME CONSTRAINT {quoted(old)} TO {quoted(new)}")
            for kept in ("CONSTRAINTS", "CHECK_COLUMNS"):
                database.execute(
                    f"UPDATE STANDIN.{kept} SET CONSTRAINT_NAME = ? WHERE OWNER = ? AND CONSTRAINT_NAME = ?",  # noqa: S608
                    new, owner, old,
                )  # fmt: skip
        return i + 4
    raise not_modelled("this form of ALTER TABLE RENAME", offset=reader.tokens[i].start)


def rename(session: H2Session, reader: DefinitionReader, i: int) -> None:
    """Run ``RENAME old TO new`` on a table or view."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    if not reader.word(i, "TO"):
        raise reader.fail(905, "missing keyword", i)
    _rename(session, reader, owner, name, i)


def drop_table(session: H2Session, reader: DefinitionReader, i: int) -> None:
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


def _is_referenced(session: H2Session, owner: str, name: str) -> bool:
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


def remove_table(session: H2Session, owner: str, name: str) -> None:
    """Drop a table in H2 with what refers to it; views stay, invalid, as in Oracle."""
    session.native(f"DROP TABLE {path(owner, name)} CASCADE")
    session.forget_temporary(owner, name)
    forget_table(session.database, owner, name)
    session.database.restore_views()


def truncate_table(session: H2Session, reader: DefinitionReader, i: int) -> None:
    """Empty a table; ``i`` is the position of its name."""
    owner, name, i = read_name(reader.tokens, i, session.current_schema)
    session.native(f"TRUNCATE TABLE {path(owner, name)}")
