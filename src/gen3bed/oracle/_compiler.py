"""How statements are written for Oracle."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import sqlalchemy
from sqlalchemy.dialects.oracle.base import OracleIdentifierPreparer, OracleTypeCompiler
from sqlalchemy.dialects.oracle.cx_oracle import OracleCompiler_cx_oracle
from sqlalchemy.sql import elements
from sqlalchemy.sql.operators import concat_op, in_op

from gen3bed.oracle._pieces import pieces_of, put_together
from gen3bed.oracle._types import LONGEST

__all__ = ["ButlerCompiler", "ButlerPreparer", "ButlerTypeCompiler"]

_MOST_IN_LIST = 1000
"""Members of a list behind IN (ORA-01795)."""

_CONDITIONS = (
    elements.BinaryExpression,
    elements.BooleanClauseList,
    elements.UnaryExpression,
    elements.Grouping,
)
_MORE_RESERVED = frozenset({
    "access", "add", "audit", "column", "column_value", "file", "immediate", "increment", "initial",
    "maxextents", "mlslabel", "modify", "nested_table_id", "noaudit", "offline", "online", "row", "rowid",
    "rowlabel", "rownum", "rows", "session", "successful", "sysdate", "uid", "user", "validate", "whenever",
})  # fmt: skip
"""Reserved words of Oracle's SQL Language Reference that SQLAlchemy's list lacks."""


class ButlerPreparer(OracleIdentifierPreparer):
    """Quotes all of Oracle's reserved words."""

    reserved_words = OracleIdentifierPreparer.reserved_words | _MORE_RESERVED


class ButlerTypeCompiler(OracleTypeCompiler):
    """Writes types."""

    def visit_text(self, type_: sqlalchemy.Text, **kw: Any) -> str:
        """Write a text without a length: the longest that can be compared."""
        return f"VARCHAR2({min(type_.length or LONGEST, LONGEST)} CHAR)"


