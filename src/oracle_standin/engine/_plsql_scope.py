"""Variables of a block, and expressions over them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from oracle_standin.engine._lobs import MemoryLob
from oracle_standin.engine._plsql_exceptions import Exceptions, UserDefinedError
from oracle_standin.engine._text import literal
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import Statement
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.values import DataType, TypeSpec, Value, YearMonth

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["SCALAR", "CallFunction", "Scope", "converted"]

_NUMBER = TypeSpec(type=DataType.NUMBER, scale=-127)
_TEXT = TypeSpec(type=DataType.VARCHAR2, size=32767, char_size=32767)

SCALAR = {
    "PLS_INTEGER": _NUMBER,
    "BINARY_INTEGER": _NUMBER,
    "NATURAL": _NUMBER,
    "POSITIVE": _NUMBER,
    "SIMPLE_INTEGER": _NUMBER,
    "BOOLEAN": TypeSpec(type=DataType.BOOLEAN),
    "SYS_REFCURSOR": TypeSpec(type=DataType.CURSOR),
}
"""Types that PL/SQL has beside those of SQL."""

_SPECS: tuple[tuple[type, DataType], ...] = (
    (bool, DataType.BOOLEAN),
    (int, DataType.NUMBER),
    (Decimal, DataType.NUMBER),
    (float, DataType.BINARY_DOUBLE),
    (str, DataType.VARCHAR2),
    (bytes, DataType.RAW),
    (dt.timedelta, DataType.INTERVAL_DS),
    (YearMonth, DataType.INTERVAL_YM),
)
_TEXTS = (DataType.VARCHAR2, DataType.CHAR, DataType.LONG)
_NUMBERS = (DataType.NUMBER, DataType.BINARY_INTEGER)


CallFunction = Callable[[str, Sequence[Token], int], tuple[Value, int] | None]
"""Calls the stored function whose name stands at a position of tokens of a text, if one does.

