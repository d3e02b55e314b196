"""Definitions of columns and constraints in CREATE TABLE and ALTER TABLE."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle_standin.engine._names import is_name, read_name
from oracle_standin.engine._tokens import SqlTranslator
from oracle_standin.engine._types import Declared, read_type
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import TokenKind

__all__ = ["ColumnDefinition", "Constraint", "DefinitionReader"]

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


@dataclass(kw_only=True)
class Constraint:
    """A primary, unique or foreign key, or a check.

    Attributes
    ----------
    kind : `str`
        ``P``, ``U``, ``R`` or ``C``.
    name : `str` or `None`
        Its name if it was given one.
    condition, condition_sql : `str` or `None`
        Text of a check, as it was written and in the engine's SQL.
    columns : `list` [`str`]
        Its columns; of a check those that it names.
    parent : `tuple` [`str`, `str`] or `None`
        Schema and name of the table that a foreign key refers to.
    parent_columns : `list` [`str`]
        Columns that it refers to; empty for the primary key.
    on_delete : `str` or `None`
        ``CASCADE`` or ``SET NULL``.
    deferrable, deferred : `bool`
        Whether it may be, and is, checked at commit only.
    """

    kind: str
    name: str | None
    condition: str | None = None
    condition_sql: str | None = None
    columns: list[str] = field(default_factory=list)
    parent: tuple[str, str] | None = None
    parent_columns: list[str] = field(default_factory=list)
    on_delete: str | None = None
    deferrable: bool = False
    deferred: bool = False


@dataclass(kw_only=True)
class ColumnDefinition:
    """A column as it was written.

    Attributes
    ----------
    name : `str`
        Its name.
    declared : `Declared` or `None`
        Its type; `None` if none was written.
    default : `str` or `None`
        Source text of its default or of a virtual column's expression.
    default_sql : `str` or `None`
        The same in the engine's SQL.
    virtual, on_null, invisible : `bool`
        Whether it is computed; has DEFAULT ON NULL; is left out of ``*``.
    identity : `str` or `None`
        ``ALWAYS`` or ``BY DEFAULT``.
    options : `dict` [`str`, `str`]
        Of the identity's sequence, as written.
    not_null : `bool` or `None`
        `None` if nothing was said.
    constraints : `list` [`Constraint`]
        Those written with it.
    """

    name: str
    declared: Declared | None = None
    default: str | None = None
    default_sql: str | None = None
    virtual: bool = False
    on_null: bool = False
    invisible: bool = False
    identity: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    not_null: bool | None = None
    constraints: list[Constraint] = field(default_factory=list)


_NEGATED = {"NOMINVALUE": "MINVALUE", "NOMAXVALUE": "MAXVALUE", "NOCYCLE": "CYCLE", "NOCACHE": "CACHE",
            "NOORDER": "ORDER"}  # fmt: skip


class DefinitionReader:
    """Reads definitions from a statement's tokens.

    Parameters
    ----------
    text : `str`
        The statement.
    translator : `SqlTranslator`
        Over its tokens.
    schema : `str`
        The session's current schema.
    """

    def __init__(self, text: str, translator: SqlTranslator, schema: str) -> None:
        self.text = text
        self.translator = translator
        self.tokens = translator.tokens
        self.schema = schema

    def word(self, i: int, *words: str) -> bool:
        """Return whether these words stand one after another from a position on."""
        return all(
            i + n < len(self.tokens) and self.tokens[i + n].is_word(word) for n, word in enumerate(words)
        )

    def symbol(self, i: int, *symbols: str) -> bool:
        """Return whether there is one of these symbols."""
        return 0 <= i < len(self.tokens) and self.tokens[i].is_symbol(*symbols)

    def source(self, start: int, end: int) -> str:
        """Return a range as it was written."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if end > start else ""

    def fail(self, number: int, message: str, i: int) -> OracleError:
        """Return an error at a position."""
        place = self.tokens[i].start if i < len(self.tokens) else len(self.text)
        return OracleError(number, message, offset=place)

    def names(self, opening: int) -> tuple[list[str], int]:
        """Read ``(a, b)``; return the names and the position behind."""
        if not self.symbol(opening, "("):
            raise self.fail(906, "missing left parenthesis", opening)
        close = self.translator.closing(opening)
        found = []
        for a, b in self.translator.items(opening + 1, close):
            if b - a != 1 or not is_name(self.tokens, a):
                raise self.fail(904, ": invalid identifier", a)
            found.append(self.tokens[a].value)
        return found, close + 1

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

    def sequence(self, i: int, end: int) -> tuple[dict[str, str], int]:
        """Read options of a sequence; return them and the position behind."""
        options: dict[str, str] = {}
        while i < end:
            token = self.tokens[i]
            if token.is_word(*_NEGATED):
                options[_NEGATED[token.value]] = "NO"
                i += 1
            elif token.is_word("CYCLE", "ORDER"):
                options[token.value] = "YES"
                i += 1
            elif token.is_word("START", "INCREMENT", "MINVALUE", "MAXVALUE", "CACHE"):
                i += 1 + self.tokens[i + 1].is_word("WITH", "BY")
                sign = "-" if self.symbol(i, "-") else ""
                i += bool(sign) or self.symbol(i, "+")
                if i >= len(self.tokens) or self.tokens[i].kind is not TokenKind.NUMBER:
                    raise self.fail(1722, "invalid number", i)
                options[token.value] = sign + self.tokens[i].value
                i += 1
            elif token.is_word("KEEP", "NOKEEP", "SCALE", "NOSCALE", "GLOBAL", "SESSION", "NOPARTITION"):
                i += 1
            else:
                break
        return options, i

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

    def storage(self, i: int, end: int, options: dict[str, str]) -> int:  # noqa: C901, PLR0912 - a branch per clause
        """Read how something is stored; put what the dictionary shows into ``options``."""
        while i < end:
            token = self.tokens[i]
            if token.is_word("TABLESPACE"):
                options["TABLESPACE"] = self.tokens[i + 1].value
                i += 2
            elif token.is_word("COMPRESS"):
                options["COMPRESS"] = ""
                i += 1
                if i < end and self.tokens[i].kind is TokenKind.NUMBER:
                    options["COMPRESS"] = self.tokens[i].value
                    i += 1
                elif self.word(i, "BASIC"):
                    options["COMPRESS"], i = "BASIC", i + 1
                elif self.word(i, "FOR"):
                    options["COMPRESS"] = self.tokens[i + 1].value
                    i += 2
            elif token.is_word("ROW", "COLUMN") and self.word(i + 1, "STORE"):
                i += 2
            elif token.is_word("ORGANIZATION"):
                options["ORGANIZATION"] = self.tokens[i + 1].value
                i += 2
            elif token.is_word("PCTFREE", "PCTUSED", "INITRANS", "MAXTRANS", "PCTTHRESHOLD"):
                i += 2
            elif token.is_word("STORAGE") and self.symbol(i + 1, "("):
                i = self.translator.closing(i + 1) + 1
            elif token.is_word("SEGMENT") and self.word(i + 1, "CREATION"):
                i += 3
            elif token.is_word("PARALLEL"):
                i += 2 if i + 1 < end and self.tokens[i + 1].kind is TokenKind.NUMBER else 1
            elif token.is_word("ENABLE", "DISABLE") and self.word(i + 1, "ROW", "MOVEMENT"):
                i += 3
            elif token.is_word(
                "LOGGING",
                "NOLOGGING",
                "NOCOMPRESS",
                "NOPARALLEL",
                "CACHE",
                "NOCACHE",
                "MONITORING",
                "NOMONITORING",
                "REVERSE",
                "ONLINE",
                "VISIBLE",
                "LOCAL",
                "NOSORT",
                "OVERFLOW",
                "ROWDEPENDENCIES",
                "NOROWDEPENDENCIES",
            ):
                i += 1
            else:
                break
        return i


_NAMES = (TokenKind.NAME, TokenKind.QUOTED)
