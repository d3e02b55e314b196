"""ROWNUM: a limit where it is one."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from oracle_standin.errors import not_modelled

__all__ = ["limit_rows"]


def _is_rownum(node: Any) -> bool:
    return (
        isinstance(node, (exp.Column, exp.Pseudocolumn))
        and str(node.this.this if isinstance(node.this, exp.Identifier) else node.this).upper() == "ROWNUM"
        and not node.args.get("table")
    )


def limit_rows(tree: Any) -> None:
    """Make ``WHERE ROWNUM <= n`` a limit of the rows, before they are sorted or grouped.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for conditions on ROWNUM of another form (ORA-03001).
    """
    for select in list(tree.find_all(exp.Select)):
        where = select.args.get("where")
        if where is None or not any(
            _is_rownum(node) for node in where.find_all(exp.Column, exp.Pseudocolumn)
        ):
            continue
        _limit(select, where)


def _conditions(node: Any) -> list[Any]:
    if isinstance(node, exp.And):
        return _conditions(node.this) + _conditions(node.expression)
    return [node]


def _limit(select: Any, where: Any) -> None:
    kept, limit = [], None
    for condition in _conditions(where.this):
        if not any(_is_rownum(node) for node in condition.find_all(exp.Column, exp.Pseudocolumn)):
            kept.append(condition)
            continue
        if _always(condition):
            continue
        found = _bound(condition)
        if found is None or limit is not None:
            raise not_modelled("this condition on ROWNUM")
        limit = found
    where.set("this", exp.and_(*kept, copy=False) if kept else exp.true())
    if limit is None:
        return
    rows = exp.Fetch(direction="FIRST", count=limit, limit_options=exp.LimitOptions(rows=True))
    if _groups(select):
        _limit_source(select, where, rows)
    else:
        select.set("limit", rows)


_PARTS = ("order", "group", "having", "distinct", "limit", "windows")
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG"})


def _groups(select: Any) -> bool:
    """Return whether something is done to a query's rows before they are its result."""
    calls = (node for item in select.expressions for node in item.find_all(exp.Anonymous, exp.GroupConcat))
    return any(select.args.get(part) for part in _PARTS) or any(
        isinstance(node, exp.GroupConcat) or str(node.this).upper() in _AGGREGATES for node in calls
    )


def _limit_source(select: Any, where: Any, rows: Any) -> None:
    """Limit the rows of the one table that a query reads."""
    source = select.args["from_"].this
    if select.args.get("joins") or not isinstance(source, (exp.Table, exp.Subquery)):
        raise not_modelled("ROWNUM beside ORDER BY, GROUP BY or DISTINCT in a query of several tables")
    alias = source.args.get("alias") or (
        exp.TableAlias(this=source.this.copy()) if isinstance(source, exp.Table) else None
    )
    select.set("where", None)
    inner = exp.Select(expressions=[exp.Star()], from_=exp.From(this=source.copy()), where=where, limit=rows)
    source.replace(exp.Subquery(this=inner, alias=alias.copy() if alias else None))


def _always(condition: Any) -> bool:
    """Return whether a condition lets the first row through, and with it all."""
    if isinstance(condition, exp.Paren):
        return _always(condition.this)
    least = {exp.GT: ("0",), exp.GTE: ("0", "1")}.get(type(condition), ())
    return condition.expression.sql() in least and _is_rownum(condition.this)


def _bound(condition: Any) -> Any:
    """Return how many rows a condition on ROWNUM lets through."""
    if isinstance(condition, exp.Paren):
        return _bound(condition.this)
    if _is_rownum(condition.this):
        match condition:
            case exp.LTE():
                return condition.expression
            case exp.LT():
                return exp.Paren(
                    this=exp.Sub(this=exp.Paren(this=condition.expression), expression=exp.Literal.number(1))
                )
            case exp.EQ() if condition.expression.sql() == "1":
                return condition.expression
    return None
