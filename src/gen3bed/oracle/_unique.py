"""Unique keys that NULLs are left out of, as on other databases."""

from __future__ import annotations

import sqlalchemy

__all__ = ["let_nulls_differ"]


def let_nulls_differ(table: sqlalchemy.Table, constraint: sqlalchemy.UniqueConstraint) -> None:
    """Replace a unique constraint that Oracle would apply to rows with a NULL in it.

    To PostgreSQL and SQLite a row with a NULL in a unique key equals no other
    one.  To Oracle it equals those with the same values in the key's other
    columns, unless all are NULL: two visits without a name could not be of
    one instrument.  A unique index has no entry for a row for which all of
    its expressions are NULL.

    Parameters
    ----------
    table : `sqlalchemy.Table`
        The constraint's table, changed in place.
    constraint : `sqlalchemy.UniqueConstraint`
        It is kept if none of its columns, or only its one column, may be NULL.
    """
    columns = list(constraint.columns)
    nullable = [column for column in columns if column.nullable]
    if not nullable or len(columns) == 1:
        return
    complete = sqlalchemy.and_(*(column.is_not(None) for column in nullable))
    # The only column that may be NULL tells by itself.
    parts = [column if nullable == [column] else sqlalchemy.case((complete, column)) for column in columns]
    table.constraints.remove(constraint)
    # It belongs to the table of its columns.
    sqlalchemy.Index(str(constraint.name), *parts, unique=True)
