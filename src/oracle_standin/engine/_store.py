"""What an engine does to its tables, views, indexes and sequences.

The statements are read, and the bookkeeping is written, by the modules beside
this one; an engine makes the change in its own terms.  Names are Oracle's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oracle_standin.engine._columns import ColumnDefinition, Constraint

__all__ = ["IndexItem", "Named", "NewTable", "Source", "Store"]

Named = tuple[str, Constraint]
"""A constraint with the name that it gets, given or made."""


@dataclass(frozen=True, kw_only=True)
class IndexItem:
    """One item of an index.

    Attributes
    ----------
    column : `str` or `None`
        The column; `None` for an expression.
    expression : `str`
        The expression in the engine's SQL; empty for a column.
    source : `str`
        The expression as it was written; empty for a column.
    descending : `bool`
        Whether it is in descending order.
    """

    column: str | None
    expression: str = ""
    source: str = ""
    descending: bool = False


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a column of a query comes from: a table's column, not an expression."""

    owner: str
    table: str
    column: str


@dataclass(frozen=True, kw_only=True)
class NewTable:
    """A table that is to be made.

    Attributes
    ----------
    owner, name : `str`
        What it is called.
    kind : `str`
        ``TABLE``, ``GLOBAL TEMPORARY`` or ``PRIVATE TEMPORARY``.
    columns : `~collections.abc.Sequence` [`ColumnDefinition`]
        Its columns; empty, or without types, if a query says them.
    constraints : `~collections.abc.Sequence` [`Named`]
        Its constraints, those of its columns too.
    query : `str` or `None`
        What fills it, in the engine's SQL.
    keeps_rows, drops_definition : `bool`
        Of a temporary table, what a commit does.
    """

    owner: str
    name: str
    kind: str = "TABLE"
    columns: Sequence[ColumnDefinition] = ()
    constraints: Sequence[Named] = ()
    query: str | None = None
    keeps_rows: bool = True
    drops_definition: bool = False


class Store(ABC):
    """A session's way to change objects.

    Every method may raise `oracle_standin.errors.OracleError`.

    Parameters
    ----------
    native : `~collections.abc.Callable`
        Runs a statement in the engine's SQL.
    quoted : `~collections.abc.Callable`
        Returns a name as the engine's, in quotes.
    """

    def __init__(self, native: Callable[[str], None], quoted: Callable[[str], str]) -> None:
        self._native = native
        self._quoted = quoted

    # -- what all do ---------------------------------------------------------

    def _path(self, owner: str, name: str) -> str:
        """Return an object of a schema, both in quotes."""
        return f"{self._quoted(owner)}.{self._quoted(name)}"

    def _alter(self, owner: str, table: str, change: str) -> None:
        self._native(f"ALTER TABLE {self._path(owner, table)} {change}")

    def rename_table(self, owner: str, old: str, new: str) -> None:
        """Give a table another name."""
        self._alter(owner, old, f"RENAME TO {self._quoted(new)}")

    def rename_constraint(self, owner: str, table: str, old: str, new: str) -> None:
        """Give a constraint another name."""
        self._alter(owner, table, f"RENAME CONSTRAINT {self._quoted(old)} TO {self._quoted(new)}")

    def rename_index(self, owner: str, old: str, new: str) -> None:
        """Give an index another name; ``owner`` is that of its table."""
        self._native(f"ALTER INDEX {self._path(owner, old)} RENAME TO {self._quoted(new)}")

    def create_sequence(self, owner: str, name: str, options: dict[str, str]) -> None:
        """Make a sequence."""
        self._native(f"CREATE SEQUENCE {self._path(owner, name)} {self._sequence_options(options)}")

    def alter_sequence(self, owner: str, name: str, options: dict[str, str], restart: str | None) -> None:
        """Change a sequence; begin again at a number, or with an empty text at its first one."""
        again = "" if restart is None else f"RESTART WITH {restart} " if restart else "RESTART "
        rest = self._sequence_options(options) if options else ""
        self._native(f"ALTER SEQUENCE {self._path(owner, name)} {again}{rest}")

    def drop_sequence(self, owner: str, name: str) -> None:
        """Drop a sequence."""
        self._native(f"DROP SEQUENCE {self._path(owner, name)}")

    # -- what the engine does ------------------------------------------------

    @abstractmethod
    def _sequence_options(self, options: dict[str, str]) -> str:
        """Return a sequence's options in the engine's SQL."""

    @abstractmethod
    def create_table(self, table: NewTable) -> None:
        """Make a table."""

    @abstractmethod
    def add_column(self, owner: str, table: str, column: ColumnDefinition) -> None:
        """Add a column, without its constraints."""

    @abstractmethod
    def modify_column(
        self, owner: str, table: str, column: ColumnDefinition, *, visible: bool | None
    ) -> None:
        """Change what is said of a column: its type, default, whether it may be NULL or is seen."""

    @abstractmethod
    def drop_column(self, owner: str, table: str, column: str) -> None:
        """Drop a column."""

    @abstractmethod
    def rename_column(self, owner: str, table: str, old: str, new: str) -> None:
        """Give a column another name."""

    @abstractmethod
    def add_constraint(self, owner: str, table: str, constraint: Named) -> None:
        """Add a constraint."""

    @abstractmethod
    def drop_constraint(self, owner: str, table: str, name: str, *, cascade: bool) -> None:
        """Drop a constraint; with ``cascade`` also the keys that refer to it."""

    @abstractmethod
    def drop_primary_key(self, owner: str, table: str) -> None:
        """Drop a table's primary key."""

    @abstractmethod
    def drop_table(self, owner: str, name: str) -> None:
        """Drop a table with the keys that refer to it."""

    @abstractmethod
    def truncate_table(self, owner: str, name: str) -> None:
        """Empty a table."""

    @abstractmethod
    def create_view(
        self, owner: str, name: str, columns: Sequence[str], query: str, *, replace: bool, force: bool
    ) -> None:
        """Make a view, or one that is not valid yet if ``force`` is set."""

    @abstractmethod
    def drop_view(self, owner: str, name: str) -> None:
        """Drop a view."""

    @abstractmethod
    def create_index(
        self, owner: str, table: str, name: str, items: Sequence[IndexItem], *, unique: bool
    ) -> list[str]:
        """Make an index; return the name of each item's column, which may be hidden."""

    @abstractmethod
    def drop_index(self, owner: str, name: str, hidden: Sequence[tuple[str, str]]) -> None:
        """Drop an index; ``hidden`` are tables and columns that were made for its expressions."""

    @abstractmethod
    def create_synonym(self, owner: str, name: str, target: tuple[str, str]) -> None:
        """Make a synonym of a table or view that exists."""

    @abstractmethod
    def drop_synonym(self, owner: str, name: str) -> None:
        """Drop a synonym, if the engine has it."""

    @abstractmethod
    def sources(self, query: str) -> list[Source | None] | None:
        """Return where the columns of a query in the engine's SQL come from; `None` if it is not valid."""

    @abstractmethod
    def view_query(self, owner: str, name: str) -> str:
        """Return a query whose columns' sources are those of a view."""

    @abstractmethod
    def deferred_keys(self, owner: str, table: str) -> None:
        """Check a table's keys when transactions end: it has one that is deferred."""
