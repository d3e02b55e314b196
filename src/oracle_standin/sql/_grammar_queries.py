"""The grammar of queries."""

from __future__ import annotations

from oracle_standin.sql._grammar_expressions import Expressions, starts_query
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._tree import Group, is_word

__all__ = ["Queries"]

_FIRST_WITH_FROMLESS = 23
_FIRST_WITH_SET_ALL = 21
_JOINS = ("CROSS", "FULL", "INNER", "JOIN", "LEFT", "NATURAL", "OUTER", "RIGHT", "USING")
# Words that are no alias if another follows, by that other.
_NO_ALIAS_BEFORE = {
    "FETCH": ("FIRST", "NEXT"),
    "LOG": ("ERRORS",),
    "VERSIONS": ("BETWEEN",),
    "MODEL": ("DIMENSION", "IGNORE", "KEEP", "MAIN", "PARTITION", "REFERENCE", "RETURN", "UNIQUE"),
    "PARTITION": ("BY",),
    "EXCEPT": ("ALL", "SELECT", "VALUES"),
    **dict.fromkeys(("PIVOT", "UNPIVOT"), ("XML", "INCLUDE", "EXCLUDE")),
}
_NO_ALIAS_BEFORE_GROUP = ("EXCEPT", "MATCH_RECOGNIZE", "PIVOT", "SAMPLE", "UNPIVOT")