class ButlerCompiler(OracleCompiler_cx_oracle):
    """Writes queries and changes."""

    def visit_cast(self, cast: elements.Cast[Any], **kwargs: Any) -> str:
        """Leave out casts between kinds of text, and from text to bytes (ORA-00932)."""
        impl = cast.type.dialect_impl(self.dialect)
        target = getattr(impl, "impl_instance", impl)
        if not isinstance(target, (sqlalchemy.String, sqlalchemy.LargeBinary)):
            return str(super().visit_cast(cast, **kwargs))  # type: ignore[no-untyped-call]
        clause: Any = cast.clause
        if isinstance(target, sqlalchemy.LargeBinary) and getattr(clause, "operator", None) is concat_op:
            # The overlap of two regions, which may have over 4000 bytes together (ORA-01489).
            joined = (
                clause.clauses if isinstance(clause, elements.ExpressionClauseList) else clause.get_children()
            )
            first, *others = (self.process(part, **kwargs) for part in joined)
            return " || ".join([f"TO_CLOB({first})", *others])
        return self.process(clause, **kwargs)

    def visit_aggregate_strings_func(self, fn: Any, **kw: Any) -> str:
        """Write the aggregate as an array in JSON, which the type of the result makes a text again.

        LISTAGG returns a VARCHAR2: 4000 bytes are some 15 overlaps (ORA-01489).
        """
        return f"JSON_ARRAYAGG({self.process(fn.clauses.clauses[0], **kw)} RETURNING CLOB)"

    def visit_column(self, column: sqlalchemy.ColumnClause[Any], *args: Any, **kwargs: Any) -> str:
        """Write a column, or all pieces of it."""
        # It also notes what the result's column is.
        written = str(super().visit_column(column, *args, **kwargs))
        pieces = pieces_of(column)
        if not pieces:
            return written
        text = self.process(put_together(pieces))
        if kwargs.get("within_columns_clause") and not kwargs.get("within_label_clause"):
            return f"{text} AS {self.preparer.format_column(column)}"
        return text

    def visit_ne_binary(self, binary: elements.BinaryExpression[Any], operator: Any, **kw: Any) -> str:
        """Let "is not the empty string" hold for every string that is not empty.

        To Oracle '' is NULL, so that ``name != ''`` never holds.  The form
        does not depend on the value, as compiled statements are kept.
        """
        left, right = binary.left, binary.right
        if not (isinstance(left.type, sqlalchemy.String) and isinstance(right, elements.BindParameter)):
            return f"{self.process(left, **kw)} != {self.process(right, **kw)}"
        name, value = self.process(left, **kw), self.process(right, **kw)
        return f"({name} != {value} OR ({value} IS NULL AND {name} IS NOT NULL))"

    def visit_in_op_binary(self, binary: elements.BinaryExpression[Any], operator: Any, **kw: Any) -> str:
        """Write an IN, and one with too many members (ORA-01795) as several."""
        return " OR ".join(self._in_lists(binary, operator, **kw)).join("()")

    def visit_not_in_op_binary(self, binary: elements.BinaryExpression[Any], operator: Any, **kw: Any) -> str:
        """Write a NOT IN, and one with too many members as several."""
        return " AND ".join(self._in_lists(binary, operator, **kw)).join("()")

    def _in_lists(self, binary: elements.BinaryExpression[Any], operator: Any, **kw: Any) -> list[str]:
        word = sqlalchemy.sql.compiler.OPERATORS[operator]
        listed: Any = getattr(binary.right, "element", binary.right)
        if isinstance(listed, elements.BindParameter):
            # How many members it has is known when it is run.
            joint = " OR " if operator is in_op else " AND "
            self._between_lists[listed] = f"){joint}{self.process(binary.left, **kw)}{word}("
        if not isinstance(listed, elements.ClauseList) or len(listed.clauses) <= _MOST_IN_LIST:
            return [self._generate_generic_binary(binary, word, **kw)]
        left = self.process(binary.left, **kw)
        members = [self.process(member, **kw) for member in listed.clauses]
        parts = (members[n : n + _MOST_IN_LIST] for n in range(0, len(members), _MOST_IN_LIST))
        return [f"{left}{word}({', '.join(part)})" for part in parts]

    @cached_property
    def _between_lists(self) -> dict[elements.BindParameter[Any], str]:
        """What stands between two lists, for each parameter that is a list."""
        return {}

    def _literal_execute_expanding_parameter(
        self, name: str, parameter: elements.BindParameter[Any], values: Sequence[Any], **kw: Any
    ) -> Any:
        """Write the members of a list that is a parameter, and too many as several lists."""
        binds, written = super()._literal_execute_expanding_parameter(  # type: ignore[no-untyped-call]
            name, parameter, values, **kw
        )
        if len(values) <= _MOST_IN_LIST or parameter not in self._between_lists or parameter.literal_execute:
            return binds, written
        members = written.split(", ")
        parts = (members[n : n + _MOST_IN_LIST] for n in range(0, len(members), _MOST_IN_LIST))
        return binds, self._between_lists[parameter].join(", ".join(part) for part in parts)

    def _label_select_column(
        self,
        select: Any,
        column: Any,
        populate_result_map: bool,  # noqa: FBT001 - SQLAlchemy's signature
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Write a condition in a SELECT list as CASE: only 23ai takes it as it is."""
        inner = column.element if isinstance(column, elements.Label) else column
        if not (isinstance(inner, _CONDITIONS) and isinstance(inner.type, sqlalchemy.Boolean)):
            return super()._label_select_column(  # type: ignore[no-untyped-call]
                select, column, populate_result_map, *args, **kwargs
            )
        number: Any = sqlalchemy.case((inner, 1), (sqlalchemy.not_(inner), 0))
        number = sqlalchemy.type_coerce(number, inner.type)
        if isinstance(column, elements.Label):
            number = number.label(column.name)
        written = super()._label_select_column(  # type: ignore[no-untyped-call]
            select, number, populate_result_map, *args, **kwargs
        )
        if populate_result_map:
            # Rows are still asked by the column that stood in the SELECT.
            entry = self._result_columns[-1]
            self._result_columns[-1] = entry._replace(objects=(column, inner, *entry.objects))
        return written
