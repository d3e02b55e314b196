"""The Butler's `Database` interface on Oracle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.name_shrinker import NameShrinker
from lsst.daf.butler.registry.interfaces import (
    Database,
    DatabaseMetadata,
    SchemaAlreadyDefinedError,
    StaticTablesContext,
)
from sqlalchemy.engine import URL, Connection, Engine

from gen3bed.oracle._dialect import DIALECT, SKIP_DUPLICATES
from gen3bed.oracle._errors import explain
from gen3bed.oracle._globs import like_pattern
from gen3bed.oracle._pieces import (
    cut_rows,
    cut_select,
    has_pieces,
    mark_pieces,
    pieces_of,
    put_together,
    with_pieces,
)
from gen3bed.oracle._retry import Retried
from gen3bed.oracle._schema import begin_making, check_complete, check_namespace, end_making
from gen3bed.oracle._temporary import PREFIX, TemporaryTables
from gen3bed.oracle._types import column_type
from gen3bed.oracle._unique import let_nulls_differ

__all__ = ["OracleDatabase"]

_ROWS_A_FETCH = 1000
"""Rows that a round trip brings; with the longest region in each, 3 MB."""
_MOST_CONSTANT_ROWS = 100
"""Rows that are written into a statement: each is a SELECT to parse."""


class OracleDatabase(Database):
    """A registry in the schema of an Oracle user.

    Parameters
    ----------
    engine : `sqlalchemy.engine.Engine`
        Engine of `makeEngine`.
    origin : `int`
        Default for the origin of datasets and quanta.
    namespace : `str`, optional
        The user whose schema holds the tables; default: the session's own.
    writeable : `bool`, optional
        Whether the database may be changed.
    allow_temporary_tables : `bool`, optional
        Whether private temporary tables may be used.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        origin: int,
        namespace: str | None = None,
        writeable: bool = True,
        allow_temporary_tables: bool = True,
    ) -> None:
        with engine.connect() as connection:
            namespace = namespace or connection.dialect.default_schema_name
        if namespace is not None and namespace.isupper():
            # In small letters, as SQLAlchemy has all names that need no quotes.
            namespace = namespace.lower()
        self._init(
            engine=engine,
            origin=origin,
            namespace=namespace,
            writeable=writeable,
            metadata=None,
            allow_temporary_tables=allow_temporary_tables,
        )

    def _init(
        self,
        *,
        engine: Engine,
        origin: int,
        namespace: str | None,
        writeable: bool,
        metadata: DatabaseMetadata | None,
        allow_temporary_tables: bool,
    ) -> None:
        super().__init__(
            origin=origin,
            engine=engine,
            namespace=namespace,
            metadata=metadata,
            allow_temporary_tables=allow_temporary_tables,
        )
        self._writeable = writeable
        self._temporary = TemporaryTables()
        self.name_shrinker = NameShrinker(engine.dialect.max_identifier_length)

    def clone(self) -> Self:
        copy = self.__new__(type(self))
        copy._init(  # noqa: SLF001 - it is of this class
            engine=self._engine,
            origin=self.origin,
            namespace=self.namespace,
            writeable=self._writeable,
            metadata=self._metadata,
            allow_temporary_tables=self._allow_temporary_tables,
        )
        return copy

    @classmethod
    def makeEngine(cls, uri: str | URL, *, writeable: bool = True) -> Engine:
        engine = sqlalchemy.create_engine(
            sqlalchemy.make_url(uri).set(drivername=DIALECT),
            # As for upstream's PostgreSQL: connections are made when they are needed.
            pool_pre_ping=True,
            pool_size=40,
            pool_use_lifo=True,
            # By default it is 100; upstream reads pages of thousands of rows.
            arraysize=_ROWS_A_FETCH,
            # Else the schema of a user whose tablespace is SYSTEM seems empty.
            exclude_tablespaces=(),
        )
        sqlalchemy.event.listen(engine, "handle_error", explain)
        return engine

    @classmethod
    def fromEngine(
        cls,
        engine: Engine,
        *,
        origin: int,
        namespace: str | None = None,
        writeable: bool = True,
        allow_temporary_tables: bool = True,
    ) -> Database:
        return cls(
            engine=engine,
            origin=origin,
            namespace=namespace,
            writeable=writeable,
            allow_temporary_tables=allow_temporary_tables,
        )

    def isWriteable(self) -> bool:
        return self._writeable

    def __str__(self) -> str:
        return f"Oracle@{self._engine.url.host}:{self.namespace}"

    def shrinkDatabaseEntityName(self, original: str) -> str:
        return self.name_shrinker.shrink(original)

    def expandDatabaseEntityName(self, shrunk: str) -> str:
        return self.name_shrinker.expand(shrunk)

    # -- transactions --------------------------------------------------------

    @contextmanager
    def _transaction(
        self,
        *,
        interrupting: bool = False,
        savepoint: bool = False,
        lock: Iterable[sqlalchemy.Table] = (),
        for_temp_tables: bool = False,
    ) -> Iterator[tuple[bool, Connection]]:
        with super()._transaction(interrupting=interrupting, savepoint=savepoint, lock=lock) as (
            new,
            connection,
        ):
            if new:
                self._temporary.forget()
            if new and not (self.isWriteable() or for_temp_tables):
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            try:
                yield new, connection
            except BaseException:
                # What was made since a savepoint may go with it.
                self._temporary.forget()
                raise

    def _lockTables(self, connection: Connection, tables: Iterable[sqlalchemy.Table] = ()) -> None:
        for table in tables:
            name = connection.dialect.identifier_preparer.format_table(table)
            # Readers are not kept waiting.
            connection.exec_driver_sql(f"LOCK TABLE {name} IN EXCLUSIVE MODE")

    # -- tables --------------------------------------------------------------

    @contextmanager
    def declareStaticTables(self, *, create: bool) -> Iterator[StaticTablesContext]:
        namespace = str(self.namespace)
        try:
            with super().declareStaticTables(create=create) as context:
                # Upstream has just asked for both.
                check_complete(context._tableNames, namespace)  # noqa: SLF001
                if create:
                    known = context._inspector.get_schema_names()  # noqa: SLF001
                    check_namespace(self._engine, namespace, known)
                yield context
                if create:
                    with self._transaction() as (_, connection):
                        begin_making(connection, namespace)
        except SchemaAlreadyDefinedError:
            check_complete(sqlalchemy.inspect(self._engine).get_table_names(schema=namespace), namespace)
            raise
        if create:
            with self._transaction() as (_, connection):
                end_making(connection, namespace)

    def _convertFieldSpec(
        self, table: str, spec: ddl.FieldSpec, metadata: sqlalchemy.MetaData, **kwargs: Any
    ) -> sqlalchemy.Column[Any]:
        column = super()._convertFieldSpec(table, spec, metadata, **kwargs)
        column.type = sqlalchemy.types.to_instance(column_type(spec, temporary=_is_temporary(table)))
        return column

    def _convertTableSpec(
        self, name: str, spec: ddl.TableSpec, metadata: sqlalchemy.MetaData, **kwargs: Any
    ) -> sqlalchemy.Table:
        table = super()._convertTableSpec(name, spec, metadata, **kwargs)
        if table.primary_key.columns:
            # So that `ensure` can tell from an error which constraint was violated.
            table.primary_key.name = self.shrinkDatabaseEntityName(f"{name}_pkey")
        for constraint in list(table.constraints):
            if isinstance(constraint, sqlalchemy.UniqueConstraint):
                let_nulls_differ(table, constraint)
        return table

    @contextmanager
    def temporary_table(self, spec: ddl.TableSpec, name: str | None = None) -> Iterator[sqlalchemy.Table]:
        # The transaction's end drops it.  DROP TABLE might end the transaction.
        with self.transaction(for_temp_tables=True), super().temporary_table(spec, name) as table:
            yield table
            self._temporary.give_back(table.name)

    def _make_temporary_table(
        self, connection: Connection, spec: ddl.TableSpec, name: str | None = None, **kwargs: Any
    ) -> sqlalchemy.Table:
        assert self._metadata is not None, "Static tables must be declared before temporary tables."  # noqa: S101
        # They have neither keys nor indexes.
        fields = with_pieces(_without_key(field) for field in spec.fields)
        name, exists = (PREFIX + name, False) if name else self._temporary.take(fields)
        table = self._metadata.add_table(
            self,
            name,
            ddl.TableSpec(fields),
            prefixes=["PRIVATE TEMPORARY"],
            schema=sqlalchemy.schema.BLANK_SCHEMA,
            oracle_on_commit="DROP DEFINITION",
            **kwargs,
        )
        if table.key in self._temp_tables:
            raise ValueError(f"A temporary table with name {name} already exists.")
        mark_pieces(table)
        with self._transaction(for_temp_tables=True):
            if exists:
                connection.execute(table.delete())
            else:
                table.create(connection)
        return table

    # -- changes -------------------------------------------------------------

    def insert(
        self,
        table: sqlalchemy.Table,
        *rows: dict[str, Any],
        returnIds: bool = False,  # noqa: N803 - upstream's name
        select: sqlalchemy.SelectBase | None = None,
        names: Iterable[str] | None = None,
    ) -> list[int] | None:
        if has_pieces(table):
            if select is not None:
                names, select = cut_select(table, select, names)
            rows = tuple(cut_rows(table, rows))
        # A list can be read again.
        names = None if names is None else list(names)
        return self._insert(table, *rows, returnIds=returnIds, select=select, names=names)

    def delete(self, table: sqlalchemy.Table, columns: Iterable[str], *rows: dict[str, Any]) -> int:
        return self._delete(table, list(columns), *rows)

    _insert = Retried(idempotent=False)(Database.insert)
    _delete = Retried(idempotent=True)(Database.delete)
    sync = Retried(idempotent=True)(Database.sync)
    deleteWhere = Retried(idempotent=True)(Database.deleteWhere)  # noqa: N815 - upstream's name
    update = Retried(idempotent=True)(Database.update)

    @Retried(idempotent=True)
    def replace(self, table: sqlalchemy.Table, *rows: dict[str, Any]) -> None:
        self.assertTableWriteable(table, f"Cannot replace into read-only table {table}.")
        if not rows:
            return
        keys = [column.name for column in table.primary_key]
        others = [column.name for column in table.columns if column.name not in keys]
        if not others:
            self.ensure(table, *rows)
            return
        keyed = (table.c[n] == sqlalchemy.bindparam(f"key_{n}", type_=table.c[n].type) for n in keys)
        renewed = {n: sqlalchemy.bindparam(f"new_{n}", type_=table.c[n].type) for n in others}
        values = [
            {f"key_{n}": row[n] for n in keys} | {f"new_{n}": row.get(n) for n in others} for row in rows
        ]
        with self._transaction() as (_, connection):
            # Two arrays, whatever the number of rows, and no row can come
            # between: after the first all are there, after the second all are new.
            self.ensure(table, *rows, primary_key_only=True)
            connection.execute(table.update().where(*keyed).values(renewed), values)

    @Retried(idempotent=True)
    def ensure(self, table: sqlalchemy.Table, *rows: dict[str, Any], primary_key_only: bool = False) -> int:
        self.assertTableWriteable(table, f"Cannot ensure into read-only table {table}.")
        if not rows:
            return 0
        skip: bool | tuple[str, ...] = (str(table.primary_key.name),) if primary_key_only else True
        options = {SKIP_DUPLICATES: skip, "preserve_rowcount": True}
        with self._transaction() as (_, connection):
            done = connection.execute(table.insert().inline(), list(rows), execution_options=options)
            return done.rowcount

    # -- queries -------------------------------------------------------------

    def constant_rows(
        self, fields: Any, *rows: dict[str, Any], name: str | None = None
    ) -> sqlalchemy.FromClause:
        selects = [
            sqlalchemy.select(*(_constant(row[field.name], field).label(field.name) for field in fields))
            for row in rows
        ]
        return sqlalchemy.union_all(*selects).subquery(name)

    def get_constant_rows_max(self) -> int:
        return _MOST_CONSTANT_ROWS

    @property
    def has_distinct_on(self) -> bool:
        return False

    @property
    def has_any_aggregate(self) -> bool:
        return True

    def apply_any_aggregate(self, column: sqlalchemy.ColumnElement[Any]) -> sqlalchemy.ColumnElement[Any]:
        # ANY_VALUE, which upstream has in mind, is not on all servers of 19c.
        pieces = pieces_of(column)
        if pieces:
            # All rows of a group have the same.
            whole = put_together([sqlalchemy.func.max(piece) for piece in pieces])
            return sqlalchemy.type_coerce(whole, column.type)
        return sqlalchemy.func.max(column, type_=column.type)

    def glob_expression(
        self, expression: sqlalchemy.ColumnElement[Any], pattern: str
    ) -> sqlalchemy.ColumnElement[bool]:
        if pattern == "*":
            return sqlalchemy.true()
        return expression.like(like_pattern(pattern), escape="\\")


def _is_temporary(table: str) -> bool:
    return table.startswith(PREFIX)


def _without_key(field: ddl.FieldSpec) -> ddl.FieldSpec:
    return ddl.FieldSpec(
        field.name, dtype=field.dtype, length=field.length, nbytes=field.nbytes, nullable=field.nullable
    )


def _constant(value: Any, field: ddl.FieldSpec) -> sqlalchemy.ColumnElement[Any]:
    constant: sqlalchemy.ColumnElement[Any] = sqlalchemy.literal(value, field.dtype)
    # A NULL without a type is a string's.
    return sqlalchemy.cast(constant, field.dtype) if value is None else constant