class Queries(Expressions):
    """Reads queries."""

    def query(self) -> None:
        """Read a whole query, with WITH before and ORDER BY behind it, to the end."""
        self.query_part()
        self.finish()

    def query_part(self) -> None:
        """Read a whole query; something may follow."""
        if self.take("WITH"):
            self._with()
        self._body()
        if self.at("ORDER"):
            self.place += 1
            self.order()
        self._limits()
        while self.take("FOR"):
            self._for_update()

    def _with(self) -> None:
        self.listed(self._defined)

    def _defined(self) -> None:
        self.identifier(903)
        if self.at_group():
            self.names()
        self.expect(905, "AS")
        self.subquery()
        if self.take("SEARCH"):
            if not self.take("DEPTH", "BREADTH"):
                raise self.fail(905)
            self.expect(905, "FIRST")
            self.order_by_names()
            self.expect(905, "SET")
            self.identifier()
        if self.take("CYCLE"):
            self.listed(self.identifier)
            self.expect(905, "SET")
            self.identifier()
            self.expect(905, "TO")
            self.value()
            self.expect(905, "DEFAULT")
            self.value()

    def order_by_names(self) -> None:
        """Read BY and names with ASC or DESC, of a SEARCH clause."""
        self.expect(924, "BY")
        self.listed(self._sort_name)

    def _sort_name(self) -> None:
        self.identifier()
        self.take("ASC", "DESC")
        if self.take("NULLS") and not self.take("FIRST", "LAST"):
            raise self.fail(905)

    def _body(self) -> None:
        self._part()
        operators = ("UNION", "INTERSECT", "MINUS", *(("EXCEPT",) if self.since(_FIRST_WITH_SET_ALL) else ()))
        while self.at(*operators):
            union = self.at("UNION")
            self.place += 1
            if union or self.since(_FIRST_WITH_SET_ALL):
                self.take("ALL")
            self._part()

    def _part(self) -> None:
        if self.at("SELECT"):
            self._block()
        elif self.at_group():
            group = self.group()
            if not starts_query(group):
                raise self._in_group(group)
            self.inside(group).query()
        elif self.at("VALUES") and self.since(_FIRST_WITH_FROMLESS):
            self.place += 1
            self.listed(self.values)
        else:
            raise self.fail(928)

    def _in_group(self, group: Group) -> Exception:
        return self.inside(group).fail(928)

    def _block(self) -> None:
        self.place += 1
        self.take("ALL", "DISTINCT", "UNIQUE")
        self.listed(self._selected)
        if self.take("FROM"):
            self.listed(self.table_reference)
        elif not self.since(_FIRST_WITH_FROMLESS):
            raise self.fail(923)
        if self.take("WHERE"):
            self.condition()
        self._hierarchy()
        self._grouping()
        if self.at("MODEL") and not self.ended:
            self._model()
        if self.since(_FIRST_WITH_SET_ALL) and self.at("WINDOW") and self.at("AS", ahead=2):
            self.place += 1
            self.listed(self._named_window)

    def _named_window(self) -> None:
        self.identifier()
        self.expect(905, "AS")
        self.inside(self.group()).window()

    def _selected(self) -> None:
        if self.take_symbol("*"):
            return
        if self._take_star():
            return
        self.value()
        if self.take("AS"):
            self.identifier(923)
        elif self.at_identifier() and not self._at_clause():
            self.place += 1

    def _take_star(self) -> bool:
        """Read ``table.*`` or ``schema.table.*``, if it is next."""
        ahead = 0
        while self.at_symbol(".", ahead=ahead + 1):
            ahead += 2
        if ahead and self.at_symbol("*", ahead=ahead):
            self.place += ahead + 1
            return True
        return False

    def _at_clause(self) -> bool:
        """Return whether the next word begins a clause, and is no alias."""
        item = self.peek()
        if not isinstance(item, Token) or item.kind is not TokenKind.NAME:
            return False
        match item.value:
            case "OFFSET":
                return self._later("ROW", "ROWS")
            case "RETURNING" | "RETURN":
                # Changes that end with a query may have it behind that.
                return self._later("INTO")
            case "WINDOW":
                return self.at("AS", ahead=2) and self.at_group(ahead=3)
            case word:
                grouped = word in _NO_ALIAS_BEFORE_GROUP and self.at_group(ahead=1)
                return grouped or self.at(*_NO_ALIAS_BEFORE.get(word, ()), ahead=1)

    def _later(self, *words: str) -> bool:
        return any(is_word(self.items, place, *words) for place in range(self.place + 2, len(self.items)))

    # -- what follows FROM ---------------------------------------------------

    def table_reference(self) -> None:
        """Read a table, or a join."""
        self._table()
        while self._join():
            pass

    def _join(self) -> bool:
        if self.at("PARTITION") and self.at("BY", ahead=1):
            self.place += 2
            self.listed(self.value_or_list)
            if not self.at(*_JOINS):
                raise self.fail(905)
        if self.at("CROSS", "OUTER") and self.at("JOIN", "APPLY", ahead=1):
            self.place += 2
            self._table()
        elif self.take("NATURAL"):
            self._join_kind()
            self._table()
        elif self.at("INNER", "LEFT", "RIGHT", "FULL", "JOIN"):
            self._join_kind()
            self.table_reference()
            self._join_condition()
        else:
            return False
        return True

    def _join_kind(self) -> None:
        if self.take("LEFT", "RIGHT", "FULL"):
            self.take("OUTER")
        else:
            self.take("INNER")
        self.expect(905, "JOIN")

    def _join_condition(self) -> None:
        if self.take("USING"):
            self.names()
        else:
            self.expect(905, "ON")
            self.condition()

    def _table(self) -> None:
        group = self.peek()
        if isinstance(group, Group):
            self.place += 1
            self._parenthesised_table(group)
        elif self.at("TABLE", "THE", "LATERAL", "ONLY", "CONTAINERS", "SHARDS") and self.at_group(ahead=1):
            word = self.items[self.place]
            self.place += 1
            self._table_call(word, self.group())
        else:
            self.name()
            if self.at_group():
                self.group()  # a table function, JSON_TABLE or XMLTABLE
            self._partition()
        self._behind_table()

    def _parenthesised_table(self, group: Group) -> None:
        inner = self.inside(group)
        if starts_query(group):
            inner.query_part()
            if inner.take("WITH"):
                inner.restriction()
            inner.finish()
        elif inner.at("VALUES") and self.since(_FIRST_WITH_FROMLESS):
            inner.query()
        else:
            inner.table_reference()
            inner.finish()

    def restriction(self) -> None:
        """Read READ ONLY or CHECK OPTION of a view, behind WITH."""
        if not self.take_words("READ", "ONLY"):
            self.expect(905, "CHECK", "OPTION")
        if self.take("CONSTRAINT"):
            self.identifier()

    def _table_call(self, word: object, group: Group) -> None:
        inner = self.inside(group)
        if starts_query(group):
            inner.query()
        elif isinstance(word, Token) and word.value in {"TABLE", "THE"}:
            inner.value()
            inner.finish()
        else:
            inner.name()
            inner.finish()
        if self.at_group():
            self.group()  # (+)

    def _partition(self) -> None:
        if self.at("PARTITION", "SUBPARTITION") and (self.at_group(ahead=1) or self.at("FOR", ahead=1)):
            self.place += 1
            self.take("FOR")
            self.group()
        if self.at("SAMPLE") and (self.at_group(ahead=1) or self.at("BLOCK", ahead=1)):
            self.place += 1
            self.take("BLOCK")
            self.group()
            if self.take("SEED"):
                self.group()

    def _behind_table(self) -> None:
        self._flashback()
        while self.at("PIVOT", "UNPIVOT", "MATCH_RECOGNIZE") and self._at_clause():
            self.place += 1
            self.take("XML")
            if self.take("INCLUDE", "EXCLUDE"):
                self.expect(905, "NULLS")
            self.group()
        if self.at_identifier() and not self.at(*_JOINS) and not self._at_clause():
            self.place += 1
            if self.at_group() and self.since(_FIRST_WITH_FROMLESS):
                self.names()
            if self.at("PIVOT", "UNPIVOT", "MATCH_RECOGNIZE"):
                self._behind_table()

    def _flashback(self) -> None:
        if self.at("VERSIONS") and self.at("BETWEEN", ahead=1):
            self.place += 2
            if not self.take("SCN", "TIMESTAMP"):
                raise self.fail(905)
            self._flashback_bound()
            self.expect(905, "AND")
            self._flashback_bound()
        if self.take_words("AS", "OF"):
            if self.take("PERIOD"):
                self.expect(905, "FOR")
                self.identifier()
            elif not self.take("SCN", "TIMESTAMP"):
                raise self.fail(905)
            self.value()

    def _flashback_bound(self) -> None:
        if not self.take("MINVALUE", "MAXVALUE"):
            self.value()

    # -- the other clauses ---------------------------------------------------

    def _hierarchy(self) -> None:
        while True:
            if self.take("START"):
                self.expect(905, "WITH")
            elif self.take("CONNECT"):
                self.expect(905, "BY")
                self.take("NOCYCLE")
            else:
                return
            self.condition()

    def _grouping(self) -> None:
        while True:
            if self.take("GROUP"):
                self.expect(924, "BY")
                if not (self.booleans and self.take("ALL")):
                    self.listed(self.grouped)
            elif self.take("HAVING"):
                self.condition()
            else:
                return

    def _model(self) -> None:
        """Pass over a MODEL clause: what it may contain is not read here."""
        ends = ("ORDER", "OFFSET", "FETCH", "FOR", "UNION", "INTERSECT", "MINUS")
        while not self.ended and not self.at(*ends):
            self.place += 1

    def _limits(self) -> None:
        if self.take("OFFSET"):
            self.value()
            if not self.take("ROW", "ROWS"):
                raise self.fail(905)
        if self.take("FETCH"):
            if not self.take("FIRST", "NEXT"):
                raise self.fail(905)
            if not self.at("ROW", "ROWS"):
                self.value()
                self.take("PERCENT")
            if not self.take("ROW", "ROWS"):
                raise self.fail(905)
            if not self.take("ONLY"):
                self.expect(905, "WITH", "TIES")

    def _for_update(self) -> None:
        self.expect(905, "UPDATE")
        if self.take("OF"):
            self.listed(lambda: self.name(904))
        if self.take("NOWAIT") or self.take_words("SKIP", "LOCKED"):
            return
        if self.take("WAIT") and not self.take_kind(TokenKind.NUMBER):
            raise self.fail(30005)
