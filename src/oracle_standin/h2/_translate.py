"""Oracle's queries and DML as H2's.

The text is read token by token and written anew; what is not named here goes
through as it is.  Binds become ``?1``, ``?2`` and so on, by their place among
the binds that are given a value, so a rewrite may move or repeat them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from oracle_standin.engine._text import literal, quoted
from oracle_standin.engine._tokens import SqlTranslator, returning_clause
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.h2._bridge import cast_type
from oracle_standin.h2._differences import ColumnTypes, Differences
from oracle_standin.h2._functions import FUNCTIONS, NUMBER, PACKAGED, SINCE, trunc_by
from oracle_standin.h2._order_by import order_by
from oracle_standin.h2._outer_joins import is_outer_mark
from oracle_standin.h2._recursion import names_itself
from oracle_standin.h2._text import ROWID, joined, plain
from oracle_standin.h2._words import SPECIAL
from oracle_standin.sql._scanner import Token, TokenKind, scan
from oracle_standin.values import DataType, TypeSpec

__all__ = ["Translation", "Translator", "translate"]

_RETURNED = "RETURNED$"
_TABLE_ENDS = ("SET", "WHERE", "RETURNING", "RETURN", "VALUES", "SELECT", "WITH", "USING", "DEFAULT")


def _no_columns(schema: str | None, table: str) -> Mapping[str, DataType] | None:  # noqa: ARG001 - of any table
    return None


@dataclass(frozen=True, kw_only=True)
class Translation:
    """A statement in H2's form.

    Attributes
    ----------
    sql : `str`
        For H2.
    returning : `bool`
        Whether it is DML with RETURNING, made a query.
    """

    sql: str
    returning: bool = False


def translate(
    text: str,
    *,
    types: Sequence[TypeSpec] = (),
    casts: bool = False,
    user_id: int = 0,
    major: int = 23,
    columns: ColumnTypes = _no_columns,
) -> Translation:
    """Translate a query or DML.

    Parameters
    ----------
    text : `str`
        Oracle's statement.
    types : `~collections.abc.Sequence` [`~oracle_standin.values.TypeSpec`], optional
        Types of the binds that are given a value.
    casts : `bool`, optional
        Whether each bind is cast to its type, for statements from which H2
        cannot infer it.
    user_id : `int`, optional
        What ``UID`` is.
    major : `int`, optional
        The version, for functions that it may not have yet.
    columns : `~oracle_standin.h2._differences.ColumnTypes`, optional
        Finds tables.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what cannot be translated.
    """
    tokens = scan(text)
    translator = Translator(tokens, casts=types if casts else None, user_id=user_id, major=major)
    split = returning_clause(tokens)
    if split is not None:
        translator.valued(0, split[1])
    translator.find_differences(types, columns)
    if split is None:
        return Translation(sql=translator.render(0, len(tokens)))
    start, into = split
    dml = translator.render(0, start)
    values = translator.render(start + 1, into, renamed=_qualifier(tokens))
    state = "OLD" if tokens[0].is_word("DELETE") else "FINAL"
    return Translation(sql=f"SELECT {values} FROM {state} TABLE ({dml}) {_RETURNED}", returning=True)  # noqa: S608 - it is the translated statement


def _qualifier(tokens: Sequence[Token]) -> tuple[tuple[str, ...], ...]:
    """Return the names by which RETURNING may qualify the target's columns, longest first.

    ``*`` stands for any schema: there is only one table that can be meant.
    """
    i = next(
        (i for i, t in enumerate(tokens[:4]) if t.is_word("INTO", "FROM", "UPDATE")),
        0,
    )
    i += 1
    names = [tokens[i].value]
    while i + 2 < len(tokens) and tokens[i + 1].is_symbol("."):
        i += 2
        names.append(tokens[i].value)
    forms: list[tuple[str, ...]] = [("*", names[-1]), (names[-1],)]
    if i + 1 < len(tokens) and tokens[i + 1].kind in (TokenKind.NAME, TokenKind.QUOTED):
        following = tokens[i + 1]
        if not following.is_word(*_TABLE_ENDS):
            forms.append((following.value,))
    return tuple(forms)


class Translator(SqlTranslator):
    """Renders ranges of one statement's tokens.

    Parameters
    ----------
    tokens : `~collections.abc.Sequence` [`Token`]
        The statement.
    casts, user_id, major
        As for `translate`.
    """

    def __init__(
        self,
        tokens: Sequence[Token],
        *,
        casts: Sequence[TypeSpec] | None = None,
        user_id: int = 0,
        major: int = 23,
    ) -> None:
        super().__init__(tokens)
        self._casts = casts
        self.user_id = user_id
        self._major = major
        self._places: dict[int, int] = {}
        self._renamed: tuple[tuple[str, ...], ...] = ()
        self._given: dict[int, TypeSpec] = {}
        self._differences: dict[int, list[tuple[int, int]]] = {}
        self.recursive = names_itself(self)
        self.valued(0, len(tokens))

    def valued(self, start: int, end: int) -> None:
        """Say where the binds are that are given a value."""
        binds = [i for i in range(start, end) if self.tokens[i].kind is TokenKind.BIND]
        self._places = {i: place for place, i in enumerate(binds, 1)}

    def find_differences(self, types: Sequence[TypeSpec], columns: ColumnTypes) -> None:
        """Say of which types the binds and columns are, to compute days where Oracle does."""
        self._given = {i: types[place - 1] for i, place in self._places.items() if place <= len(types)}
        self._differences = Differences(self, self._given, columns).find()

    def render(self, start: int, end: int, *, renamed: tuple[tuple[str, ...], ...] = ()) -> str:
        """Return the SQL of a range of tokens.

        Parameters
        ----------
        start, end : `int`
            The range.
        renamed : `tuple`, optional
            Qualifiers of columns that are to be that of the changed rows.
        """
        before, self._renamed = self._renamed, renamed or self._renamed
        try:
            parts: list[str] = []
            i = start
            while i < end:
                part, i = self.one(i, end)
                parts.append(part)
            return joined(parts)
        finally:
            self._renamed = before

    def one(self, i: int, end: int) -> tuple[str, int]:  # noqa: PLR0911 - a branch per kind of token
        """Return the SQL of what begins at a position, and the position behind it."""
        if self._differences.get(i):
            return self._days(i)
        token = self.tokens[i]
        match token.kind:
            case TokenKind.BIND:
                return self._bind(i), i + 1
            case TokenKind.STRING:
                return literal(token.value), i + 1
            case TokenKind.NUMBER:
                return _number(token.value), i + 1
            case TokenKind.SYMBOL:
                return self._symbol(i)
            case TokenKind.QUOTED | TokenKind.NAME:
                found = self._renamed_column(i)
                if found is not None:
                    return found
                if token.kind is TokenKind.QUOTED:
                    return quoted(token.value), i + 1
        return self._name(i, end)

    def _days(self, i: int) -> tuple[str, int]:
        """Translate the difference of two dates that begins at a position."""
        minus, end = self._differences[i].pop()
        try:
            a, b = self.render(i, minus), self.render(minus + 1, end)
        finally:
            self._differences[i].append((minus, end))
        a, b = f"CAST({a} AS TIMESTAMP(0))", f"CAST({b} AS TIMESTAMP(0))"
        return f"(CAST(EXTRACT(EPOCH FROM ({a} - {b})) AS {NUMBER}) / 86400)", end

    def _bind(self, i: int) -> str:
        place = self._places.get(i)
        if place is None:
            raise not_modelled("a bind after RETURNING INTO elsewhere", offset=self.tokens[i].start)
        if self._casts is None:
            return f"?{place}"
        return f"CAST(?{place} AS {cast_type(self._casts[place - 1])})"

    def _symbol(self, i: int) -> tuple[str, int]:
        token = self.tokens[i]
        if token.value == "/":
            # Integers divide as integers in H2, never in Oracle.
            end = self.operand_end(i + 1)
            return f"/ CAST({self.render(i + 1, end)} AS {NUMBER})", end
        if token.value in ("^=", "~="):
            return "<>", i + 1
        if is_outer_mark(self, i):
            # `old_outer_join` has seen what it means.
            return "", i + 3
        if token.value == "(":
            found = self._row_in_list(i)
            if found is not None:
                return found
        return token.value, i + 1

    def _row_in_list(self, i: int) -> tuple[str, int] | None:
        """Translate ``(a, b) [NOT] IN ((1, 2), (3, 4))``: H2 takes all for the type of the first column."""
        close = self.closing(i)
        negated = self.word(close + 1, "NOT")
        start = close + (2 if negated else 1)
        if not (self.word(start, "IN") and self.symbol(start + 1, "(") and self.symbol(start + 2, "(")):
            return None
        rows = self.items(start + 2, self.closing(start + 1))
        left = [self.render(a, b) for a, b in self.items(i + 1, close)]
        if len(left) == 1 or len(rows) == 1 or self.word(start + 3, "SELECT", "WITH"):
            return None
        either = []
        for a, b in rows:
            right = [self.render(c, d) for c, d in self.items(a + 1, b - 1)]
            if len(right) != len(left):
                raise OracleError(947, "not enough values", offset=self.tokens[a].start)
            either.append("(" + " AND ".join(f"{x} = {y}" for x, y in zip(left, right, strict=True)) + ")")
        whole = "(" + " OR ".join(either) + ")"
        return (f"(NOT {whole})" if negated else whole), self.closing(start + 1) + 1

    def operand_end(self, i: int) -> int:  # noqa: C901 - a branch per form of an operand
        """Return the position behind an operand of a sum, multiplication or division."""
        while self.symbol(i, "+", "-"):
            i += 1
        if i >= len(self.tokens):
            raise OracleError(936, "missing expression", offset=self.tokens[-1].end)
        if self.symbol(i, "("):
            return self.closing(i) + 1
        if self.word(i, "CASE"):
            depth = 0
            for j in range(i, len(self.tokens)):
                depth += self.word(j, "CASE") - self.word(j, "END")
                if depth == 0:
                    return j + 1
        j = i + 1
        while self.symbol(j, "."):
            j += 2
        if self.symbol(j, "("):
            j = self.closing(j) + 1
            if self.word(j, "WITHIN") and self.symbol(j + 2, "("):
                j = self.closing(j + 2) + 1
            if self.word(j, "OVER") and self.symbol(j + 1, "("):
                j = self.closing(j + 1) + 1
        return j

    def _renamed_column(self, i: int) -> tuple[str, int] | None:
        """Return ``schema.table.column`` of the changed rows as a column of theirs."""
        for names in self._renamed:
            positions = range(i, i + 2 * len(names), 2)
            if all(
                p + 1 < len(self.tokens) and name in ("*", self.tokens[p].value) and self.symbol(p + 1, ".")
                for p, name in zip(positions, names, strict=True)
            ) and not self.symbol(i - 1, "."):
                column = i + 2 * len(names)
                part = "*" if self.symbol(column, "*") else quoted(self.tokens[column].value)
                return f"{_RETURNED}.{part}", column + 1
        return None

    def _name(self, i: int, end: int) -> tuple[str, int]:  # noqa: PLR0911 - a branch per kind of name
        token = self.tokens[i]
        word = token.value
        if self.symbol(i - 1, "."):
            if word == "ROWID":
                raise not_modelled("this form of ROWID", offset=token.start)
            # A qualified column may be called by a word that H2 reserves.
            keeps = word in ("NEXTVAL", "CURRVAL") or self.symbol(i + 1, "(")
            return plain(word) if keeps else quoted(word), i + 1
        if self.symbol(i + 1, "."):
            return self._qualified(i)
        if word == "ORDER" and self.word(i + 1, "BY") and self._outermost(i):
            return order_by(self, i, end)
        special = SPECIAL.get(word)
        if special is not None:
            found = special(self, i)
            if found is not None:
                return found
        if self.symbol(i + 1, "(") and word in FUNCTIONS:
            if self._major < SINCE.get(word, 0):
                raise OracleError(904, f'"{word}": invalid identifier', offset=token.start)
            args, behind = self.arguments(i + 1)
            if word == "TRUNC" and self._is_text(behind - 2) and len(args) > 1:
                return trunc_by(*args), behind
            return self._call(FUNCTIONS[word], args, i), behind
        return plain(word), i + 1

    def _is_text(self, i: int) -> bool:
        """Return whether there is a bind that is given a text."""
        spec = self._given.get(i)
        return spec is not None and spec.type in (DataType.VARCHAR2, DataType.CHAR)

    def _outermost(self, i: int) -> bool:
        return self.word(0, "SELECT", "WITH") and i in self.outermost(0, i + 1)

    def _call(self, function: Callable[[list[str]], str], args: list[str], i: int) -> str:
        try:
            return function(args)
        except OracleError as error:
            raise OracleError(error.number, error.text, offset=self.tokens[i].start) from None

    def arguments(self, opening: int) -> tuple[list[str], int]:
        """Return a call's arguments, translated, and the position behind it."""
        close = self.closing(opening)
        return [self.render(a, b) for a, b in self.items(opening + 1, close)], close + 1

    def _qualified(self, i: int) -> tuple[str, int]:
        """Translate what begins with ``name.``: packaged functions and ROWID."""
        if i + 2 < len(self.tokens):
            package, name = self.tokens[i].value, self.tokens[i + 2].value
            if package == "SYS" and self.symbol(i + 3, ".") and self.symbol(i + 5, "("):
                package, name = name, self.tokens[i + 4].value
                i += 2
            if self.symbol(i + 3, "(") and (package, name) in PACKAGED:
                args, behind = self.arguments(i + 3)
                return self._call(PACKAGED[package, name], args, i), behind
            if self.word(i + 2, "ROWID"):
                return ROWID.format(f"{package}."), i + 3
        return plain(self.tokens[i].value), i + 1


def _number(text: str) -> str:
    if text[-1] in "FD":
        return f"CAST({text[:-1]} AS {'REAL' if text[-1] == 'F' else 'DOUBLE PRECISION'})"
    # H2 takes 1E3 for DECFLOAT as Oracle takes it for NUMBER.
    return text
