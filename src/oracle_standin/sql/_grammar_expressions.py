"""The grammar of expressions and conditions."""

from __future__ import annotations

from abc import abstractmethod

from oracle_standin.sql._grammar_calls import Calls, Operand
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._tree import Group, is_word
from oracle_standin.sql._words import RESERVED

__all__ = ["Expressions", "starts_query"]


_COMPARISONS = ("=", "<>", "!=", "^=", "<", ">", "<=", ">=")
_NEGATED = ("BETWEEN", "IN", "LIKE", "LIKE2", "LIKE4", "LIKEC", "MEMBER", "SUBMULTISET")
_TESTS = (("NULL",), ("NAN",), ("INFINITE",), ("PRESENT",), ("DANGLING",), ("A", "SET"), ("EMPTY",))
_BOOLEAN_TESTS = (("TRUE",), ("FALSE",), ("UNKNOWN",))
_JSON_TESTS = ("ALLOW", "ARRAY", "DISALLOW", "FORMAT", "KEYS", "LAX", "OBJECT", "SCALAR", "SCALARS", "STRICT",
               "UNIQUE", "VALUE", "WITH", "WITHOUT")  # fmt: skip
_QUERY_FOLLOWS = ("EXCEPT", "FETCH", "INTERSECT", "MINUS", "OFFSET", "ORDER", "UNION")


def starts_query(group: Group) -> bool:
    """Return whether a group is a query, and not an expression that begins with one."""
    first = group.items[0] if group.items else None
    if isinstance(first, Group):
        return starts_query(first) and (len(group.items) == 1 or is_word(group.items, 1, *_QUERY_FOLLOWS))
    return is_word(group.items, 0, "SELECT", "WITH")


