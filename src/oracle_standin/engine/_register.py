"""Writing the bookkeeping tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.values import DataType

if TYPE_CHECKING:
    from oracle_standin.engine._database import EngineDatabase

__all__ = ["forget_column", "forget_table", "record_column", "record_constraint", "rename_table"]

_TABLES = ("TABLES", "COLUMNS", "CONSTRAINTS", "CHECK_COLUMNS", "COMMENTS", "VIEWS")


def forget_table(database: EngineDatabase, owner: str, name: str) -> None:
    """Remove what was recorded of a table, view or materialized view, with its indexes."""
    for table in _TABLES:
        key = "VIEW_NAME" if table == "VIEWS" else "TABLE_NAME"
        database.execute(f"DELETE FROM STANDIN.{table} WHERE OWNER = ? AND {key} = ?", owner, name)  # noqa: S608 - the names are ours
    for table in ("INDEXES", "INDEX_COLUMNS"):
        database.execute(
            f"DELETE FROM STANDIN.{table} WHERE TABLE_OWNER = ? AND TABLE_NAME = ?",  # noqa: S608 - the names are ours
            owner,
            name,
        )
    database.declared.pop((owner, name), None)
    database.temporary.pop((owner, name), None)
    database.views.pop((owner, name), None)


def forget_column(database: EngineDatabase, owner: str, table: str, column: str) -> None:
    """Remove what was recorded of a column of a table or view."""
    database.execute(
        "DELETE FROM STANDIN.COLUMNS WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
        owner, table, column,
    )  # fmt: skip


def rename_table(database: EngineDatabase, owner: str, old: str, new: str) -> None:
    """Move what was recorded of a table to its new name."""
    for table in _TABLES:
        key = "VIEW_NAME" if table == "VIEWS" else "TABLE_NAME"
        database.execute(f"UPDATE STANDIN.{table} SET {key} = ? WHERE OWNER = ? AND {key} = ?",  # noqa: S608 - the names are ours
                         new, owner, old)  # fmt: skip
    for table in ("INDEXES", "INDEX_COLUMNS"):
        database.execute(
            f"UPDATE STANDIN.{table} SET TABLE_NAME = ? WHERE TABLE_OWNER = ? AND TABLE_NAME = ?",  # noqa: S608 - the names are ours
            new,
            owner,
            old,
        )
    if (owner, old) in database.declared:
        database.declared[owner, new] = database.declared.pop((owner, old))
    if (owner, old) in database.temporary:
        database.temporary[owner, new] = database.temporary.pop((owner, old))


def _identity_options(options: dict[str, str]) -> str:
    """Return the text of ALL_TAB_IDENTITY_COLS."""
    descending = int(options.get("INCREMENT", "1")) < 0
    most = "-1" if descending else "9999999999999999999999999999"
    least = "-9999999999999999999999999999" if descending else "1"
    cache = options.get("CACHE", "20")

    def given(key: str, default: str) -> str:
        value = options.get(key, "NO")
        return default if value == "NO" else value

    first = given("MAXVALUE", most) if descending else given("MINVALUE", least)
    return ", ".join(
        (
            f"START WITH: {given('START', first)}",
            f"INCREMENT BY: {options.get('INCREMENT', '1')}",
            f"MAX_VALUE: {given('MAXVALUE', most)}",
            f"MIN_VALUE: {given('MINVALUE', least)}",
            f"CYCLE_FLAG: {'Y' if options.get('CYCLE') == 'YES' else 'N'}",
            f"CACHE_SIZE: {'0' if cache == 'NO' else cache}",
            f"ORDER_FLAG: {'Y' if options.get('ORDER') == 'YES' else 'N'}",
            "SCALE_FLAG: N",
            "EXTEND_FLAG: N",
            "SESSION_FLAG: N",
            "KEEP_VALUE: N",
        )
    )


def record_column(
    database: EngineDatabase, owner: str, table: str, column: ColumnDefinition, *, hidden: bool = False
) -> None:
    """Record a column that was added to a table, or changed."""
    declared = column.declared
    if declared is None:
        return
    default = column.default
    if default is not None and len(default.encode()) > 32767:  # noqa: PLR2004 - bytes of a long default
        default = default[:8000]
    database.execute(
        "MERGE INTO STANDIN.COLUMNS (OWNER, TABLE_NAME, COLUMN_NAME, DATA_TYPE, DATA_LENGTH, DATA_PRECISION,"
        " DATA_SCALE, CHAR_LENGTH, CHAR_USED, DATA_DEFAULT, VIRTUAL_COLUMN, HIDDEN_COLUMN, DEFAULT_ON_NULL,"
        " GENERATION_TYPE, IDENTITY_OPTIONS) KEY (OWNER, TABLE_NAME, COLUMN_NAME)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        owner, table, column.name, declared.name, declared.length, declared.precision, declared.scale,
        declared.char_length, declared.char_used, default, "YES" if column.virtual else "NO",
        "YES" if hidden or column.invisible else "NO", "YES" if column.on_null else "NO", column.identity,
        None if column.identity is None else _identity_options(column.options),
    )  # fmt: skip
    spec = declared.spec
    # CHAR is padded and so on by the engine itself; only what its metadata cannot say is kept.
    if spec.type is not DataType.NUMBER or declared.name != "NUMBER" or spec.precision == 0:
        database.declared.setdefault((owner, table), {})[column.name] = spec


def record_constraint(  # noqa: PLR0917 - they are what the table is made of
    database: EngineDatabase, owner: str, table: str, constraint: Constraint, name: str, columns: set[str]
) -> None:
    """Record a constraint under the name that it has."""
    database.execute(
        "INSERT INTO STANDIN.CONSTRAINTS (OWNER, CONSTRAINT_NAME, TABLE_NAME, CONSTRAINT_TYPE,"
        " SEARCH_CONDITION,"
        " GENERATED, DEFERRABLE, DEFERRED) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        owner, name, table, constraint.kind, constraint.condition,
        "USER NAME" if constraint.name else "GENERATED NAME",
        "DEFERRABLE" if constraint.deferrable else "NOT DEFERRABLE",
        "DEFERRED" if constraint.deferred else "IMMEDIATE",
    )  # fmt: skip
    if constraint.kind == "C":
        for column in dict.fromkeys(constraint.columns):
            if column in columns:
                database.execute(
                    "INSERT INTO STANDIN.CHECK_COLUMNS (OWNER, CONSTRAINT_NAME, TABLE_NAME, COLUMN_NAME)"
                    " VALUES (?, ?, ?, ?)",
                    owner, name, table, column,
                )  # fmt: skip
