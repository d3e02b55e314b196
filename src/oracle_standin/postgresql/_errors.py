"""PostgreSQL's errors as Oracle's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from oracle_standin.engine._errors import generated_column
from oracle_standin.engine._known import ORACLE_ONLY
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.postgresql._link import PostgreSQLError
from oracle_standin.postgresql._names import Names
from oracle_standin.values import DataType, TypeSpec

__all__ = ["Context", "Said", "oracle_error"]

_FIXED: dict[str, tuple[int, str]] = {
    "01489": (1489, "result of string concatenation is too long"),
    "01898": (1898, "too many precision specifiers"),
    "0A000": (3001, ""),
    "21000": (1427, "single-row subquery returns more than one row"),
    "2200H": (8004, "sequence NEXTVAL exceeds MAXVALUE or goes below MINVALUE and cannot be instantiated"),
    "22007": (1861, "literal does not match format string"),
    "22008": (1841, "(full) year must be between -4713 and +9999, and not be 0"),
    "22012": (1476, "divisor is equal to zero"),
    "22025": (1424, "missing or illegal character following the escape character"),
    "22019": (1425, "escape character must be character string of length 1"),
    "22P05": (1722, "invalid number"),
    "22023": (1760, "illegal argument for function"),
    "2201E": (1428, "argument is out of range"),
    "2201F": (1428, "argument is out of range"),
    "22P02": (1722, "invalid number"),
    "25006": (1456, "may not perform insert, delete, update operation inside a READ ONLY transaction"),
    "3B001": (1086, "savepoint never established in this session or is invalid"),
    "40001": (8177, "can't serialize access for this transaction"),
    "40P01": (60, "deadlock detected while waiting for resource"),
    "42601": (3001, ""),
    "42701": (957, "duplicate column name"),
    "42710": (2264, "name already used by an existing constraint"),
    "42712": (918, "column ambiguously defined"),
    "42803": (979, "not a GROUP BY expression"),
    "42830": (2270, "no matching unique or primary key for this column-list"),
    "42P07": (955, "name is already used by an existing object"),
    "42P06": (1920, "user name conflicts with another user or role name"),
    "42P16": (2260, "table can have only one primary key"),
    "42P20": (30483, "window  functions are not allowed here"),
    "53300": (20, "maximum number of processes exceeded"),
    "55000": (8002, "sequence CURRVAL is not yet defined in this session"),
    "55P03": (54, "resource busy and acquire with NOWAIT specified or timeout expired"),
    "57014": (1013, "user requested cancel of current operation"),
    "57P01": (28, "your session has been killed"),
}


class Context(Protocol):
    """What an error's text needs to know beside PostgreSQL's message."""

    views: dict[tuple[str, str], str]
    """Views that there are or should be, by owner and name."""
    declared: dict[tuple[str, str], dict[str, TypeSpec]]
    """Types of columns as declared, by owner and table."""

    def primary_key(self, owner: str, table: str) -> str | None:
        """Return the name of a table's primary key."""

    def is_identity(self, owner: str, table: str, column: str) -> bool:
        """Return whether a column is an identity."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was said to PostgreSQL.

    Attributes
    ----------
    text : `str`
        The client's statement.
    names : `Names`
        Of the database.
    context : `Context` or `None`
        Knows what the message lacks.
    target : `tuple` [`str`, `str`] or `None`
        Schema and name of the table that the statement changes.
    """

    text: str
    names: Names
    context: Context | None = None
    target: tuple[str, str] | None = None

    def where(self, name: str) -> int:
        """Return where a name stands in the client's statement."""
        found = re.search(rf"(?<![\w$#]){re.escape(name.upper())}(?![\w$#])", self.text.upper())
        return found.start() if found else 0

    def begins(self, *words: str) -> bool:
        """Return whether the statement begins with one of these words."""
        return re.match(rf"\s*(?:{'|'.join(words)})\b", self.text, re.IGNORECASE) is not None

    def table_of(self, error: PostgreSQLError) -> tuple[str, str]:
        """Return owner and name of the table that an error is about."""
        if not error.table:
            return self.target or ("?", "?")
        table = self.names.outer(error.table)
        if error.schema.startswith("pg_temp"):
            owner, _, table = table.partition(".")
            return owner, table
        return self.names.outer(error.schema), table


def oracle_error(error: PostgreSQLError, said: Said) -> OracleError:
    """Return PostgreSQL's error as Oracle would answer.

    Parameters
    ----------
    error : `PostgreSQLError`
        What PostgreSQL answered.
    said : `Said`
        What it answered to.

    Returns
    -------
    error : `oracle_standin.errors.OracleError`
        ORA-03001 for an error that has no counterpart here: a gap of the
        stand-in that should be seen and not mistaken for a rule of Oracle's.
    """
    special = _SPECIAL.get(error.state)
    if special is not None:
        return special(error, said)
    number, text = _FIXED.get(error.state, (3001, ""))
    if number != 3001:  # noqa: PLR2004
        return OracleError(number, text)
    return not_modelled(f"what PostgreSQL answered with its error {error.state}: {error.message[:900]}")