It returns the function's value and the position behind the call.
"""


def converted(value: Value, spec: TypeSpec) -> Value:
    """Return a value in the type of what it is assigned to.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if it cannot be (ORA-06502).
    """
    if value is None:
        return None
    try:
        if spec.type in _TEXTS:
            return _text(value)
        if spec.type in _NUMBERS:
            return _number(Decimal(repr(value)) if isinstance(value, float) else value)
        if spec.type in (DataType.BINARY_DOUBLE, DataType.BINARY_FLOAT):
            return float(_number(value))
        if spec.type in (DataType.CLOB, DataType.BLOB) and isinstance(value, (str, bytes)):
            return MemoryLob(value, national=spec.national, temporary=True)
    except (ValueError, ArithmeticError):
        raise OracleError(6502, "PL/SQL: numeric or value error") from None
    return value


def _text(value: Value) -> str:
    if isinstance(value, MemoryLob):
        return str(value.value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.removeprefix("0") if text.startswith("0.") else text.replace("-0.", "-.", 1)
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, dt.datetime):
        return value.strftime("%d-%b-%y").upper()
    return str(value)


def _number(value: Value) -> float | Decimal:
    if isinstance(value, float):
        return value
    if isinstance(value, (bool, int)):
        return int(value)
    number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    return int(number) if number == number.to_integral_value() else number


class Scope:
    """The variables and binds of a block.

    Binds are kept as ``:NAME``.
    """

    def __init__(self, session: EngineSession) -> None:
        self._session = session
        self.function: CallFunction = lambda *_: None
        """Set by who runs the block."""
        self._calls = 0
        self._values: dict[str, Value] = {}
        self._specs: dict[str, TypeSpec] = {}
        self.assigned: set[str] = set()
        self.exceptions = Exceptions()
        """What RAISE and handlers may name (`Exceptions`)."""
        self.error: OracleError | None = None
        """What a handler is handling (`OracleError` or `None`)."""
        self.row_count = 0
        """``SQL%ROWCOUNT`` (`int`)."""

    def declare(self, name: str, spec: TypeSpec, value: Value) -> None:
        """Make a variable."""
        self._specs[name] = spec
        self._values[name] = value

    def knows(self, name: str) -> bool:
        """Return whether there is such a variable."""
        return name in self._specs

    def spec(self, name: str) -> TypeSpec | None:
        """Return a variable's type, or `None` if there is no such variable."""
        return self._specs.get(name)

    def as_text(self, value: Value) -> Value:
        """Return a value as PL/SQL writes it."""
        return converted(value, _TEXT)

    def is_case(self, text: str, selector: Sequence[Token], tokens: Sequence[Token]) -> bool:
        """Return whether a WHEN of CASE is taken: its condition holds, or its value is the selector's."""
        if not selector:
            return self.holds(text, tokens)
        left, a = self._bound(text, selector)
        right, b = self._bound(text, tokens, len(a))
        return self._computed(f"CASE WHEN ({left}) = ({right}) THEN 1 ELSE 0 END", [*a, *b]) == 1

    def value(self, name: str) -> Value:
        """Return a variable's value."""
        return self._values[name]

    def assign(self, name: str, value: Value) -> None:
        """Set a variable, converting to its type."""
        spec = self._specs[name]
        self._values[name] = converted(value, spec)
        text = self._values[name]
        if isinstance(text, str) and not name.startswith(":") and 0 < spec.char_size < len(text):
            raise OracleError(6502, "PL/SQL: numeric or value error: character string buffer too small")
        self.assigned.add(name)

    @staticmethod
    def spec_of(value: Value) -> TypeSpec:
        """Return the type of a value."""
        if isinstance(value, dt.datetime):
            return TypeSpec(type=DataType.TIMESTAMP_TZ if value.tzinfo else DataType.TIMESTAMP, scale=6)
        if isinstance(value, MemoryLob):
            return TypeSpec(type=value.type, national=value.national)
        for python, kind in _SPECS:
            if isinstance(value, python):
                return TypeSpec(type=kind)
        return _TEXT

    def statement(
        self, text: str, tokens: Sequence[Token]
    ) -> tuple[Statement, list[Value], list[TypeSpec], list[str]]:
        """Make a statement of a block one that can be run alone.

        Returns
        -------
        statement : `~oracle_standin.interface.Statement`
            With a bind for each variable.
        values, types : `list`
            For its bind places: values for those that are given one, types
            for all.
        returning : `list` [`str`]
            Variables after RETURNING INTO.
        """
        sql, names = self._bound(text, tokens)
        statement = self._session.prepare(sql)
        values = [
            self._values[name]
            for name, place in zip(names, statement.binds, strict=True)
            if not place.returning
        ]
        returning = [name for name, place in zip(names, statement.binds, strict=True) if place.returning]
        types = [self._specs[name] for name in names]
        return statement, values, types, returning

    def evaluate(self, text: str, tokens: Sequence[Token]) -> Value:
        """Return the value of an expression."""
        if len(tokens) == 1:
            name = self._variable(tokens, 0)
            if name is not None:
                return self._values[name]
            if tokens[0].kind is TokenKind.STRING:
                return tokens[0].value or None
            if tokens[0].is_word("TRUE", "FALSE"):
                return tokens[0].value == "TRUE"
        return self._select(text, tokens, "", "")

    def holds(self, text: str, tokens: Sequence[Token]) -> bool:
        """Return whether a condition is true; unknown is not."""
        if len(tokens) == 1:
            return self.evaluate(text, tokens) is True
        return self._select(text, tokens, "CASE WHEN", "THEN 1 ELSE 0 END") == 1

    def _select(self, text: str, tokens: Sequence[Token], before: str, after: str) -> Value:
        expression, names = self._bound(text, tokens)
        return self._computed(f"{before} {expression} {after}", names)

    def _computed(self, expression: str, names: Sequence[str]) -> Value:
        sql = f"SELECT {expression} FROM DUAL"  # noqa: S608 - it is the block's own text
        statement = self._session.prepare(sql)
        values = [self._values[name] for name in names]
        rows = self._session.query(statement, values, [self._specs[name] for name in names])
        try:
            return rows.fetch(1)[0][0]
        finally:
            rows.close()

    def _bound(self, text: str, tokens: Sequence[Token], before: int = 0) -> tuple[str, list[str]]:
        """Return text in which variables and calls of functions are binds, and the names of these.

        The binds are numbered behind so many others.
        """
        parts: list[str] = []
        names: list[str] = []
        n = 0
        while n < len(tokens):
            name, behind = self._variable(tokens, n), n + 1
            if name is None and (name := self._field(tokens, n)) is not None:
                behind = n + 3
            if name is None:
                name, behind = self._called(text, tokens, n)
            if name is not None:
                names.append(name)
                parts.append(f":B{before + len(names)}")
            else:
                special = self._special(tokens, n)
                parts.append(text[tokens[n].start : tokens[n].end] if special is None else special)
            n = behind
        return " ".join(part for part in parts if part), names

    def _called(self, text: str, tokens: Sequence[Token], n: int) -> tuple[str | None, int]:
        """Call the function at a position, if there is one; return a variable with its value."""
        found = self.function(text, tokens, n)
        if found is None:
            return None, n + 1
        value, behind = found
        self._calls += 1
        name = f"CALL${self._calls}"
        self.declare(name, self.spec_of(value), value)
        return name, behind

    def _variable(self, tokens: Sequence[Token], n: int) -> str | None:
        token = tokens[n]
        if token.kind is TokenKind.BIND:
            name = f":{token.value}"
            return name if name in self._specs else None
        if token.kind not in (TokenKind.NAME, TokenKind.QUOTED) or token.value not in self._specs:
            return None
        qualified = (n > 0 and tokens[n - 1].is_symbol(".")) or (
            n + 1 < len(tokens) and tokens[n + 1].is_symbol(".")
        )
        return None if qualified else token.value

    def _field(self, tokens: Sequence[Token], n: int) -> str | None:
        """Return the field of a loop's record that ``record.field`` is."""
        if n + 2 >= len(tokens) or not tokens[n + 1].is_symbol(".") or (n and tokens[n - 1].is_symbol(".")):
            return None
        name = f"{tokens[n].value}.{tokens[n + 2].value}"
        return name if tokens[n].kind is not TokenKind.BIND and name in self._specs else None

    def _code(self) -> str:
        """Return SQLCODE."""
        if isinstance(self.error, UserDefinedError):
            return "1"
        number = self.error.number if self.error else 0
        # NO_DATA_FOUND is the one error whose code is not its number.
        return "100" if number == 1403 else f"({-number})"  # noqa: PLR2004 - no data found

    def _message(self) -> str:
        """Return SQLERRM."""
        if isinstance(self.error, UserDefinedError):
            return "User-Defined Exception"
        return str(self.error) if self.error else "ORA-0000: normal, successful completion"

    def _special(self, tokens: Sequence[Token], n: int) -> str | None:
        """Return the text of what only PL/SQL knows; empty for what belongs to it, else `None`."""
        token = tokens[n]
        if token.is_word("SQLCODE"):
            return self._code()
        if token.is_word("SQLERRM"):
            return literal(self._message())
        if token.is_word("SQL") and n + 2 < len(tokens) and tokens[n + 1].is_symbol("%"):
            if not tokens[n + 2].is_word("ROWCOUNT"):
                raise not_modelled(f"SQL%{tokens[n + 2].value}")
            return str(self.row_count)
        if n > 1 and tokens[n - 1].is_symbol("%") and tokens[n - 2].is_word("SQL"):
            return ""
        if token.is_symbol("%") and n > 0 and tokens[n - 1].is_word("SQL"):
            return ""
        return self._transaction_id(tokens, n)

    def _transaction_id(self, tokens: Sequence[Token], n: int) -> str | None:
        first = next((m for m in range(max(n - 5, 0), n + 1) if tokens[m].is_word("DBMS_TRANSACTION")), None)
        if first is None or not (
            first + 2 < len(tokens) and tokens[first + 2].is_word("LOCAL_TRANSACTION_ID")
        ):
            return None
        has_argument = first + 3 < len(tokens) and tokens[first + 3].is_symbol("(")
        if n > first + (5 if has_argument else 2):
            return None
        if n > first:
            return ""
        create = has_argument and tokens[first + 4].is_word("TRUE")
        if not create and not self._session.in_transaction:
            return "NULL"
        return literal(".".join(map(str, self._session.transaction.identify())))
