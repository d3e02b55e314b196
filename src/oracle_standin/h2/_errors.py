"""H2's errors as Oracle's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from oracle_standin.engine._errors import generated_column
from oracle_standin.engine._known import ORACLE_ONLY
from oracle_standin.errors import OracleError, not_modelled

__all__ = ["DEADLOCK", "LOCK_TIMEOUT", "Context", "h2_code", "met_other_ddl", "oracle_error"]

DEADLOCK = 40001
LOCK_TIMEOUT = 50200

_FIXED: dict[int, tuple[int, str]] = {
    7001: (909, "invalid number of arguments"),
    21002: (947, "not enough values"),
    22007: (1861, "literal does not match format string"),
    22012: (1476, "divisor is equal to zero"),
    22018: (1722, "invalid number"),
    22025: (1425, "escape character must be character string of length 1"),
    28000: (1017, "invalid username/password; logon denied"),
    40001: (60, "deadlock detected while waiting for resource"),
    42101: (955, "name is already used by an existing object"),
    42102: (942, "table or view does not exist"),
    42103: (942, "table or view does not exist"),
    42104: (942, "table or view does not exist"),
    42111: (955, "name is already used by an existing object"),
    42112: (1418, "specified index does not exist"),
    42131: (979, "not a GROUP BY expression"),
    42602: (904, "invalid identifier"),
    42622: (972, "identifier is too long"),
    50200: (54, "resource busy and acquire with NOWAIT specified or timeout expired"),
    57014: (1013, "user requested cancel of current operation"),
    90003: (1465, "invalid hex number"),
    90004: (1465, "invalid hex number"),
    90006: (8004, "sequence NEXTVAL exceeds MAXVALUE or goes below MINVALUE and cannot be instantiated"),
    90010: (1481, "invalid number format model"),
    90012: (1008, "not all variables bound"),
    90015: (932, "inconsistent datatypes"),
    90016: (979, "not a GROUP BY expression"),
    90017: (2260, "table can have only one primary key"),
    90023: (1451, "column to be modified to NULL cannot be modified to NULL"),
    90032: (1918, "user does not exist"),
    90033: (1920, "user name conflicts with another user or role name"),
    90035: (955, "name is already used by an existing object"),
    90036: (2289, "sequence does not exist"),
    90037: (942, "table or view does not exist"),
    90038: (955, "name is already used by an existing object"),
    90045: (2264, "name already used by an existing constraint"),
    90052: (913, "too many values"),
    90053: (1427, "single-row subquery returns more than one row"),
    90054: (934, "group function is not allowed here"),
    90056: (1821, "date format not recognized"),
    90057: (2443, "Cannot drop constraint  - nonexistent constraint"),
    90063: (1086, "savepoint never established in this session or is invalid"),
    90068: (1791, "not a SELECTed expression"),
    90075: (12991, "column is referenced in a multi-column constraint"),
    90078: (1920, "user name conflicts with another user or role name"),
    90079: (942, "table or view does not exist"),
    90081: (2296, "cannot enable constraint - null values found"),
    90083: (12992, "cannot drop parent key column"),
    90084: (12983, "cannot drop all columns in a table"),
    90085: (2429, "cannot drop index used for enforcement of unique/primary key"),
    90106: (2266, "unique/primary keys in table referenced by enabled foreign keys"),
    90107: (2449, "unique/primary keys in table referenced by foreign keys"),
    90109: (4063, "view has errors"),
    90110: (932, "inconsistent datatypes"),
    90118: (2449, "unique/primary keys in table referenced by foreign keys"),
    90131: (8177, "can't serialize access for this transaction"),
    90142: (4002, "INCREMENT must be a non-zero integer"),
    90145: (2014, "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc."),
    90148: (8002, "sequence CURRVAL is not yet defined in this session"),
    90150: (1727, "numeric precision specifier is out of range (1 to 38)"),
    90151: (1728, "numeric scale specifier is out of range (-84 to 127)"),
    90157: (979, "not a GROUP BY expression"),
}

_QUOTED = r'"((?:[^"]|"")*)"'


def h2_code(error: Any) -> int | None:
    """Return H2's number of a Java exception, or `None` if it is none of H2's."""
    code = getattr(error, "getErrorCode", None)
    return None if code is None else int(code())


class Context(Protocol):
    """What an error's text needs to know beside H2's message."""

    def constraint_owner(self, name: str) -> str | None:
        """Return the schema that has a constraint of this name."""

    def primary_key(self, owner: str, table: str) -> str | None:
        """Return the name of a table's primary key."""

    def is_identity(self, owner: str, table: str, column: str) -> bool:
        """Return whether a column is an identity."""


_NAME = r'(?:"{2}((?:[^"])+)"{2}|([\w$#]+))'


def _name(match: re.Match[str], group: int) -> str:
    return match.group(group) or match.group(group + 1) or ""


