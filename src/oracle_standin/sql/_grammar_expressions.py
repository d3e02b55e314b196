"""The grammar of expressions and conditions."""

from __future__ import annotations

import enum
from abc import abstractmethod

from oracle_standin.sql._reader import Reader
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._tree import Group, is_symbol, is_word
from oracle_standin.sql._words import RESERVED, words

__all__ = ["Expressions", "Operand"]


class Operand(enum.Enum):
    """What was read; versions with BOOLEAN make no difference between the first two."""

    VALUE = "value"
    CONDITION = "condition"
    LIST = "list"
    """Several values in parentheses."""


_FIRST_WITH_BOOLEANS = 23
_COMPARISONS = ("=", "<>", "!=", "^=", "<", ">", "<=", ">=")
_NEGATED = ("BETWEEN", "IN", "LIKE", "LIKE2", "LIKE4", "LIKEC", "MEMBER", "SUBMULTISET")
_CONDITION_CALLS = words(
    """
    DELETING EQUALS_PATH INSERTING JSON_EQUAL JSON_EXISTS JSON_TEXTCONTAINS LNNVL REGEXP_LIKE UNDER_PATH
    UPDATING XMLEXISTS
    """
)
_OWN_SYNTAX = words(
    """
    JSON JSON_ARRAY JSON_ARRAYAGG JSON_DATAGUIDE JSON_EQUAL JSON_EXISTS JSON_MERGEPATCH JSON_OBJECT
    JSON_OBJECTAGG JSON_QUERY JSON_SCALAR JSON_SERIALIZE JSON_TABLE JSON_TEXTCONTAINS JSON_TRANSFORM
    JSON_VALUE XMLAGG XMLATTRIBUTES XMLCAST XMLCDATA XMLCOLATTVAL XMLCONCAT XMLELEMENT XMLEXISTS XMLFOREST
    XMLPARSE XMLPI XMLQUERY XMLROOT XMLSERIALIZE XMLTABLE
    """
)
"""Functions whose arguments have a grammar of their own, which is not read here."""
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_TESTS = (("NULL",), ("NAN",), ("INFINITE",), ("PRESENT",), ("DANGLING",), ("A", "SET"), ("EMPTY",))
_BOOLEAN_TESTS = (("TRUE",), ("FALSE",), ("UNKNOWN",))
_JSON_TESTS = ("ALLOW", "ARRAY", "DISALLOW", "FORMAT", "KEYS", "LAX", "OBJECT", "SCALAR", "SCALARS", "STRICT",
               "UNIQUE", "VALUE", "WITH", "WITHOUT")  # fmt: skip
_QUERY_FOLLOWS = ("EXCEPT", "FETCH", "INTERSECT", "MINUS", "OFFSET", "ORDER", "UNION")

_RESERVED_TYPES = words("CHAR DATE DECIMAL FLOAT INTEGER LONG NUMBER RAW SMALLINT VARCHAR VARCHAR2")
_SECOND_WORDS = {
    **dict.fromkeys(("CHAR", "CHARACTER", "NATIONAL", "NCHAR"), ("VARYING",)),
    "LONG": ("RAW",),
}
"""Words that may follow the first one of a type."""


def starts_query(group: Group) -> bool:
    """Return whether a group is a query, and not an expression that begins with one."""
    first = group.items[0] if group.items else None
    if isinstance(first, Group):
        return starts_query(first) and (len(group.items) == 1 or is_word(group.items, 1, *_QUERY_FOLLOWS))
    return is_word(group.items, 0, "SELECT", "WITH")


