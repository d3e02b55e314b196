"""Arguments of calls of stored routines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from oracle_standin.engine._routines import Parameter, Routine
from oracle_standin.engine._tokens import Tokens
from oracle_standin.errors import OracleError
from oracle_standin.sql._scanner import Token
from oracle_standin.values import Value

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["Returned", "argument_ranges", "definers_rights", "matched", "wrong_arguments"]


class Returned(Exception):  # noqa: N818 - the end of a routine is no error
    """Raised by RETURN to leave a routine.

    Parameters
    ----------
    value : `~oracle_standin.values.Value`
        What a function returns.
    """

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


def argument_ranges(tokens: Sequence[Token], i: int) -> tuple[list[tuple[int, int]], int]:
    """Return the ranges of the arguments that begin at a position, and the position behind them.

    There are none without a parenthesis.
    """
    read = Tokens(tokens)
    if not read.symbol(i, "("):
        return [], i
    close = read.closing(i)
    return read.items(i + 1, close), close + 1


def wrong_arguments(routine: Routine, token: Token) -> OracleError:
    """Return the error of a call whose arguments are not those of the routine."""
    return OracleError(
        6550,
        f"line 1, column {token.start + 1}:\n"
        f"PLS-00306: wrong number or types of arguments in call to '{routine.name}'",
        offset=token.start,
    )


def matched(
    routine: Routine, tokens: Sequence[Token], ranges: Sequence[tuple[int, int]], token: Token
) -> dict[str, tuple[Parameter, int, int]]:
    """Return parameter and range of each argument, by the parameter's name.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised if one is missing, unknown or too many (PLS-00306).
    """
    found: dict[str, tuple[Parameter, int, int]] = {}
    by_name = {parameter.name: parameter for parameter in routine.parameters}
    for n, (a, b) in enumerate(ranges):
        named = b - a > 1 and tokens[a + 1].is_symbol("=>")
        if not named and n >= len(routine.parameters):
            raise wrong_arguments(routine, token)
        parameter = by_name.get(tokens[a].value) if named else routine.parameters[n]
        if parameter is None or parameter.name in found:
            raise wrong_arguments(routine, token)
        found[parameter.name] = (parameter, a + 2 if named else a, b)
    if any(p.default is None and p.name not in found for p in routine.parameters):
        raise wrong_arguments(routine, token)
    return found


@contextmanager
def definers_rights(session: EngineSession, routine: Routine) -> Iterator[None]:
    """Run with the rights and in the schema of a routine's owner, unless it has its caller's."""
    if not routine.definer or (session.user == session.current_schema == routine.owner):
        yield
        return
    user, schema = session.user, session.current_schema
    use: Callable[[str], None] = session.use_schema
    use(routine.owner)
    session.user = session.current_schema = routine.owner
    try:
        yield
    finally:
        session.user, session.current_schema = user, schema
        use(schema)
