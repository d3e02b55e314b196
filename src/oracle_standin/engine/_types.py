"""Oracle's type names: what they are to a client and in the dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.values import DataType, TypeSpec

__all__ = ["Declared", "read_type"]

_MAX_BYTES = 4000
"""Of VARCHAR2 with MAX_STRING_SIZE=STANDARD."""
_BYTES_PER_CHAR = 4
"""Of AL32UTF8 at most."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A declared type.

    Attributes
    ----------
    spec : `~oracle_standin.values.TypeSpec`
        As described to clients.
    name : `str`
        DATA_TYPE in the dictionary.
    length : `int`
        DATA_LENGTH: bytes.
    precision, scale : `int` or `None`
        DATA_PRECISION and DATA_SCALE.
    char_length : `int`
        CHAR_LENGTH: characters of a text type.
    char_used : `str` or `None`
        ``B`` or ``C`` for a text type.
    """

    spec: TypeSpec
    name: str
    length: int
    precision: int | None = None
    scale: int | None = None
    char_length: int = 0
    char_used: str | None = None


def _plain(kind: DataType, name: str, length: int, scale: int | None = None) -> Declared:
    spec = TypeSpec(type=kind, scale=scale or 0)
    return Declared(spec=spec, name=name, length=length, scale=scale)


# Lengths are what ALL_TAB_COLS shows for these types.
_SIMPLE = {
    "DATE": _plain(DataType.DATE, "DATE", 7),
    "BINARY_FLOAT": _plain(DataType.BINARY_FLOAT, "BINARY_FLOAT", 4),
    "BINARY_DOUBLE": _plain(DataType.BINARY_DOUBLE, "BINARY_DOUBLE", 8),
    "CLOB": _plain(DataType.CLOB, "CLOB", 4000),
    "BLOB": _plain(DataType.BLOB, "BLOB", 4000),
    "BOOLEAN": _plain(DataType.BOOLEAN, "BOOLEAN", 1),
    "ROWID": _plain(DataType.ROWID, "ROWID", 10),
}
_NCLOB = Declared(spec=TypeSpec(type=DataType.CLOB, national=True), name="NCLOB", length=4000)


def _number(precision: int | None, scale: int | None) -> Declared:
    """Return NUMBER with or without precision; `None` with a scale is 38 digits, shown as NULL."""
    if precision is None and scale is None:
        spec = TypeSpec(type=DataType.NUMBER, scale=-127)
        return Declared(spec=spec, name="NUMBER", length=22)
    digits, after = precision or 38, scale or 0
    spec = TypeSpec(type=DataType.NUMBER, precision=digits, scale=after)
    return Declared(spec=spec, name="NUMBER", length=22, precision=precision, scale=after)


def _float(binary_digits: int) -> Declared:
    spec = TypeSpec(type=DataType.NUMBER, precision=binary_digits, scale=-127)
    return Declared(spec=spec, name="FLOAT", length=22, precision=binary_digits)


_NUMBERS = {
    "INTEGER": _number(None, 0),
    "INT": _number(None, 0),
    "SMALLINT": _number(None, 0),
    "FLOAT": _float(126),
    "REAL": _float(63),
}


def _text(name: str, size: int, unit: str | None, *, fixed: bool, national: bool) -> Declared:
    in_chars = national or unit == "CHAR"
    if national:
        length = min(2 * size, _MAX_BYTES)
    else:
        length = min(_BYTES_PER_CHAR * size, _MAX_BYTES) if in_chars else size
    kind = DataType.CHAR if fixed else DataType.VARCHAR2
    return Declared(
        spec=TypeSpec(type=kind, size=length, char_size=size, national=national),
        name=name,
        length=length,
        char_length=size,
        char_used="C" if in_chars else "B",
    )


class _Reader:
    """Reads a type from tokens."""

    def __init__(self, tokens: Sequence[Token], index: int) -> None:
        self.tokens, self.index, self.start = tokens, index, index

    def peek(self) -> Token | None:
        return self.tokens[self.index] if self.index < len(self.tokens) else None

    def accept(self, *words: str) -> str | None:
        token = self.peek()
        if token is not None and (token.is_word(*words) or token.is_symbol(*words)):
            self.index += 1
            return token.value
        return None

    def fail(self, what: str) -> OracleError:
        offset = self.tokens[min(self.index, len(self.tokens) - 1)].start
        return OracleError(*{"type": (902, "invalid datatype"), "(": (906, "missing left parenthesis"),
                             ")": (907, "missing right parenthesis"),
                             "size": (910, "specified length too long for its datatype"),
                             "number": (2017, "integer value required")}[what], offset=offset)  # fmt: skip

    def number(self) -> int | None:
        if self.accept("*"):
            return None
        sign = -1 if self.accept("-") else 1
        token = self.peek()
        if token is None or token.kind is not TokenKind.NUMBER or not token.value.isdigit():
            raise self.fail("number")
        self.index += 1
        return sign * int(token.value)

    def arguments(self) -> list[int | None]:
        """Read ``(a, b)``; nothing if there are none."""
        values: list[int | None] = []
        if self.accept("("):
            values.append(self.number())
            while self.accept(","):
                values.append(self.number())
            if not self.accept(")"):
                raise self.fail(")")
        return values

    def size(self) -> tuple[int, str | None]:
        """Read ``(n [BYTE | CHAR])``."""
        if not self.accept("("):
            raise self.fail("(")
        size, unit = self.number(), self.accept("BYTE", "CHAR")
        if not self.accept(")"):
            raise self.fail(")")
        return size or 0, unit


def read_type(tokens: Sequence[Token], index: int) -> tuple[Declared, int]:
    """Read a type at a position of a statement.

    Returns
    -------
    declared : `Declared`
        The type.
    index : `int`
        Position of the token behind it.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what is no type (ORA-00902), one that Oracle refuses, or
        one that is not modelled (ORA-03001).
    """
    reader = _Reader(tokens, index)
    declared = _read(reader)
    return declared, reader.index


def _read(reader: _Reader) -> Declared:  # noqa: C901, PLR0911, PLR0912 - a branch per type
    token = reader.peek()
    if token is None or token.kind is not TokenKind.NAME:
        raise reader.fail("type")
    reader.index += 1
    name = token.value
    if name in _SIMPLE:
        return _SIMPLE[name]
    match name:
        case "NUMBER" | "NUMERIC" | "DECIMAL" | "DEC":
            arguments = reader.arguments()
            if name != "NUMBER" and not arguments:
                return _number(None, 0)
            return _number(*[*arguments, None, None][:2]) if len(arguments) != 1 else _number(arguments[0], 0)
        case "FLOAT":
            arguments = reader.arguments()
            return _float(arguments[0] or 126) if arguments else _NUMBERS["FLOAT"]
        case "DOUBLE":
            if not reader.accept("PRECISION"):
                raise reader.fail("type")
            return _NUMBERS["FLOAT"]
        case "INTEGER" | "INT" | "SMALLINT" | "REAL":
            return _NUMBERS[name]
        case "VARCHAR2" | "VARCHAR" | "NVARCHAR2":
            size, unit = reader.size()
            return _checked_text(reader, name.lstrip("N"), size, unit, national=name[0] == "N")
        case "CHAR" | "CHARACTER" | "NCHAR":
            return _character(reader, national=name == "NCHAR")
        case "NATIONAL":
            if not reader.accept("CHAR", "CHARACTER"):
                raise reader.fail("type")
            return _character(reader, national=True)
        case "NCLOB":
            return _NCLOB
        case "RAW":
            size, _ = reader.size()
            if size > 2000:  # noqa: PLR2004 - Oracle's limit in bytes
                raise reader.fail("size")
            spec = TypeSpec(type=DataType.RAW, size=size)
            return Declared(spec=spec, name="RAW", length=size)
        case "LONG":
            if reader.accept("RAW"):
                return _plain(DataType.LONG_RAW, "LONG RAW", 0)
            return _plain(DataType.LONG, "LONG", 0)
        case "UROWID":
            reader.arguments()
            return _SIMPLE["ROWID"]
        case "TIMESTAMP":
            return _timestamp(reader)
        case "INTERVAL":
            return _interval(reader)
        case "JSON" | "XMLTYPE" | "VECTOR" | "BFILE" | "SDO_GEOMETRY":
            raise not_modelled(f"the type {name}", offset=token.start)
        case _:
            raise OracleError(902, "invalid datatype", offset=token.start)


def _checked_text(reader: _Reader, name: str, size: int, unit: str | None, *, national: bool) -> Declared:
    if size < 1:
        raise OracleError(1723, "zero-length columns are not allowed")
    if size > (2000 if national else _MAX_BYTES):
        raise reader.fail("size")
    del name
    return _text("NVARCHAR2" if national else "VARCHAR2", size, unit, fixed=False, national=national)


def _character(reader: _Reader, *, national: bool) -> Declared:
    if reader.accept("VARYING"):
        size, unit = reader.size()
        return _checked_text(reader, "VARCHAR2", size, unit, national=national)
    ahead = reader.peek()
    size, unit = reader.size() if ahead is not None and ahead.is_symbol("(") else (1, None)
    if size > (1000 if national else 2000):
        raise reader.fail("size")
    return _text("NCHAR" if national else "CHAR", size, unit, fixed=True, national=national)


def _timestamp(reader: _Reader) -> Declared:
    arguments = reader.arguments()
    digits = 6 if not arguments or arguments[0] is None else arguments[0]
    zone = None
    if reader.accept("WITH"):
        zone = reader.accept("LOCAL") or "ZONE"
        if not (reader.accept("TIME") and reader.accept("ZONE")):
            raise reader.fail("type")
    kind = DataType.TIMESTAMP
    name, length = f"TIMESTAMP({digits})", 7 if digits == 0 else 11
    if zone is not None:
        kind = DataType.TIMESTAMP_LTZ if zone == "LOCAL" else DataType.TIMESTAMP_TZ
        name += " WITH LOCAL TIME ZONE" if zone == "LOCAL" else " WITH TIME ZONE"
        length = 11 if zone == "LOCAL" else 13
    spec = TypeSpec(type=kind, scale=digits)
    return Declared(spec=spec, name=name, length=length, scale=digits)


def _interval(reader: _Reader) -> Declared:
    unit = reader.accept("DAY", "YEAR")
    arguments = reader.arguments()
    leading = 2 if not arguments or arguments[0] is None else arguments[0]
    if unit is None or not reader.accept("TO"):
        raise reader.fail("type")
    if unit == "YEAR":
        if not reader.accept("MONTH"):
            raise reader.fail("type")
        spec = TypeSpec(type=DataType.INTERVAL_YM, precision=leading)
        name = f"INTERVAL YEAR({leading}) TO MONTH"
        return Declared(spec=spec, name=name, length=5, precision=leading, scale=0)
    if not reader.accept("SECOND"):
        raise reader.fail("type")
    arguments = reader.arguments()
    digits = 6 if not arguments or arguments[0] is None else arguments[0]
    spec = TypeSpec(type=DataType.INTERVAL_DS, precision=leading, scale=digits)
    name = f"INTERVAL DAY({leading}) TO SECOND({digits})"
    return Declared(
        spec=spec,
        name=name,
        length=11,
        precision=leading,
        scale=digits,
    )
