"""Columns: which type of Oracle's holds a value of the Butler's."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import ceil
from typing import Any

import sqlalchemy
from lsst.daf.butler import ddl
from sqlalchemy.dialects.oracle import BINARY_DOUBLE, CLOB, VARCHAR2
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

__all__ = ["LONGEST", "OverlapBytes", "PlainText", "RegionText", "column_type"]

LONGEST = 4000
"""Bytes in a VARCHAR2 unless the server has MAX_STRING_SIZE=EXTENDED."""

_UNSIZED = 255
"""Characters of a string that the schema gives no length: foreign keys to names.

Two of them with four bytes a character fit into an index key of 6398 bytes."""


class PlainText(sqlalchemy.String):
    """A string that is bound as VARCHAR2.

    SQLAlchemy binds the type Text as NVARCHAR2, and then a server does not
    use the index of a VARCHAR2 column.
    """


class RegionText(PlainText):
    """A region in base 64, or an aggregate of regions: their union."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        """Return a function that makes upstream's form of what the driver returned."""
        return lambda value: _joined(value, ":")


class OverlapBytes(sqlalchemy.LargeBinary):
    """Bytes that the Butler computes in the database from text.

    Region overlaps are strings in base 64 that upstream casts to BLOB; the
    cast is left out, because Oracle refuses it (ORA-00932).
    """

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bytes | None]:
        """Return a function that makes bytes of what the driver returned."""

        def process(value: Any) -> bytes | None:
            text = _joined(value, "|") if isinstance(value, str) else value
            return text.encode() if isinstance(text, str) else text

        return process


def _joined(value: str | None, separator: str) -> str | None:
    """Return the text of an aggregate, which came as an array in JSON; others as they are.

    No text in base 64 begins with a bracket.  An aggregate of aggregates has
    arrays in its strings.
    """
    if not (value and value.startswith("[")):
        return value
    return separator.join(filter(None, (_joined(text, separator) for text in json.loads(value)))) or None


class _SizedBytes(ddl.Base64Bytes):
    """Bytes in base 64, in a VARCHAR2 of the size that they need."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(VARCHAR2(_base64_length(self.nbytes)))


class _SizedRegion(ddl.Base64Region):
    """A region in base 64, in a VARCHAR2 of the size that it needs."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(VARCHAR2(_base64_length(self.nbytes)))


def column_type(spec: ddl.FieldSpec, *, temporary: bool = False) -> TypeEngine[Any] | type[TypeEngine[Any]]:
    """Return the type of a column.

    Upstream makes Text, which is a CLOB on Oracle, of strings over 32
    characters and of bytes.  A CLOB cannot be compared, sorted, made distinct
    or be a key, all of which the registry does; so it gets one only where a
    VARCHAR2 is too short.

    Parameters
    ----------
    spec : `lsst.daf.butler.ddl.FieldSpec`
        The column.
    temporary : `bool`
        Whether it is a temporary table's, which cannot have LOBs.
    """
    # An instance, as upstream's queries have for columns that they compute.
    given: Any = spec.dtype
    dtype = given if isinstance(given, type) else type(given)
    if issubclass(dtype, sqlalchemy.String) and not issubclass(dtype, sqlalchemy.CHAR):
        return _text_type(spec, temporary=temporary)
    if issubclass(dtype, ddl.Base64Bytes):
        return _SizedBytes(nbytes=spec.nbytes)
    if issubclass(dtype, ddl.Base64Region):
        # A temporary table has it in pieces.
        return ddl.Base64Region() if temporary else _SizedRegion(nbytes=spec.nbytes)
    if issubclass(dtype, sqlalchemy.Float):
        # FLOAT has neither NaN nor infinity.
        return BINARY_DOUBLE()
    return spec.getSizedColumnType()


def _text_type(spec: ddl.FieldSpec, *, temporary: bool) -> TypeEngine[Any]:
    given: Any = spec.dtype
    length = spec.length or getattr(given, "length", None)
    if length is None:
        is_text = given is sqlalchemy.Text or isinstance(given, sqlalchemy.Text)
        return VARCHAR2(LONGEST if is_text and not spec.primaryKey else _UNSIZED)
    if length <= LONGEST:
        return VARCHAR2(length)
    return VARCHAR2(LONGEST) if temporary else CLOB()


def _base64_length(nbytes: int | None) -> int:
    return LONGEST if nbytes is None else 4 * ceil(nbytes / 3)
