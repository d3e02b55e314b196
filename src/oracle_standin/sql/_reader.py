"""What all parts of the grammar read with: a place among the items between two parentheses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

from oracle_standin.errors import OracleError
from oracle_standin.profiles import Profile
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._tree import Group, Item
from oracle_standin.sql._words import RESERVED

__all__ = ["Reader"]


class Reader:
    """Reads the items of a `Group` from the first to the last.

    A method of it or of its subclasses reads what it is named after and
    leaves `place` behind that, or raises the error that Oracle would.  Methods
    whose names begin with ``take`` or ``at`` raise nothing: they say whether it
    was there.

    Parameters
    ----------
    items : `~collections.abc.Sequence`
        Tokens and groups.
    end : `int`
        Where in the text they end, for errors there.
    profile : `~oracle_standin.profiles.Profile`
        The version whose grammar it is.
    nested : `bool`
        Whether they stand between parentheses.
    """

    def __init__(self, items: Sequence[Item], end: int, profile: Profile, *, nested: bool = False) -> None:
        self.items = items
        self.end = end
        self.profile = profile
        self.nested = nested
        self.place = 0

    def inside(self, group: Group) -> Self:
        """Return a reader of what stands between two parentheses."""
        return type(self)(group.items, group.end - 1, self.profile, nested=True)

    def since(self, major: int) -> bool:
        """Return whether the version is this one or a later one."""
        return self.profile.major >= major

    @property
    def offset(self) -> int:
        """Where in the text the next item stands (`int`)."""
        return self.items[self.place].start if self.place < len(self.items) else self.end

    def fail(self, number: int, name: object = "") -> OracleError:
        """Return the error of a number, at the next item."""
        return refusal(number, self.offset, name)

    @property
    def shown(self) -> str:
        """The next word as ORA-00904 shows it (`str`); empty quotes if there is none."""
        item = self.peek()
        return f'"{item.value}"' if isinstance(item, Token) and item.kind is TokenKind.NAME else '""'

    def _next_word(self) -> str:
        item = self.peek()
        return item.value if isinstance(item, Token) else ""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more (`bool`)."""
        return self.place >= len(self.items)

    def peek(self, ahead: int = 0) -> Item | None:
        """Return an item that was not read yet, if there is one."""
        place = self.place + ahead
        return self.items[place] if place < len(self.items) else None

    def at(self, *words: str, ahead: int = 0) -> bool:
        """Return whether one of these unquoted words is next, or so many items further on."""
        item = self.peek(ahead)
        return isinstance(item, Token) and item.kind is TokenKind.NAME and item.value in words

    def at_symbol(self, *symbols: str, ahead: int = 0) -> bool:
        """Return whether one of these symbols is next, or so many items further on."""
        item = self.peek(ahead)
        return isinstance(item, Token) and item.kind is TokenKind.SYMBOL and item.value in symbols

    def at_kind(self, *kinds: TokenKind, ahead: int = 0) -> bool:
        """Return whether a token of one of these kinds is next, or so many items further on."""
        item = self.peek(ahead)
        return isinstance(item, Token) and item.kind in kinds

    def at_group(self, ahead: int = 0) -> bool:
        """Return whether a parenthesis is next, or so many items further on."""
        return isinstance(self.peek(ahead), Group)

    def at_identifier(self, ahead: int = 0) -> bool:
        """Return whether what is next, or so many items further on, can be a name."""
        item = self.peek(ahead)
        if not isinstance(item, Token):
            return False
        return item.kind is TokenKind.QUOTED or (item.kind is TokenKind.NAME and item.value not in RESERVED)

    def take(self, *words: str) -> bool:
        """Read one of these words, if one is next."""
        found = self.at(*words)
        self.place += found
        return found

    def take_words(self, *words: str) -> bool:
        """Read all these words in this order, if they are next."""
        found = all(self.at(word, ahead=ahead) for ahead, word in enumerate(words))
        self.place += len(words) if found else 0
        return found

    def take_symbol(self, *symbols: str) -> bool:
        """Read one of these symbols, if one is next."""
        found = self.at_symbol(*symbols)
        self.place += found
        return found

    def take_kind(self, *kinds: TokenKind) -> bool:
        """Read a token of one of these kinds, if one is next."""
        found = self.at_kind(*kinds)
        self.place += found
        return found

    def take_group(self) -> Group | None:
        """Read what stands in parentheses, if it is next."""
        item = self.peek()
        if not isinstance(item, Group):
            return None
        self.place += 1
        return item

    def expect(self, number: int, *words: str) -> None:
        """Read these words in this order; raise the error of the number if one is missing."""
        for word in words:
            if not self.take(word):
                raise self.fail(number)

    def group(self, number: int = 906) -> Group:
        """Read what stands in parentheses."""
        found = self.take_group()
        if found is None:
            raise self.fail(number)
        return found

    def identifier(self, number: int = 904) -> Token:
        """Read a name without points."""
        item = self.peek()
        if not self.at_identifier() or not isinstance(item, Token):
            raise self.fail(number, self.shown)
        self.place += 1
        return item

    def name(self, number: int = 903) -> Token:
        """Read a name, with a schema or a link if there is one; return its last part."""
        found = self.identifier(number)
        while self.take_symbol("."):
            found = self.identifier(number)
        self.take_link()
        return found

    def take_link(self) -> None:
        """Read ``@link``, if it is next."""
        if self.take_symbol("@"):
            self.identifier(2084)
            while self.take_symbol("."):
                self.identifier(2084)

    def listed(self, one: Callable[[], object]) -> None:
        """Read one or several, with commas between them."""
        one()
        while self.take_symbol(","):
            one()

    def names(self, number: int = 904) -> None:
        """Read a list of names without points, in parentheses."""
        inner = self.inside(self.group())
        inner.listed(lambda: inner.identifier(number))
        inner.finish()

    def finish(self, number: int = 933) -> None:
        """Raise an error if there is more: ORA-00907 between parentheses, else that of the number."""
        if not self.ended:
            raise self.fail(907 if self.nested else number)
