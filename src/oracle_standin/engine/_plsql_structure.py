"""Where the parts of blocks, loops and branches end."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.engine._tokens import Tokens
from oracle_standin.errors import OracleError
from oracle_standin.sql._scanner import Token

__all__ = ["BlockStructure"]


class BlockStructure(Tokens):
    """Finds ends in a block's tokens.

    Parameters
    ----------
    text : `str`
        The block.
    tokens : `~collections.abc.Sequence` [`Token`]
        Its tokens.
    """

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        super().__init__(tokens)
        self.text = text

    def fail(self, i: int) -> OracleError:
        """Return the compiler's error at a position."""
        token = self.tokens[min(i, len(self.tokens) - 1)]
        line = self.text.count("\n", 0, token.start) + 1
        column = token.start - (self.text.rfind("\n", 0, token.start) + 1) + 1
        return OracleError(
            6550,
            f'line {line}, column {column}:\nPLS-00103: Encountered the symbol "{token.value}"'
            " when expecting something else",
            offset=token.start,
        )

    def shape(self, i: int) -> tuple[int | None, int]:
        """Return where a block's EXCEPTION stands, if it has one, and its END."""
        depth, handlers = 0, None
        while i < len(self.tokens):
            if self.word(i, "END"):
                if depth == 0:
                    return handlers, i
                depth -= 1
                i += 2 if self.word(i + 1, "IF", "LOOP", "CASE") else 1
                continue
            if self.word(i, "BEGIN", "IF", "LOOP", "CASE"):
                depth += 1
            elif depth == 0 and self.word(i, "EXCEPTION"):
                handlers = i
            i += 1
        raise self.fail(i)

    def next_handler(self, i: int, end: int) -> int:
        depth = 0
        while i < end:
            if self.word(i, "BEGIN", "IF", "LOOP", "CASE"):
                depth += 1
            elif self.word(i, "END"):
                depth -= 1
                i += bool(self.word(i + 1, "IF", "LOOP", "CASE"))
            elif depth == 0 and self.word(i, "WHEN"):
                return i
            i += 1
        return end

    def branch_end(self, i: int, *others: str) -> int:
        """Return where ELSIF, ELSE, END IF or another word ends a branch."""
        depth = 0
        while i < len(self.tokens):
            if depth == 0 and self.word(i, "ELSIF", "ELSE", "END", *others):
                return i
            if self.word(i, "BEGIN", "IF", "LOOP", "CASE"):
                depth += 1
            elif self.word(i, "END"):
                depth -= 1
                i += bool(self.word(i + 1, "IF", "LOOP", "CASE"))
            i += 1
        raise self.fail(i)

    def undeclared(self, i: int) -> OracleError:
        """Return the compiler's error about a name that nothing has."""
        token = self.tokens[i]
        return OracleError(
            6550,
            f"line 1, column {token.start + 1}:\nPLS-00201: identifier '{token.value}' must be declared",
            offset=token.start,
        )

    def end_of_statement(self, i: int) -> int:
        """Return where the statement at a position ends."""
        depth = 0
        for n in range(i, len(self.tokens)):
            depth += self.symbol(n, "(") - self.symbol(n, ")")
            if depth == 0 and self.symbol(n, ";"):
                return n
        raise self.fail(len(self.tokens) - 1)
