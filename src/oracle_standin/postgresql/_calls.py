"""What Oracle's functions and pseudo columns are in PostgreSQL.

Each entry takes the call's arguments and returns an expression.  Functions of
the schema ``sys`` are written in ``functions.sql``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from oracle_standin.engine._known import ORACLE_ONLY
from oracle_standin.engine._text import literal
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.postgresql._dialect import Raw
from oracle_standin.postgresql._names import Names
from oracle_standin.postgresql._source import PREFIX
from oracle_standin.postgresql._values import CLOB_MARK

__all__ = ["CONCATENATED", "Setting", "call"]

CONCATENATED = "nullif(coalesce(sys.txt({}), '') || coalesce(sys.txt({}), ''), '')"
"""Two texts as one, in which NULL is nothing; PostgreSQL's function ``concat`` may not be in an index."""

Arguments = Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What calls depend on beside their arguments.

    Attributes
    ----------
    names : `Names`
        Of the database.
    schema : `str`
        The session's current schema.
    user_id : `int`
        What UID is.
    major : `int`
        Version that is pretended.
    sequence : `~collections.abc.Callable`
        Returns schema and name of a sequence, from the parts of its name.
    """

    names: Names
    schema: str
    user_id: int
    major: int
    sequence: Callable[[Sequence[str]], tuple[str, str]]


def _raw(text: str, *parts: Any) -> Raw:
    return Raw(this=text, expressions=list(parts))


def _count(args: Arguments, least: int, most: int) -> None:
    if len(args) < least:
        raise OracleError(938, "not enough arguments for function")
    if len(args) > most:
        raise OracleError(939, "too many arguments for function")


def _own(name: str, least: int, most: int) -> Callable[[Arguments], Any]:
    """Call a function of the schema sys."""

    def build(args: Arguments) -> Any:
        _count(args, least, most)
        marks = ", ".join(["{}"] * len(args))
        return _raw(f"sys.{name}({marks})", *args)

    return build


def _of_text(name: str, least: int, most: int) -> Callable[[Arguments], Any]:
    """Call a function of the schema sys whose first argument becomes a text, whatever it is."""

    def build(args: Arguments) -> Any:
        _count(args, least, most)
        marks = ", ".join(["sys.txt({})", *["{}"] * (len(args) - 1)])
        return _raw(f"sys.{name}({marks})", *args)

    return build


def _native(name: str, least: int, most: int) -> Callable[[Arguments], Any]:
    """Call a function of PostgreSQL's."""

    def build(args: Arguments) -> Any:
        _count(args, least, most)
        marks = ", ".join(["{}"] * len(args))
        return _raw(f"{name}({marks})", *args)

    return build


def _text(arg: Any, what: str) -> str:
    if not (isinstance(arg, exp.Literal) and arg.is_string):
        raise not_modelled(f"{what} that is not a literal")
    return str(arg.this).upper()


def _nvl(args: Arguments) -> Any:
    _count(args, 2, 2)
    return _raw("coalesce({}, {})", *args)


def _nvl2(args: Arguments) -> Any:
    _count(args, 3, 3)
    return _raw("CASE WHEN {} IS NOT NULL THEN {} ELSE {} END", *args)


def _decode(args: Arguments) -> Any:
    _count(args, 3, 255)
    subject, *rest = args
    text, parts = "CASE", []
    while len(rest) > 1:
        text += " WHEN {} IS NOT DISTINCT FROM {} THEN {}"
        parts += [subject.copy(), rest[0], rest[1]]
        rest = rest[2:]
    if rest:
        text += " ELSE {}"
        parts.append(rest[0])
    return _raw(f"({text} END)", *parts)


def _extreme(name: str) -> Callable[[Arguments], Any]:
    """PostgreSQL leaves NULLs out; in Oracle the result is then NULL."""

    def build(args: Arguments) -> Any:
        _count(args, 1, 255)
        marks = ", ".join(["{}"] * len(args))
        missing = " OR ".join(["{} IS NULL"] * len(args))
        return _raw(
            f"CASE WHEN {missing} THEN NULL ELSE {name}({marks}) END",
            *[arg.copy() for arg in args],
            *args,
        )

    return build


