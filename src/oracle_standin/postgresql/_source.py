"""A client's text made ready for sqlglot.

What is a matter of tokens alone is settled here: binds get numbers, literals
and pseudo columns become calls whose names begin with ``STANDIN_``, the type
of a CAST becomes a number in a list, and clauses that PostgreSQL has in
another form are cut off and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oracle_standin.engine._text import literal, quoted
from oracle_standin.engine._tokens import Tokens, json_array_end, returning_clause
from oracle_standin.engine._types import read_type
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.values import TypeSpec

__all__ = ["PREFIX", "Source", "read_source"]

PREFIX = "STANDIN_"
"""With what the names of the calls begin that stand for Oracle's own syntax."""

_CALLS = {
    "SYSDATE": "SYSDATE",
    "SYSTIMESTAMP": "SYSTIMESTAMP",
    "CURRENT_DATE": "CURRENT_DATE",
    "CURRENT_TIMESTAMP": "CURRENT_TIMESTAMP",
    "LOCALTIMESTAMP": "LOCALTIMESTAMP",
    "USER": "USER",
    "UID": "UID",
    "DBTIMEZONE": "DBTIMEZONE",
    "SESSIONTIMEZONE": "SESSIONTIMEZONE",
}
_PACKAGED = {
    ("UTL_RAW", "CAST_TO_RAW"): "CAST_TO_RAW",
    ("UTL_RAW", "CAST_TO_VARCHAR2"): "CAST_TO_VARCHAR2",
    ("UTL_RAW", "LENGTH"): "LENGTH",
    ("DBMS_LOB", "GETLENGTH"): "LENGTH",
    ("DBMS_LOB", "INSTR"): "INSTR",
    ("DBMS_LOB", "SUBSTR"): "LOB_SUBSTR",
    ("DBMS_RANDOM", "VALUE"): "RANDOM",
}
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_LISTS = ("ODCINUMBERLIST", "ODCIVARCHAR2LIST", "ODCIDATELIST", "ODCIRAWLIST")
_WITHOUT_ALIAS = ("WHERE", "UNION", "MINUS", "INTERSECT", "ORDER", "GROUP", "JOIN", "ON", "INNER", "LEFT",
                  "CROSS", "FETCH", "OFFSET", "HAVING", "CONNECT", "START")  # fmt: skip


@dataclass(kw_only=True)
class Source:
    """A text for sqlglot, and what was taken out of it.

    Attributes
    ----------
    text : `str`
        With ``:B1``, ``:B2`` for the binds that are given a value.
    types : `list` [`~oracle_standin.values.TypeSpec`]
        Types of CASTs, which are called ``T$0``, ``T$1`` in the text.
    returning : `str` or `None`
        The expressions after RETURNING, as a text like ``text``.
    locking : `str` or `None`
        ``NOWAIT``, ``SKIP LOCKED``, ``WAIT n`` or nothing, of FOR UPDATE.
    locked : `list` [`tuple` [`str`, ...]]
        Columns after FOR UPDATE OF.
    """

    text: str = ""
    types: list[TypeSpec] = field(default_factory=list)
    returning: str | None = None
    locking: str | None = None
    locked: list[tuple[str, ...]] = field(default_factory=list)


