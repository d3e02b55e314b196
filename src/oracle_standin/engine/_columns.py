"""Columns and constraints as CREATE TABLE and ALTER TABLE define them."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle_standin.engine._types import Declared

__all__ = ["ColumnDefinition", "Constraint"]


@dataclass(kw_only=True)
class Constraint:
    """A primary, unique or foreign key, or a check.

    Attributes
    ----------
    kind : `str`
        ``P``, ``U``, ``R`` or ``C``.
    name : `str` or `None`
        Its name if it was given one.
    condition, condition_sql : `str` or `None`
        Text of a check, as it was written and in the engine's SQL.
    columns : `list` [`str`]
        Its columns; of a check those that it names.
    parent : `tuple` [`str`, `str`] or `None`
        Schema and name of the table that a foreign key refers to.
    parent_columns : `list` [`str`]
        Columns that it refers to; empty for the primary key.
    on_delete : `str` or `None`
        ``CASCADE`` or ``SET NULL``.
    deferrable, deferred : `bool`
        Whether it may be, and is, checked at commit only.
    """

    kind: str
    name: str | None
    condition: str | None = None
    condition_sql: str | None = None
    columns: list[str] = field(default_factory=list)
    parent: tuple[str, str] | None = None
    parent_columns: list[str] = field(default_factory=list)
    on_delete: str | None = None
    deferrable: bool = False
    deferred: bool = False


@dataclass(kw_only=True)
class ColumnDefinition:
    """A column as it was written.

    Attributes
    ----------
    name : `str`
        Its name.
    declared : `Declared` or `None`
        Its type; `None` if none was written.
    default : `str` or `None`
        Source text of its default or of a virtual column's expression.
    default_sql : `str` or `None`
        The same in the engine's SQL.
    virtual, on_null, invisible : `bool`
        Whether it is computed; has DEFAULT ON NULL; is left out of ``*``.
    identity : `str` or `None`
        ``ALWAYS`` or ``BY DEFAULT``.
    options : `dict` [`str`, `str`]
        Of the identity's sequence, as written.
    not_null : `bool` or `None`
        `None` if nothing was said.
    constraints : `list` [`Constraint`]
        Those written with it.
    """

    name: str
    declared: Declared | None = None
    default: str | None = None
    default_sql: str | None = None
    virtual: bool = False
    on_null: bool = False
    invisible: bool = False
    identity: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    not_null: bool | None = None
    constraints: list[Constraint] = field(default_factory=list)