class Expressions(Reader):
    """Reads expressions and conditions."""

    @abstractmethod
    def query(self) -> None:
        """Read a whole query."""

    @property
    def booleans(self) -> bool:
        """Whether a condition is a value like any other (`bool`)."""
        return self.since(_FIRST_WITH_BOOLEANS)

    def value(self) -> None:
        """Read an expression."""
        if self.booleans:
            self._need_value(self.anything())
        else:
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
            self._need_value(self._sum())
            if self.take("ESCAPE"):
                self._need_value(self._sum())

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
            self._interval_unit()
        while True:
            if self._at_outer_join():
                self.place += 1
            elif self.at_symbol(".") and self.at_kind(TokenKind.NAME, TokenKind.QUOTED, ahead=1):
                self.place += 2
                if self.at_group() and not self._at_outer_join():
                    self._arguments(self.group(), "")
            elif self.take_words("AT", "TIME", "ZONE"):
                self._primary()
            elif self.take_words("AT", "LOCAL"):
                pass
            elif self.take("COLLATE"):
                self.identifier()
            else:
                return found

    def _at_outer_join(self) -> bool:
        item = self.peek()
        return isinstance(item, Group) and len(item.items) == 1 and is_symbol(item.items, 0, "+")

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
            return self._path(item)
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
                self._interval_unit()
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
                return self._path(item)
            case word if word in RESERVED:
                raise self.fail(936)
            case _:
                return self._path(item)
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

    def conversion(self) -> None:
        """Read ``DEFAULT value ON CONVERSION ERROR``, if it is next."""
        if self.take("DEFAULT"):
            self.value()
            self.expect(905, "ON", "CONVERSION", "ERROR")

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

    def _interval_unit(self) -> None:
        if not self.take(*_UNITS):
            raise self.fail(30089)
        self.take_group()
        if self.take("TO"):
            if not self.take(*_UNITS):
                raise self.fail(30089)
            self.take_group()

    def _json_constructor(self) -> None:
        depth = 0
        self.place += 1
        while not self.ended:
            depth += self.at_symbol("{", "[") - self.at_symbol("}", "]")
            self.place += 1
            if depth == 0:
                return
        raise self.fail(40441)

    # -- names and calls -----------------------------------------------------

    def _path(self, item: Token) -> Operand:
        """Read a name with all that may follow it: points, arguments, windows."""
        self.place += 1
        name = item.value if item.kind is TokenKind.NAME else ""
        while self.at_symbol("."):
            part = self.peek(1)
            if not isinstance(part, Token) or part.kind not in {TokenKind.NAME, TokenKind.QUOTED}:
                self.place += 1
                raise self.fail(1747)
            self.place += 2
            name = ""
        self.take_link()
        if not self.at_group() or self._at_outer_join():
            return Operand.VALUE
        self._arguments(self.group(), name)
        self._behind_arguments()
        return Operand.CONDITION if name in _CONDITION_CALLS else Operand.VALUE

    def _arguments(self, group: Group, name: str) -> None:
        inner = self.inside(group)
        if inner.ended or name in _OWN_SYNTAX:
            return
        if name == "LNNVL":
            inner.condition()
            inner.finish()
            return
        inner.take("DISTINCT", "UNIQUE", "ALL")
        if not inner.take_symbol("*"):
            inner.listed(inner.grouped if name in {"ROLLUP", "CUBE"} else inner.argument)
        inner.behind_last_argument()
        inner.finish()

    def argument(self) -> None:
        """Read an argument of a function."""
        if self.at_kind(TokenKind.NAME, TokenKind.QUOTED) and self.at_symbol("=>", ahead=1):
            self.place += 2
        self.value()
        self.conversion()
        self._nulls()

    def _nulls(self) -> None:
        if self.at("IGNORE", "RESPECT") and self.at("NULLS", ahead=1):
            self.place += 2

    def grouped(self) -> None:
        """Read an item of ROLLUP, CUBE or GROUPING SETS, which may be several columns or none."""
        group = self.peek()
        if isinstance(group, Group) and not group.items:
            self.place += 1
        elif self.take_words("GROUPING", "SETS"):
            inner = self.inside(self.group())
            inner.listed(inner.grouped)
            inner.finish()
        else:
            self.value_or_list()

    def behind_last_argument(self) -> None:
        """Read what aggregates may have behind their arguments."""
        if self.take_words("ON", "OVERFLOW"):
            if self.take("TRUNCATE"):
                self.take_kind(TokenKind.STRING)
                if self.take("WITH", "WITHOUT"):
                    self.expect(905, "COUNT")
            else:
                self.expect(905, "ERROR")
        if self.take("USING"):
            self.identifier()
        if self.take("ORDER"):
            self.order()

    def _behind_arguments(self) -> None:
        if self.at("FROM") and self.at("FIRST", "LAST", ahead=1):
            self.place += 2
        self._nulls()
        if self.at("KEEP") and self.at_group(ahead=1):
            self.place += 1
            self._keep()
        if self.take("WITHIN"):
            self.expect(30491, "GROUP")
            inner = self.inside(self.group())
            inner.expect(30491, "ORDER")
            inner.order()
            inner.finish()
        if self.at("FILTER") and self.at_group(ahead=1) and self.booleans:
            self.place += 1
            inner = self.inside(self.group())
            inner.expect(905, "WHERE")
            inner.condition()
            inner.finish()
        if self.take("OVER"):
            self._window()

    def _keep(self) -> None:
        inner = self.inside(self.group())
        inner.expect(907, "DENSE_RANK")
        if not inner.take("FIRST", "LAST"):
            raise inner.fail(907)
        inner.expect(907, "ORDER")
        inner.order()
        inner.finish()

    def _window(self) -> None:
        if self.since(21) and self.at_identifier():
            self.place += 1
            return
        if not self.at_group():
            raise self.fail(30484)
        self.inside(self.group()).window()

    def window(self) -> None:
        """Read what stands between the parentheses of OVER."""
        if self.at_identifier() and self.since(21) and not self.at("PARTITION", "ROWS", "RANGE", "GROUPS"):
            self.place += 1
        if self.take("PARTITION"):
            self.expect(924, "BY")
            self.listed(self.value_or_list)
        if self.take("ORDER"):
            self.order()
        if self.take("ROWS", "RANGE") or (self.since(21) and self.take("GROUPS")):
            self._frame()
        self.finish()

    def _frame(self) -> None:
        if self.take("BETWEEN"):
            self._bound()
            self.expect(905, "AND")
        self._bound()
        if self.since(21) and self.take("EXCLUDE"):
            for words in (("CURRENT", "ROW"), ("GROUP",), ("TIES",), ("NO", "OTHERS")):
                if self.take_words(*words):
                    return
            raise self.fail(905)

    def _bound(self) -> None:
        if self.take_words("CURRENT", "ROW"):
            return
        if not self.take("UNBOUNDED"):
            self._need_value(self._sum())
        if not self.take("PRECEDING", "FOLLOWING"):
            raise self.fail(905)

    def order(self) -> None:
        """Read what follows ORDER: BY and the sort keys."""
        self.take("SIBLINGS")
        self.expect(924, "BY")
        self.listed(self._sort_key)

    def _sort_key(self) -> None:
        self.value_or_list()
        self.take("ASC", "DESC")
        if self.take("NULLS") and not self.take("FIRST", "LAST"):
            raise self.fail(905)

    # -- types ---------------------------------------------------------------

    def type(self) -> None:
        """Read a data type; which there are, and their sizes, is said by the rules."""
        item = self.peek()
        if not isinstance(item, Token) or not (self.at_identifier() or item.value in _RESERVED_TYPES):
            raise self.fail(902)
        self.place += 1
        while self.take_symbol("."):
            self.identifier(902)
        if item.value == "INTERVAL":
            self._interval_unit()
            return
        if item.value == "DOUBLE":
            self.expect(905, "PRECISION")
        elif item.value == "NATIONAL":
            self.expect(905, "CHAR" if self.at("CHAR") else "CHARACTER")
        self.take(*_SECOND_WORDS.get(item.value, ()))
        group = self.take_group()
        if group is not None and item.value != "VECTOR":
            self.inside(group).size()
        if item.value == "TIMESTAMP" and self.take("WITH"):
            self.take("LOCAL")
            self.expect(905, "TIME", "ZONE")

    def size(self) -> None:
        """Read what stands between the parentheses of a type: numbers, with BYTE or CHAR."""
        self.listed(self._number)
        self.take("BYTE", "CHAR")
        self.finish()

    def _number(self) -> None:
        if self.take_symbol("*"):
            return
        self.take_symbol("-", "+")
        if not self.take_kind(TokenKind.NUMBER):
            raise self.fail(2017)
