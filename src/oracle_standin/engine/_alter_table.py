"""ALTER TABLE, and RENAME, which does one part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.engine._definitions import DefinitionReader
from oracle_standin.engine._key_limits import check_added
from oracle_standin.engine._names import is_name, read_name
from oracle_standin.engine._register import forget_column, record_column, record_constraint, rename_table
from oracle_standin.errors import OracleError, not_modelled

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["alter_table", "rename"]


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
