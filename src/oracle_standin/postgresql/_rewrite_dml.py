"""Oracle's INSERT, UPDATE and MERGE as PostgreSQL's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from oracle_standin.engine._errors import generated_column
from oracle_standin.postgresql._dialect import oracle_name

__all__ = ["rewrite_dml"]

Generated = Callable[[str | None, str], str | None]
"""Returns the column of a table, by schema and name, that only Oracle gives values to."""


def rewrite_dml(tree: Any, generated: Generated) -> None:
    """Change a statement in place; queries stay as they are.

    Parameters
    ----------
    tree : sqlglot's expression
        The statement.
    generated : `Generated`
        Knows the tables.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a value for such a column (ORA-32795, ORA-32796).
    """
    if isinstance(tree, exp.Update):
        _bare_targets(tree.expressions)
        _check_updated(tree, _identity(tree.this, generated))
    elif isinstance(tree, exp.Merge):
        for when in tree.args["whens"].expressions:
            _when(when)
    elif isinstance(tree, exp.Insert):
        if isinstance(tree.this, exp.Schema):
            tree.this.set("expressions", [_bare(part) for part in tree.this.expressions])
        _check_inserted(tree, _identity(tree.this, generated))


def _identity(target: Any, generated: Generated) -> str | None:
    """Return the column of a changed table that only Oracle gives values to."""
    table = target.this if isinstance(target, exp.Schema) else target
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        return None
    db = table.args.get("db")
    return generated(oracle_name(db) if db is not None else None, oracle_name(table.this))


def _check_updated(update: Any, column: str | None) -> None:
    if column is None:
        return
    for assignment in update.expressions:
        given = [oracle_name(node.this) for node in assignment.this.find_all(exp.Column)]
        if column in given and not _is_default(assignment.expression):
            raise generated_column(identity=True, update=True)


def _check_inserted(insert: Any, column: str | None) -> None:
    if column is None:
        return
    rows = insert.expression.expressions if isinstance(insert.expression, exp.Values) else []
    if isinstance(insert.this, exp.Schema):
        names = [oracle_name(node) for node in insert.this.expressions]
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


def _bare(node: Any) -> Any:
    """Return a column without its table."""
    found = node.this if isinstance(node, exp.Column) else node
    return found.expression if isinstance(found, exp.Dot) else found


def _bare_targets(assignments: Sequence[Any]) -> None:
    for assignment in assignments:
        target = assignment.this
        if isinstance(target, (exp.Column, exp.Tuple)):
            for column in target.find_all(exp.Column):
                column.set("table", None)
                column.set("db", None)


def _when(when: Any) -> None:
    then = when.args["then"]
    where = then.args.get("where")
    if where is not None:
        then.set("where", None)
        when.set("condition", where.this)
    if isinstance(then, exp.Update):
        _bare_targets(then.expressions)
    elif isinstance(then, exp.Insert) and then.this is not None:
        for column in then.this.find_all(exp.Column):
            column.set("table", None)


def _is_default(node: Any) -> bool:
    """Return whether an expression is the word DEFAULT."""
    name = (
        node.this.this
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier)
        else node.this
    )
    return str(name).upper() == "DEFAULT"
