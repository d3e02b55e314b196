"""Reading the options of DDL and of commands."""

from __future__ import annotations

from collections.abc import Callable

from oracle_standin.sql._grammar_changes import Changes
from oracle_standin.sql._patterns import Patterns
from oracle_standin.sql._scanner import Token, TokenKind

__all__ = ["Options"]


class Options(Changes):
    """Reads options."""

    def options(self, known: Patterns) -> None:
        """Read options as long as there are some."""
        while self.option(known):
            pass

    def option(self, known: Patterns) -> bool:
        """Read an option, if one is next."""
        item = self.peek()
        if not isinstance(item, Token) or item.kind is not TokenKind.NAME:
            return False
        return any(self._matches(pattern) for pattern in known.get(item.value, ()))

    def _matches(self, pattern: tuple[str, ...]) -> bool:
        begin = self.place
        if all(self.take(part) if part.isupper() else _ELEMENTS[part](self) for part in pattern):
            return True
        self.place = begin
        return False

    def take_names(self) -> bool:
        """Read a list of names in parentheses, if one is next."""
        if self.at_group():
            self.names()
            return True
        return False

    def take_number(self) -> bool:
        """Read a number, with its sign and unit, if one is next."""
        self.take_symbol("-")
        if not self.take_kind(TokenKind.NUMBER):
            return False
        self.take("K", "M", "G", "T", "P")
        return True

    def take_name(self) -> bool:
        """Read a name with its points, if one is next."""
        if self.at_identifier():
            self.name()
            return True
        return False

    def take_value(self) -> bool:
        """Read an expression."""
        self.value()
        return True


_ELEMENTS: dict[str, Callable[[Options], bool]] = {
    "group": lambda reader: reader.take_group() is not None,
    "identifier": lambda reader: (
        reader.at_identifier() and reader.take_kind(TokenKind.NAME, TokenKind.QUOTED)
    ),
    "name": Options.take_name,
    "names": Options.take_names,
    "number": Options.take_number,
    "string": lambda reader: reader.take_kind(TokenKind.STRING),
    "value": Options.take_value,
    "word": lambda reader: reader.take_kind(TokenKind.NAME),
}
