"""H2's errors as Oracle's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from oracle_standin.errors import OracleError

__all__ = ["CONCURRENT_UPDATE", "DEADLOCK", "LOCK_TIMEOUT", "UNTYPED_BIND", "h2_code", "oracle_error"]

DEADLOCK = 40001
LOCK_TIMEOUT = 50200
CONCURRENT_UPDATE = 90131
UNTYPED_BIND = 50004

_FIXED: dict[int, tuple[int, str]] = {
    7001: (909, "invalid number of arguments"),
    21002: (947, "not enough values"),
    22003: (1438, "value larger than specified precision allowed for this column"),
    22004: (1438, "value larger than specified precision allowed for this column"),
    22007: (1861, "literal does not match format string"),
    22012: (1476, "divisor is equal to zero"),
    22018: (1722, "invalid number"),
    22025: (1425, "escape character must be character string of length 1"),
    23507: (1400, "cannot insert NULL"),
    28000: (1017, "invalid username/password; logon denied"),
    40001: (60, "deadlock detected while waiting for resource"),
    42000: (900, "invalid SQL statement"),
    42001: (900, "invalid SQL statement"),
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
    90154: (54013, "INSERT operation disallowed on virtual columns"),
    90157: (979, "not a GROUP BY expression"),
}

_QUOTED = r'"((?:[^"]|"")*)"'


def h2_code(error: Any) -> int | None:
    """Return H2's number of a Java exception, or `None` if it is none of H2's."""
    code = getattr(error, "getErrorCode", None)
    return None if code is None else int(code())


def oracle_error(error: Any, text: str) -> OracleError:
    """Return a Java ``SQLException`` as Oracle would answer.

    Parameters
    ----------
    error : Java ``Throwable``
        What JDBC raised.
    text : `str`
        The client's statement, to find the offset in.

    Returns
    -------
    error : `oracle_standin.errors.OracleError`
        ORA-00600 for an error that has no counterpart here: a gap of the
        stand-in that should be seen and not mistaken for a rule of Oracle's.
    """
    code, message = h2_code(error), str(error.getMessage())
    # The message ends with the statement in H2's form: what is said stands before.
    said = message.split("; SQL statement:", 1)[0]
    if code is not None:
        special = _SPECIAL.get(code)
        if special is not None:
            return special(said, message, text)
        if code in _FIXED:
            number, fixed = _FIXED[code]
            return OracleError(number, fixed, offset=_offset(number, message, text))
    return OracleError(600, f"internal error code, arguments: [oracle_standin], [H2 {code}], [{said[:900]}]")


def _offset(number: int, message: str, text: str) -> int:
    """Return where H2 stopped, for a syntax error; it marks the place with ``[*]``."""
    if number == 942:
        name = re.search(r"Table " + _QUOTED, message)
        return max(text.upper().find(name.group(1).upper()), 0) if name else 0
    return 0


def _names(said: str) -> tuple[str, str, str]:
    """Return schema, table and column from ``SCHEMA.TABLE(COLUMN)`` in H2's message, as far as there."""
    found = re.search(r'(?:ON |: ")(?:"?([\w$#]+)"?\.)?"?([\w$# ]+?)"?\(', said)
    return (found.group(1) or "", found.group(2), "") if found else ("", "", "")


def _column_missing(said: str, message: str, text: str) -> OracleError:
    name = re.search(_QUOTED, said)
    identifier = name.group(1) if name else ""
    shown = ".".join(f'"{part}"' for part in identifier.split("."))
    position = text.upper().find(identifier.split(".")[-1].upper())
    return OracleError(904, f"{shown}: invalid identifier", offset=max(position, 0))


def _not_null(said: str, message: str, text: str) -> OracleError:
    name = re.search(_QUOTED, said)
    column = name.group(1) if name else "?"
    verb = (
        "update"
        if re.search(r"SQL statement:\s*(?:SELECT .*\()?\s*(?:UPDATE|MERGE)\b", message)
        else "insert"
    )
    number = 1407 if verb == "update" else 1400
    into = "NULL into" if verb == "insert" else ""
    shown = '"' + column.replace(".", '"."') + '"'
    action = "cannot insert NULL into" if into else "cannot update"
    tail = "" if into else " to NULL"
    return OracleError(number, f"{action} ({shown}){tail}")


def _constraint(number: int, form: str) -> Callable[[str, str, str], OracleError]:
    def convert(said: str, message: str, text: str) -> OracleError:
        # 'X: "SCHEMA.NAME: TABLE ..."', 'X: "SCHEMA.NAME ON SCHEMA.TABLE(COLUMN) VALUES (...)"',
        # with quotes around names doubled; the schema stands there or with the table.
        found = re.search(r'"("{2}[^"]+"{2}|[\w$#]+)(?:\.("{2}[^"]+"{2}|[\w$#]+))?(?:: | ON |: ?")', said)
        first, second = (found.group(1), found.group(2)) if found else ("?", None)
        table = re.search(r'(?: ON |: )("{2}[^"]+"{2}|[\w$#]+)\.("{2}[^"]+"{2}|[\w$#]+)[( ]', said)
        schema, name = (first, second) if second else ((table.group(1) if table else "?"), first)
        return OracleError(number, form.format(f"{schema.replace(chr(34), '')}.{name.replace(chr(34), '')}"))

    return convert


def _too_long(said: str, message: str, text: str) -> OracleError:
    found = re.search(r'"(?:"{2}([^"]+)"{2}|([\w$#]+)) (.*?)\((\d+)\)', said)
    actual = re.search(r"\((\d+)\)\s*$", said)
    column = (found.group(1) or found.group(2)) if found else "?"
    most = found.group(4) if found else "?"
    return OracleError(
        12899,
        f'value too large for column "{column}" (actual: {actual.group(1) if actual else "?"}, maximum: {most})',
    )


def _function_missing(said: str, message: str, text: str) -> OracleError:
    name = re.search(_QUOTED, said)
    identifier = (name.group(1) if name else "?").split(".")[-1]
    return OracleError(
        904, f'"{identifier}": invalid identifier', offset=max(text.upper().find(identifier), 0)
    )


def _duplicate_column(said: str, message: str, text: str) -> OracleError:
    if re.search(r"SQL statement:\s*(CREATE|ALTER)\b", message):
        if re.search(
            r"SQL statement:\s*CREATE (GLOBAL |LOCAL |TEMPORARY |OR |REPLACE |FORCE )*TABLE", message
        ):
            return OracleError(957, "duplicate column name")
        return OracleError(1430, "column being added already exists in table")
    return OracleError(918, "column ambiguously defined")


def _ambiguous(said: str, message: str, text: str) -> OracleError:
    return OracleError(918, "column ambiguously defined")


def _syntax(said: str, message: str, text: str) -> OracleError:
    before = said.split("[*]", 1)[0]
    words = re.findall(r"\S+", before)
    tail = words[-1] if words else ""
    offset = max(text.rfind(tail), 0) if 2 < len(tail) < 64 else 0
    return OracleError(900, "invalid SQL statement", offset=offset)


_SPECIAL: dict[int, Callable[[str, str, str], OracleError]] = {
    22001: _too_long,
    23502: _not_null,
    23503: _constraint(2292, "integrity constraint ({}) violated - child record found"),
    23505: _constraint(1, "unique constraint ({}) violated"),
    23506: _constraint(2291, "integrity constraint ({}) violated - parent key not found"),
    23513: _constraint(2290, "check constraint ({}) violated"),
    42000: _syntax,
    42001: _syntax,
    42121: _duplicate_column,
    42122: _column_missing,
    90022: _function_missing,
    90059: _ambiguous,
}
