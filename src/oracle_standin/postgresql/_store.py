"""Oracle's definitions as PostgreSQL's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.engine._store import IndexItem, Named, NewTable, Source, Store
from oracle_standin.engine._text import literal, quoted
from oracle_standin.engine._types import Declared
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.postgresql._link import PostgreSQLError
from oracle_standin.postgresql._storage import (
    column_sql,
    constraint_sql,
    length_check,
    length_check_name,
    sequence_options,
    storage_type,
)

if TYPE_CHECKING:
    from oracle_standin.postgresql._session import PostgreSQLSession

__all__ = ["PostgreSQLStore"]


class PostgreSQLStore(Store):
    """Changes PostgreSQL's objects.

    Parameters
    ----------
    session : `PostgreSQLSession`
        Whose statements they are.
    """

    def __init__(self, session: PostgreSQLSession) -> None:
        self._names = session.database.names
        super().__init__(session.native, self._names.quoted)
        self._session = session

    # -- tables --------------------------------------------------------------

    def create_table(self, table: NewTable) -> None:
        owner, name, columns, query = table.owner, table.name, table.columns, table.query
        if any(column.invisible for column in columns):
            raise not_modelled("invisible columns on PostgreSQL")
        items = [self._column(owner, name, column) for column in columns]
        items += [self._constraint(named) for named in table.constraints]
        body = f" ({', '.join(items)})" if items else ""
        filled = f" AS {query}" if query is not None else ""
        if query is not None and items:
            raise not_modelled("CREATE TABLE AS SELECT with columns or constraints")
        with self._identities(owner, name, columns):
            self._make_table(table, body, filled)
        if table.kind == "PRIVATE TEMPORARY":
            return
        if query is not None:
            self._numbers(owner, name)
        for given, constraint in table.constraints:
            self._partial_nulls(owner, name, given, constraint, columns)
        self._defaults_on_null(owner, name, columns)
        if table.kind == "GLOBAL TEMPORARY":
            clause = "PRESERVE ROWS" if table.keeps_rows else "DELETE ROWS"
            self._session.database.temporary[owner, name] = [clause]
        if self._session.database.views:
            # One may have waited for this table.
            self._session.database.restore_views()

    def _make_table(self, table: NewTable, body: str, filled: str) -> None:
        if table.kind != "PRIVATE TEMPORARY":
            self._native(f"CREATE TABLE {self._path(table.owner, table.name)}{body}{filled}")
            return
        if table.drops_definition:
            self._session.transaction.begin()
            action = "DROP"
        else:
            action = "PRESERVE ROWS" if table.keeps_rows else "DELETE ROWS"
        self._native(f"CREATE TEMPORARY TABLE {self._quoted(table.name)}{body} ON COMMIT {action}{filled}")

    def _sequence(self, owner: str, table: str, column: str) -> str:
        """Return the path of an identity's sequence."""
        return self._path(owner, f"{table}.{column}$IDENTITY")

    def _column(self, owner: str, table: str, column: ColumnDefinition) -> str:
        return column_sql(column, self._names, self._sequence(owner, table, column.name))

    @contextlib.contextmanager
    def _identities(self, owner: str, table: str, columns: Sequence[ColumnDefinition]) -> Iterator[None]:
        """Make the sequences of identities before what is made within; they go with their columns."""
        given = [column for column in columns if column.identity is not None]
        paths = {column.name: self._sequence(owner, table, column.name) for column in given}
        for column in given:
            self._native(f"CREATE SEQUENCE {paths[column.name]} {sequence_options(column.options)}")
        try:
            yield
        except OracleError:
            for path in paths.values():
                self._native(f"DROP SEQUENCE {path}")
            raise
        for name, path in paths.items():
            target = f"{self._path(owner, table)}.{self._quoted(name)}"
            self._native(f"ALTER SEQUENCE {path} OWNED BY {target}")

    def _constraint(self, named: Named) -> str:
        name, constraint = named
        if constraint.parent is not None:
            # It may be a synonym's.
            constraint = replace(constraint, parent=self._session.names.resolve(*constraint.parent))
        return constraint_sql(name, constraint, self._names)

    def _numbers(self, owner: str, name: str) -> None:
        """Make integers of a table that was made by a query numbers, which they are in Oracle."""
        rows = self._session.link.run(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0"
            " AND atttypid IN (20, 21, 23)",
            self._path(owner, name),
        )
        for (column,) in rows:
            self._alter(owner, name, f'ALTER COLUMN "{column}" SET DATA TYPE numeric')

    def _partial_nulls(
        self,
        owner: str,
        table: str,
        name: str,
        constraint: Constraint,
        columns: Sequence[ColumnDefinition],
    ) -> None:
        """Refuse rows that are alike in a unique key with some NULLs, which PostgreSQL lets pass."""
        filled = {column.name for column in columns if column.not_null or column.identity}
        if (
            constraint.kind == "U"
            and len(constraint.columns) > 1
            and not filled.issuperset(constraint.columns)
        ):
            self._unique_nulls(owner, table, name, constraint.columns)

    def _unique_nulls(self, owner: str, table: str, name: str, columns: Sequence[str]) -> None:
        names = ", ".join(map(self._quoted, columns))
        self._native(
            f"CREATE UNIQUE INDEX {self._nulls_index(name)} ON {self._path(owner, table)} ({names})"
            f" NULLS NOT DISTINCT WHERE num_nulls({names}) BETWEEN 1 AND {len(columns) - 1}"
        )

    def _drop_unique_nulls(self, owner: str, name: str) -> None:
        self._native(f"DROP INDEX IF EXISTS {self._quoted(owner)}.{self._nulls_index(name)}")

    def _nulls_index(self, name: str) -> str:
        """Return the quoted name of the index that a unique key has for its NULLs."""
        return '"' + self._names.inner(name).replace('"', '""')[:56] + '$nulls"'

    def _defaults_on_null(self, owner: str, table: str, columns: Sequence[ColumnDefinition]) -> None:
        """Make triggers for DEFAULT ON NULL."""
        for column in columns:
            if not column.on_null:
                continue
            inner = self._quoted(column.name)
            if column.identity is not None:
                value = f"nextval({literal(self._sequence(owner, table, column.name))}::regclass)"
            else:
                value = column.default_sql or "NULL"
            trigger = '"' + self._names.inner(column.name).replace('"', '""')[:50] + '$default"'
            function = f'{self._quoted(owner)}.{trigger[:-1]}${abs(hash((table, column.name))) % 10**8}"'
            self._native(
                f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $body$ BEGIN NEW.{inner} := {value}; RETURN NEW; END $body$"
            )
            self._native(
                f"CREATE TRIGGER {trigger} BEFORE INSERT ON {self._path(owner, table)} FOR EACH ROW"
                f" WHEN (NEW.{inner} IS NULL) EXECUTE FUNCTION {function}()"
            )

    def add_column(self, owner: str, table: str, column: ColumnDefinition) -> None:
        if column.invisible:
            raise not_modelled("invisible columns on PostgreSQL")
        with self._identities(owner, table, [column]):
            self._alter(owner, table, f"ADD COLUMN {self._column(owner, table, column)}")
        self._defaults_on_null(owner, table, [column])

    def modify_column(
        self, owner: str, table: str, column: ColumnDefinition, *, visible: bool | None
    ) -> None:
        if visible is False:
            raise not_modelled("invisible columns on PostgreSQL")
        inner = self._quoted(column.name)
        if column.declared is not None:
            kind = storage_type(column.declared.spec)
            self._drop_views()
            try:
                self._alter(
                    owner,
                    table,
                    f"DROP CONSTRAINT IF EXISTS {length_check_name(column.name, self._names)},"
                    f" ALTER COLUMN {inner} SET DATA TYPE {kind} USING CAST({inner} AS {kind})",
                )
                check = length_check(column.name, column.declared, self._names)
                if check is not None:
                    self._alter(owner, table, f"ADD CONSTRAINT {check[0]} CHECK ({check[1]})")
            finally:
                self._session.database.restore_views()
        if column.default_sql is not None:
            self._alter(owner, table, f"ALTER COLUMN {inner} SET DEFAULT {column.default_sql}")
        if column.not_null is not None:
            self._alter(owner, table, f"ALTER COLUMN {inner} {'SET' if column.not_null else 'DROP'} NOT NULL")

    def _drop_views(self) -> None:
        """Drop the views for a while: PostgreSQL changes no column that one looks at."""
        for owner, name in self._session.database.views:
            self._native(f"DROP VIEW IF EXISTS {self._path(owner, name)} CASCADE")

    def drop_column(self, owner: str, table: str, column: str) -> None:
        self._drop_views()
        try:
            self._alter(owner, table, f"DROP COLUMN {self._quoted(column)}")
        finally:
            self._session.database.restore_views()

    def rename_column(self, owner: str, table: str, old: str, new: str) -> None:
        names = self._names
        self._alter(owner, table, f"RENAME COLUMN {names.quoted(old)} TO {names.quoted(new)}")
        rows = self._session.database.execute(
            "SELECT DATA_LENGTH, CHAR_LENGTH, CHAR_USED, DATA_TYPE FROM STANDIN.COLUMNS"
            " WHERE OWNER = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?",
            owner, table, old,
        )  # fmt: skip
        spec = self._session.database.declared_type(owner, table, old)
        if not rows or spec is None:
            return
        # The check says the column's name in its error.
        declared = Declared(
            spec=spec, name=str(rows[0][3]), length=int(rows[0][0] or 0),
            char_length=int(rows[0][1] or 0), char_used=rows[0][2],
        )  # fmt: skip
        check = length_check(new, declared, names)
        if check is not None:
            self._alter(owner, table, f"DROP CONSTRAINT IF EXISTS {length_check_name(old, names)}")
            self._alter(owner, table, f"ADD CONSTRAINT {check[0]} CHECK ({check[1]})")

    def add_constraint(self, owner: str, table: str, constraint: Named) -> None:
        self._alter(owner, table, f"ADD {self._constraint(constraint)}")
        self._partial_nulls(owner, table, *constraint, ())

    def drop_constraint(self, owner: str, table: str, name: str, *, cascade: bool) -> None:
        self._alter(owner, table, f"DROP CONSTRAINT {self._quoted(name)}{' CASCADE' if cascade else ''}")
        self._drop_unique_nulls(owner, name)

    def drop_primary_key(self, owner: str, table: str) -> None:
        name = self._session.database.primary_key(owner, table)
        if name is None:
            raise OracleError(2441, "Cannot drop nonexistent primary key")
        self.drop_constraint(owner, table, name, cascade=False)

    def _place(self, owner: str, name: str) -> str:
        """Return where a table's rows are for this session, in quotes."""
        return ".".join(map(quoted, self._session.temporary.place(owner, name)))

    def drop_table(self, owner: str, name: str) -> None:
        path = self._place(owner, name)
        database = self._session.database
        if name.startswith("ORA$PTT_"):
            self._native(f"DROP TABLE {path}")
            return
        if (owner, name) in database.temporary:
            self._native(f"DROP TABLE IF EXISTS {path}")
        self._native(f"DROP TABLE {self._path(owner, name)} CASCADE")
        database.views.pop((owner, name), None)
        database.restore_views()

    def truncate_table(self, owner: str, name: str) -> None:
        try:
            self._native(f"TRUNCATE TABLE {self._place(owner, name)}")
        except OracleError as error:
            if isinstance(error.__cause__, PostgreSQLError) and error.__cause__.state == "0A000":
                raise OracleError(
                    2266, "unique/primary keys in table referenced by enabled foreign keys"
                ) from None
            raise

    def deferred_keys(self, owner: str, table: str) -> None:
        """Do nothing: PostgreSQL defers them itself."""

    # -- views and synonyms --------------------------------------------------

    def create_view(
        self, owner: str, name: str, columns: Sequence[str], query: str, *, replace: bool, force: bool
    ) -> None:
        database = self._session.database
        names = " (" + ", ".join(map(self._quoted, columns)) + ")" if columns else ""
        sql = f"CREATE VIEW {self._path(owner, name)}{names} AS {query}"
        known = (owner, name) in database.views
        if known and replace:
            self._native(f"DROP VIEW IF EXISTS {self._path(owner, name)} CASCADE")
        try:
            self._native(sql)
        except OracleError:
            if known and replace:
                database.restore_views()
            if not force:
                raise
        database.views[owner, name] = sql
        if known:
            database.restore_views()

    def drop_view(self, owner: str, name: str) -> None:
        self._native(f"DROP VIEW IF EXISTS {self._path(owner, name)} CASCADE")
        self._session.database.views.pop((owner, name), None)
        self._session.database.restore_views()

    def create_synonym(self, owner: str, name: str, target: tuple[str, str]) -> None:
        """Do nothing: names are looked up before PostgreSQL sees them."""

    def drop_synonym(self, owner: str, name: str) -> None:
        """Do nothing, as above."""

    def view_query(self, owner: str, name: str) -> str:
        rows = []
        with contextlib.suppress(PostgreSQLError):
            rows = self._session.link.run("SELECT pg_get_viewdef($1::regclass)", self._path(owner, name))
        return (rows[0][0] if rows else None) or f"SELECT * FROM {self._path(owner, name)}"  # noqa: S608

    def sources(self, query: str) -> list[Source | None] | None:
        shapes = self._session.statements.shapes(query)
        if shapes is None:
            return None
        source = self._session.database.source
        return [source(shape.table, shape.column) if shape.table else None for shape in shapes]

    # -- indexes and sequences -----------------------------------------------

    def create_index(
        self, owner: str, table: str, name: str, items: Sequence[IndexItem], *, unique: bool
    ) -> list[str]:
        shown, sql = [], []
        for number, item in enumerate(items, 1):
            key = self._quoted(item.column) if item.column else f"({item.expression})"
            sql.append(key + (" DESC" if item.descending else ""))
            plain = item.column is not None and not item.descending
            shown.append(str(item.column) if plain else f"SYS_NC{number:05d}$")
        kind = "UNIQUE " if unique else ""
        self._native(
            f"CREATE {kind}INDEX {self._quoted(name)} ON {self._path(owner, table)} ({', '.join(sql)})"
        )
        columns = [item.column for item in items if item.column]
        if unique and len(items) > 1 and len(columns) == len(items):
            self._unique_nulls(owner, table, name, columns)
        return shown

    def drop_index(self, owner: str, name: str, hidden: Sequence[tuple[str, str]]) -> None:
        del hidden
        self._native(f"DROP INDEX {self._path(owner, name)}")
        self._drop_unique_nulls(owner, name)

    def _sequence_options(self, options: dict[str, str]) -> str:
        return sequence_options(options)
