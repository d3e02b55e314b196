"""The grammar of CREATE TABLE and ALTER TABLE."""

from __future__ import annotations

from oracle_standin.sql._grammar_expressions import starts_query
from oracle_standin.sql._grammar_options import Options
from oracle_standin.sql._patterns_tables import ALTER_TABLE, IDENTITY, STATE, TABLE
from oracle_standin.sql._scanner import TokenKind

__all__ = ["Tables"]

_FIRST_WITH_NAMED_NOTHING = 23

_BEHIND_TYPE = ("AS", "CHECK", "CONSTRAINT", "DEFAULT", "GENERATED", "INVISIBLE", "NOT", "NULL", "PRIMARY",
                "REFERENCES", "UNIQUE", "VISIBLE")  # fmt: skip
_PARTITION_CHANGES = ("ADD", "MODIFY", "MERGE", "SPLIT", "EXCHANGE", "COALESCE")
_PARTITIONED = ("PARTITION", "SUBPARTITION", "SUPPLEMENTAL", "PERIOD", "OVERFLOW", "LOB", "NESTED")


class Tables(Options):
    """Reads tables."""

    def create_table(self) -> None:
        """Read what follows CREATE ... TABLE."""
        self.if_not_exists()
        self.name()
        group = self.peek()
        if self.take("OF"):
            self.name()
            self.take_group()
        elif self.at_group() and not starts_query(group):  # type: ignore[arg-type]
            inner = self.inside(self.group())
            inner.listed(inner.table_part)
            inner.finish()
        self.options(TABLE)
        if self.take("AS"):
            self.query_part()
        self.finish(922)

    def if_not_exists(self) -> None:
        """Read IF NOT EXISTS in versions that have it."""
        if self.since(_FIRST_WITH_NAMED_NOTHING) and self.at("IF") and self.at("NOT", ahead=1):
            self.take_words("IF", "NOT", "EXISTS")

    def if_exists(self) -> None:
        """Read IF EXISTS in versions that have it."""
        if self.since(_FIRST_WITH_NAMED_NOTHING):
            self.take_words("IF", "EXISTS")

    def table_part(self) -> None:
        """Read a column or a constraint of a table."""
        if self.at("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN") and not self._is_column():
            self.table_constraint()
        elif self.at("SUPPLEMENTAL") and self.at("LOG", ahead=1):
            self.place = len(self.items)
        elif self.at("PERIOD") and self.at("FOR", ahead=1):
            self.place += 2
            self.identifier()
            self.take_group()
        else:
            self.column()

    def _is_column(self) -> bool:
        """Return whether PRIMARY or FOREIGN is a column's name: they are not reserved."""
        return self.at("PRIMARY", "FOREIGN") and not self.at("KEY", ahead=1)

    def column(self) -> None:
        """Read a column: its name, type, default and constraints."""
        self.identifier(904)
        if self.at_kind(TokenKind.NAME, TokenKind.QUOTED) and not self._behind_type():
            self.type()
        self.column_properties()

    def _behind_type(self) -> bool:
        """Return whether what follows a column's name is no type."""
        return self.at(*_BEHIND_TYPE)

    def column_properties(self) -> None:
        """Read what follows the name and the type of a column."""
        self.take("SORT")
        if self.take("COLLATE"):
            self.identifier()
        self.take("INVISIBLE", "VISIBLE")
        if self.take("DEFAULT"):
            self._default()
        elif self.take("GENERATED"):
            self._generated()
        elif self.take("AS"):
            self.values()
            self.take("VIRTUAL")
        if self.take("ENCRYPT"):
            self.take_words("NO", "SALT")
        while not self.ended and self._column_constraint():
            pass
        if self.since(_FIRST_WITH_NAMED_NOTHING) and self.take("ANNOTATIONS"):
            self.group()

    def _default(self) -> None:
        if self.take("ON"):
            self.expect(908, "NULL")
            if self.take("FOR"):
                self.expect(905, "INSERT")
                self.take("ONLY")
                self.take_words("AND", "UPDATE")
        self.value()

    def _generated(self) -> None:
        if self.take("BY"):
            self.expect(905, "DEFAULT")
            if self.take("ON"):
                self.expect(908, "NULL")
        else:
            self.take("ALWAYS")
        self.expect(905, "AS")
        if self.take("IDENTITY"):
            group = self.take_group()
            if group is not None:
                inner = self.inside(group)
                inner.options(IDENTITY)
                inner.finish()
            else:
                self.options(IDENTITY)
            return
        self.values()
        self.take("VIRTUAL")

    def _column_constraint(self) -> bool:
        named = self.take("CONSTRAINT")
        if named:
            self.identifier(2250)
        if self.take("NOT"):
            self.expect(908, "NULL")
        elif self.take("NULL", "UNIQUE"):
            pass
        elif self.take("PRIMARY"):
            self.expect(905, "KEY")
        elif self.take("CHECK"):
            self._check()
        elif self.take("REFERENCES"):
            self._references()
        elif named:
            raise self.fail(2253 if self.ended else 904, self.shown)
        else:
            return False
        self.options(STATE)
        return True

    def _check(self) -> None:
        inner = self.inside(self.group())
        inner.condition()
        inner.finish()

    def _references(self) -> None:
        self.name()
        if self.at_group():
            self.names()
        if self.take("ON"):
            self.expect(905, "DELETE")
            if not self.take("CASCADE"):
                self.expect(905, "SET")
                self.expect(908, "NULL")

    def table_constraint(self) -> None:
        """Read a constraint of a table."""
        if self.take("CONSTRAINT"):
            self.identifier(2250)
        if self.take("PRIMARY"):
            self.expect(905, "KEY")
            self.names()
        elif self.take("UNIQUE"):
            self.names()
        elif self.take("FOREIGN"):
            self.expect(905, "KEY")
            self.names()
            self.expect(905, "REFERENCES")
            self._references()
        else:
            self.expect(904, "CHECK")
            self._check()
        self.options(STATE)

    # -- ALTER TABLE ---------------------------------------------------------

    def alter_table(self) -> None:
        """Read what follows ALTER TABLE."""
        self.if_exists()
        self.name()
        if self.ended:
            raise self.fail(1735)
        while not self.ended:
            self._table_change()

    def _table_change(self) -> None:
        if self.at(*_PARTITION_CHANGES) and self.at(*_PARTITIONED, ahead=1):
            self.place = len(self.items)
        elif self.take("ADD"):
            self._added(new=True)
        elif self.at("MODIFY") and self.at("CONSTRAINT", ahead=1):
            self.place += 2
            self.identifier()
            self.options(STATE)
        elif self.take_words("MODIFY", "COLUMN"):
            # There is one form of it, for columns of object types.
            self.identifier(904)
            raise self.fail(905)
        elif self.take("MODIFY"):
            self._added(new=False)
        elif not self.option(ALTER_TABLE):
            raise self.fail(1735)
        else:
            self.options(STATE)

    def _added(self, *, new: bool) -> None:
        group = self.take_group()
        inner = self if group is None else self.inside(group)
        if new:
            if group is None:
                inner.table_part()
            else:
                inner.listed(inner.table_part)
        else:
            inner.listed(inner.modified_column)
        if group is not None:
            inner.finish()
            self.options(TABLE)

    def modified_column(self) -> None:
        """Read a column with what is to be changed of it."""
        self.identifier(904)
        if self.at_kind(TokenKind.NAME) and not self._behind_type():
            self.type()
        if self.take_words("DROP", "IDENTITY") or self.take_words("DROP", "EXPRESSION"):
            return
        self.column_properties()
