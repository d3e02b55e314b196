"""The grammar of INSERT, UPDATE, DELETE and MERGE."""

from __future__ import annotations

from oracle_standin.sql._grammar_expressions import starts_query
from oracle_standin.sql._grammar_queries import Queries
from oracle_standin.sql._scanner import TokenKind

__all__ = ["Changes"]

_FIRST_WITH_JOINS = 23


class Changes(Queries):
    """Reads statements that change rows."""

    def insert(self) -> None:
        """Read what follows INSERT."""
        if self.at("ALL", "FIRST"):
            self._insert_several()
            return
        self.expect(925, "INTO")
        self._inserted_into("VALUES", "SELECT", "WITH", "SET", "BY")
        if self.since(_FIRST_WITH_JOINS) and self.take("SET"):
            self.listed(self._assignment)
        elif self.since(_FIRST_WITH_JOINS) and self.take_words("BY", "NAME"):
            self._source()
        elif self.take("VALUES"):
            self._row()
            while self.since(_FIRST_WITH_JOINS) and self.take_symbol(","):
                self._row()
        else:
            self._source()
        self._returning()
        self._log_errors()
        self.finish()

    def _inserted_into(self, *behind: str) -> None:
        self._target(*behind)
        group = self.peek()
        if self.at_group() and not starts_query(group):  # type: ignore[arg-type]
            self._columns()

    def _columns(self) -> None:
        inner = self.inside(self.group())
        inner.listed(lambda: inner.name(928))
        inner.finish()

    def _target(self, *behind: str) -> None:
        """Read the table that is changed, and its alias unless one of these words is next."""
        if self.at("ONLY", "TABLE") and self.at_group(ahead=1):
            self.place += 2
        elif self.at_group():
            group = self.group(903)
            inner = self.inside(group)
            inner.query_part()
            if inner.take("WITH"):
                inner.restriction()
            inner.finish()
        else:
            self.name()
            if self.at("PARTITION", "SUBPARTITION"):
                self.place += 1
                self.take("FOR")
                self.group()
        if self.at_identifier() and not self.at(*behind):
            self.place += 1

    def _source(self) -> None:
        if not self.at("SELECT", "WITH") and not self.at_group():
            raise self.fail(926)
        self.query_part()

    def _row(self) -> None:
        if self.take_kind(TokenKind.NAME, TokenKind.BIND):
            return  # a record, in PL/SQL
        inner = self.inside(self.group(906))
        inner.listed(inner.value_or_default)
        inner.finish()

    def value_or_default(self) -> None:
        """Read a value that a column is given."""
        if not self.take("DEFAULT"):
            self.value()

    def _insert_several(self) -> None:
        self.place += 1
        while not self.at("SELECT", "WITH") and not self.at_group():
            if self.take("WHEN"):
                self.condition()
                self.expect(905, "THEN")
            elif not self.at("INTO"):
                self.expect(928, "ELSE")
            self.expect(925, "INTO")
            self._inserted_into("VALUES", "INTO", "SELECT", "WHEN", "ELSE", "WITH")
            if self.take("VALUES"):
                self._row()
            self._log_errors()
        self.query_part()
        self.finish()

    def update(self) -> None:
        """Read what follows UPDATE."""
        self._target("SET")
        self.expect(971, "SET")
        self.listed(self._assignment)
        if self.since(_FIRST_WITH_JOINS) and self.take("FROM"):
            self.listed(self.table_reference)
        self._condition_and_returning()

    def _assignment(self) -> None:
        if self.at_group():
            self._columns()
            self._equals()
            self.subquery()
            return
        self.name(1747)
        self._equals()
        self.value_or_default()

    def _equals(self) -> None:
        if not self.take_symbol("="):
            raise self.fail(927)

    def _condition_and_returning(self) -> None:
        if self.take("WHERE"):
            self.condition()
        self._returning()
        self._log_errors()
        self.finish()

    def _returning(self) -> None:
        if not self.take("RETURNING", "RETURN"):
            return
        self.listed(self._returned)
        self.take_words("BULK", "COLLECT")
        self.expect(925, "INTO")
        self.listed(self._receiver)

    def _returned(self) -> None:
        if self.since(_FIRST_WITH_JOINS) and self.at("OLD", "NEW") and self.at_identifier(ahead=1):
            self.place += 1
        self.value()

    def _receiver(self) -> None:
        """Read where a returned value goes: a bind, or a variable in PL/SQL."""
        if not self.take_kind(TokenKind.BIND):
            self.name(936)

    def _log_errors(self) -> None:
        if not self.take("LOG"):
            return
        self.expect(905, "ERRORS")
        if self.take("INTO"):
            self.name()
        self.take_group()
        if self.take("REJECT"):
            self.expect(905, "LIMIT")
            if not self.take("UNLIMITED"):
                self.value()

    def delete(self) -> None:
        """Read what follows DELETE."""
        self.take("FROM")
        self._target("RETURNING", "RETURN", "LOG", "FROM")
        if self.since(_FIRST_WITH_JOINS) and self.take("FROM"):
            self.listed(self.table_reference)
        self._condition_and_returning()

    def merge(self) -> None:
        """Read what follows MERGE."""
        self.expect(925, "INTO")
        self._target("USING")
        self.expect(2012, "USING")
        self._table()
        self.expect(969, "ON")
        if self.since(_FIRST_WITH_JOINS):
            self.condition()
        else:
            inner = self.inside(self.group(969))
            inner.condition()
            inner.finish()
        if not self.at("WHEN"):
            raise self.fail(905)
        while self.take("WHEN"):
            self._when()
        self._returning()
        self._log_errors()
        self.finish()

    def _when(self) -> None:
        absent = self.take("NOT")
        self.expect(905, "MATCHED", "THEN")
        if absent:
            self.expect(905, "INSERT")
            if self.at_group():
                self._columns()
            self.expect(926, "VALUES")
            self._row()
            if self.take("WHERE"):
                self.condition()
            return
        self.expect(905, "UPDATE")
        self.expect(971, "SET")
        self.listed(self._assignment)
        if self.take("WHERE"):
            self.condition()
        if self.take("DELETE"):
            self.expect(905, "WHERE")
            self.condition()
