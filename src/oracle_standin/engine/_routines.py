"""Stored procedures and functions: their heads, and where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oracle_standin.engine._definitions import DefinitionReader
from oracle_standin.engine._names import is_name, read_name, resolve_table
from oracle_standin.engine._plsql_scope import SCALAR
from oracle_standin.engine._types import read_type
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.values import DataType, TypeSpec

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["Parameter", "Routine", "create_routine", "drop_routine", "find_routine", "read_variable_type"]

_UNSIZED = {
    **dict.fromkeys(("VARCHAR2", "VARCHAR", "LONG"), TypeSpec(type=DataType.VARCHAR2, size=32767)),
    "NVARCHAR2": TypeSpec(type=DataType.VARCHAR2, size=32767, national=True),
    "CHAR": TypeSpec(type=DataType.CHAR, size=32767),
    "NCHAR": TypeSpec(type=DataType.CHAR, size=32767, national=True),
    "RAW": TypeSpec(type=DataType.RAW, size=32767),
}
"""Types whose size a parameter does not give: it has that of its argument."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a routine.

    Attributes
    ----------
    name : `str`
        Upper case unless it was quoted.
    takes, gives : `bool`
        Whether it is IN, and whether it is OUT; both for IN OUT.
    spec : `~oracle_standin.values.TypeSpec`
        Its type.
    default : `tuple` [ `int`, `int` ] or `None`
        Range of the tokens of its default.
    """

    name: str
    takes: bool
    gives: bool
    spec: TypeSpec
    default: tuple[int, int] | None


@dataclass(frozen=True, kw_only=True)
class Routine:
    """A stored procedure or function.

    Attributes
    ----------
    owner, name : `str`
        What it is called.
    definer : `bool`
        Whether it runs with its owner's rights, and not with its caller's.
    parameters : `tuple` [ `Parameter`, ... ]
        In their order.
    returns : `~oracle_standin.values.TypeSpec` or `None`
        Type of a function's value; `None` for a procedure.
    text, tokens, body
        Its source, and where its declarations begin.
    """

    owner: str
    name: str
    definer: bool
    parameters: tuple[Parameter, ...]
    returns: TypeSpec | None
    text: str
    tokens: Sequence[Token]
    body: int


def _no_variable(name: str) -> TypeSpec | None:  # noqa: ARG001 - of any name
    return None


def read_variable_type(
    session: EngineSession,
    tokens: Sequence[Token],
    i: int,
    variable: Callable[[str], TypeSpec | None] = _no_variable,
) -> tuple[TypeSpec, int]:
    """Read the type of a variable or parameter; also ``column%TYPE`` and ``variable%TYPE``.

    Returns
    -------
    spec : `~oracle_standin.values.TypeSpec`
        The type.
    index : `int`
        Position of the token behind it.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what is no type or is not modelled.
    """
    names, behind = _path(tokens, i)
    if behind < len(tokens) and tokens[behind].is_symbol("%"):
        if not (behind + 1 < len(tokens) and tokens[behind + 1].is_word("TYPE")):
            raise not_modelled(f"%{tokens[behind + 1].value}", offset=tokens[behind].start)
        known = variable(names[0]) if len(names) == 1 else None
        return known or _column_type(session, names, tokens[i]), behind + 2
    word = tokens[i].value
    if word in SCALAR:
        return SCALAR[word], i + 1
    if word in _UNSIZED and not (i + 1 < len(tokens) and tokens[i + 1].is_symbol("(")):
        return _UNSIZED[word], i + 1
    declared, behind = read_type(tokens, i)
    return declared.spec, behind


def _path(tokens: Sequence[Token], i: int) -> tuple[list[str], int]:
    names = [tokens[i].value] if is_name(tokens, i) else []
    while names and i + 2 < len(tokens) and tokens[i + 1].is_symbol(".") and is_name(tokens, i + 2):
        i += 2
        names.append(tokens[i].value)
    return names, i + 1


def _column_type(session: EngineSession, names: list[str], token: Token) -> TypeSpec:
    if len(names) < 2:  # noqa: PLR2004 - a table and its column
        raise not_modelled("%TYPE of a variable", offset=token.start)
    owner, table = resolve_table(session, names[-3] if names[2:] else session.current_schema, names[-2])
    kind = (session.table_columns(owner, table) or {}).get(names[-1])
    if kind is None and not names[2:]:
        # One of the dictionary's views, or DUAL.
        kind = (session.table_columns(None, table) or {}).get(names[-1])
    if kind is None:
        raise OracleError(
            6550,
            f"line 1, column {token.start + 1}:\nPLS-00201: identifier '{'.'.join(names)}' must be declared",
            offset=token.start,
        )
    declared = session.database.declared_type(owner, table, names[-1])
    return declared or TypeSpec(type=kind, scale=-127 if kind is DataType.NUMBER else 0)


def create_routine(
    session: EngineSession, reader: DefinitionReader, i: int, kind: str, *, replace: bool
) -> None:
    """Make a procedure or function; ``i`` is the position of its name.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if there is something else of that name (ORA-00955), or it is
        not modelled, such as one in another language.
    """
    database = session.database
    tokens = reader.tokens
    owner, name, i = read_name(tokens, i, session.current_schema)
    known = database.execute(
        "SELECT OBJECT_TYPE FROM STANDIN.D_OBJECTS WHERE OWNER = ? AND OBJECT_NAME = ?", owner, name
    )
    if any(found != kind or not replace for (found,) in known):
        raise OracleError(955, "name is already used by an existing object")
    parameters, i = _parameters(session, tokens, i)
    returns = None
    if kind == "FUNCTION":
        if not (i < len(tokens) and tokens[i].is_word("RETURN")):
            raise not_modelled("a function without RETURN", offset=tokens[-1].start)
        returns, i = read_variable_type(session, tokens, i + 1)
    definer = True
    while i < len(tokens) and not tokens[i].is_word("IS", "AS"):
        if tokens[i].is_word("PIPELINED", "AGGREGATE", "SQL_MACRO"):
            raise not_modelled(f"{tokens[i].value} functions", offset=tokens[i].start)
        definer = definer and not tokens[i].is_word("CURRENT_USER")
        i += 1
    if i + 1 >= len(tokens) or tokens[i + 1].is_word("LANGUAGE", "EXTERNAL", "MLE"):
        raise not_modelled(f"a {kind.lower()} without a body in PL/SQL", offset=tokens[-1].start)
    database.routines[owner, name] = Routine(
        owner=owner,
        name=name,
        definer=definer,
        parameters=parameters,
        returns=returns,
        text=reader.text,
        tokens=tokens,
        body=i + 1,
    )
    database.execute("DELETE FROM STANDIN.ROUTINES WHERE OWNER = ? AND ROUTINE_NAME = ?", owner, name)
    database.execute(
        "INSERT INTO STANDIN.ROUTINES (OWNER, ROUTINE_NAME, KIND) VALUES (?, ?, ?)", owner, name, kind
    )


def _parameters(session: EngineSession, tokens: Sequence[Token], i: int) -> tuple[tuple[Parameter, ...], int]:
    if not (i < len(tokens) and tokens[i].is_symbol("(")):
        return (), i
    found = []
    while not tokens[i].is_symbol(")"):
        i += 1
        if not is_name(tokens, i):
            raise not_modelled("this list of parameters", offset=tokens[i].start)
        name, i = tokens[i].value, i + 1
        takes = tokens[i].is_word("IN")
        i += takes
        gives = tokens[i].is_word("OUT")
        i += gives
        i += tokens[i].is_word("NOCOPY")
        spec, i = read_variable_type(session, tokens, i)
        default = None
        if tokens[i].is_symbol(":=") or tokens[i].is_word("DEFAULT"):
            start, i = i + 1, _end_of_default(tokens, i + 1)
            default = (start, i)
        found.append(Parameter(name=name, takes=takes or not gives, gives=gives, spec=spec, default=default))
        if not tokens[i].is_symbol(",", ")"):
            raise not_modelled("this list of parameters", offset=tokens[i].start)
    return tuple(found), i + 1


def _end_of_default(tokens: Sequence[Token], i: int) -> int:
    depth = 0
    while depth or not tokens[i].is_symbol(",", ")"):
        depth += tokens[i].is_symbol("(") - tokens[i].is_symbol(")")
        i += 1
        if i >= len(tokens):
            raise OracleError(907, "missing right parenthesis", offset=tokens[-1].end)
    return i


def drop_routine(session: EngineSession, reader: DefinitionReader, i: int, kind: str) -> None:
    """Drop a procedure or function; ``i`` is the position of its name.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if there is none (ORA-04043).
    """
    owner, name, _ = read_name(reader.tokens, i, session.current_schema)
    routine = session.database.routines.get((owner, name))
    if routine is None or (routine.returns is None) != (kind == "PROCEDURE"):
        raise OracleError(4043, f"object {name} does not exist", offset=reader.tokens[i].start)
    del session.database.routines[owner, name]
    session.database.execute("DELETE FROM STANDIN.ROUTINES WHERE OWNER = ? AND ROUTINE_NAME = ?", owner, name)


def find_routine(session: EngineSession, tokens: Sequence[Token], i: int) -> tuple[Routine, int] | None:
    """Return the routine whose name stands at a position, and the position behind the name.

    One that the user may not execute is not there for it, as in Oracle.
    """
    if not is_name(tokens, i) or not session.database.routines or (i and tokens[i - 1].is_symbol(".")):
        return None
    names, behind = _path(tokens, i)
    if len(names) > 2 or tokens[i].kind is TokenKind.BIND:  # noqa: PLR2004 - a schema and a name
        return None
    owner, name = (names[0], names[1]) if names[1:] else (session.current_schema, names[0])
    routine = session.database.routines.get((owner, name))
    if routine is None:
        routine = session.database.routines.get(
            session.database.accounts.resolve(names[0] if names[1:] else None, name, session.current_schema)
        )
    if routine is None or not session.database.accounts.may_execute(
        session.user, routine.owner, routine.name
    ):
        return None
    return routine, behind
