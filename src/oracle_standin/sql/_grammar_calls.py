"""The grammar of names and of what may follow them: points, arguments, windows."""

from __future__ import annotations

import enum
from abc import abstractmethod

from oracle_standin.sql._grammar_types import Types
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._tree import Group, is_symbol
from oracle_standin.sql._words import words

__all__ = ["Calls", "Operand"]


class Operand(enum.Enum):
    """What was read; versions with BOOLEAN make no difference between the first two."""

    VALUE = "value"
    CONDITION = "condition"
    LIST = "list"
    """Several values in parentheses."""


_FIRST_WITH_BOOLEANS = 23
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


class Calls(Types):
    """Reads names and calls."""

    @abstractmethod
    def value(self) -> None:
        """Read an expression."""

    @abstractmethod
    def scalar(self) -> None:
        """Read an expression without conditions around it."""

    @abstractmethod
    def value_or_list(self) -> None:
        """Read an expression or several in parentheses."""

    @abstractmethod
    def condition(self) -> None:
        """Read a condition."""

    @property
    def booleans(self) -> bool:
        """Whether a condition is a value like any other (`bool`)."""
        return self.since(_FIRST_WITH_BOOLEANS)

    def at_outer_join(self) -> bool:
        """Return whether ``(+)`` is next."""
        item = self.peek()
        return isinstance(item, Group) and len(item.items) == 1 and is_symbol(item.items, 0, "+")

    def path(self, item: Token) -> Operand:
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
        if not self.at_group() or self.at_outer_join():
            return Operand.VALUE
        self.arguments(self.group(), name)
        self._behind_arguments()
        return Operand.CONDITION if name in _CONDITION_CALLS else Operand.VALUE

    def arguments(self, group: Group, name: str) -> None:
        """Read what stands between the parentheses of a function of that name."""
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

    def conversion(self) -> None:
        """Read ``DEFAULT value ON CONVERSION ERROR``, if it is next."""
        if self.take("DEFAULT"):
            self.value()
            self.expect(905, "ON", "CONVERSION", "ERROR")

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
            self.scalar()
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
