"""A statement's tokens, and which of them belong together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import Token, TokenKind

__all__ = ["SqlTranslator", "Tokens", "returning_clause"]

_NAMES = (TokenKind.NAME, TokenKind.QUOTED)


class Tokens:
    """Looks at a statement's tokens by their positions, which may be outside of them.

    Parameters
    ----------
    tokens : `~collections.abc.Sequence` [`Token`]
        The statement.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    def symbol(self, i: int, *symbols: str) -> bool:
        """Return whether there is one of these symbols."""
        return 0 <= i < len(self.tokens) and self.tokens[i].is_symbol(*symbols)

    def word(self, i: int, *words: str) -> bool:
        """Return whether there is one of these words."""
        return 0 <= i < len(self.tokens) and self.tokens[i].is_word(*words)

    def kind(self, i: int, *kinds: TokenKind) -> bool:
        """Return whether there is a token of one of these kinds."""
        return 0 <= i < len(self.tokens) and self.tokens[i].kind in kinds

    def name(self, i: int) -> bool:
        """Return whether there is a word or a quoted name."""
        return self.kind(i, *_NAMES)

    def closing(self, opening: int) -> int:
        """Return the position of the parenthesis that closes one.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if there is none (ORA-00907).
        """
        depth = 0
        for i in range(opening, len(self.tokens)):
            depth += self.tokens[i].is_symbol("(") - self.tokens[i].is_symbol(")")
            if depth == 0:
                return i
        raise OracleError(907, "missing right parenthesis", offset=self.tokens[-1].end)

    def outermost(self, start: int, end: int) -> Iterator[int]:
        """Yield the positions of a range that are in no parentheses of it; it ends where its own do."""
        depth = 0
        for i in range(start, end):
            depth += self.tokens[i].is_symbol("(") - self.tokens[i].is_symbol(")")
            if depth < 0:
                return
            if depth == 0:
                yield i

    def end_of_clause(self, start: int, end: int, *words: str) -> int:
        """Return where a clause ends: at one of these words, with the parentheses it is in, or at ``end``."""
        depth = 0
        for i in range(start, end):
            depth += self.tokens[i].is_symbol("(") - self.tokens[i].is_symbol(")")
            if depth < 0 or (depth == 0 and self.word(i, *words)):
                return i
        return end

    def items(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the ranges between commas of the outermost level; none for an empty range."""
        ranges, depth, first = [], 0, start
        for i in range(start, end):
            token = self.tokens[i]
            depth += token.is_symbol("(", "[") - token.is_symbol(")", "]")
            if depth == 0 and token.is_symbol(","):
                ranges.append((first, i))
                first = i + 1
        return [*ranges, (first, end)] if end > start else []


def json_array_end(read: Tokens, i: int) -> int:
    """Return where the argument of ``JSON_ARRAYAGG(x RETURNING CLOB)`` ends, whose name is at ``i``.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for its other options, which are not modelled (ORA-03001).
    """
    close = read.closing(i + 1)
    option = next((j for j in read.outermost(i + 2, close) if read.word(j, "RETURNING")), close)
    others = any(
        read.word(j, "FORMAT", "ORDER", "ABSENT", "NULL", "STRICT") for j in read.outermost(i + 2, option)
    )
    if others or option + 2 != close or not read.word(option + 1, "CLOB"):
        raise not_modelled("JSON_ARRAYAGG other than of (x RETURNING CLOB)", offset=read.tokens[i].start)
    return option


class SqlTranslator(Tokens, ABC):
    """Renders ranges of one statement's tokens in an engine's SQL."""

    @abstractmethod
    def render(self, start: int, end: int) -> str:
        """Return the SQL of a range of tokens: an expression, a condition or a query."""


def returning_clause(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Return where RETURNING and its INTO stand, in DML at the outermost level.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if there is no INTO (ORA-00925).
    """
    if not tokens or not tokens[0].is_word("INSERT", "UPDATE", "DELETE", "MERGE"):
        return None
    start = None
    for i in Tokens(tokens).outermost(0, len(tokens)):
        if tokens[i].is_word("RETURNING", "RETURN"):
            start = i
        elif start is not None and tokens[i].is_word("INTO"):
            return start, i
    if start is not None:
        raise OracleError(925, "missing INTO keyword", offset=tokens[start].start)
    return None