class Expressions(Calls):
    """Reads expressions and conditions."""

    @abstractmethod
    def query(self) -> None:
        """Read a whole query."""

    def value(self) -> None:
        """Read an expression."""
        if self.booleans:
            self._need_value(self.anything())
        else:
            self.scalar()

    def scalar(self) -> None:
        """Read an expression without conditions around it."""
        self._need_value(self._sum())

    def value_or_list(self) -> None:
        """Read an expression or several in parentheses."""
        if self._sum() is Operand.CONDITION and not self.booleans:
            raise self.fail(907)

    def condition(self) -> None:
        """Read a condition."""
        self._need_condition(self.anything())

    def values(self) -> None:
        """Read a list of expressions in parentheses."""
        inner = self.inside(self.group())
        inner.listed(inner.value)
        inner.finish()

    def subquery(self) -> None:
        """Read a query in parentheses."""
        self.inside(self.group()).query()

    def anything(self) -> Operand:
        """Read an expression or a condition, whichever it is."""
        connected = False
        while True:
            negated = False
            while self.take("NOT"):
                negated = True
            found = self._predicate()
            if negated:
                self._need_condition(found)
                found = Operand.CONDITION
            if not self.at("AND", "OR"):
                break
            self._need_condition(found)
            self.place += 1
            connected = True
        if not connected:
            return found
        self._need_condition(found)
        return Operand.CONDITION

    def _need_value(self, found: Operand) -> None:
        if found is Operand.LIST or (found is Operand.CONDITION and not self.booleans):
            raise self.fail(907)

    def _need_condition(self, found: Operand) -> None:
        if found is Operand.LIST or (found is Operand.VALUE and not self.booleans):
            raise self.fail(920)

    # -- conditions ----------------------------------------------------------

    def _predicate(self) -> Operand:
        found = self._sum()
        if found is Operand.CONDITION and not self.booleans:
            return found
        return Operand.CONDITION if self._comparison() else found

    def _comparison(self) -> bool:
        """Read what makes a condition of the operand before it, if something does."""
        if self.take_symbol(*_COMPARISONS):
            self._compared()
        elif self.take("IS"):
            self._test()
        elif self.at(*_NEGATED) or (self.at("NOT") and self.at(*_NEGATED, ahead=1)):
            self.take("NOT")
            self._membership()
        else:
            return False
        return True

    def _compared(self) -> None:
        if self.at("ANY", "SOME", "ALL") and self.at_group(ahead=1):
            self.place += 1
            self._list_or_query()
        else:
            self.value_or_list()

    def _list_or_query(self) -> None:
        group = self.group()
        inner = self.inside(group)
        if starts_query(group):
            inner.query()
            return
        inner.listed(inner.value_or_list)
        inner.finish()

    def _membership(self) -> None:
        if self.take("BETWEEN"):
            self.value_or_list()
            self.expect(905, "AND")
            self.value_or_list()
        elif self.take("IN"):
            if self.at_group():
                self._list_or_query()
            else:
                self.value_or_list()
        elif self.take("MEMBER", "SUBMULTISET"):
            self.take("OF")
            self._sum()
        else:
            self.place += 1
            self.scalar()
            if self.take("ESCAPE"):
                self.scalar()

    def _test(self) -> None:
        self.take("NOT")
        for test in (*_TESTS, *(_BOOLEAN_TESTS if self.booleans else ())):
            if self.take_words(*test):
                return
        if self.booleans and self.take_words("DISTINCT", "FROM"):
            self.value_or_list()
        elif self.take("OF"):
            self.take("TYPE")
            self.group()
        elif self.take("JSON"):
            while self.take(*_JSON_TESTS):
                pass
        else:
            raise self.fail(908)

    # -- expressions ---------------------------------------------------------

    def _sum(self) -> Operand:
        """Read operands with operators between them, which all have the same grammar."""
        found = self._operand()
        while self._take_operator():
            self._need_value(found)
            found = self._operand()
            self._need_value(found)
        return found

    def _take_operator(self) -> bool:
        if self.at("MULTISET") and self.at("UNION", "EXCEPT", "INTERSECT", ahead=1):
            self.place += 2
            self.take("ALL", "DISTINCT")
            return True
        return self.take_symbol("+", "-", "*", "/", "||")

    def _operand(self) -> Operand:
        while self.take_symbol("+", "-") or self.take("PRIOR", "CONNECT_BY_ROOT"):
            pass
        group = self.at_group()
        found = self._primary()
        if group and self.at("DAY", "YEAR"):
            self.interval_unit()
        while True:
            if self.at_outer_join():
                self.place += 1
            elif self.at_symbol(".") and self.at_kind(TokenKind.NAME, TokenKind.QUOTED, ahead=1):
                self.place += 2
                if self.at_group() and not self.at_outer_join():
                    self.arguments(self.group(), "")
            elif self.take_words("AT", "TIME", "ZONE"):
                self._primary()
            elif self.take_words("AT", "LOCAL"):
                pass
            elif self.take("COLLATE"):
                self.identifier()
            else:
                return found

    def _primary(self) -> Operand:
        item = self.peek()
        if item is None:
            raise self.fail(936)
        if isinstance(item, Group):
            self.place += 1
            return self._parenthesised(item)
        if item.kind is TokenKind.SYMBOL:
            raise self.fail(936)
        if item.kind is TokenKind.NAME:
            return self._word(item)
        if item.kind is TokenKind.QUOTED:
            return self.path(item)
        self.place += 1
        return Operand.VALUE

    def _parenthesised(self, group: Group) -> Operand:
        while len(group.items) == 1 and isinstance(group.items[0], Group):
            group = group.items[0]
        inner = self.inside(group)
        if starts_query(group):
            inner.query()
            return Operand.VALUE
        found = inner.anything()
        if inner.take_symbol(","):
            self._need_value(found)
            inner.listed(inner.value_or_list)
            found = Operand.LIST
        inner.finish()
        return found

    def _word(self, item: Token) -> Operand:  # noqa: C901, PLR0912 - one case a construct
        match item.value:
            case "CASE":
                return self._case()
            case "CAST" | "XMLCAST" | "TREAT" if self.at_group(ahead=1):
                self._cast()
            case "EXTRACT" if self._argument_has("FROM"):
                self._extract()
            case "TRIM" if self._argument_has("FROM"):
                self._trim()
            case "DATE" | "TIMESTAMP" if self.at_kind(TokenKind.STRING, ahead=1):
                self.place += 2
            case "INTERVAL" if self.at_kind(TokenKind.STRING, ahead=1):
                self.place += 2
                self.interval_unit()
            case "EXISTS" if self.at_group(ahead=1):
                self.place += 1
                self.subquery()
                return Operand.CONDITION
            case "CURSOR" | "MULTISET" if self.at_group(ahead=1):
                self.place += 1
                self.subquery()
            case "JSON" if self.at_symbol("{", "[", ahead=1) and self.since(21):
                self._json_constructor()
            case "NULL":
                self.place += 1
            case "SET" | "TABLE" if self.at_group(ahead=1):
                return self.path(item)
            case word if word in RESERVED:
                raise self.fail(936)
            case _:
                return self.path(item)
        return Operand.VALUE

    def _argument_has(self, word: str) -> bool:
        """Return whether a word stands in the parentheses behind the next item."""
        group = self.peek(1)
        items = group.items if isinstance(group, Group) else ()
        return any(is_word(items, place, word) for place in range(len(items)))

    def _case(self) -> Operand:
        self.place += 1
        simple = not self.at("WHEN")
        if simple:
            self.value()
        if not self.at("WHEN"):
            raise self.fail(905)
        while self.take("WHEN"):
            if not simple:
                self.condition()
            elif not (self.booleans and self._comparison()):
                self.value()
            self.expect(905, "THEN")
            self.value()
        if self.take("ELSE"):
            self.value()
        self.expect(905, "END")
        return Operand.VALUE

    def _cast(self) -> None:
        self.place += 1
        inner = self.inside(self.group())
        inner.value()
        inner.expect(905, "AS")
        inner.take("REF")
        inner.type()
        inner.conversion()
        while inner.take_symbol(","):
            inner.value()
        inner.finish()

    def _extract(self) -> None:
        self.place += 1
        inner = self.inside(self.group())
        inner.identifier(30089)
        inner.expect(907, "FROM")
        inner.value()
        inner.finish()

    def _trim(self) -> None:
        self.place += 1
        inner = self.inside(self.group())
        inner.take("LEADING", "TRAILING", "BOTH")
        if not inner.at("FROM"):
            inner.value()
        inner.expect(907, "FROM")
        inner.value()
        inner.finish()

    def _json_constructor(self) -> None:
        depth = 0
        self.place += 1
        while not self.ended:
            depth += self.at_symbol("{", "[") - self.at_symbol("}", "]")
            self.place += 1
            if depth == 0:
                return
        raise self.fail(40441)
