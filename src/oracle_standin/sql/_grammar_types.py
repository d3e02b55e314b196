"""The grammar of data types."""

from __future__ import annotations

from oracle_standin.sql._reader import Reader
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._words import words

__all__ = ["Types"]

_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_RESERVED_TYPES = words("CHAR DATE DECIMAL FLOAT INTEGER LONG NUMBER RAW SMALLINT VARCHAR VARCHAR2")
_SECOND_WORDS = {
    **dict.fromkeys(("CHAR", "CHARACTER", "NATIONAL", "NCHAR"), ("VARYING",)),
    "LONG": ("RAW",),
}
"""Words that may follow the first one of a type."""


class Types(Reader):
    """Reads data types."""

    def type(self) -> None:
        """Read a data type; which there are, and their sizes, is said by the rules."""
        item = self.peek()
        if not isinstance(item, Token) or not (self.at_identifier() or item.value in _RESERVED_TYPES):
            raise self.fail(902)
        self.place += 1
        while self.take_symbol("."):
            self.identifier(902)
        if item.value == "INTERVAL":
            self.interval_unit()
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

    def interval_unit(self) -> None:
        """Read the fields of an interval: one, or two with TO between them."""
        if not self.take(*_UNITS):
            raise self.fail(30089)
        self.take_group()
        if self.take("TO"):
            if not self.take(*_UNITS):
                raise self.fail(30089)
            self.take_group()
