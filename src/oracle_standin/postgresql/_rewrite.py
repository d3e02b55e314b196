"""Oracle's queries and DML, parsed and rewritten as trees."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from oracle_standin.errors import not_modelled
from oracle_standin.postgresql._calls import Setting
from oracle_standin.postgresql._dialect import OracleText, Raw, oracle_name
from oracle_standin.postgresql._rewrite_dml import rewrite_dml
from oracle_standin.postgresql._rewrite_expressions import ExpressionRewriter
from oracle_standin.postgresql._rownum import limit_rows
from oracle_standin.postgresql._source import Source
from oracle_standin.values import DataType

__all__ = ["Resolver", "Rewriter"]


class Resolver(Protocol):
    """Finds what names in a statement stand for."""

    def table(self, schema: str | None, name: str) -> tuple[str, str]:
        """Return PostgreSQL's schema and name of a table or view, not quoted."""

    def sequence(self, parts: Sequence[str]) -> tuple[str, str]:
        """Return Oracle's schema and name of a sequence."""

    def generated(self, schema: str | None, table: str) -> str | None:
        """Return the column of a table that is always an identity, if it has one."""

    def column_type(self, schema: str | None, table: str, column: str) -> DataType | None:
        """Return the declared type of a column, if the table has one of that name."""


class Rewriter:
    """Rewrites one statement.

    Parameters
    ----------
    source : `Source`
        The statement.
    resolver : `Resolver`
        Knows what its names stand for.
    setting : `Setting`
        What calls depend on.
    """

    def __init__(
        self, source: Source, resolver: Resolver, setting: Setting, dates: AbstractSet[int] = frozenset()
    ) -> None:
        self._resolver = resolver
        self._names = setting.names
        self._expressions = ExpressionRewriter(source.types, setting, self._column_types, dates)
        self.tables: dict[tuple[str | None, str], tuple[str, str]] = {}
        """Tables that were looked up: by schema and name as written, what was found."""
        self._aliases = 0

    def read(self, text: str) -> Any:
        """Return a text, the statement's or a part of it, as sqlglot's tree for PostgreSQL.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised for what cannot be rewritten.
        """
        tree = self._parse(text)
        self._rewrite(tree)
        return tree

    @staticmethod
    def _parse(text: str) -> Any:
        try:
            return sqlglot.parse_one(text, read=OracleText)
        except SqlglotError as error:
            said = str(error).partition("\n")[0].partition(". Line")[0]
            raise not_modelled(f"this statement (sqlglot: {said})") from None
        except RecursionError:
            raise not_modelled("a statement as deep as this") from None

    def _rewrite(self, tree: Any) -> None:
        if tree.find(exp.Command):
            raise not_modelled("this statement")
        self._order_by_aliases(tree)
        limit_rows(tree)
        self._with(tree)
        rewrite_dml(tree, self._resolver.generated)
        common = {
            oracle_name(cte.args["alias"].this) for cte in tree.find_all(exp.CTE) if cte.args.get("alias")
        }
        for table in list(tree.find_all(exp.Table)):
            self._table(table, common)
        for subquery in list(tree.find_all(exp.Subquery)):
            self._subquery(subquery)
        for column in list(tree.find_all(exp.Column)):
            self._column(column)
        self._expressions.rewrite(tree)
        self._leaves(tree)

    def _column_types(self, column: str) -> set[DataType]:
        found = (self._resolver.column_type(*table, column) for table in self.tables)
        return {kind for kind in found if kind is not None}

    def _leaves(self, tree: Any) -> None:
        for node in list(tree.find_all(exp.Literal)):
            if node.is_string and not node.this:
                # Oracle has no empty text.
                node.replace(Raw(this="NULL::text", expressions=[]))
        for node in list(tree.find_all(exp.Placeholder)):
            node.replace(Raw(this=f"${str(node.this).removeprefix('B')}", expressions=[]))
        for node in list(tree.find_all(exp.Identifier)):
            self._identifier(node)

    # -- names ---------------------------------------------------------------

    def _identifier(self, node: Any) -> None:
        if node.args.get("inner"):
            return
        node.replace(self._inner(self._names.inner(oracle_name(node))))

    @staticmethod
    def _inner(name: str) -> Any:
        found = exp.Identifier(this=name, quoted=True)
        found.args["inner"] = True
        return found

    def _table(self, table: Any, common: set[str]) -> None:
        this = table.this
        if isinstance(this, exp.Anonymous):
            return
        if not isinstance(this, exp.Identifier):
            raise not_modelled("this kind of table")
        if table.args.get("catalog") or table.args.get("version"):
            raise not_modelled("this form of a table's name")
        name, db = oracle_name(this), table.args.get("db")
        schema = oracle_name(db) if db is not None else None
        if schema is None and name in common:
            return
        if not table.args.get("alias") and not isinstance(table.parent, exp.Schema):
            alias = exp.TableAlias(this=exp.Identifier(this=name, quoted=True))
            table.set("alias", alias)
        found = self._resolver.table(schema, name)
        self.tables[schema, name] = found
        table.set("this", self._inner(found[1]))
        table.set("db", self._inner(found[0]) if found[0] else None)

    def _subquery(self, subquery: Any) -> None:
        # A join in parentheses has no name of its own.
        lateral = isinstance(subquery.parent, exp.Lateral)
        named = subquery.parent if lateral else subquery
        in_from = lateral or isinstance(subquery.parent, (exp.From, exp.Join))
        if in_from and isinstance(subquery.this, exp.Query) and not named.args.get("alias"):
            self._aliases += 1
            named.set("alias", exp.TableAlias(this=exp.Identifier(this=f"V${self._aliases}", quoted=True)))

    def _column(self, column: Any) -> None:
        # A column of a table without an alias may be qualified by its schema too.
        column.set("db", None)
        column.set("catalog", None)
        this = column.this
        if not isinstance(this, exp.Identifier) or this.args.get("quoted"):
            return
        match str(this.this).upper():
            case "ROWNUM":
                column.replace(Raw(this="row_number() OVER ()", expressions=[]))
            case "ROWID" | "ORA_ROWSCN":
                raise not_modelled(f"the pseudo column {str(this.this).upper()}")

    # -- queries and DML -----------------------------------------------------

    def _with(self, tree: Any) -> None:
        for clause in tree.find_all(exp.With):
            for cte in clause.expressions:
                name = oracle_name(cte.args["alias"].this)
                if any(
                    isinstance(table.this, exp.Identifier)
                    and oracle_name(table.this) == name
                    and not table.args.get("db")
                    for table in cte.this.find_all(exp.Table)
                ):
                    clause.args["recursive"] = True

    def _order_by_aliases(self, tree: Any) -> None:
        """Put an alias's expression into expressions of ORDER BY, where PostgreSQL takes it alone only."""
        for select in tree.find_all(exp.Select):
            order = select.args.get("order")
            if order is None:
                continue
            aliases = {
                oracle_name(item.args["alias"]): item.this
                for item in select.expressions
                if isinstance(item, exp.Alias)
            }
            for key in order.expressions:
                alone = key.this if isinstance(key, exp.Ordered) else key
                for column in list(alone.find_all(exp.Column)):
                    if column is alone or column.args.get("table"):
                        continue
                    found = aliases.get(oracle_name(column.this))
                    if found is not None:
                        column.replace(exp.Paren(this=found.copy()))