def _cast(kind: str) -> Callable[[Arguments], Any]:
    def build(args: Arguments) -> Any:
        _count(args, 1, 1)
        return _raw(f"CAST({{}} AS {kind})", *args)

    return build


def _months(args: Arguments) -> Any:
    _count(args, 2, 2)
    return _raw("CAST(sys.numtoyminterval({}, {}) AS interval year to month)", *args)


def _lob_substr(args: Arguments) -> Any:
    _count(args, 1, 3)
    amount = args[1] if len(args) > 1 else _raw("32767")
    offset = args[2] if len(args) > 2 else _raw("1")  # noqa: PLR2004
    return _raw("sys.substr({}, {}, {})", args[0], offset, amount)


def _concat(args: Arguments) -> Any:
    _count(args, 2, 2)
    return _raw(CONCATENATED, *args)


def _lnnvl(args: Arguments) -> Any:
    _count(args, 1, 1)
    return _raw("(({}) IS NOT TRUE)", *args)


def _unistr(args: Arguments) -> Any:
    _count(args, 1, 1)
    _text(args[0], "UNISTR of what")
    return _raw(f"U&{literal(str(args[0].this))}")


def _sys_context(args: Arguments) -> Any:
    _count(args, 2, 3)
    space, name = (_text(arg, "an argument of SYS_CONTEXT") for arg in args[:2])
    if space != "USERENV":
        raise not_modelled(f"SYS_CONTEXT of the namespace {space}")
    if name not in _USERENV:
        raise not_modelled(f"SYS_CONTEXT('USERENV', '{name}')")
    return _raw(_USERENV[name])


_SCHEMA = "current_setting('standin.schema')"
_USERENV = {
    "CURRENT_SCHEMA": _SCHEMA,
    "CURRENT_USER": "current_setting('standin.username')",
    "SESSION_USER": "current_setting('standin.username')",
    "SID": "pg_backend_pid()::text",
    "SESSIONID": "pg_backend_pid()::text",
    "INSTANCE": "'1'::text",
    "INSTANCE_NAME": "'STANDIN'::text",
    **dict.fromkeys(
        ("DB_NAME", "DB_UNIQUE_NAME", "SERVICE_NAME", "CON_NAME", "CDB_NAME"), "sys.service_name()"
    ),
    "CON_ID": "'3'::text",
    "SERVER_HOST": "'localhost'::text",
    "LANG": "'US'::text",
    "LANGUAGE": "'AMERICAN_AMERICA.AL32UTF8'::text",
    "NLS_TERRITORY": "'AMERICA'::text",
    "NLS_DATE_FORMAT": "coalesce(nullif(current_setting('standin.date_format', true), ''), 'DD-MON-RR')",
    "ISDBA": "'FALSE'::text",
    "CURRENT_SCHEMAID": f"(SELECT user_id::text FROM standin.users WHERE username = {_SCHEMA})",  # noqa: S608
    "DATABASE_ROLE": "'PRIMARY'::text",
    **dict.fromkeys(
        ("MODULE", "ACTION", "CLIENT_INFO", "CLIENT_IDENTIFIER", "PROXY_USER", "TERMINAL", "HOST", "OS_USER",
         "IP_ADDRESS", "BG_JOB_ID", "DB_DOMAIN", "GLOBAL_UID", "CLOUD_SERVICE", "AUDITED_CURSORID"),
        "NULL::text",
    ),
}  # fmt: skip