def _unique(error: PostgreSQLError, said: Said) -> OracleError:
    owner, _ = said.table_of(error)
    name = said.names.outer(error.constraint.removesuffix("$nulls"))
    if said.begins("CREATE"):
        return OracleError(1452, "cannot CREATE UNIQUE INDEX; duplicate keys found")
    if said.begins("ALTER"):
        return OracleError(2437, f"cannot validate ({owner}.{name}) - primary key violated")
    return OracleError(1, f"unique constraint ({owner}.{name}) violated")


def _foreign(error: PostgreSQLError, said: Said) -> OracleError:
    owner, _ = said.table_of(error)
    shown = f"{owner}.{said.names.outer(error.constraint)}"
    if "still referenced" in error.detail or "update or delete" in error.message:
        return OracleError(2292, f"integrity constraint ({shown}) violated - child record found")
    return OracleError(2291, f"integrity constraint ({shown}) violated - parent key not found")


def _check(error: PostgreSQLError, said: Said) -> OracleError:
    owner, _ = said.table_of(error)
    name = said.names.outer(error.constraint)
    return OracleError(2290, f"check constraint ({owner}.{name}) violated")


def _not_null(error: PostgreSQLError, said: Said) -> OracleError:
    owner, table = said.table_of(error)
    column = f'"{owner}"."{table}"."{said.names.outer(error.column)}"'
    if said.begins("ALTER"):
        if said.begins(r"ALTER\s+TABLE\s+\S+\s+MODIFY"):
            return OracleError(2296, "cannot enable constraint - null values found")
        return OracleError(1758, "table must be empty to add mandatory (NOT NULL) column")
    if said.begins("UPDATE", "MERGE"):
        return OracleError(1407, f"cannot update ({column}) to NULL")
    return OracleError(1400, f"cannot insert NULL into ({column})")


def _too_long(error: PostgreSQLError, said: Said) -> OracleError:
    owner, table = said.table_of(error)
    column = f'"{owner}"."{table}"."{error.column}"'
    return OracleError(
        12899,
        f"value too large for column {column} (actual: {error.detail}, maximum: {error.message})",
    )


def _too_long_somewhere(error: PostgreSQLError, said: Said) -> OracleError:
    """PostgreSQL names neither the column nor the value's length: that of a CHAR is found by its size."""
    found = re.search(r"character\((\d+)\)", error.message)
    owner, table = said.table_of(error)
    declared = said.context.declared.get((owner, table), {}) if said.context is not None else {}
    size = found.group(1) if found else "?"
    names = [
        name for name, spec in declared.items() if spec.type is DataType.CHAR and str(spec.char_size) == size
    ]
    column = names[0] if len(names) == 1 else "?"
    return OracleError(
        12899, f'value too large for column "{owner}"."{table}"."{column}" (actual: ?, maximum: {size})'
    )


def _out_of_range(error: PostgreSQLError, said: Said) -> OracleError:
    if said.begins("INSERT", "UPDATE", "MERGE", "ALTER") and "numeric field overflow" in error.message:
        return OracleError(1438, "value larger than specified precision allowed for this column")
    return OracleError(1426, "numeric overflow")


def _quoted(message: str) -> str:
    found = re.search(r'"(.*)"', message)
    return found.group(1) if found else "?"


def _missing_table(error: PostgreSQLError, said: Said) -> OracleError:
    if "missing FROM-clause" in error.message or "invalid reference to FROM" in error.message:
        name = said.names.outer(_quoted(error.message).split(".")[-1])
        return OracleError(904, f'"{name}": invalid identifier', offset=said.where(name))
    name = said.names.outer(_quoted(error.message).split(".")[-1])
    if re.search(rf"\b{re.escape(name)}\s*\.\s*(NEXTVAL|CURRVAL)", said.text, re.IGNORECASE) or said.begins(
        r"(DROP|ALTER)\s+SEQUENCE"
    ):
        return OracleError(2289, "sequence does not exist", offset=said.where(name))
    schema = said.names.outer(_quoted(error.message).split(".")[0])
    if said.context is not None and (schema, name) in said.context.views and not said.begins("DROP"):
        return OracleError(4063, f'view "{schema}.{name}" has errors')
    return OracleError(942, "table or view does not exist", offset=said.where(name))


def _missing_column(error: PostgreSQLError, said: Said) -> OracleError:
    if said.begins(r"DROP\s+INDEX", r"ALTER\s+INDEX"):
        return OracleError(1418, "specified index does not exist")
    if "constraint" in error.message:
        name = said.names.outer(_quoted(error.message).split('"')[0])
        return OracleError(2443, "Cannot drop constraint  - nonexistent constraint", offset=said.where(name))
    found = re.search(r"column (\S+) does not exist|column \"([^\"]+)\"", error.message)
    raw = (found.group(1) or found.group(2)) if found else _quoted(error.message)
    parts = [said.names.outer(part.strip('"')) for part in raw.split(".")]
    shown = ".".join(f'"{part}"' for part in parts)
    return OracleError(904, f"{shown}: invalid identifier", offset=said.where(parts[-1]))


