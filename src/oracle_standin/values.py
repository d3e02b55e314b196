"""Oracle's data types, and the Python values that stand for theirs.

Everything between the wire and the engines is said in these terms:

=====================  ==========================================================
type                   Python value; `None` is NULL
=====================  ==========================================================
VARCHAR2, CHAR, LONG   `str`, never empty: Oracle has no empty string
NUMBER, FLOAT          `int` or `decimal.Decimal`
BINARY_INTEGER         `int`
BINARY_FLOAT, DOUBLE   `float`
DATE, TIMESTAMP        naive `datetime.datetime`
TIMESTAMP_TZ, _LTZ     aware `datetime.datetime`
INTERVAL_DS            `datetime.timedelta`
INTERVAL_YM            `YearMonth`
RAW, LONG_RAW          `bytes`, never empty
ROWID                  `str`
BOOLEAN                `bool`
CLOB, BLOB             `Lob` (results) or `str`, `bytes` (also as bind values)
CURSOR                 `oracle_standin.interface.ResultSet`
=====================  ==========================================================
"""

from __future__ import annotations

import datetime as dt
import enum
from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

__all__ = ["Column", "DataType", "Lob", "TypeSpec", "Value", "YearMonth"]


class DataType(enum.IntEnum):
    """Data types, by their number on the wire."""

    VARCHAR2 = 1
    NUMBER = 2
    BINARY_INTEGER = 3
    LONG = 8
    ROWID = 11
    DATE = 12
    RAW = 23
    LONG_RAW = 24
    CHAR = 96
    BINARY_FLOAT = 100
    BINARY_DOUBLE = 101
    CURSOR = 102
    CLOB = 112
    BLOB = 113
    JSON = 119
    TIMESTAMP = 180
    TIMESTAMP_TZ = 181
    INTERVAL_YM = 182
    INTERVAL_DS = 183
    UROWID = 208
    TIMESTAMP_LTZ = 231
    BOOLEAN = 252


class YearMonth(NamedTuple):
    """An INTERVAL YEAR TO MONTH."""

    years: int
    months: int


class Lob(ABC):
    """A large object that a session can read or write piecewise.

    Offsets count from 1; a CLOB's units are characters (UTF-16 code units if
    it is national), a BLOB's are bytes.
    """

    type: DataType
    """`DataType.CLOB` or `DataType.BLOB`."""
    national: bool = False
    """Whether it is an NCLOB."""
    temporary: bool = False

    @abstractmethod
    def length(self) -> int:
        """Return the length in units."""

    @abstractmethod
    def read(self, offset: int, amount: int) -> str | bytes:
        """Return up to ``amount`` units; empty beyond the end."""

    @abstractmethod
    def write(self, offset: int, data: str | bytes) -> None:
        """Write over and beyond what is there; fills a gap with blanks or zeros."""

    @abstractmethod
    def trim(self, length: int) -> None:
        """Cut it to ``length`` units."""


Value = str | int | Decimal | float | dt.datetime | dt.timedelta | YearMonth | bytes | bool | Lob | Any | None
"""What a column or bind may hold; see the table of the module (the `Any` is a result set)."""


@dataclass(frozen=True, kw_only=True)
class TypeSpec:
    """A type as described to the client or declared by a bind.

    Attributes
    ----------
    type : `DataType`
        The base type.
    size : `int`
        Length in bytes of VARCHAR2, CHAR and RAW; 0 for others.
    char_size : `int`
        Length in characters of VARCHAR2 and CHAR; 0 for others.
    precision, scale : `int`
        Of NUMBER: (0, -127) is NUMBER without either, (p, -127) FLOAT(p) with
        binary precision, else decimal.  TIMESTAMP has the digits of its
        fraction as scale.  INTERVAL DS: precision of days and of the fraction.
    national : `bool`
        Whether the text is in the national character set.
    """

    type: DataType
    size: int = 0
    char_size: int = 0
    precision: int = 0
    scale: int = 0
    national: bool = False


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a query's result."""

    name: str
    spec: TypeSpec
    nullable: bool = True
