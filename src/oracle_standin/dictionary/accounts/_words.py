"""Reading account statements word by word."""

from __future__ import annotations

from oracle_standin.errors import OracleError
from oracle_standin.sql._scanner import Token, TokenKind, scan

__all__ = ["Words"]


class Words:
    """A statement's tokens and how far they have been read.

    Parameters
    ----------
    text : `str`
        The statement; a semicolon at its end is left out.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        tokens = scan(text)
        self.tokens = tokens[:-1] if tokens and tokens[-1].is_symbol(";") else tokens
        self.at = 0

    @property
    def offset(self) -> int:
        """Position of the next token in the text (`int`)."""
        return self.tokens[self.at].start if self.at < len(self.tokens) else len(self.text)

    def peek(self, ahead: int = 0) -> Token | None:
        """Return a coming token, or `None` behind the end."""
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else None

    def take(self, *words: str) -> bool:
        """Read these words, if they come next, and return whether they did."""
        for ahead, word in enumerate(words):
            token = self.peek(ahead)
            if token is None or not (token.is_word(word) or token.is_symbol(word)):
                return False
        self.at += len(words)
        return True

    def demand(self, *words: str, number: int, message: str) -> None:
        """Read these words.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised with this number and message if something else comes.
        """
        if not self.take(*words):
            raise OracleError(number, message, offset=self.offset)

    def next(self) -> Token:
        """Read any token.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised at the end (ORA-00922).
        """
        token = self.peek()
        if token is None:
            raise OracleError(922, "missing or invalid option", offset=self.offset)
        self.at += 1
        return token

    def name(self, number: int, message: str) -> str:
        """Read an identifier.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised with this number and message if there is none.
        """
        token = self.peek()
        if token is None or token.kind not in (TokenKind.NAME, TokenKind.QUOTED):
            raise OracleError(number, message, offset=self.offset)
        self.at += 1
        return token.value

    def names(self, number: int, message: str) -> list[str]:
        """Read identifiers separated by commas."""
        found = [self.name(number, message)]
        while self.take(","):
            found.append(self.name(number, message))
        return found

    def password(self) -> str:
        """Read a password, in the case in which it was written.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised if there is none (ORA-00988).
        """
        token = self.peek()
        if token is None or token.kind not in (TokenKind.NAME, TokenKind.QUOTED):
            raise OracleError(988, "missing or invalid password(s)", offset=self.offset)
        self.at += 1
        return token.value if token.kind is TokenKind.QUOTED else self.text[token.start : token.end]

    def end(self, number: int = 933, message: str = "SQL command not properly ended") -> None:
        """Make sure that nothing is left.

        Raises
        ------
        oracle_standin.errors.OracleError
            Raised with this number and message if something is.
        """
        if self.peek() is not None:
            raise OracleError(number, message, offset=self.offset)