def _missing_object(error: PostgreSQLError, said: Said) -> OracleError:
    if said.begins(r"DROP\s+INDEX", r"ALTER\s+INDEX"):
        return OracleError(1418, "specified index does not exist")
    return _missing_column(error, said)


def _missing_function(error: PostgreSQLError, said: Said) -> OracleError:
    found = re.search(r"function (?:sys\.)?\"?([\w$#]+)\"?\(", error.message)
    if found is None:
        # An operator for types that Oracle converts by itself, or does not.
        return not_modelled(f"a conversion that PostgreSQL refuses: {error.message[:300]}")
    name = found.group(1).upper()
    if name in ORACLE_ONLY or f"sys.{found.group(1)}(" in error.message:
        return not_modelled(
            f"this use of the function {name}: {error.message[:300]}", offset=said.where(name)
        )
    return OracleError(904, f'"{name}": invalid identifier', offset=said.where(name))


def _ambiguous(error: PostgreSQLError, said: Said) -> OracleError:
    name = said.names.outer(_quoted(error.message))
    return OracleError(
        918,
        f"{name}: column ambiguously specified - appears in more than one table",
        offset=said.where(name),
    )


def _types(error: PostgreSQLError, said: Said) -> OracleError:
    del said
    return not_modelled(f"a conversion that PostgreSQL refuses: {error.message[:300]}")


def _generated(error: PostgreSQLError, said: Said) -> OracleError:
    found = re.search(r'column "([^"]+)"', error.message)
    column = said.names.outer(found.group(1)) if found else "?"
    owner, table = said.table_of(error)
    update = said.begins("UPDATE", "MERGE")
    identity = said.context is not None and said.context.is_identity(owner, table, column)
    return generated_column(identity=identity, update=update)


def _syntax(error: PostgreSQLError, said: Said) -> OracleError:
    if "INSERT has more expressions" in error.message:
        return OracleError(913, "too many values")
    if "INSERT has more target columns" in error.message:
        return OracleError(947, "not enough values")
    if "same number of columns" in error.message:
        return OracleError(1789, "query block has incorrect number of result columns")
    if "subquery must return only one column" in error.message:
        return OracleError(913, "too many values")
    return not_modelled(f"this syntax: {error.message[:300]}", offset=said.where(_quoted(error.message)))


def _dependent(error: PostgreSQLError, said: Said) -> OracleError:
    del error
    if said.begins(r"ALTER\s+TABLE"):
        return OracleError(12992, "cannot drop parent key column")
    return OracleError(2449, "unique/primary keys in table referenced by foreign keys")


def _cardinality(error: PostgreSQLError, said: Said) -> OracleError:
    del said
    if "MERGE" in error.message:
        return OracleError(30926, "unable to get a stable set of rows in the source tables")
    return OracleError(*_FIXED["21000"])


def _duplicate(error: PostgreSQLError, said: Said) -> OracleError:
    if said.begins(r"ALTER\s+TABLE\s+\S+\s+ADD") and "column" in error.message:
        return OracleError(1430, "column being added already exists in table")
    if said.begins("SELECT", "WITH"):
        return OracleError(918, "column ambiguously defined")
    return OracleError(*_FIXED[error.state])


def _state(error: PostgreSQLError, said: Said) -> OracleError:
    del said
    if "currval" in error.message:
        return OracleError(*_FIXED["55000"])
    return not_modelled(f"what PostgreSQL answered with its error {error.state}: {error.message[:900]}")


def _invalid_text(error: PostgreSQLError, said: Said) -> OracleError:
    del said
    if "numeric" in error.message or "integer" in error.message or "double" in error.message:
        return OracleError(1722, "invalid number")
    if "boolean" in error.message:
        return OracleError(920, "invalid relational operator")
    return not_modelled(f"what PostgreSQL answered with its error {error.state}: {error.message[:900]}")


_SPECIAL: dict[str, Callable[[PostgreSQLError, Said], OracleError]] = {
    "12899": _too_long,
    "21000": _cardinality,
    "22001": _too_long_somewhere,
    "22003": _out_of_range,
    "22P02": _invalid_text,
    "23502": _not_null,
    "23503": _foreign,
    "23505": _unique,
    "23514": _check,
    "2BP01": _dependent,
    "42601": _syntax,
    "42701": _duplicate,
    "42702": _ambiguous,
    "42703": _missing_column,
    "42704": _missing_object,
    "42725": _missing_function,
    "42804": _types,
    "42846": _types,
    "42883": _missing_function,
    "428C9": _generated,
    "42P01": _missing_table,
    "55000": _state,
}
