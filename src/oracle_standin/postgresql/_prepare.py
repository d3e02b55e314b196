"""A session's statements, translated and parsed by PostgreSQL."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from oracle_standin.engine._labels import casts, labels
from oracle_standin.interface import Kind, Statement
from oracle_standin.postgresql._link import PostgreSQLError, Shape
from oracle_standin.postgresql._results import Prepared
from oracle_standin.postgresql._translate import Translation, translate
from oracle_standin.postgresql._values import to_spec, type_number
from oracle_standin.values import Column, DataType, TypeSpec

if TYPE_CHECKING:
    from oracle_standin.postgresql._session import PostgreSQLSession

__all__ = ["PreparedStatements"]

_MOST = 200
"""Statements kept prepared per session."""


class PreparedStatements:
    """One session's prepared statements; the least recently used go first.

    Parameters
    ----------
    session : `PostgreSQLSession`
        The session.
    """

    def __init__(self, session: PostgreSQLSession) -> None:
        self._session = session
        self._database = session.database
        self._link = session.link
        self._prepared: OrderedDict[Hashable, Prepared] = OrderedDict()

    def prepare(self, statement: Statement, types: Sequence[TypeSpec], *, certain: bool = False) -> Prepared:
        """Return a statement that PostgreSQL has parsed.

        Parameters
        ----------
        statement : `~oracle_standin.interface.Statement`
            A query or DML.
        types : `~collections.abc.Sequence` [`~oracle_standin.values.TypeSpec`]
            Of the binds that are given a value.
        certain : `bool`, optional
            Whether texts are said to be texts, instead of what PostgreSQL takes them for.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised for what cannot be translated.
        PostgreSQLError
            Raised for what PostgreSQL does not take.
        """
        numbers = [type_number(spec, certain=certain) for spec in types]
        key = (statement.text, self._session.current_schema, tuple(numbers))
        found = self._prepared.get(key)
        if found is not None:
            if found.generation == self._database.ddl_generation:
                self._prepared.move_to_end(key)
                return found
            del self._prepared[key]
            self._link.forget(found.name)
        translation = self._translation(statement.text, types)
        name = self._link.prepare(translation.sql, numbers)
        columns: tuple[Column, ...] = ()
        if statement.kind is Kind.QUERY or translation.returning:
            columns = self._columns(self._link.describe(name), statement, translation)
        prepared = Prepared(
            name=name,
            translation=translation,
            columns=columns,
            generation=self._database.ddl_generation,
        )
        self._prepared[key] = prepared
        while len(self._prepared) > _MOST:
            self._link.forget(self._prepared.popitem(last=False)[1].name)
        return prepared

    def _translation(self, text: str, types: Sequence[TypeSpec]) -> Translation:
        cache, names = self._database.translations, self._session.names
        dates = frozenset(place for place, spec in enumerate(types, 1) if spec.type is DataType.DATE)
        key = (text, self._session.current_schema, self._session.user_id, dates)
        found = cache.get(key)
        if found is not None and all(names.table(*name) == place for name, place in found.tables):
            return found
        found = translate(text, names, self._session.setting, dates=dates)
        cache.put(key, found)
        return found

    def _columns(
        self, shapes: Sequence[Shape], statement: Statement, translation: Translation
    ) -> tuple[Column, ...]:
        columns = [self.column(shape) for shape in shapes]
        if not translation.returning:
            for position, spec in casts(statement.text).items():
                if position < len(columns):
                    columns[position] = dataclasses.replace(columns[position], spec=spec)
            front, back = labels(statement.text)
            for position, name in (front | back).items():
                if -len(columns) <= position < len(columns):
                    columns[position] = dataclasses.replace(columns[position], name=name)
        return tuple(columns)

    def column(self, shape: Shape) -> Column:
        """Return a column of a result as Oracle describes it."""
        spec = None
        source = self._database.source(shape.table, shape.column) if shape.table else None
        if source is not None:
            spec = self._database.declared_type(source.owner, source.table, source.column)
        nullable = not shape.table or self._database.nullable(shape.table, shape.column)
        name = self._database.names.outer(shape.name)
        return Column(name=name, spec=spec or to_spec(shape), nullable=nullable)

    def shapes(self, query: str) -> Sequence[Shape] | None:
        """Return the columns of a query in PostgreSQL's SQL; `None` if it is not valid."""
        try:
            with self._session.atomic():
                name = self._link.prepare(query, ())
                shapes = self._link.describe(name)
                self._link.forget(name)
        except PostgreSQLError:
            return None
        return shapes
