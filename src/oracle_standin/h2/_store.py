"""Oracle's definitions as H2's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import jpype

from oracle_standin.engine._columns import ColumnDefinition
from oracle_standin.engine._register import forget_column, record_column
from oracle_standin.engine._store import IndexItem, Named, NewTable, Source, Store
from oracle_standin.engine._text import quoted
from oracle_standin.engine._types import Declared
from oracle_standin.errors import OracleError
from oracle_standin.h2 import _bridge
from oracle_standin.h2._storage import column_sql, constraint_sql, sequence_options, storage_type

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["H2Store"]


def _constraint(named: Named) -> str:
    name, constraint = named
    return f"CONSTRAINT {quoted(name)} {constraint_sql(constraint)}"


class H2Store(Store):
    """Changes H2's objects.

    Parameters
    ----------
    session : `H2Session`
        Whose statements they are.
    """

    def __init__(self, session: H2Session) -> None:
        super().__init__(session.native, quoted)
        self._session = session

    # -- tables --------------------------------------------------------------

    def create_table(self, table: NewTable) -> None:
        items = [column_sql(column) for column in table.columns]
        items += [_constraint(named) for named in table.constraints]
        body = f" ({', '.join(items)})" if items else ""
        filled = f" AS {table.query}" if table.query is not None else ""
        path = self._path(table.owner, table.name)
        if table.kind == "TABLE":
            self._native(f"CREATE TABLE {path}{body}{filled}")
        elif table.kind == "GLOBAL TEMPORARY":
            self._create_temporary(table.owner, table.name, body, keeps_rows=table.keeps_rows)
        else:
            # Like PostgreSQL's: with DROP DEFINITION it neither commits nor survives the transaction.
            clause = "ON COMMIT DROP TRANSACTIONAL" if table.drops_definition else ""
            self._native(f"CREATE LOCAL TEMPORARY TABLE {path}{body} {clause}{filled}")

    def _create_temporary(self, owner: str, name: str, body: str, *, keeps_rows: bool) -> None:
        known = self._session.database.temporary
        if (owner, name) in known:
            raise OracleError(955, "name is already used by an existing object")
        clause = "" if keeps_rows else " ON COMMIT DELETE ROWS"
        sql = f"CREATE LOCAL TEMPORARY TABLE {self._path(owner, name)}{body}{clause}"
        self._native(sql)
        known[owner, name] = [sql]
        self._session.keep_temporary(owner, name)

    def add_column(self, owner: str, table: str, column: ColumnDefinition) -> None:
        self._alter(owner, table, f"ADD {column_sql(column)}")

    def modify_column(
        self, owner: str, table: str, column: ColumnDefinition, *, visible: bool | None
    ) -> None:
        change = f"ALTER COLUMN {quoted(column.name)}"
        if column.declared is not None:
            self._alter(owner, table, f"{change} SET DATA TYPE {storage_type(column.declared)}")
        if column.default_sql is not None:
            self._alter(owner, table, f"{change} SET DEFAULT {column.default_sql}")
        if column.not_null is not None:
            self._alter(owner, table, f"{change} {'SET' if column.not_null else 'DROP'} NOT NULL")
        if visible is not None:
            self._alter(owner, table, f"{change} SET {'VISIBLE' if visible else 'INVISIBLE'}")

    def drop_column(self, owner: str, table: str, column: str) -> None:
        self._alter(owner, table, f"DROP COLUMN {quoted(column)}")

    def rename_column(self, owner: str, table: str, old: str, new: str) -> None:
        self._alter(owner, table, f"ALTER COLUMN {quoted(old)} RENAME TO {quoted(new)}")

    def add_constraint(self, owner: str, table: str, constraint: Named) -> None:
        self._alter(owner, table, f"ADD {_constraint(constraint)}")

    def drop_constraint(self, owner: str, table: str, name: str, *, cascade: bool) -> None:
        more = " CASCADE" if cascade else ""
        self._alter(owner, table, f"DROP CONSTRAINT {quoted(name)}{more}")

    def drop_primary_key(self, owner: str, table: str) -> None:
        self._alter(owner, table, "DROP PRIMARY KEY")

    def drop_table(self, owner: str, name: str) -> None:
        self._native(f"DROP TABLE {self._path(owner, name)} CASCADE")
        self._session.forget_temporary(owner, name)
        self._session.database.views.pop((owner, name), None)
        self._session.database.restore_views()

    def truncate_table(self, owner: str, name: str) -> None:
        self._native(f"TRUNCATE TABLE {self._path(owner, name)}")

    def deferred_keys(self, owner: str, table: str) -> None:
        self._session.database.deferred.defer(self._session, (owner, table))

    # -- views and synonyms --------------------------------------------------

    def create_view(
        self, owner: str, name: str, columns: Sequence[str], query: str, *, replace: bool, force: bool
    ) -> None:
        names = " (" + ", ".join(map(quoted, columns)) + ")" if columns else ""
        words = "CREATE OR REPLACE" if replace else "CREATE"
        sql = f"VIEW {self._path(owner, name)}{names} AS {query}"
        try:
            self._native(f"{words} {sql}")
        except OracleError:
            if not force:
                raise
            self._native(f"{words} FORCE {sql}")
        self._session.database.views[owner, name] = f"CREATE FORCE {sql}"

    def drop_view(self, owner: str, name: str) -> None:
        self._native(f"DROP VIEW {self._path(owner, name)} CASCADE")
        self._session.database.views.pop((owner, name), None)
        self._session.database.restore_views()

    def create_synonym(self, owner: str, name: str, target: tuple[str, str]) -> None:
        self._session.database.execute(
            f"CREATE OR REPLACE SYNONYM {self._path(owner, name)} FOR {self._path(*target)}"
        )

    def drop_synonym(self, owner: str, name: str) -> None:
        self._native(f"DROP SYNONYM IF EXISTS {self._path(owner, name)}")

    def view_query(self, owner: str, name: str) -> str:
        rows = self._session.database.execute(
            "SELECT VIEW_DEFINITION FROM INFORMATION_SCHEMA.VIEWS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
            owner,
            name,
        )
        return (rows[0][0] if rows else None) or f"SELECT * FROM {self._path(owner, name)}"  # noqa: S608 - names are quoted

    def sources(self, query: str) -> list[Source | None] | None:
        try:
            prepared = self._session.connection.prepareStatement(query)
        except jpype.JException:
            return None
        try:
            metadata = prepared.getMetaData()
            found: list[Source | None] = []
            for position in range(1, int(metadata.getColumnCount()) + 1):
                table = metadata.getTableName(position)
                found.append(
                    Source(
                        owner=str(metadata.getSchemaName(position)),
                        table=str(table),
                        column=str(metadata.getColumnName(position)),
                    )
                    if table
                    else None
                )
            return found
        finally:
            prepared.close()

    # -- indexes and sequences -----------------------------------------------

    def create_index(
        self, owner: str, table: str, name: str, items: Sequence[IndexItem], *, unique: bool
    ) -> list[str]:
        shown, sql = [], []
        for number, item in enumerate(items, 1):
            column = item.column or self._expression_column(owner, table, item)
            # Oracle shows a descending column as one that is computed.
            shown.append(f"SYS_NC{number:05d}$" if item.column and item.descending else column)
            sql.append(f"{quoted(column)}{' DESC' if item.descending else ''}")
        kind = "UNIQUE " if unique else ""
        # H2 wants an index in the schema of its table; its owner is in the bookkeeping.
        statement = (
            f"CREATE {kind}INDEX {self._path(owner, name)} ON {self._path(owner, table)} ({', '.join(sql)})"
        )
        self._native(statement)
        if (owner, table) in self._session.database.temporary:
            self._session.database.temporary[owner, table].append(statement)
        return shown

    def _expression_column(self, owner: str, table: str, item: IndexItem) -> str:
        """Add the hidden column that an index on an expression needs, and return its name."""
        session = self._session
        sql = item.expression
        prepared = session.connection.prepareStatement(f"SELECT {sql} FROM {self._path(owner, table)}")  # noqa: S608 - names are quoted
        try:
            metadata = prepared.getMetaData()
            (column,) = _bridge.describe(metadata, session.database.declared_type)
            h2 = str(metadata.getColumnTypeName(1))
            if h2 in ("CHARACTER VARYING", "CHARACTER", "BINARY VARYING"):
                h2 += f"({min(int(metadata.getPrecision(1)), 4000)})"
        finally:
            prepared.close()
        (count,) = session.database.execute(
            "SELECT COUNT(*) + 1 FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
            owner, table,
        )[0]  # fmt: skip
        name = f"SYS_NC{int(count or 1):05d}$"
        self._alter(owner, table, f"ADD {quoted(name)} {h2} INVISIBLE GENERATED ALWAYS AS ({sql})")
        spec = column.spec
        declared = Declared(
            spec=spec, name=spec.type.name, length=spec.size or 22, char_length=spec.char_size,
            char_used="B" if spec.char_size else None,
        )  # fmt: skip
        definition = ColumnDefinition(name=name, declared=declared, default=item.source, virtual=True)
        record_column(session.database, owner, table, definition, hidden=True)
        return name

    def drop_index(self, owner: str, name: str, hidden: Sequence[tuple[str, str]]) -> None:
        self._native(f"DROP INDEX {self._path(owner, name)}")
        for table, column in hidden:
            forget_column(self._session.database, owner, table, column)
            if self._session.database.execute(
                "SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND"
                " COLUMN_NAME = ?",
                owner, table, column,
            ):  # fmt: skip
                self.drop_column(owner, table, column)

    def _sequence_options(self, options: dict[str, str]) -> str:
        return sequence_options(options)