class _Said:
    """H2's message, taken apart."""

    def __init__(
        self, message: str, text: str, context: Context | None, target: tuple[str, str] | None
    ) -> None:
        # It ends with the statement in H2's form: what is said stands before.
        self.said, _, self.sql = message.partition("; SQL statement:")
        self.text = text
        self.context = context
        self.target = target

    def quoted(self) -> str:
        """Return what stands in quotes."""
        found = re.search(r'"((?:[^"]|"")*)"', self.said)
        return found.group(1).replace('""', '"') if found else "?"

    def where(self, name: str) -> int:
        """Return where a name stands in the client's statement."""
        found = re.search(rf"(?<![\w$#]){re.escape(name.upper())}(?![\w$#])", self.text.upper())
        return found.start() if found else 0

    def column(self, name: str) -> str:
        """Return ``"SCHEMA"."TABLE"."COLUMN"`` of a column of the statement's table."""
        return ".".join(f'"{part}"' for part in (*(self.target or ()), name))


def met_other_ddl(error: Any) -> bool:
    """Return whether a Java exception says that other DDL took too long, which holds H2's catalogue.

    Oracle's waits as long as it takes, whatever DDL_LOCK_TIMEOUT is.
    """
    return h2_code(error) == LOCK_TIMEOUT and 'table "SYS"' in str(error.getMessage())


def oracle_error(
    error: Any, text: str, *, context: Context | None = None, target: tuple[str, str] | None = None
) -> OracleError:
    """Return a Java ``SQLException`` as Oracle would answer.

    Parameters
    ----------
    error : Java ``Throwable``
        What JDBC raised.
    text : `str`
        The client's statement, to find the offset in.
    context : `Context`, optional
        Knows names that H2's message lacks.
    target : `tuple` [`str`, `str`], optional
        Schema and name of the table that the statement changes.

    Returns
    -------
    error : `oracle_standin.errors.OracleError`
        ORA-03001 for an error that has no counterpart here: a gap of the
        stand-in that should be seen and not mistaken for a rule of Oracle's.
    """
    code = h2_code(error)
    said = _Said(str(error.getMessage()), text, context, target)
    if code is not None:
        special = _SPECIAL.get(code)
        if special is not None:
            return special(said)
        if code in _FIXED:
            number, fixed = _FIXED[code]
            offset = said.where(said.quoted().split(".")[-1]) if number in (942, 2289) else 0
            return OracleError(number, fixed, offset=offset)
    # Not ORA-00600, at which the driver drops the connection.
    return not_modelled(f"what H2 answered with its error {code}: {said.said[:900]}")


def _column_missing(said: _Said) -> OracleError:
    parts = said.quoted().split(".")
    if parts[-1] in ("NEXTVAL", "CURRVAL") and len(parts) > 1:
        return OracleError(2289, "sequence does not exist", offset=said.where(parts[-2]))
    if parts[-1] == "ROWID" or parts[-1] == "ORA_ROWSCN":
        return not_modelled(f"the pseudo column {parts[-1]} here")
    shown = ".".join(f'"{part}"' for part in parts)
    return OracleError(904, f"{shown}: invalid identifier", offset=said.where(parts[-1]))


def _not_null(said: _Said) -> OracleError:
    column = said.column(said.quoted().split(".")[-1])
    if re.match(r"\s*(?:SELECT .*?TABLE \()?\s*(?:UPDATE|MERGE)\b", said.text or said.sql, re.IGNORECASE):
        return OracleError(1407, f"cannot update ({column}) to NULL")
    if re.match(r"\s*ALTER\b", said.text, re.IGNORECASE):
        return OracleError(1758, "table must be empty to add mandatory (NOT NULL) column")
    return OracleError(1400, f"cannot insert NULL into ({column})")


def _unique(said: _Said) -> OracleError:
    # 'SCHEMA.NAME [INDEX SCHEMA.INDEX] ON SCHEMA.TABLE(...)', or 'PRIMARY KEY ON SCHEMA.TABLE(...)'
    # for a key that is the table's own order; a quoted name has its quotes doubled.
    named = re.search(rf'"{_NAME}\.{_NAME}(?: INDEX| PRIMARY KEY ON| ON)', said.said)
    if named:
        owner, name = _name(named, 1), _name(named, 3)
    else:
        table = re.search(rf"ON {_NAME}\.{_NAME}\(", said.said)
        owner = _name(table, 1) if table else "?"
        key = said.context.primary_key(owner, _name(table, 3)) if said.context and table else None
        name = key or "?"
    if re.match(r"\s*CREATE\b", said.text, re.IGNORECASE):
        return OracleError(1452, "cannot CREATE UNIQUE INDEX; duplicate keys found")
    if re.match(r"\s*ALTER\b", said.text, re.IGNORECASE):
        return OracleError(2437, f"cannot validate ({owner}.{name}) - primary key violated")
    return OracleError(1, f"unique constraint ({owner}.{name}) violated")