_FUNCTIONS: dict[str, Callable[[Arguments], Any]] = {
    "NVL": _nvl,
    "NVL2": _nvl2,
    "DECODE": _decode,
    "GREATEST": _extreme("greatest"),
    "LEAST": _extreme("least"),
    "CONCAT": _concat,
    "LNNVL": _lnnvl,
    "UNISTR": _unistr,
    "SYS_CONTEXT": _sys_context,
    "LOB_SUBSTR": _lob_substr,
    "TO_CLOB": _cast(f"varchar({CLOB_MARK})"),
    "TO_NCLOB": _cast(f"varchar({CLOB_MARK})"),
    "TO_BLOB": _cast("bytea"),
    "TO_NCHAR": _own("to_char", 1, 2),
    "EMPTY_CLOB": lambda args: _raw(f"CAST('' AS varchar({CLOB_MARK}))"),  # noqa: ARG005
    "EMPTY_BLOB": lambda args: _raw("CAST('' AS bytea)"),  # noqa: ARG005
    "TO_DSINTERVAL": _cast("interval"),
    "TO_YMINTERVAL": _cast("interval year to month"),
    "NUMTOYMINTERVAL": _months,
    **{
        name: _of_text(name.lower(), least, most)
        for name, least, most in (
            ("SUBSTR", 2, 3), ("INSTR", 2, 3), ("REPLACE", 2, 3), ("LPAD", 2, 3), ("RPAD", 2, 3),
            ("LTRIM", 1, 2), ("RTRIM", 1, 2), ("REGEXP_REPLACE", 2, 3), ("REGEXP_SUBSTR", 2, 2),
            ("REGEXP_LIKE", 2, 2),
        )
    },
    **{
        name: _own(name.lower(), least, most)
        for name, least, most in (
            ("LENGTH", 1, 1), ("LENGTHB", 1, 1), ("CHR", 1, 1), ("ASCII", 1, 1), ("ROUND", 1, 2),
            ("TRUNC", 1, 2), ("CEIL", 1, 1), ("FLOOR", 1, 1), ("SIGN", 1, 1),
            ("HEXTORAW", 1, 1), ("RAWTOHEX", 1, 1), ("ORA_HASH", 1, 1), ("CAST_TO_RAW", 1, 1),
            ("CAST_TO_VARCHAR2", 1, 1), ("MOD", 2, 2), ("BITAND", 2, 2), ("TO_NUMBER", 1, 1),
            ("TO_BINARY_DOUBLE", 1, 1), ("TO_BINARY_FLOAT", 1, 1), ("LOG", 2, 2), ("TO_DATE", 1, 2),
            ("TO_TIMESTAMP", 2, 2), ("TO_TIMESTAMP_TZ", 2, 2), ("TO_CHAR", 1, 2), ("LAST_DAY", 1, 1),
            ("ADD_MONTHS", 2, 2), ("MONTHS_BETWEEN", 2, 2), ("NUMTODSINTERVAL", 2, 2),
            ("SYS_EXTRACT_UTC", 1, 1), ("SYS_GUID", 0, 0),
            ("SQRT", 1, 1), ("EXP", 1, 1), ("LN", 1, 1), ("POWER", 2, 2), ("SIN", 1, 1), ("COS", 1, 1),
            ("TAN", 1, 1), ("ASIN", 1, 1), ("ACOS", 1, 1), ("ATAN", 1, 1), ("ATAN2", 2, 2), ("SINH", 1, 1),
            ("COSH", 1, 1), ("TANH", 1, 1),
        )
    },
    **{
        name: _native(name.lower(), least, most)
        for name, least, most in (
            ("COALESCE", 2, 255), ("NULLIF", 2, 2), ("UPPER", 1, 1), ("LOWER", 1, 1), ("INITCAP", 1, 1),
            ("ABS", 1, 1), ("TRANSLATE", 3, 3), ("COUNT", 1, 1), ("SUM", 1, 1), ("MIN", 1, 1), ("MAX", 1, 1),
            ("AVG", 1, 1),
            ("STDDEV", 1, 1), ("VARIANCE", 1, 1), ("STDDEV_POP", 1, 1), ("STDDEV_SAMP", 1, 1),
            ("VAR_POP", 1, 1), ("VAR_SAMP", 1, 1), ("ROW_NUMBER", 0, 0), ("RANK", 0, 1),
            ("DENSE_RANK", 0, 1), ("PERCENT_RANK", 0, 1), ("CUME_DIST", 0, 1), ("NTILE", 1, 1),
            ("LAG", 1, 3), ("LEAD", 1, 3), ("FIRST_VALUE", 1, 1), ("LAST_VALUE", 1, 1), ("NTH_VALUE", 2, 2),
            ("GROUPING", 1, 1), ("CORR", 2, 2), ("PERCENTILE_CONT", 1, 1), ("PERCENTILE_DISC", 1, 1),
        )
    },
}  # fmt: skip
_SINCE = {"BITOR": 21, "BITXOR": 21, "ANY_VALUE": 19}
_LATER = {"BITOR": _own("bitor", 2, 2), "BITXOR": _own("bitxor", 2, 2), "ANY_VALUE": _native("min", 1, 1)}

