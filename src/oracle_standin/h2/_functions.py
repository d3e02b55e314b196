"""Oracle's functions and pseudo columns in H2's terms.

Each entry takes the call's arguments, translated already, and returns SQL.
What H2 has under the same name and with the same meaning is not here.
"""

from __future__ import annotations

from collections.abc import Callable

from oracle_standin.engine._text import literal
from oracle_standin.errors import OracleError, not_modelled

__all__ = ["FUNCTIONS", "NUMBER", "PACKAGED", "SINCE", "sys_context", "trunc_by", "unistr"]

NUMBER = "DECFLOAT(40)"
"""What computes like Oracle's NUMBER."""

_DATE = "TIMESTAMP(0)"
_DAY_TO_SECOND = "INTERVAL DAY(9) TO SECOND(9)"

Function = Callable[[list[str]], str]


def _count(args: list[str], least: int, most: int) -> None:
    if len(args) < least:
        raise OracleError(938, "not enough arguments for function")
    if len(args) > most:
        raise OracleError(939, "too many arguments for function")


def _literal(arg: str, what: str) -> str:
    """Return what a literal argument says, in upper case."""
    if not (arg.startswith("'") and arg.endswith("'")):
        raise not_modelled(f"{what} that is not a literal")
    return arg[1:-1].replace("''", "'").upper()


def _cast(type_name: str) -> Function:
    def convert(args: list[str]) -> str:
        _count(args, 1, 1)
        return f"CAST({args[0]} AS {type_name})"

    return convert


def _as_number(name: str, most: int = 1) -> Function:
    """H2 computes it as DOUBLE PRECISION, Oracle as NUMBER."""

    def convert(args: list[str]) -> str:
        _count(args, 1, most)
        return f"CAST({name}({', '.join(args)}) AS {NUMBER})"

    return convert


def _renamed(name: str) -> Function:
    return lambda args: f"{name}({', '.join(args)})"


def _bits(name: str) -> Function:
    def convert(args: list[str]) -> str:
        _count(args, 2, 2)
        a, b = (f"CAST({arg} AS BIGINT)" for arg in args)
        return f"CAST({name}({a}, {b}) AS {NUMBER})"

    return convert


_PARTS = {
    **dict.fromkeys(("DDD", "DD", "J"), "DAY"),
    **dict.fromkeys(("MONTH", "MON", "MM", "RM"), "MONTH"),
    **dict.fromkeys(("SYYYY", "YYYY", "YEAR", "SYEAR", "YYY", "YY", "Y"), "YEAR"),
    **dict.fromkeys(("HH", "HH12", "HH24"), "HOUR"),
    "Q": "QUARTER",
    "MI": "MINUTE",
    "CC": "CENTURY",
}


def _trunc(args: list[str]) -> str:
    _count(args, 1, 2)
    if len(args) == 1:
        # H2 decides by the type: a number, or a point in time, whose clock is cut off.
        return f"TRUNC({args[0]})"
    if not args[1].startswith("'"):
        return f"TRUNC({args[0]}, {args[1]})"
    model = _literal(args[1], "a date format of TRUNC")
    day = f"CAST({args[0]} AS {_DATE})"
    if model in ("DAY", "DY", "D"):
        # NLS_TERRITORY is AMERICA: weeks begin on Sunday.
        midnight = f"DATE_TRUNC(DAY, {day})"
        return f"CAST(DATEADD(DAY, 1 - DAY_OF_WEEK({midnight}), {midnight}) AS {_DATE})"
    if model == "IW":
        midnight = f"DATE_TRUNC(DAY, {day})"
        return f"CAST(DATEADD(DAY, 1 - ISO_DAY_OF_WEEK({midnight}), {midnight}) AS {_DATE})"
    if model not in _PARTS:
        raise OracleError(1898, "too many precision specifiers")
    return f"CAST(DATE_TRUNC({_PARTS[model]}, {day}) AS {_DATE})"


