"""Options of sequences and of storage, and what else all definitions are read with."""

from __future__ import annotations

from oracle_standin.engine._names import is_name
from oracle_standin.engine._tokens import SqlTranslator
from oracle_standin.errors import OracleError
from oracle_standin.sql._scanner import TokenKind

__all__ = ["OptionReader"]

_NEGATED = {"NOMINVALUE": "MINVALUE", "NOMAXVALUE": "MAXVALUE", "NOCYCLE": "CYCLE", "NOCACHE": "CACHE",
            "NOORDER": "ORDER"}  # fmt: skip

_WITH_NUMBER = ("PCTFREE", "PCTUSED", "INITRANS", "MAXTRANS", "PCTTHRESHOLD")
_STORED_BY = ("ROW", "COLUMN")
_ALONE = ("LOGGING", "NOLOGGING", "NOCOMPRESS", "NOPARALLEL", "CACHE", "NOCACHE", "MONITORING",
          "NOMONITORING", "REVERSE", "ONLINE", "VISIBLE", "LOCAL", "NOSORT", "OVERFLOW", "ROWDEPENDENCIES",
          "NOROWDEPENDENCIES")  # fmt: skip
"""Options of storage that are one word."""


class OptionReader:
    """Reads names and options from a statement's tokens.

    Parameters
    ----------
    text : `str`
        The statement.
    translator : `SqlTranslator`
        Over its tokens.
    schema : `str`
        The session's current schema.
    """

    def __init__(self, text: str, translator: SqlTranslator, schema: str) -> None:
        self.text = text
        self.translator = translator
        self.tokens = translator.tokens
        self.schema = schema

    def word(self, i: int, *words: str) -> bool:
        """Return whether these words stand one after another from a position on."""
        return all(
            i + n < len(self.tokens) and self.tokens[i + n].is_word(word) for n, word in enumerate(words)
        )

    def symbol(self, i: int, *symbols: str) -> bool:
        """Return whether there is one of these symbols."""
        return 0 <= i < len(self.tokens) and self.tokens[i].is_symbol(*symbols)

    def source(self, start: int, end: int) -> str:
        """Return a range as it was written."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if end > start else ""

    def fail(self, number: int, message: str, i: int) -> OracleError:
        """Return an error at a position."""
        place = self.tokens[i].start if i < len(self.tokens) else len(self.text)
        return OracleError(number, message, offset=place)

    def names(self, opening: int) -> tuple[list[str], int]:
        """Read ``(a, b)``; return the names and the position behind."""
        if not self.symbol(opening, "("):
            raise self.fail(906, "missing left parenthesis", opening)
        close = self.translator.closing(opening)
        found = []
        for a, b in self.translator.items(opening + 1, close):
            if b - a != 1 or not is_name(self.tokens, a):
                raise self.fail(904, ": invalid identifier", a)
            found.append(self.tokens[a].value)
        return found, close + 1

    def sequence(self, i: int, end: int) -> tuple[dict[str, str], int]:
        """Read options of a sequence; return them and the position behind."""
        options: dict[str, str] = {}
        while i < end:
            token = self.tokens[i]
            if token.is_word(*_NEGATED):
                options[_NEGATED[token.value]] = "NO"
                i += 1
            elif token.is_word("CYCLE", "ORDER"):
                options[token.value] = "YES"
                i += 1
            elif token.is_word("START", "INCREMENT", "MINVALUE", "MAXVALUE", "CACHE"):
                i += 1 + self.tokens[i + 1].is_word("WITH", "BY")
                sign = "-" if self.symbol(i, "-") else ""
                i += bool(sign) or self.symbol(i, "+")
                if i >= len(self.tokens) or self.tokens[i].kind is not TokenKind.NUMBER:
                    raise self.fail(1722, "invalid number", i)
                options[token.value] = sign + self.tokens[i].value
                i += 1
            elif token.is_word("KEEP", "NOKEEP", "SCALE", "NOSCALE", "GLOBAL", "SESSION", "NOPARTITION"):
                i += 1
            else:
                break
        return options, i

    def storage(self, i: int, end: int, options: dict[str, str]) -> int:
        """Read how something is stored; put what the dictionary shows into ``options``."""
        while i < end:
            token = self.tokens[i]
            if token.is_word("TABLESPACE", "ORGANIZATION"):
                options[token.value] = self.tokens[i + 1].value
                i += 2
            elif token.is_word("COMPRESS"):
                options["COMPRESS"], i = self._compression(i + 1, end)
            elif token.is_word(*_WITH_NUMBER) or (token.is_word(*_STORED_BY) and self.word(i + 1, "STORE")):
                i += 2
            elif token.is_word("STORAGE") and self.symbol(i + 1, "("):
                i = self.translator.closing(i + 1) + 1
            elif token.is_word("SEGMENT") and self.word(i + 1, "CREATION"):
                i += 3
            elif token.is_word("PARALLEL"):
                i += 2 if i + 1 < end and self.tokens[i + 1].kind is TokenKind.NUMBER else 1
            elif token.is_word("ENABLE", "DISABLE") and self.word(i + 1, "ROW", "MOVEMENT"):
                i += 3
            elif token.is_word(*_ALONE):
                i += 1
            else:
                break
        return i

    def _compression(self, i: int, end: int) -> tuple[str, int]:
        """Read what follows COMPRESS; return it and the position behind."""
        if i < end and self.tokens[i].kind is TokenKind.NUMBER:
            return self.tokens[i].value, i + 1
        if self.word(i, "BASIC"):
            return "BASIC", i + 1
        if self.word(i, "FOR"):
            return self.tokens[i + 1].value, i + 2
        return "", i