_PSEUDO = {
    "SYSDATE": "sys.sysdate()",
    "SYSTIMESTAMP": "sys.systimestamp()",
    "CURRENT_DATE": "sys.now_date()",
    "CURRENT_TIMESTAMP": "statement_timestamp()",
    "LOCALTIMESTAMP": "sys.now_local()",
    "USER": "current_setting('standin.username')",
    "DBTIMEZONE": "'+00:00'::text",
    "SESSIONTIMEZONE": "to_char(clock_timestamp(), 'TZH:TZM')",
}


def call(name: str, args: Arguments, setting: Setting) -> Any:
    """Return what a call is in PostgreSQL.

    Parameters
    ----------
    name : `str`
        In upper case.
    args : `~collections.abc.Sequence`
        Its arguments.
    setting : `Setting`
        Whose statement it is in.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for a function that is not Oracle's (ORA-00904), one that is
        not modelled (ORA-03001), or too few or too many arguments.
    """
    if name.startswith(PREFIX):
        return _syntax(name.removeprefix(PREFIX), args, setting)
    if name in _SINCE and setting.major >= _SINCE[name]:
        return _LATER[name](args)
    function = _FUNCTIONS.get(name)
    if function is not None:
        return function(args)
    if name in ORACLE_ONLY or name.startswith(("JSON_", "XML", "REGR_", "ST_")):
        raise not_modelled(f"the function {name}")
    raise OracleError(904, f'"{name}": invalid identifier')


def _syntax(name: str, args: Arguments, setting: Setting) -> Any:  # noqa: C901, PLR0911, PLR0912
    if name in _PSEUDO:
        return _raw(_PSEUDO[name])
    match name:
        case "UID":
            return _raw(f"{setting.user_id}::numeric")
        case "NEXTVAL" | "CURRVAL":
            path = setting.names.path(*setting.sequence([str(arg.this) for arg in args]))
            return _raw(f"{name.lower()}({literal(path)}::text::regclass)")
        case "DATE":
            return _raw(f"timestamp(0) {literal(str(args[0].this))}")
        case "TIMESTAMP":
            return _raw(f"timestamp {literal(str(args[0].this))}")
        case "TIMESTAMPTZ":
            return _raw(f"timestamp with time zone {literal(str(args[0].this))}")
        case "INTERVAL":
            unit = str(args[1].this)
            return _raw(f"interval {literal(str(args[0].this))} {unit.lower()}")
        case "FLOAT":
            return _raw("CAST({} AS real)", *args)
        case "DOUBLE":
            return _raw("CAST({} AS double precision)", *args)
        case "RANDOM":
            return _raw("random()::numeric")
        case "JSON_ARRAYAGG":
            # Without NULLs, and never without a value.
            text = "coalesce(json_agg({}) FILTER (WHERE {} IS NOT NULL)::text, '[]')"
            return _raw(f"CAST({text} AS varchar({CLOB_MARK}))", args[0], args[0].copy())
        case "LEVELS":
            return _raw("generate_series(1, greatest(CAST({} AS bigint), 1))", *args)
        case "NUMBERS" | "TEXTS":
            kind = "numeric" if name == "NUMBERS" else "text"
            marks = ", ".join([f"CAST({{}} AS {kind})"] * len(args))
            return _raw(f"unnest(ARRAY[{marks}]::{kind}[])", *args)
        case _:
            raise not_modelled(f"{name} here")
