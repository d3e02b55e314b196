"""Reading the columns and constraints in CREATE TABLE and ALTER TABLE."""

from __future__ import annotations

from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.engine._names import is_name, read_name
from oracle_standin.engine._options import OptionReader
from oracle_standin.engine._types import read_type
from oracle_standin.errors import not_modelled
from oracle_standin.sql._scanner import TokenKind

__all__ = ["DefinitionReader"]

_NAMES = (TokenKind.NAME, TokenKind.QUOTED)
_CONSTRAINT_WORDS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
_AFTER_DEFAULT = (
    "CONSTRAINT",
    "NOT",
    "NULL",
    "PRIMARY",
    "UNIQUE",
    "CHECK",
    "REFERENCES",
    "ENABLE",
    "DISABLE",
    "VISIBLE",
    "INVISIBLE",
)


class DefinitionReader(OptionReader):
    """Reads columns and constraints from a statement's tokens; its parameters are those of `OptionReader`."""

    def is_constraint(self, i: int) -> bool:
        """Return whether an item of a table's list is a constraint and not a column."""
        return self.tokens[i].is_word(*_CONSTRAINT_WORDS)

    def constraint(self, i: int, end: int) -> Constraint:
        """Read a table's constraint."""
        found, i = self._constraint(i, end, column=None)
        if i != end or found is None:
            raise self.fail(907, "missing right parenthesis", i)
        return found

    def column(self, i: int, end: int, *, altering: bool = False) -> ColumnDefinition:
        """Read a column.

        Parameters
        ----------
        i, end : `int`
            Range of tokens.
        altering : `bool`, optional
            Whether it may leave out the type, as in MODIFY.
        """
        if not is_name(self.tokens, i):
            raise self.fail(904, ": invalid identifier", i)
        column = ColumnDefinition(name=self.tokens[i].value)
        i += 1
        starts = ("DEFAULT", "GENERATED", "AS", *_AFTER_DEFAULT)
        if i < end and not self.tokens[i].is_word(*starts):
            column.declared, i = read_type(self.tokens, i)
        elif not altering and not self.word(i, "GENERATED") and not self.word(i, "AS"):
            raise self.fail(2263, "need to specify the datatype for this column", i)
        while i < end:
            i = self._attribute(column, i, end)
        return column

    def _attribute(self, column: ColumnDefinition, i: int, end: int) -> int:
        if self.word(i, "DEFAULT"):
            return self._default(column, i + 1, end)
        if self.word(i, "GENERATED") or self.word(i, "AS"):
            return self._generated(column, i, end)
        if self.word(i, "INVISIBLE") or self.word(i, "VISIBLE"):
            column.invisible = self.word(i, "INVISIBLE")
            return i + 1
        if self.word(i, "SORT") or self.word(i, "ENABLE"):
            return i + 1
        found, behind = self._constraint(i, end, column=column)
        if found is not None:
            column.constraints.append(found)
        if behind == i:
            raise self.fail(907, "missing right parenthesis", i)
        return behind

    def _default(self, column: ColumnDefinition, i: int, end: int) -> int:
        if self.word(i, "ON", "NULL"):
            column.on_null = True
            i += 2
        depth, j = 0, i
        while j < end:
            depth += self.symbol(j, "(") - self.symbol(j, ")")
            if j > i and depth == 0 and self.tokens[j].is_word(*_AFTER_DEFAULT):
                break
            j += 1
        if j == i:
            raise self.fail(936, "missing expression", i)
        column.default = self.source(i, j)
        column.default_sql = self.translator.render(i, j)
        return j

    def _generated(self, column: ColumnDefinition, i: int, end: int) -> int:
        kind = "ALWAYS"
        if self.word(i, "GENERATED"):
            i += 1
            if self.word(i, "BY", "DEFAULT"):
                kind, i = "BY DEFAULT", i + 2
                if self.word(i, "ON", "NULL"):
                    column.on_null, i = True, i + 2
            elif self.word(i, "ALWAYS"):
                i += 1
        if not self.word(i, "AS"):
            raise self.fail(905, "missing keyword", i)
        i += 1
        if self.word(i, "IDENTITY"):
            column.identity = kind
            i += 1
            if self.symbol(i, "("):
                close = self.translator.closing(i)
                column.options, _ = self.sequence(i + 1, close)
                return close + 1
            column.options, i = self.sequence(i, end)
            return i
        if not self.symbol(i, "("):
            raise self.fail(906, "missing left parenthesis", i)
        close = self.translator.closing(i)
        column.virtual = True
        column.default = self.source(i + 1, close)
        column.default_sql = self.translator.render(i + 1, close)
        return close + 2 if self.word(close + 1, "VIRTUAL") else close + 1

    def _constraint(
        self, i: int, end: int, *, column: ColumnDefinition | None
    ) -> tuple[Constraint | None, int]:
        name = None
        if self.word(i, "CONSTRAINT"):
            if not is_name(self.tokens, i + 1):
                raise self.fail(2250, "missing or invalid constraint name", i + 1)
            name, i = self.tokens[i + 1].value, i + 2
        found: Constraint | None
        if column is not None and (self.word(i, "NULL") or self.word(i, "NOT", "NULL")):
            column.not_null = self.word(i, "NOT")
            found, i = None, i + 1 + column.not_null
        elif self.word(i, "PRIMARY", "KEY") or self.word(i, "UNIQUE"):
            kind = "P" if self.word(i, "PRIMARY") else "U"
            i += 2 if kind == "P" else 1
            columns, i = self._key_columns(i, column)
            found = Constraint(kind=kind, name=name, columns=columns)
        elif self.word(i, "FOREIGN", "KEY") or (column is not None and self.word(i, "REFERENCES")):
            if self.word(i, "FOREIGN"):
                columns, i = self._key_columns(i + 2, None)
            else:
                columns = self._key_columns(i, column)[0]
            found, i = self._foreign(i, name, columns)
        elif self.word(i, "CHECK"):
            if not self.symbol(i + 1, "("):
                raise self.fail(906, "missing left parenthesis", i + 1)
            close = self.translator.closing(i + 1)
            condition = self.translator.render(i + 2, close)
            found = Constraint(
                kind="C",
                name=name,
                condition=self.source(i + 2, close),
                condition_sql=condition,
                columns=[t.value for t in self.tokens[i + 2 : close] if t.kind in _NAMES],
            )
            i = close + 1
        else:
            raise self.fail(907 if column is not None else 904, "missing right parenthesis", i)
        return found, self._state(found, i, end)

    def _key_columns(self, i: int, column: ColumnDefinition | None) -> tuple[list[str], int]:
        return ([column.name], i) if column is not None else self.names(i)

    def _foreign(self, i: int, name: str | None, columns: list[str]) -> tuple[Constraint, int]:
        if not self.word(i, "REFERENCES"):
            raise self.fail(905, "missing keyword", i)
        schema, table, i = read_name(self.tokens, i + 1, self.schema)
        found = Constraint(kind="R", name=name, columns=columns, parent=(schema, table))
        if self.symbol(i, "("):
            found.parent_columns, i = self.names(i)
        if self.word(i, "ON", "DELETE"):
            if self.word(i + 2, "CASCADE"):
                found.on_delete, i = "CASCADE", i + 3
            elif self.word(i + 2, "SET", "NULL"):
                found.on_delete, i = "SET NULL", i + 4
            else:
                raise self.fail(905, "missing keyword", i + 2)
        return found, i

    def _state(self, constraint: Constraint | None, i: int, end: int) -> int:  # noqa: C901 - a branch per clause
        """Read what may follow a constraint: when it is checked, and how an index is made."""
        while i < end:
            if self.word(i, "NOT", "DEFERRABLE"):
                i += 2
            elif self.word(i, "DEFERRABLE"):
                i += 1
                if constraint is not None:
                    constraint.deferrable = True
            elif self.word(i, "INITIALLY"):
                if constraint is not None:
                    constraint.deferred = self.word(i + 1, "DEFERRED")
                i += 2
            elif self.word(i, "DISABLE"):
                raise not_modelled("disabled constraints", offset=self.tokens[i].start)
            elif self.tokens[i].is_word("ENABLE", "VALIDATE", "RELY", "NORELY") or self.word(i, "NOVALIDATE"):
                i += 1
            elif self.word(i, "USING", "INDEX"):
                i += 2
                if self.symbol(i, "("):
                    raise not_modelled("USING INDEX with a definition", offset=self.tokens[i].start)
                i = self.storage(i, end, {})
            else:
                break
        return i
