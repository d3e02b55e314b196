"""How H2 stores what Oracle declares."""

from __future__ import annotations

from oracle_standin.engine import _standard
from oracle_standin.engine._columns import ColumnDefinition, Constraint
from oracle_standin.engine._text import quoted
from oracle_standin.engine._types import Declared
from oracle_standin.errors import OracleError
from oracle_standin.values import DataType

__all__ = ["column_sql", "constraint_sql", "sequence_options", "storage_type"]

_SIMPLE = {
    DataType.DATE: "TIMESTAMP(0)",
    DataType.BINARY_FLOAT: "REAL",
    DataType.BINARY_DOUBLE: "DOUBLE PRECISION",
    DataType.CLOB: "CLOB",
    DataType.BLOB: "BLOB",
    DataType.LONG: "CLOB",
    DataType.LONG_RAW: "BLOB",
    DataType.BOOLEAN: "BOOLEAN",
    DataType.ROWID: "VARCHAR(18)",
}


def storage_type(declared: Declared) -> str:  # noqa: PLR0911 - a branch per type
    """Return H2's name of a type."""
    spec = declared.spec
    match spec.type:
        case DataType.NUMBER:
            # H2 has no negative scale, and none greater than the precision.
            fixed = spec.precision > 0 and 0 <= spec.scale <= spec.precision
            return f"NUMERIC({spec.precision}, {spec.scale})" if fixed else "DECFLOAT(40)"
        case DataType.VARCHAR2 | DataType.CHAR:
            return f"{'CHAR' if spec.type is DataType.CHAR else 'VARCHAR'}({spec.char_size})"
        case DataType.RAW:
            return f"VARBINARY({spec.size})"
        case DataType.TIMESTAMP | DataType.TIMESTAMP_TZ | DataType.TIMESTAMP_LTZ:
            # TIMESTAMP(0) is H2's form of Oracle's DATE: one more digit keeps the two apart.
            zone = "" if spec.type is DataType.TIMESTAMP else " WITH TIME ZONE"
            return f"TIMESTAMP({spec.scale or 1}){zone}"
        case DataType.INTERVAL_YM:
            return f"INTERVAL YEAR({max(spec.precision, 1)}) TO MONTH"
        case DataType.INTERVAL_DS:
            return f"INTERVAL DAY({max(spec.precision, 1)}) TO SECOND({spec.scale})"
        case _:
            return _SIMPLE[spec.type]


def column_sql(column: ColumnDefinition) -> str:
    """Return a column without its constraints.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if it has no type (ORA-02263).
    """
    if column.declared is None:
        raise OracleError(2263, "need to specify the datatype for this column")
    parts = [quoted(column.name), storage_type(column.declared)]
    if column.invisible:
        parts.append("INVISIBLE")
    if column.identity is not None:
        kind = "BY DEFAULT" if column.identity != "ALWAYS" else "ALWAYS"
        parts.append(f"GENERATED {kind} AS IDENTITY ({sequence_options(column.options)})")
    elif column.virtual:
        parts.append(f"GENERATED ALWAYS AS ({column.default_sql})")
    elif column.default_sql is not None:
        parts.append(f"DEFAULT {column.default_sql}")
    if column.on_null:
        parts.append("DEFAULT ON NULL")
    if column.not_null or column.identity is not None or column.on_null:
        parts.append("NOT NULL")
    return " ".join(parts)


def constraint_sql(constraint: Constraint) -> str:
    """Return a constraint's definition, without its name."""
    return _standard.constraint_definition(constraint, quoted)


def sequence_options(options: dict[str, str]) -> str:
    """Return a sequence's options for H2."""
    return _standard.sequence_options(options, left_out=("ORDER",))
