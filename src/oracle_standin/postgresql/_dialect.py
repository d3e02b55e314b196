"""sqlglot's Oracle and PostgreSQL, as far as they are left to it.

Functions are not: each is kept by its name, and what it is in PostgreSQL is
said by `oracle_standin.postgresql._calls`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import ErrorLevel, exp
from sqlglot.dialects.oracle import Oracle
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import UnsupportedError

from oracle_standin.errors import not_modelled

__all__ = ["OracleText", "PostgreSQLText", "Raw", "oracle_name", "postgresql_text"]


class Raw(exp.Expression):
    """SQL of PostgreSQL's around expressions: ``this`` is a text with ``{}`` for each of them."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expressions": False}


_Base: Any = Oracle.Parser


class OracleText(Oracle):
    """Oracle's syntax with functions by name."""

    class Parser(_Base):  # type: ignore[misc]
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: _Base.FUNCTION_PARSERS[name] for name in ("CAST", "EXTRACT", "TRIM", "LISTAGG")
        }
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: _Base.NO_PAREN_FUNCTION_PARSERS[name] for name in ("ANY", "CASE", "PRIOR")
        }
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
        TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {}


_Generator: Any = Postgres.Generator


def _raw_sql(generator: Any, node: Raw) -> str:
    return str(node.this).format(*[generator.sql(part) for part in node.expressions])


class PostgreSQLText(Postgres):
    """PostgreSQL's syntax, with pieces of its SQL as they are."""

    class Generator(_Generator):  # type: ignore[misc]
        TRANSFORMS: ClassVar[dict[Any, Any]] = {**_Generator.TRANSFORMS, Raw: _raw_sql}


def oracle_name(identifier: Any) -> str:
    """Return what Oracle calls an identifier: in upper case unless it is quoted."""
    return str(identifier.this) if identifier.args.get("quoted") else str(identifier.this).upper()


def postgresql_text(tree: Any) -> str:
    """Return a tree's text for PostgreSQL.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what sqlglot would leave out, such as PIVOT (ORA-03001).
    """
    try:
        return str(tree.sql(PostgreSQLText, unsupported_level=ErrorLevel.RAISE))
    except UnsupportedError as error:
        said = str(error).partition("\n")[0]
        raise not_modelled(f"this statement (sqlglot: {said})") from None