class _Reader(Tokens):
    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__(tokens)
        self.source = Source()
        self.binds = 0

    def text(self, start: int, end: int) -> str:
        parts = []
        i = start
        while i < end:
            part, i = self.one(i, end)
            parts.append(part)
        return " ".join(parts)

    def one(self, i: int, end: int) -> tuple[str, int]:  # noqa: PLR0911
        token = self.tokens[i]
        match token.kind:
            case TokenKind.BIND:
                self.binds += 1
                return f":B{self.binds}", i + 1
            case TokenKind.STRING:
                return literal(token.value), i + 1
            case TokenKind.QUOTED:
                found = self._sequence(i)
                return found or (quoted(token.value), i + 1)
            case TokenKind.NUMBER if token.value[-1] in "FD":
                kind = "FLOAT" if token.value[-1] == "F" else "DOUBLE"
                return f"{PREFIX}{kind}({token.value[:-1]})", i + 1
            case TokenKind.NUMBER:
                return token.value, i + 1
            case TokenKind.SYMBOL if (
                token.value == "(" and self.symbol(i + 1, "+") and self.symbol(i + 2, ")")
            ):
                raise not_modelled("the outer join operator (+)", offset=token.start)
            case TokenKind.SYMBOL:
                return ("<>" if token.value in ("^=", "~=") else token.value), i + 1
        return self._name(i, end)

    def _name(self, i: int, end: int) -> tuple[str, int]:
        word = self.tokens[i].value
        if self.symbol(i - 1, "."):
            return self._plain(word), i + 1
        found = self._sequence(i)
        if found is None and self.symbol(i + 1, "."):
            found = self._qualified(i, end)
        return found or self._pseudo(i) or self._syntax(i, end) or (self._plain(word), i + 1)

    def _pseudo(self, i: int) -> tuple[str, int] | None:  # noqa: PLR0911 - a branch per word
        """Read a pseudo column, or a literal that begins with the name of its type."""
        word = self.tokens[i].value
        if word in ("LIKEC", "LIKE2", "LIKE4"):
            return "LIKE", i + 1
        if word in ("DATE", "TIMESTAMP") and self.kind(i + 1, TokenKind.STRING):
            return f"{PREFIX}{self._literal_kind(i)}({literal(self.tokens[i + 1].value)})", i + 2
        if word == "INTERVAL" and self.kind(i + 1, TokenKind.STRING):
            return self._interval(i)
        if word not in _CALLS or self.word(i - 1, "AS"):
            return None
        if not self.symbol(i + 1, "("):
            return f"{PREFIX}{word}()", i + 1
        if word.endswith("TIMESTAMP") and self.kind(i + 2, TokenKind.NUMBER):
            return f"{PREFIX}{word}()", self.closing(i + 1) + 1
        return None

    def _syntax(self, i: int, end: int) -> tuple[str, int] | None:  # noqa: PLR0911 - one for each word
        """Read syntax that PostgreSQL, or sqlglot, has in another form."""
        token = self.tokens[i]
        match token.value:
            case "CAST" if self.symbol(i + 1, "("):
                return self._cast(i)
            case "FROM" if self.word(i + 1, "DUAL") and self.word(i + 2, "CONNECT"):
                return self._levels(i, end)
            case "JSON_ARRAYAGG" if self.symbol(i + 1, "("):
                argument = self.text(i + 2, json_array_end(self, i))
                return f"{PREFIX}JSON_ARRAYAGG({argument})", self.closing(i + 1) + 1
            case "CONNECT" if self.word(i + 1, "BY"):
                raise not_modelled("CONNECT BY", offset=token.start)
            case "INSERT" if self.word(i + 1, "ALL", "FIRST") and i == 0:
                raise not_modelled(f"INSERT {self.tokens[1].value}", offset=0)
            case "OFFSET":
                return self._rows(i, end)
            case "FIRST" | "NEXT" if self.word(i - 1, "FETCH"):
                return self._rows(i, end)
            case "TABLE" if self.symbol(i + 1, "("):
                return self._table(i)
        return None

    @staticmethod
    def _plain(word: str) -> str:
        """Return a word, in quotes if sqlglot would not read it as one."""
        return quoted(word) if "#" in word or "$" in word or not word.isascii() else word

    def _literal_kind(self, i: int) -> str:
        if self.tokens[i].value == "DATE":
            return "DATE"
        value = self.tokens[i + 1].value.strip()
        zoned = value.upper().endswith("Z") or any(sign in value[11:] for sign in "+-")
        return "TIMESTAMPTZ" if zoned else "TIMESTAMP"

    def _sequence(self, i: int) -> tuple[str, int] | None:
        """Read ``[schema.]sequence.NEXTVAL`` as a call."""
        if self.symbol(i - 1, "."):
            return None
        names = [self.tokens[i].value]
        j = i
        while self.symbol(j + 1, ".") and self.name(j + 2):
            if self.word(j + 2, "NEXTVAL", "CURRVAL"):
                arguments = ", ".join(map(literal, names))
                return f"{PREFIX}{self.tokens[j + 2].value}({arguments})", j + 3
            j += 2
            names.append(self.tokens[j].value)
        return None

    def _qualified(self, i: int, end: int) -> tuple[str, int]:
        start = i
        if self.word(i, "SYS") and self.symbol(i + 3, "."):
            i += 2
        package, name = self.tokens[i].value, self.tokens[i + 2].value if i + 2 < end else ""
        known = _PACKAGED.get((package, name))
        if known is not None and self.symbol(i + 3, "("):
            return known, i + 3
        return self._plain(self.tokens[start].value), start + 1

    def _interval(self, i: int) -> tuple[str, int]:
        words, j = [], i + 2
        while self.word(j, *_UNITS, "TO"):
            words.append(self.tokens[j].value)
            j += 1
            if self.symbol(j, "("):
                j = self.closing(j) + 1
        if not words or len(words) == 2:  # noqa: PLR2004
            raise OracleError(30089, "missing or invalid <datetime field>", offset=self.tokens[i].start)
        return f"{PREFIX}INTERVAL({literal(self.tokens[i + 1].value)}, {literal(' '.join(words))})", j

    def _cast(self, i: int) -> tuple[str, int]:
        close = self.closing(i + 1)
        for j in self.outermost(i + 2, close):
            if self.word(j, "AS"):
                declared, behind = read_type(self.tokens, j + 1)
                if behind != close:
                    raise not_modelled("this form of CAST", offset=self.tokens[behind].start)
                inner = self.text(i + 2, j)
                self.source.types.append(declared.spec)
                return f"CAST({inner} AS T${len(self.source.types) - 1})", close + 1
        raise OracleError(905, "missing keyword", offset=self.tokens[close].start)

    def _levels(self, i: int, end: int) -> tuple[str, int]:
        """Read ``FROM DUAL CONNECT BY LEVEL <= n``, which makes rows."""
        good = (
            self.word(i + 3, "BY") and self.word(i + 4, "LEVEL", "ROWNUM") and self.symbol(i + 5, "<=", "<")
        )
        if not good:
            raise not_modelled("this form of CONNECT BY", offset=self.tokens[i + 2].start)
        j = self.end_of_clause(i + 6, end, "ORDER", "UNION", "MINUS", "FETCH", "OFFSET")
        last = self.text(i + 6, j) + (" - 1" if self.symbol(i + 5, "<") else "")
        return f"FROM {PREFIX}LEVELS({last}) LEVELS$(LEVEL)", j

    def _rows(self, i: int, end: int) -> tuple[str, int] | None:
        """Put the number of ``FETCH FIRST n ROWS`` and ``OFFSET n ROWS`` into parentheses."""
        for j in self.outermost(i + 1, end):
            if self.word(j, "ROW", "ROWS", "PERCENT"):
                if j - i < 3:  # noqa: PLR2004  (nothing, or one token)
                    return None
                return f"{self.tokens[i].value} ({self.text(i + 1, j)})", j
        return None

    def _table(self, i: int) -> tuple[str, int]:
        """Read ``TABLE(SYS.ODCINUMBERLIST(...)) alias``, whose column is COLUMN_VALUE."""
        j = i + 4 if self.word(i + 2, "SYS") and self.symbol(i + 3, ".") else i + 2
        if not self.word(j, *_LISTS) or not self.symbol(j + 1, "("):
            raise not_modelled("this table function", offset=self.tokens[i].start)
        close = self.closing(j + 1)
        values = self.text(j + 2, close)
        alias, behind = "LIST$", close + 2
        if self.name(behind) and not self.word(behind, *_WITHOUT_ALIAS):
            alias, behind = quoted(self.tokens[behind].value), behind + 1
        kind = "NUMBERS" if self.word(j, "ODCINUMBERLIST") else "TEXTS"
        return f"{PREFIX}{kind}({values}) {alias}(COLUMN_VALUE)", behind


