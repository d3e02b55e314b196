"""Long texts in private temporary tables, which cannot have LOBs: they are cut into pieces.

Materialized queries hold unions of regions and overlaps of regions, each a
text made of a whole group of rows.  Such a column is no column in the
database.  Its pieces are, and are put together again where it is selected.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import zip_longest
from typing import Any

import sqlalchemy
from lsst.daf.butler import ddl
from lsst.sphgeom import Region
from sqlalchemy.dialects.oracle import CLOB, VARCHAR2

from gen3bed.oracle._types import LONGEST

__all__ = [
    "MOST_PIECES",
    "cut_rows",
    "cut_select",
    "has_pieces",
    "mark_pieces",
    "pieces_of",
    "put_together",
    "with_pieces",
]

MOST_PIECES = 64
"""Pieces of a text: some 900 overlaps of a detector with a patch."""
_PIECES = "gen3bed_pieces"


def with_pieces(fields: Iterable[ddl.FieldSpec]) -> list[ddl.FieldSpec]:
    """Return a temporary table's columns with the pieces of those that need them.

    A row that has few of them filled is not longer for the others.
    """
    return [part for number, field in enumerate(fields) for part in (field, *_pieces(number, field))]


def _pieces(number: int, field: ddl.FieldSpec) -> list[ddl.FieldSpec]:
    dtype: Any = field.dtype
    kind = dtype if isinstance(dtype, type) else type(dtype)
    if not issubclass(kind, (ddl.Base64Region, sqlalchemy.LargeBinary)):
        return []
    names = [f"piece_{number}_{n}" for n in range(MOST_PIECES)]
    return [ddl.FieldSpec(name, dtype=VARCHAR2, length=LONGEST) for name in names]


def mark_pieces(table: sqlalchemy.Table) -> None:
    """Let the columns of a new temporary table know their pieces."""
    for number, column in enumerate(c for c in table.columns if not c.name.startswith("piece_")):
        pieces = [c for c in table.columns if c.name.startswith(f"piece_{number}_")]
        if pieces:
            column.info[_PIECES] = pieces
            # Not in CREATE TABLE.
            column.system = True


def pieces_of(column: Any) -> list[sqlalchemy.Column[str]]:
    """Return the columns that hold the pieces of a column, in order; none if it is in one piece."""
    return list(column.info.get(_PIECES, ())) if isinstance(column, sqlalchemy.Column) else []


def has_pieces(table: sqlalchemy.Table) -> bool:
    """Return whether a table has columns in pieces."""
    return any(pieces_of(column) for column in table.columns)


def put_together(pieces: Sequence[sqlalchemy.ColumnElement[str]]) -> sqlalchemy.ColumnElement[str]:
    """Return the text of pieces, as a CLOB."""
    first: sqlalchemy.ColumnElement[str] = sqlalchemy.func.to_clob(pieces[0], type_=CLOB)
    whole = reduce(lambda text, piece: text.concat(piece), pieces[1:], first)
    # Most texts are short, and each || makes another temporary LOB.
    return sqlalchemy.case((pieces[1].is_(None), first), else_=whole)


def cut_select(
    table: sqlalchemy.Table, select: sqlalchemy.SelectBase, names: Iterable[str] | None
) -> tuple[list[str], sqlalchemy.SelectBase]:
    """Return the names of columns and the SELECT that fill a table with pieces.

    Parameters
    ----------
    table : `sqlalchemy.Table`
        The table.
    select : `sqlalchemy.SelectBase`
        What is to be inserted.
    names : `~collections.abc.Iterable` [`str`] or `None`
        Names of the table's columns, if not those of ``select``.
    """
    whole = select.subquery()
    filled = list(whole.columns.keys() if names is None else names)
    cut: list[str] = []
    values: list[sqlalchemy.ColumnElement[Any]] = []
    for name, value in zip(filled, whole.columns, strict=True):
        pieces = pieces_of(table.columns[name])
        cut += [piece.name for piece in pieces] or [name]
        values += [_piece(value, n) for n in range(len(pieces))] or [value]
    return cut, sqlalchemy.select(*values)


def _piece(value: sqlalchemy.ColumnElement[Any], number: int) -> sqlalchemy.ColumnElement[str]:
    text: Any = sqlalchemy.type_coerce(value, VARCHAR2)
    start = number * LONGEST + 1
    # What the last one cannot hold is an error (ORA-22835), and not lost.
    limits = [start, LONGEST] if number < MOST_PIECES - 1 else [start]
    numbers: list[Any] = [sqlalchemy.literal_column(str(n)) for n in limits]
    return sqlalchemy.func.to_char(sqlalchemy.func.substr(text, *numbers), type_=VARCHAR2(LONGEST))


def cut_rows(table: sqlalchemy.Table, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with pieces instead of the texts that a table has in pieces."""
    return [dict(part for name, value in row.items() for part in _cut(table, name, value)) for row in rows]


def _cut(table: sqlalchemy.Table, name: str, value: Any) -> list[tuple[str, Any]]:
    pieces = pieces_of(table.columns[name])
    if not pieces:
        return [(name, value)]
    if isinstance(value, Region):
        value = b64encode(value.encode())
    text = (value or b"").decode()
    parts = [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]
    return [(piece.name, part) for piece, part in zip_longest(pieces, parts)]
