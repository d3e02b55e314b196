"""The foreign keys that H2 knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle_standin.h2._database import H2Database

__all__ = ["ForeignKey", "Table", "foreign_keys"]

Table = tuple[str, str]
"""Owner and name."""


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """A foreign key.

    Attributes
    ----------
    owner, name : `str`
        Of the constraint.
    child, parent : `tuple` [`str`, `str`]
        The table that refers, and the one that is referred to.
    on_delete : `str`
        H2's rule: ``CASCADE``, ``SET NULL``, ``RESTRICT`` or ``NO ACTION``.
    columns, parent_columns : `tuple` [`str`, ...]
        Quoted names, in the same order.
    """

    owner: str
    name: str
    child: Table
    parent: Table
    on_delete: str
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]


_KEYS = """SELECT C.CONSTRAINT_SCHEMA, C.CONSTRAINT_NAME, C.TABLE_SCHEMA, C.TABLE_NAME,
    P.TABLE_SCHEMA, P.TABLE_NAME,
    R.DELETE_RULE,
    (SELECT LISTAGG(QUOTE_IDENT(K.COLUMN_NAME), ',') WITHIN GROUP (ORDER BY K.ORDINAL_POSITION)
        FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE K
        WHERE K.CONSTRAINT_SCHEMA = C.CONSTRAINT_SCHEMA AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME),
    (SELECT LISTAGG(QUOTE_IDENT(U.COLUMN_NAME), ',') WITHIN GROUP (ORDER BY K.ORDINAL_POSITION)
        FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE K JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE U
            ON U.CONSTRAINT_SCHEMA = P.CONSTRAINT_SCHEMA AND U.CONSTRAINT_NAME = P.CONSTRAINT_NAME
            AND U.ORDINAL_POSITION = K.POSITION_IN_UNIQUE_CONSTRAINT
        WHERE K.CONSTRAINT_SCHEMA = C.CONSTRAINT_SCHEMA AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME)
FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS R
JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS C
    ON C.CONSTRAINT_SCHEMA = R.CONSTRAINT_SCHEMA AND C.CONSTRAINT_NAME = R.CONSTRAINT_NAME
JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS P
    ON P.CONSTRAINT_SCHEMA = R.UNIQUE_CONSTRAINT_SCHEMA AND P.CONSTRAINT_NAME = R.UNIQUE_CONSTRAINT_NAME"""


def foreign_keys(database: H2Database) -> list[ForeignKey]:
    """Return all foreign keys of a database."""
    rows = ([part or "" for part in row] for row in database.execute(_KEYS))
    return [
        ForeignKey(
            owner=row[0],
            name=row[1],
            child=(row[2], row[3]),
            parent=(row[4], row[5]),
            on_delete=row[6],
            columns=tuple(row[7].split(",")),
            parent_columns=tuple(row[8].split(",")),
        )
        for row in rows
    ]
