"""How PostgreSQL stores what Oracle declares."""

from __future__ import annotations

from oracle_standin.engine import _standard
from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.engine._text import literal
from oracle_standin.engine._types import Declared
from oracle_standin.errors import OracleError
from oracle_standin.postgresql._names import Names
from oracle_standin.postgresql._values import CLOB_MARK
from oracle_standin.values import DataType, TypeSpec

__all__ = ["cast_type", "column_sql", "constraint_sql", "length_check", "sequence_options", "storage_type"]

_SIMPLE = {
    DataType.DATE: "timestamp(0)",
    DataType.BINARY_FLOAT: "real",
    DataType.BINARY_DOUBLE: "double precision",
    DataType.VARCHAR2: "text",
    DataType.RAW: "bytea",
    DataType.CLOB: "text",
    DataType.BLOB: "bytea",
    DataType.LONG: "text",
    DataType.LONG_RAW: "bytea",
    DataType.BOOLEAN: "boolean",
    DataType.ROWID: "text",
    DataType.INTERVAL_YM: "interval year to month",
    DataType.INTERVAL_DS: "interval",
}
_MOST_DIGITS = 6
"""Digits of a second's fraction that PostgreSQL keeps."""


def storage_type(spec: TypeSpec) -> str:
    """Return the type of a column; the length of a text is a check of its own."""
    match spec.type:
        case DataType.NUMBER if spec.precision > 0 and spec.scale != -127:  # noqa: PLR2004
            return f"numeric({spec.precision}, {spec.scale})"
        case DataType.NUMBER:
            return "numeric"
        case DataType.CHAR:
            return f"char({spec.char_size})"
        case DataType.TIMESTAMP:
            # timestamp(0) is DATE: one more digit keeps the two apart.
            return f"timestamp({min(max(spec.scale, 1), _MOST_DIGITS)})"
        case DataType.TIMESTAMP_TZ | DataType.TIMESTAMP_LTZ:
            return f"timestamp({min(spec.scale, _MOST_DIGITS)}) with time zone"
        case _:
            return _SIMPLE[spec.type]


def cast_type(spec: TypeSpec) -> str:
    """Return the type of a CAST, which cuts texts off."""
    if spec.type is DataType.VARCHAR2:
        return f"varchar({spec.char_size})"
    return f"varchar({CLOB_MARK})" if spec.type is DataType.CLOB else storage_type(spec)


def length_check(column: str, declared: Declared, names: Names) -> tuple[str, str] | None:
    """Return name and condition of the check of a column's length; `None` if it has no length."""
    spec = declared.spec
    inner = names.quoted(column)
    if spec.type is DataType.VARCHAR2:
        unit = declared.char_used or "B"
        size = spec.char_size if unit == "C" else declared.length
        measure = "char_length" if unit == "C" else "octet_length"
    elif spec.type is DataType.RAW:
        size, unit, measure = spec.size, "B", "octet_length"
    else:
        return None
    # What is called raises Oracle's error; the comparison alone is what costs.
    condition = (
        f"coalesce({measure}({inner}), 0) <= {size}"
        f" OR sys.too_long({inner}, {size}, '{unit}', tableoid, {literal(column)})"
    )
    return length_check_name(column, names), condition


def length_check_name(column: str, names: Names) -> str:
    """Return the quoted name of the check of a column's length."""
    return '"' + names.inner(column).replace('"', '""')[:50] + '$length"'


def column_sql(column: ColumnDefinition, names: Names, sequence: str) -> str:
    """Return a column without its constraints, but with the check of its length.

    Parameters
    ----------
    column : `ColumnDefinition`
        The column.
    names : `Names`
        Of the database.
    sequence : `str`
        Path of the sequence of an identity.  PostgreSQL's own identities are
        integers, to which a NUMBER cannot be a foreign key.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if it has no type (ORA-02263).
    """
    if column.declared is None:
        raise OracleError(2263, "need to specify the datatype for this column")
    kind = storage_type(column.declared.spec)
    parts = [names.quoted(column.name), kind]
    if column.identity is not None:
        parts.append(f"DEFAULT nextval({literal(sequence)}::regclass)")
    elif column.virtual:
        parts.append(f"GENERATED ALWAYS AS (CAST({column.default_sql} AS {kind})) STORED")
    elif column.default_sql is not None:
        parts.append(f"DEFAULT {column.default_sql}")
    if column.not_null or column.identity is not None or column.on_null:
        parts.append("NOT NULL")
    check = length_check(column.name, column.declared, names)
    if check is not None:
        parts.append(f"CONSTRAINT {check[0]} CHECK ({check[1]})")
    return " ".join(parts)


def constraint_sql(name: str, constraint: Constraint, names: Names) -> str:
    """Return a constraint's definition with its name."""
    definition = _standard.constraint_definition(constraint, names.quoted)
    return f"CONSTRAINT {names.quoted(name)} {definition}{_timing(constraint)}"


def _timing(constraint: Constraint) -> str:
    if constraint.kind == "C" or not (constraint.deferrable or constraint.deferred):
        return ""
    return " DEFERRABLE INITIALLY " + ("DEFERRED" if constraint.deferred else "IMMEDIATE")


def sequence_options(options: dict[str, str]) -> str:
    """Return a sequence's options for PostgreSQL.

    Its cache is a session's own, Oracle's is everybody's: it is always one number.
    """
    return _standard.sequence_options(options, left_out=("ORDER", "CACHE"))
