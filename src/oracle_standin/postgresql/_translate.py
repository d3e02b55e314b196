"""Oracle's queries and DML as PostgreSQL's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from oracle_standin.engine._errors import generated_column
from oracle_standin.engine._tokens import SqlTranslator
from oracle_standin.errors import not_modelled
from oracle_standin.postgresql._calls import CONCATENATED, Setting, call
from oracle_standin.postgresql._dialect import OracleText, PostgreSQLText, Raw
from oracle_standin.postgresql._rownum import limit_rows
from oracle_standin.postgresql._source import Source, read_part, read_source
from oracle_standin.postgresql._storage import cast_type
from oracle_standin.sql._scanner import Token, scan
from oracle_standin.values import DataType

__all__ = ["PostgreSQLTranslator", "Resolver", "Translation", "translate"]

# Digits that make a quotient as precise as Oracle's, and keep integers from dividing as integers.
_ONE = "1." + "0" * 37

# How expressions begin that are a DATE.
_DATES = (
    "timestamp(0) '",
    "sys.sysdate",
    "sys.now_date",
    "sys.to_date",
    "CAST({} AS timestamp(0))",
    "sys.trunc({}, {}",
    "sys.last_day",
    "sys.add_months",
)


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


@dataclass(frozen=True, kw_only=True)
class Translation:
    """A statement in PostgreSQL's form.

    Attributes
    ----------
    sql : `str`
        For PostgreSQL.
    returning : `bool`
        Whether it is DML with RETURNING.
    locking : `str` or `None`
        How a query waits for rows; `None` if it locks none.
    tables : `tuple`
        Tables that were looked up: schema and name as written, and what was found.
    """

    sql: str
    returning: bool = False
    locking: str | None = None
    tables: tuple[tuple[tuple[str | None, str], tuple[str, str]], ...] = ()


def translate(text: str, resolver: Resolver, setting: Setting) -> Translation:
    """Translate a query or DML.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what cannot be translated.
    """
    source = read_source(scan(text))
    work = _Work(source, resolver, setting)
    tree = work.parse(source.text)
    work.rewrite(tree)
    sql = tree.sql(PostgreSQLText)
    if source.returning is not None:
        parts = sqlglot.parse_one(f"SELECT {source.returning}", read=OracleText)
        work.rewrite(parts)
        for column in parts.find_all(exp.Column):
            column.set("table", None)
            column.set("db", None)
        sql += " RETURNING " + ", ".join(part.sql(PostgreSQLText) for part in parts.expressions)
    if source.locking is not None:
        sql += " FOR UPDATE"
        tables = {setting.names.quoted(name[-2]) for name in source.locked if len(name) > 1}
        if tables:
            sql += " OF " + ", ".join(sorted(tables))
        if source.locking in ("NOWAIT", "SKIP LOCKED"):
            sql += f" {source.locking}"
    return Translation(
        sql=sql,
        returning=source.returning is not None,
        locking=source.locking,
        tables=tuple(work.tables.items()),
    )


class PostgreSQLTranslator(SqlTranslator):
    """Renders ranges of one statement's tokens, for definitions.

    Parameters
    ----------
    tokens : `~collections.abc.Sequence` [`Token`]
        The statement.
    resolver, setting
        As for `translate`.
    """

    def __init__(self, tokens: Sequence[Token], resolver: Resolver, setting: Setting) -> None:
        super().__init__(tokens)
        self._resolver = resolver
        self._setting = setting

    def render(self, start: int, end: int) -> str:
        """Return the SQL of a range of tokens: an expression, a condition or a query."""
        source = read_part(self.tokens, start, end)
        work = _Work(source, self._resolver, self._setting)
        first = next((t for t in self.tokens[start:end] if not t.is_symbol("(")), None)
        if first is not None and first.is_word("SELECT", "WITH"):
            tree = work.parse(source.text)
            work.rewrite(tree)
            return str(tree.sql(PostgreSQLText))
        tree = work.parse(f"SELECT {source.text}")
        work.rewrite(tree)
        return ", ".join(part.sql(PostgreSQLText) for part in tree.expressions)


def _is_default(node: Any) -> bool:
    """Return whether an expression is the word DEFAULT."""
    name = (
        node.this.this
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier)
        else node.this
    )
    return str(name).upper() == "DEFAULT"


class _Work:
    """Rewrites one statement's tree."""

    def __init__(self, source: Source, resolver: Resolver, setting: Setting) -> None:
        self._source = source
        self._resolver = resolver
        self._setting = setting
        self._names = setting.names
        self.tables: dict[tuple[str | None, str], tuple[str, str]] = {}
        self._aliases = 0

    def parse(self, text: str) -> Any:
        try:
            return sqlglot.parse_one(text, read=OracleText)
        except SqlglotError as error:
            said = str(error).partition("\n")[0].partition(". Line")[0]
            raise not_modelled(f"this statement (sqlglot: {said})") from None
        except RecursionError:
            raise not_modelled("a statement as deep as this") from None

    def rewrite(self, tree: Any) -> None:
        """Change a tree in place."""
        if tree.find(exp.Command):
            raise not_modelled("this statement")
        self._order_by_aliases(tree)
        limit_rows(tree)
        self._with(tree)
        self._dml(tree)
        common = {
            self._value(cte.args["alias"].this) for cte in tree.find_all(exp.CTE) if cte.args.get("alias")
        }
        for table in list(tree.find_all(exp.Table)):
            self._table(table, common)
        for subquery in list(tree.find_all(exp.Subquery)):
            self._subquery(subquery)
        for column in list(tree.find_all(exp.Column)):
            self._column(column)
        self._expressions(tree)
        self._leaves(tree)

    def _expressions(self, tree: Any) -> None:
        for kind, change in (
            (exp.Cast, self._cast),
            (exp.Anonymous, self._call),
            (exp.GroupConcat, self._listagg),
            (exp.Trim, self._trim),
            (exp.DPipe, self._concatenation),
            (exp.Div, self._division),
            (exp.Sub, self._difference),
            (exp.Like, self._like),
            (exp.Fetch, self._fetch),
            (exp.Offset, self._offset),
        ):
            # The innermost first: what is around it takes it over as it then is.
            for node in reversed(list(tree.find_all(kind))):
                change(node)

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

    @staticmethod
    def _value(identifier: Any) -> str:
        return str(identifier.this) if identifier.args.get("quoted") else str(identifier.this).upper()

    def _identifier(self, node: Any) -> None:
        if node.args.get("inner"):
            return
        node.replace(self._inner(self._names.inner(self._value(node))))

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
        name, db = self._value(this), table.args.get("db")
        schema = self._value(db) if db is not None else None
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
                name = self._value(cte.args["alias"].this)
                if any(
                    isinstance(table.this, exp.Identifier)
                    and self._value(table.this) == name
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
                self._value(item.args["alias"]): item.this
                for item in select.expressions
                if isinstance(item, exp.Alias)
            }
            for key in order.expressions:
                alone = key.this if isinstance(key, exp.Ordered) else key
                for column in list(alone.find_all(exp.Column)):
                    if column is alone or column.args.get("table"):
                        continue
                    found = aliases.get(self._value(column.this))
                    if found is not None:
                        column.replace(exp.Paren(this=found.copy()))

    def _dml(self, tree: Any) -> None:
        if isinstance(tree, exp.Update):
            self._bare_targets(tree.expressions)
            self._identity_updated(tree)
        elif isinstance(tree, exp.Merge):
            for when in tree.args["whens"].expressions:
                self._when(when)
        elif isinstance(tree, exp.Insert):
            if isinstance(tree.this, exp.Schema):
                tree.this.set("expressions", [self._bare(part) for part in tree.this.expressions])
            self._identity_inserted(tree)

    def _identity(self, target: Any) -> str | None:
        """Return the column of a changed table that only Oracle gives values to."""
        table = target.this if isinstance(target, exp.Schema) else target
        if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
            return None
        db = table.args.get("db")
        return self._resolver.generated(self._value(db) if db is not None else None, self._value(table.this))

    def _identity_updated(self, update: Any) -> None:
        column = self._identity(update.this)
        if column is None:
            return
        for assignment in update.expressions:
            given = [self._value(node.this) for node in assignment.this.find_all(exp.Column)]
            if column in given and not _is_default(assignment.expression):
                raise generated_column(identity=True, update=True)

    def _identity_inserted(self, insert: Any) -> None:
        column = self._identity(insert.this)
        if column is None:
            return
        rows = insert.expression.expressions if isinstance(insert.expression, exp.Values) else []
        if isinstance(insert.this, exp.Schema):
            names = [self._value(node) for node in insert.this.expressions]
            if column not in names:
                return
            at: int | None = names.index(column)
        else:
            at = None
        for row in rows:
            values = row.expressions if at is None else row.expressions[at : at + 1]
            if any(map(_is_default, values)):
                return
        raise generated_column(identity=True, update=False)

    @staticmethod
    def _bare(node: Any) -> Any:
        """Return a column without its table."""
        found = node.this if isinstance(node, exp.Column) else node
        return found.expression if isinstance(found, exp.Dot) else found

    def _bare_targets(self, assignments: Sequence[Any]) -> None:
        for assignment in assignments:
            target = assignment.this
            if isinstance(target, exp.Column):
                target.set("table", None)
                target.set("db", None)
            elif isinstance(target, exp.Tuple):
                for column in target.find_all(exp.Column):
                    column.set("table", None)
                    column.set("db", None)

    def _when(self, when: Any) -> None:
        then = when.args["then"]
        where = then.args.get("where")
        if where is not None:
            then.set("where", None)
            when.set("condition", where.this)
        if isinstance(then, exp.Update):
            self._bare_targets(then.expressions)
        elif isinstance(then, exp.Insert) and then.this is not None:
            for column in then.this.find_all(exp.Column):
                column.set("table", None)

    def _fetch(self, fetch: Any) -> None:
        count = fetch.args.get("count")
        options = fetch.args.get("limit_options")
        if options is not None and options.args.get("percent"):
            self._percent(fetch, count)
            options.set("percent", None)
            return
        if count is not None and not (isinstance(count, exp.Literal) and str(count.this).isdigit()):
            fetch.set("count", Raw(this="(CAST(trunc({}) AS bigint))", expressions=[count]))

    @staticmethod
    def _percent(fetch: Any, count: Any) -> None:
        """Count the rows first: PostgreSQL has no PERCENT."""
        query = fetch.parent.copy()
        for part in ("limit", "offset", "order"):
            query.set(part, None)
        text = "(SELECT CAST(ceil(count(*) * {} / 100.0) AS bigint) FROM ({}) counted)"
        fetch.set("count", Raw(this=text, expressions=[count, query]))

    def _offset(self, offset: Any) -> None:
        count = offset.args.get("expression")
        if count is not None and not (isinstance(count, exp.Literal) and str(count.this).isdigit()):
            offset.set("expression", Raw(this="(CAST(trunc({}) AS bigint))", expressions=[count]))

    # -- expressions ---------------------------------------------------------

    def _cast(self, cast: Any) -> None:
        kind = cast.to.args.get("kind")
        if not str(kind or "").startswith("T$"):
            return
        spec = self._source.types[int(str(kind).removeprefix("T$"))]
        cast.replace(Raw(this=f"CAST({{}} AS {cast_type(spec)})", expressions=[cast.this]))

    def _call(self, node: Any) -> None:
        if isinstance(node.parent, exp.Dot):
            raise not_modelled("functions of packages and schemas")
        name = str(node.this).upper() if isinstance(node.this, str) else self._value(node.this)
        node.replace(call(name, node.expressions, self._setting))

    def _listagg(self, node: Any) -> None:
        this, order, distinct = node.this, "", ""
        parts = []
        if isinstance(this, exp.Order):
            keys = this.expressions
            order = " ORDER BY " + ", ".join(["{}"] * len(keys))
            parts += keys
            this = this.this
        if isinstance(this, exp.Distinct):
            distinct, this = "DISTINCT ", this.expressions[0]
        separator = node.args.get("separator") or exp.Literal.string("")
        between = "''" if separator.is_string and not separator.this else "{}"
        head = [this] if between == "''" else [this, separator]
        if node.args.get("on_overflow"):
            raise not_modelled("LISTAGG ... ON OVERFLOW")
        text = f"string_agg({distinct}sys.txt({{}}), {between}{order})"
        if not isinstance(node.parent, (exp.Window, exp.Filter)):
            text = f"sys.listed({text})"
        node.replace(Raw(this=text, expressions=[*head, *parts]))

    def _trim(self, node: Any) -> None:
        position = str(node.args.get("position") or "BOTH").lower()
        removed = node.args.get("expression")
        if removed is not None:
            text, parts = f"nullif(trim({position} {{}} from {{}}), '')", [removed, node.this]
        else:
            text, parts = f"nullif(trim({position} from sys.txt({{}})), '')", [node.this]
        node.replace(Raw(this=text, expressions=parts))

    def _concatenation(self, node: Any) -> None:
        parts = [node.this, node.expression]
        node.replace(Raw(this=CONCATENATED, expressions=parts))

    def _division(self, node: Any) -> None:
        node.replace(Raw(this=f"({{}} * {_ONE} / {{}})", expressions=[node.this, node.expression]))

    def _difference(self, node: Any) -> None:
        if self._is_date(node.this) and self._is_date(node.expression):
            node.replace(Raw(this="sys.days({} - {})", expressions=[node.this, node.expression]))

    def _is_date(self, node: Any) -> bool:
        """Return whether an expression is a DATE: two of them differ by a number of days."""
        if isinstance(node, (exp.Paren, exp.Add)):
            return self._is_date(node.this)
        if isinstance(node, exp.Column):
            name = self._value(node.this)
            found = {self._resolver.column_type(*table, name) for table in self.tables} - {None}
            return found == {DataType.DATE}
        if not isinstance(node, Raw):
            return False
        text = str(node.this)
        if text == "sys.trunc({})" or text.startswith(("max(", "min(", "coalesce(", "greatest(", "least(")):
            return self._is_date(node.expressions[0])
        return text.startswith(_DATES)

    def _like(self, node: Any) -> None:
        if not isinstance(node.parent, exp.Escape):
            # A backslash is no escape in Oracle.
            words = "NOT LIKE" if node.args.get("negate") else "LIKE"
            node.replace(Raw(this=f"{{}} {words} {{}} ESCAPE ''", expressions=[node.this, node.expression]))