def _constraint(number: int, form: str) -> Callable[[_Said], OracleError]:
    def convert(said: _Said) -> OracleError:
        # 'NAME: SCHEMA.TABLE FOREIGN KEY...' or, of a check, 'NAME: condition'.
        name = said.quoted().partition(": ")[0]
        table = re.search(rf": {_NAME}\.{_NAME} FOREIGN", said.said)
        owner = _name(table, 1) if table else None
        if owner is None and said.context is not None:
            owner = said.context.constraint_owner(name)
        return OracleError(number, form.format(f"{owner or (said.target or ('?',))[0]}.{name}"))

    return convert


def _too_long(said: _Said) -> OracleError:
    found = re.search(rf'column "{_NAME} [^"]*?\((\d+)\)', said.said)
    actual = re.search(r'\((\d+)\)"?\s*$', said.said)
    if "NUMERIC" in said.said or "DECFLOAT" in said.said:
        return OracleError(1438, "value larger than specified precision allowed for this column")
    if not found:
        return OracleError(1401, "inserted value too large for column")
    length = actual.group(1) if actual else "?"
    return OracleError(
        12899,
        f"value too large for column {said.column(_name(found, 1))}"
        f" (actual: {length}, maximum: {found.group(3)})",
    )


def _out_of_range(said: _Said) -> OracleError:
    if re.match(r"\s*(INSERT|UPDATE|MERGE)\b", said.text, re.IGNORECASE):
        return OracleError(1438, "value larger than specified precision allowed for this column")
    return OracleError(1426, "numeric overflow")


_GROUPING = ("CUBE", "GROUPING", "GROUPING_ID", "GROUP_ID", "ROLLUP")
"""What H2 takes for functions that it does not know."""


def _function_missing(said: _Said) -> OracleError:
    name = said.quoted().split(".")[-1]
    if name in ORACLE_ONLY or name in _GROUPING:
        return not_modelled(f"the function {name}", offset=said.where(name))
    return OracleError(904, f'"{name}": invalid identifier', offset=said.where(name))


def _duplicate_column(said: _Said) -> OracleError:
    if re.match(r"\s*(CREATE|ALTER)\b", said.text, re.IGNORECASE):
        if re.match(r"\s*ALTER\b", said.text, re.IGNORECASE):
            return OracleError(1430, "column being added already exists in table")
        return OracleError(957, "duplicate column name")
    if re.match(r"\s*(INSERT|UPDATE|MERGE)\b", said.text, re.IGNORECASE):
        return OracleError(957, "duplicate column name")
    return OracleError(918, "column ambiguously defined")


def _ambiguous(said: _Said) -> OracleError:
    name = said.quoted()
    return OracleError(918, f"{name}: column ambiguously specified - appears in more than one table",
                       offset=said.where(name.split(".")[-1]))  # fmt: skip


def _generated(said: _Said) -> OracleError:
    parts = said.quoted().split(".")
    update = re.match(r"\s*(UPDATE|MERGE)\b", said.text, re.IGNORECASE) is not None
    owner, table = (parts[0], parts[1]) if len(parts) > 2 else said.target or ("", "")  # noqa: PLR2004 - schema, table and more
    identity = said.context is not None and said.context.is_identity(owner, table, parts[-1])
    return generated_column(identity=identity, update=update)


def _syntax(said: _Said) -> OracleError:
    """H2's grammar lacks something that Oracle's rules have let pass: a gap of the stand-in."""
    before, _, behind = said.said.partition("[*]")
    words = re.findall(r"[\w$#]+", before)
    near = " ".join((before[-20:] + behind[:30]).split())
    return not_modelled(f"this syntax, near: {near}", offset=said.where(words[-1]) if words else 0)


def _missing_object(said: _Said) -> OracleError:
    parts = said.quoted().split(".")
    return OracleError(942, "table or view does not exist", offset=said.where(parts[-1]))


_SPECIAL: dict[int, Callable[[_Said], OracleError]] = {
    22001: _too_long,
    22003: _out_of_range,
    22004: _out_of_range,
    23502: _not_null,
    23503: _constraint(2292, "integrity constraint ({}) violated - child record found"),
    23505: _unique,
    23506: _constraint(2291, "integrity constraint ({}) violated - parent key not found"),
    23507: _not_null,
    23513: _constraint(2290, "check constraint ({}) violated"),
    42000: _syntax,
    42001: _syntax,
    42102: _missing_object,
    42103: _missing_object,
    42104: _missing_object,
    42121: _duplicate_column,
    42122: _column_missing,
    90022: _function_missing,
    90059: _ambiguous,
    90154: _generated,
}
