"""What Oracle minds of indexes and constraints, and engines do not: their length, and equal ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.engine._store import IndexItem
from oracle_standin.errors import OracleError

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["check_added", "check_constraints", "check_index"]

_LONGEST_KEY = 6398
"""Bytes, in a database with blocks of 8 KiB (ORA-01450)."""


def check_index(
    session: EngineSession, owner: str, table: str, items: Sequence[IndexItem], shown: Sequence[str | None]
) -> None:
    """Refuse an index that is too long or like one that is there.

    Parameters
    ----------
    session : `EngineSession`
        The session.
    owner, table : `str`
        The table.
    items : `~collections.abc.Sequence` [`IndexItem`]
        The columns and expressions of the index.
    shown : `~collections.abc.Sequence` [`str` or `None`]
        The expressions as the dictionary shows them; `None` for a column.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised with ORA-01408 or ORA-01450.
    """
    new = [
        (text or item.column or "", "DESC" if item.descending else "ASC")
        for item, text in zip(items, shown, strict=True)
    ]
    if new in _indexed(session, owner, table):
        raise OracleError(1408, "such column list already indexed")
    lengths = _lengths(session, owner, table)
    _check_length(lengths.get(item.column or "", 0) for item in items)


def check_constraints(
    session: EngineSession,
    owner: str,
    columns: Sequence[ColumnDefinition],
    constraints: Sequence[Constraint],
) -> None:
    """Check the constraints of a new table.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a name that is taken (ORA-02264), and for keys that are too
        long (ORA-01450) or equal (ORA-02261).
    """
    names = [constraint.name for constraint in constraints if constraint.name is not None]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise _taken()
        _check_name(session, owner, name)
    lengths = {column.name: column.declared.length for column in columns if column.declared is not None}
    keys = [constraint.columns for constraint in constraints if constraint.kind in {"P", "U"}]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise OracleError(2261, "such unique or primary key already exists in the table")
        _check_length(lengths.get(column, 0) for column in key)


def check_added(session: EngineSession, owner: str, table: str, constraint: Constraint) -> None:
    """Check a constraint for a table that is there, as `check_constraints` does."""
    _check_name(session, owner, constraint.name)
    if constraint.kind not in {"P", "U"}:
        return
    lengths = _lengths(session, owner, table)
    _check_length(lengths.get(column, 0) for column in constraint.columns)
    if constraint.columns in session.database.keys_of(owner, table):
        raise OracleError(2261, "such unique or primary key already exists in the table")


def _taken() -> OracleError:
    return OracleError(2264, "name already used by an existing constraint")


def _check_name(session: EngineSession, owner: str, name: str | None) -> None:
    if name is not None and session.database.execute(
        "SELECT 1 FROM STANDIN.CONSTRAINTS WHERE OWNER = ? AND CONSTRAINT_NAME = ?", owner, name
    ):
        raise _taken()


def _check_length(lengths: Iterable[int]) -> None:
    if sum(lengths) > _LONGEST_KEY:
        raise OracleError(1450, f"maximum key length ({_LONGEST_KEY}) exceeded")


def _indexed(session: EngineSession, owner: str, table: str) -> list[list[tuple[str, str]]]:
    """Return the columns of a table's indexes, those of its keys included."""
    rows = session.database.execute(
        "SELECT OWNER, INDEX_NAME, COALESCE(COLUMN_EXPRESSION, COLUMN_NAME), DESCEND FROM"
        " STANDIN.INDEX_COLUMNS WHERE TABLE_OWNER = ? AND TABLE_NAME = ?"
        " ORDER BY OWNER, INDEX_NAME, COLUMN_POSITION",
        owner, table,
    )  # fmt: skip
    found: dict[tuple[str | None, str | None], list[tuple[str, str]]] = {}
    for index_owner, name, column, order in rows:
        found.setdefault((index_owner, name), []).append((column or "", order or ""))
    keys = session.database.keys_of(owner, table)
    return [*found.values(), *([(column, "ASC") for column in key] for key in keys)]


def _lengths(session: EngineSession, owner: str, table: str) -> Mapping[str, int]:
    """Return the lengths of a table's columns, in bytes."""
    rows = session.database.execute(
        "SELECT COLUMN_NAME, DATA_LENGTH FROM STANDIN.COLUMNS WHERE OWNER = ? AND TABLE_NAME = ?",
        owner, table,
    )  # fmt: skip
    return {column or "": int(length or 0) for column, length in rows}