def _locking(tokens: Sequence[Token]) -> int:
    """Return where FOR UPDATE stands, at the outermost level of a query; else the number of tokens."""
    read = Tokens(tokens)
    fors = (i for i in read.outermost(0, len(tokens)) if read.word(i, "FOR") and read.word(i + 1, "UPDATE"))
    return next(fors, len(tokens))


def read_source(tokens: Sequence[Token]) -> Source:
    """Read a query or DML.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what has no counterpart (ORA-03001), or is no SQL.
    """
    reader = _Reader(tokens)
    source = reader.source
    split = returning_clause(tokens)
    if split is not None:
        source.text = reader.text(0, split[0])
        source.returning = reader.text(split[0] + 1, split[1])
        return source
    end = _locking(tokens)
    source.text = reader.text(0, end)
    if end < len(tokens):
        _read_locking(reader, end + 2)
    return source


def read_part(tokens: Sequence[Token], start: int, end: int) -> Source:
    """Read an expression, or a query, within a statement."""
    reader = _Reader(tokens)
    reader.source.text = reader.text(start, end)
    return reader.source


def _read_locking(reader: _Reader, i: int) -> None:
    source = reader.source
    if reader.word(i, "OF"):
        names: list[str] = []
        i += 1
        while i < len(reader.tokens) and not reader.word(i, "NOWAIT", "WAIT", "SKIP"):
            if reader.symbol(i, ","):
                source.locked.append(tuple(names))
                names = []
            elif not reader.symbol(i, "."):
                names.append(reader.tokens[i].value)
            i += 1
        source.locked.append(tuple(names))
    source.locking = " ".join(token.value for token in reader.tokens[i:])
