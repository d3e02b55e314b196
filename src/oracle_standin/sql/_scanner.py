"""Oracle's lexical rules."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import lru_cache

from oracle_standin.errors import OracleError

__all__ = ["Token", "TokenKind", "scan"]


class TokenKind(enum.Enum):
    """Kinds of tokens; blanks and comments are none."""

    NAME = "name"
    """A word, keyword or identifier; its value is in upper case."""
    QUOTED = "quoted"
    """A quoted identifier; its value is what is between the quotes."""
    STRING = "string"
    """A literal; its value is the text without quotes."""
    NUMBER = "number"
    BIND = "bind"
    """Its value is the name, in upper case unless quoted, without the colon."""
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a statement.

    Attributes
    ----------
    kind : `TokenKind`
        What it is.
    value : `str`
        Its meaning, see `TokenKind`.
    start, end : `int`
        Where it stands in the text, in characters; ``end`` is behind it.
    """

    kind: TokenKind
    value: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Return whether it is one of these unquoted words (upper case)."""
        return self.kind is TokenKind.NAME and self.value in words

    def is_symbol(self, *symbols: str) -> bool:
        """Return whether it is one of these symbols."""
        return self.kind is TokenKind.SYMBOL and self.value in symbols


_CLOSING = {"[": "]", "(": ")", "{": "}", "<": ">"}

_TOKEN = re.compile(
    r"""
      (?P<skip>    \s+ | --[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]* | /\*.*?\*/ )
    | (?P<qstring> [nN]?[qQ]'(?=[^\s]) )
    | (?P<string>  [nN]?'(?:[^']|'')*' )
    | (?P<number>  (?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:[fFdD](?![\w$\#]))? )
    | (?P<name>    [^\W\d_][\w$\#]* )
    | (?P<quoted>  "[^"]+" )
    | (?P<bind>    :\s*(?:\d+|[^\W\d_][\w$\#]*|"[^"]+") )
    | (?P<symbol>  \*\* | \|\| | := | => | \.\. | << | >> | <> | != | \^= | <= | >=
                 | [-+*/=<>(),.;@%:\[\]{}|?^~!&] )
    """,
    re.VERBOSE | re.DOTALL,
)


_LONGEST_CACHED = 20_000
"""Characters; longer texts are seldom repeated and would fill the memory."""


def scan(text: str) -> tuple[Token, ...]:
    """Return the tokens of a statement.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a character that cannot begin a token (ORA-00911), or a
        literal or quoted name without its end (ORA-01756, ORA-01740).

    Notes
    -----
    Its binds are those of `~oracle_standin.sql.classify`, except that it also
    sees ``:new`` and ``:old`` in the text of triggers.
    """
    return _cached(text) if len(text) <= _LONGEST_CACHED else _read(text)


def _read(text: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _lexical_error(text, position)
        group, end = str(match.lastgroup), match.end()
        if group == "bind" and _follows_literal(text, position, tokens):
            group, end = "symbol", position + 1
        if group == "qstring":
            end = _end_of_q_string(text, end)
            body = text[match.end() + 1 : end - 2]
            tokens.append(Token(TokenKind.STRING, body, position, end))
        elif group != "skip":
            tokens.append(_token(group, text[position:end], position, end))
        position = end
    return tuple(tokens)


_cached = lru_cache(maxsize=2048)(_read)


def _follows_literal(text: str, position: int, tokens: list[Token]) -> bool:
    """Return whether a colon is JSON's and begins no bind (for the driver, not behind a comment)."""
    return (
        bool(tokens) and tokens[-1].kind is TokenKind.STRING and not text[tokens[-1].end : position].strip()
    )


def _token(group: str, text: str, start: int, end: int) -> Token:
    kind = TokenKind(group)
    match kind:
        case TokenKind.NAME | TokenKind.NUMBER:
            value = text.upper()
        case TokenKind.QUOTED:
            value = text[1:-1]
        case TokenKind.STRING:
            value = text[text.index("'") + 1 : -1].replace("''", "'")
        case TokenKind.BIND:
            name = text[1:].strip()
            value = name[1:-1] if name.startswith('"') else name.upper()
        case _:
            value = text
    return Token(kind, value, start, end)


def _end_of_q_string(text: str, start: int) -> int:
    """Return the position behind ``q'[...]'`` whose delimiter is at ``start``."""
    delimiter = text[start]
    end = text.find(_CLOSING.get(delimiter, delimiter) + "'", start + 1)
    if end < 0:
        raise OracleError(1756, "quoted string not properly terminated", offset=start)
    return end + 2


def _lexical_error(text: str, position: int) -> OracleError:
    match text[position]:
        case "'":
            return OracleError(1756, "quoted string not properly terminated", offset=position)
        case '"' if text[position : position + 2] == '""':
            return OracleError(1741, "illegal zero-length identifier", offset=position)
        case '"':
            return OracleError(1740, "missing double quote in identifier", offset=position)
        case "_" if text[:position].rstrip().endswith(":"):
            return OracleError(1745, "invalid host/bind variable name", offset=position)
        case _:
            return OracleError(911, "invalid character", offset=position)
