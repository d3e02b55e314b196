"""Oracle's expressions as PostgreSQL's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlglot import exp

from oracle_standin.errors import not_modelled
from oracle_standin.postgresql._calls import CONCATENATED, Setting, call
from oracle_standin.postgresql._dialect import Raw, oracle_name
from oracle_standin.postgresql._storage import cast_type
from oracle_standin.postgresql._values import CLOB_MARK
from oracle_standin.values import DataType, TypeSpec

__all__ = ["ExpressionRewriter"]

# Digits that make a quotient as precise as Oracle's, and keep integers from dividing as integers.
_ONE = "1." + "0" * 37

_TIMES = {DataType.DATE, DataType.TIMESTAMP, DataType.TIMESTAMP_TZ, DataType.TIMESTAMP_LTZ}

# How expressions begin that are a DATE.
_DATES = (
    "timestamp(0) '",
    "sys.sysdate",
    "sys.now_date",
    "sys.to_date",
    "CAST({} AS timestamp(0))",
    "sys.last_day",
    "sys.add_months",
)

_AS_CLOB = f" AS varchar({CLOB_MARK}))"


class ExpressionRewriter:
    """Rewrites the expressions of a tree.

    Parameters
    ----------
    types : `~collections.abc.Sequence` [`~oracle_standin.values.TypeSpec`]
        What ``T$0``, ``T$1`` and so on stand for in CASTs.
    setting : `Setting`
        What calls depend on.
    column_types : `~collections.abc.Callable`
        Returns the declared types that a column of this name has in the statement's tables.
    dates : `~collections.abc.Set` [`int`]
        Places of the binds that are DATEs.
    """

    def __init__(
        self,
        types: Sequence[TypeSpec],
        setting: Setting,
        column_types: Callable[[str], set[DataType]],
        dates: AbstractSet[int],
    ) -> None:
        self._types = types
        self._setting = setting
        self._column_types = column_types
        self._dates = dates
        self._asked: set[str] = set()

    def rewrite(self, tree: Any) -> None:
        """Change a tree in place."""
        for kind, change in (
            (exp.Cast, self._cast),
            (exp.Anonymous, self._call),
            (exp.GroupConcat, self._listagg),
            (exp.Trim, self._trim),
            (exp.DPipe, self._concatenation),
            (exp.Div, self._division),
            (exp.Sub, self._difference),
            (exp.Like, self._like),
            (exp.Fetch, _fetch),
            (exp.Offset, _offset),
        ):
            # The innermost first: what is around it takes it over as it then is.
            for node in reversed(list(tree.find_all(kind))):
                change(node)

    def _cast(self, cast: Any) -> None:
        kind = cast.to.args.get("kind")
        if not str(kind or "").startswith("T$"):
            return
        spec = self._types[int(str(kind).removeprefix("T$"))]
        cast.replace(Raw(this=f"CAST({{}} AS {cast_type(spec)})", expressions=[cast.this]))

    def _call(self, node: Any) -> None:
        if isinstance(node.parent, exp.Dot):
            raise not_modelled("functions of packages and schemas")
        name = str(node.this).upper() if isinstance(node.this, str) else oracle_name(node.this)
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
        clob = any(isinstance(part, Raw) and str(part.this).endswith(_AS_CLOB) for part in parts)
        # What a CLOB is a part of is one.
        text = f"CAST({CONCATENATED}{_AS_CLOB}" if clob else CONCATENATED
        node.replace(Raw(this=text, expressions=parts))

    def _division(self, node: Any) -> None:
        node.replace(Raw(this=f"({{}} * {_ONE} / {{}})", expressions=[node.this, node.expression]))

    def _difference(self, node: Any) -> None:
        if self._is_date(node.this) and self._is_date(node.expression):
            node.replace(Raw(this="sys.days({} - {})", expressions=[node.this, node.expression]))

    def _is_date(self, node: Any) -> bool:  # noqa: PLR0911 - a branch per form of an expression
        """Return whether an expression is a DATE: two of them differ by a number of days."""
        if isinstance(node, (exp.Paren, exp.Add)):
            return self._is_date(node.this)
        if isinstance(node, exp.Sub):
            # Less a number; less another date it is one already.
            return self._is_date(node.this)
        if isinstance(node, exp.Case):
            return self._is_date(node.args["ifs"][0].args["true"])
        if isinstance(node, exp.Subquery):
            return isinstance(node.this, exp.Select) and self._is_date(node.this.expressions[0])
        if isinstance(node, exp.Placeholder):
            return int(str(node.this).removeprefix("B")) in self._dates
        if isinstance(node, exp.Column):
            return self._is_date_column(node)
        if not isinstance(node, Raw):
            return False
        text = str(node.this)
        if text.startswith("sys.trunc("):
            return self._is_cut(*node.expressions)
        if text.startswith(("max(", "min(", "coalesce(", "greatest(", "least(")):
            return self._is_date(node.expressions[0])
        return text.startswith(_DATES)

    def _is_cut(self, this: Any, part: Any = None) -> bool:
        """Return whether what TRUNC cuts is a point in time: then its result is a DATE."""
        if part is not None:
            return isinstance(part, exp.Literal) and bool(part.is_string)
        if isinstance(this, exp.Column):
            found = self._column_types(oracle_name(this.this))
            return (bool(found) and found <= _TIMES) or self._is_date(this)
        return self._is_date(this)

    def _is_date_column(self, column: Any) -> bool:
        name = oracle_name(column.this)
        found = self._column_types(name)
        if found:
            return found == {DataType.DATE}
        if name in self._asked:
            return False
        self._asked.add(name)
        aliases = (a for a in column.root().find_all(exp.Alias) if oracle_name(a.args["alias"]) == name)
        alias = next(aliases, None)
        is_date = alias is not None and self._is_date(alias.this)
        self._asked.discard(name)
        return is_date

    def _like(self, node: Any) -> None:
        if not isinstance(node.parent, exp.Escape):
            # A backslash is no escape in Oracle.
            words = "NOT LIKE" if node.args.get("negate") else "LIKE"
            node.replace(Raw(this=f"{{}} {words} {{}} ESCAPE ''", expressions=[node.this, node.expression]))


def _fetch(fetch: Any) -> None:
    count = fetch.args.get("count")
    options = fetch.args.get("limit_options")
    if options is not None and options.args.get("percent"):
        _percent(fetch, count)
        options.set("percent", None)
        return
    if count is not None and not (isinstance(count, exp.Literal) and str(count.this).isdigit()):
        fetch.set("count", Raw(this="(CAST(trunc({}) AS bigint))", expressions=[count]))


def _percent(fetch: Any, count: Any) -> None:
    """Count the rows first: PostgreSQL has no PERCENT."""
    query = fetch.parent.copy()
    for part in ("limit", "offset", "order"):
        query.set(part, None)
    text = "(SELECT CAST(ceil(count(*) * {} / 100.0) AS bigint) FROM ({}) counted)"
    fetch.set("count", Raw(this=text, expressions=[count, query]))


def _offset(offset: Any) -> None:
    count = offset.args.get("expression")
    if count is not None and not (isinstance(count, exp.Literal) and str(count.this).isdigit()):
        offset.set("expression", Raw(this="(CAST(trunc({}) AS bigint))", expressions=[count]))