_SECONDS = {"DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}
_MONTHS = {"YEAR": 12, "MONTH": 1}


def _day_interval(args: list[str]) -> str:
    _count(args, 2, 2)
    unit = _literal(args[1], "an interval unit").strip()
    if unit not in _SECONDS:
        raise OracleError(1760, "illegal argument for function")
    amount = f"CAST({args[0]} AS {NUMBER})"
    return f"CAST(INTERVAL '{_SECONDS[unit]}' SECOND(18) * {amount} AS {_DAY_TO_SECOND})"


def _month_interval(args: list[str]) -> str:
    _count(args, 2, 2)
    unit = _literal(args[1], "an interval unit").strip()
    if unit not in _MONTHS:
        raise OracleError(1760, "illegal argument for function")
    return (
        f"CAST(INTERVAL '{_MONTHS[unit]}' MONTH * CAST({args[0]} AS {NUMBER}) AS INTERVAL YEAR(9) TO MONTH)"
    )


_PRECISE = "'uuuu-MM-dd HH:mm:ss.SSSSSSSSS'"
_FORMAT = (
    "COALESCE((SELECT SETTING FROM STANDIN.SESSION_PARAMETERS"
    " WHERE SID = SESSION_ID() AND PARAMETER = '{}'), '{}')"
)
_DATE_FORMAT = _FORMAT.format("NLS_DATE_FORMAT", "DD-MON-RR")
"""The format of dates as the session has set it, looked up when the statement runs."""
_TIMESTAMP_FORMAT = _FORMAT.format("NLS_TIMESTAMP_FORMAT", "DD-MON-RR HH.MI.SS.FF AM")


def _to_char(args: list[str]) -> str:
    _count(args, 1, 3)
    if len(args) == 1 and args[0].startswith("CAST(") and args[0].endswith(f"AS {_DATE})"):
        return f"TO_CHAR({args[0]}, {_DATE_FORMAT})"
    return f"TO_CHAR({', '.join(args)})"


def _to_date(args: list[str]) -> str:
    _count(args, 1, 3)
    model = args[1] if len(args) > 1 else _DATE_FORMAT
    return f"CAST(TO_DATE({args[0]}, {model}) AS {_DATE})"


def _to_timestamp(args: list[str]) -> str:
    _count(args, 1, 3)
    model = args[1] if len(args) > 1 else _TIMESTAMP_FORMAT
    return f"TO_TIMESTAMP({args[0]}, {model})"


def _from_tz(args: list[str]) -> str:
    _count(args, 2, 2)
    # The clock is that of the zone: only its name is added.
    return f"PARSEDATETIME(FORMATDATETIME({args[0]}, {_PRECISE}) || ' ' || {args[1]}, {_PRECISE} || ' VV')"


_HASHES = {"MD5": "MD5", "SHA1": "SHA-1", "SHA256": "SHA-256", "SHA384": "SHA-384", "SHA512": "SHA-512"}


def _standard_hash(args: list[str]) -> str:
    _count(args, 1, 2)
    method = _literal(args[1], "a method of STANDARD_HASH") if len(args) > 1 else "SHA1"
    if method not in _HASHES:
        raise OracleError(43940, "invalid hash algorithm")
    return f"CASE WHEN {args[0]} IS NOT NULL THEN HASH('{_HASHES[method]}', {args[0]}) END"


def _nanvl(args: list[str]) -> str:
    _count(args, 2, 2)
    value = f"CAST({args[0]} AS DOUBLE PRECISION)"
    return f"CASE WHEN {value} = CAST('NaN' AS DOUBLE PRECISION) THEN {args[1]} ELSE {args[0]} END"


_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def _next_day(args: list[str]) -> str:
    _count(args, 2, 2)
    name = _literal(args[1], "a day of NEXT_DAY").strip()[:3]
    if name not in _DAYS:
        raise OracleError(1846, "not a valid day of the week")
    ahead = f"MOD({_DAYS.index(name) + 1} - DAY_OF_WEEK({args[0]}) + 13, 7) + 1"
    return f"CAST(DATEADD(DAY, {ahead}, {args[0]}) AS {_DATE})"


def trunc_by(value: str, model: str) -> str:
    """Return ``TRUNC(value, model)`` of a point in time by a model that is known when it is run."""
    words = sorted({*_PARTS, "DAY", "DY", "D", "IW"})
    cases = " ".join(f"WHEN '{word}' THEN {_trunc([value, literal(word)])}" for word in words)
    return f"CASE UPPER({model}) {cases} END"


def _substr_of_lob(args: list[str]) -> str:
    _count(args, 1, 3)
    amount, start = (*args[1:], *("32767", "1")[len(args) - 1 :])
    return f"SUBSTR({args[0]}, {start}, {amount})"


def _to_number(args: list[str]) -> str:
    _count(args, 1, 3)
    if len(args) > 1:
        raise not_modelled("TO_NUMBER with a format")
    return f"CAST({args[0]} AS {NUMBER})"


def _months_between(args: list[str]) -> str:
    _count(args, 2, 2)
    a, b = args
    # Whole months if both are on the same day or both on the last one; else 31 days a month.
    months = f"((YEAR({a}) - YEAR({b})) * 12 + MONTH({a}) - MONTH({b}))"
    same = (
        f"(DAY({a}) = DAY({b}) OR (LAST_DAY({a}) = CAST({a} AS DATE) AND LAST_DAY({b}) = CAST({b} AS DATE)))"
    )
    clock = f"(EXTRACT(EPOCH FROM CAST({a} AS TIME)) - EXTRACT(EPOCH FROM CAST({b} AS TIME)))"
    days = f"(CAST(DAY({a}) - DAY({b}) AS {NUMBER}) + {clock} / 86400)"
    return f"CASE WHEN {same} THEN CAST({months} AS {NUMBER}) ELSE {months} + {days} / 31 END"


def _date_function(name: str) -> Function:
    """Its result is a DATE, with seconds and without a fraction."""

    def convert(args: list[str]) -> str:
        _count(args, 2, 2)
        return f"CAST({name}({', '.join(args)}) AS {_DATE})"

    return convert


def _last_day(args: list[str]) -> str:
    _count(args, 1, 1)
    # H2's has no clock; Oracle's keeps that of its argument.
    return f"CAST(DATEADD(DAY, DAY(LAST_DAY({args[0]})) - DAY({args[0]}), {args[0]}) AS {_DATE})"


def _listagg(args: list[str]) -> str:
    _count(args, 1, 2)
    # H2 puts a comma where nothing is said, Oracle nothing.
    return f"LISTAGG({args[0]}, {args[1] if len(args) > 1 else 'CAST(NULL AS VARCHAR)'})"


def _lnnvl(args: list[str]) -> str:
    _count(args, 1, 1)
    return f"(({args[0]}) IS NOT TRUE)"


def _extract_utc(args: list[str]) -> str:
    _count(args, 1, 1)
    return f"CAST({args[0]} AT TIME ZONE 'UTC' AS TIMESTAMP(6))"


def unistr(args: list[str]) -> str:
    r"""Return ``UNISTR('a\00e4')`` as a literal."""
    _count(args, 1, 1)
    if not args[0].startswith("'"):
        raise not_modelled("UNISTR of what is not a literal")
    return f"U&{args[0]}"


def sys_context(args: list[str]) -> str:
    """Return ``SYS_CONTEXT(namespace, parameter)``; other namespaces are not modelled."""
    _count(args, 2, 3)
    space, name = (_literal(arg, "an argument of SYS_CONTEXT") for arg in args[:2])
    if space != "USERENV":
        raise not_modelled(f"SYS_CONTEXT of the namespace {space}")
    if name not in _USERENV:
        raise not_modelled(f"SYS_CONTEXT('USERENV', '{name}')")
    return _USERENV[name]


_SESSION = "(SELECT {} FROM STANDIN.SESSIONS WHERE SID = SESSION_ID())"
_DETAIL = "(SELECT {} FROM STANDIN.SESSION_DETAILS WHERE SID = SESSION_ID())"
_USERENV = {
    "CURRENT_SCHEMA": "CURRENT_SCHEMA",
    "CURRENT_USER": "CURRENT_USER",
    "SESSION_USER": "CURRENT_USER",
    "SID": "CAST(SESSION_ID() AS VARCHAR(20))",
    "SESSIONID": "CAST(SESSION_ID() AS VARCHAR(20))",
    "AUDITED_CURSORID": "CAST(NULL AS VARCHAR(20))",
    "INSTANCE": "'1'",
    "INSTANCE_NAME": "'STANDIN'",
    "DB_NAME": "STANDIN.SERVICE_NAME",
    "DB_UNIQUE_NAME": "STANDIN.SERVICE_NAME",
    "SERVICE_NAME": "STANDIN.SERVICE_NAME",
    "CON_NAME": "STANDIN.SERVICE_NAME",
    "CON_ID": "'3'",
    "CDB_NAME": "STANDIN.SERVICE_NAME",
    "SERVER_HOST": "'localhost'",
    "LANG": "'US'",
    "LANGUAGE": "'AMERICAN_AMERICA.AL32UTF8'",
    "NLS_TERRITORY": "'AMERICA'",
    "NLS_DATE_FORMAT": _DATE_FORMAT,
    "ISDBA": "'FALSE'",
    "CLOUD_SERVICE": "CAST(NULL AS VARCHAR(20))",
    "CURRENT_SCHEMAID": "(SELECT CAST(USER_ID AS VARCHAR(20)) FROM STANDIN.USERS"
    " WHERE USERNAME = CURRENT_SCHEMA)",
    "DATABASE_ROLE": "'PRIMARY'",
    "MODULE": _DETAIL.format("MODULE"),
    "ACTION": _DETAIL.format("ACTION"),
    "CLIENT_INFO": _DETAIL.format("CLIENT_INFO"),
    "CLIENT_IDENTIFIER": _DETAIL.format("CLIENT_IDENTIFIER"),
    "TERMINAL": _DETAIL.format("TERMINAL"),
    "HOST": _DETAIL.format("MACHINE"),
    "OS_USER": _DETAIL.format("OSUSER"),
    **dict.fromkeys(
        (
            "PROXY_USER",
            "IP_ADDRESS",
            "BG_JOB_ID",
            "DB_DOMAIN",
            "GLOBAL_UID",
        ),
        "CAST(NULL AS VARCHAR(64))",
    ),
}


FUNCTIONS: dict[str, Function] = {
    "BITAND": _bits("BITAND"),
    "BITOR": _bits("BITOR"),
    "BITXOR": _bits("BITXOR"),
    "TRUNC": _trunc,
    "TO_CLOB": _cast("CLOB"),
    "TO_NCLOB": _cast("CLOB"),
    "TO_LOB": _cast("CLOB"),
    "TO_BLOB": _cast("BLOB"),
    "TO_CHAR": _to_char,
    "TO_NCHAR": _to_char,
    "TO_DATE": _to_date,
    "TO_TIMESTAMP": _to_timestamp,
    "FROM_TZ": _from_tz,
    "STANDARD_HASH": _standard_hash,
    "NANVL": _nanvl,
    "NEXT_DAY": _next_day,
    "RAWTOHEX": lambda args: f"UPPER(RAWTOHEX({', '.join(args)}))",
    "TO_NUMBER": _to_number,
    "TO_BINARY_DOUBLE": _cast("DOUBLE PRECISION"),
    "TO_BINARY_FLOAT": _cast("REAL"),
    "TO_DSINTERVAL": _cast(_DAY_TO_SECOND),
    "TO_YMINTERVAL": _cast("INTERVAL YEAR(9) TO MONTH"),
    "NUMTODSINTERVAL": _day_interval,
    "NUMTOYMINTERVAL": _month_interval,
    "MONTHS_BETWEEN": _months_between,
    "ADD_MONTHS": _date_function("ADD_MONTHS"),
    "LAST_DAY": _last_day,
    "SYS_EXTRACT_UTC": _extract_utc,
    "SYS_CONTEXT": sys_context,
    "UNISTR": unistr,
    "LNNVL": _lnnvl,
    "LISTAGG": _listagg,
    "LENGTHB": _renamed("OCTET_LENGTH"),
    "EMPTY_BLOB": lambda args: "CAST(X'' AS BLOB)",  # noqa: ARG005 - all of the table take arguments
    "EMPTY_CLOB": lambda args: "CAST(CAST(X'' AS BLOB) AS CLOB)",  # noqa: ARG005 - all of the table take arguments
    **{name: _as_number(name) for name in ("SQRT", "EXP", "LN", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN",
                                           "SINH", "COSH", "TANH")},
    **{name: _as_number(name, 2) for name in ("POWER", "LOG", "ATAN2")},
}  # fmt: skip
"""By name, in upper case."""

PACKAGED: dict[tuple[str, str], Function] = {
    ("UTL_RAW", "CAST_TO_RAW"): _renamed("STRINGTOUTF8"),
    ("UTL_RAW", "CAST_TO_VARCHAR2"): _renamed("UTF8TOSTRING"),
    ("UTL_RAW", "LENGTH"): _renamed("OCTET_LENGTH"),
    ("DBMS_LOB", "GETLENGTH"): _renamed("LENGTH"),
    ("DBMS_LOB", "SUBSTR"): _substr_of_lob,
    ("DBMS_LOB", "INSTR"): _renamed("INSTR"),
    ("DBMS_RANDOM", "VALUE"): lambda args: f"CAST(RAND() AS {NUMBER})",  # noqa: ARG005 - all of the table take arguments
}
"""By package and name, in upper case."""

SINCE = {"BITOR": 21, "BITXOR": 21}
"""First version that has a function, for those that an older one is without."""
