"""The corner of PL/SQL that clients use.

Blocks, procedures and functions of assignments, SQL, dynamic SQL, IF, loops,
calls, nested blocks and exception handlers, run statement by statement.
Expressions are computed by SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oracle_standin.engine._plsql_calls import (
    Returned,
    argument_ranges,
    definers_rights,
    matched,
    wrong_arguments,
)
from oracle_standin.engine._plsql_packages import PackageCalls
from oracle_standin.engine._plsql_scope import SCALAR, Scope, converted
from oracle_standin.engine._routines import Routine, find_routine, read_variable_type
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import Statement
from oracle_standin.sql._scanner import Token, TokenKind, scan
from oracle_standin.values import TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["run_block"]

_SQL = ("INSERT", "UPDATE", "DELETE", "MERGE", "COMMIT", "ROLLBACK", "SAVEPOINT", "LOCK", "SET")


def run_block(
    session: EngineSession, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]
) -> dict[int, Value]:
    """Run an anonymous block.

    Returns
    -------
    out : `dict` [`int`, `~oracle_standin.values.Value`]
        What it assigned to bind places, in the types of the binds.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what a statement of it raises, for text that is no block
        (ORA-06550), and for what is not modelled (ORA-03001).
    """
    tokens = scan(statement.text)
    scope = Scope(session)
    for place, value, spec in zip(statement.binds, values, types, strict=True):
        scope.declare(f":{place.name}", spec, value)
    block = _Block(session, statement.text, tokens, scope)
    try:
        end = block.call_statement(1) if statement.verb == "CALL" else block.run(0)
    except Returned:
        end = len(tokens)
    if end < len(tokens) and not (tokens[end].is_symbol("/", ";") and end + 1 == len(tokens)):
        raise block.fail(end)
    out: dict[int, Value] = {}
    for position, (place, spec) in enumerate(zip(statement.binds, types, strict=True)):
        name = f":{place.name}"
        if name in scope.assigned:
            out[position] = converted(scope.value(name), spec)
    return out


def _invoke(session: EngineSession, routine: Routine, given: dict[str, Value]) -> tuple[Scope, Value]:
    """Run a routine; return its variables, and a function's value."""
    scope = Scope(session)
    block = _Block(session, routine.text, routine.tokens, scope)
    with definers_rights(session, routine):
        for parameter in routine.parameters:
            value = given.get(parameter.name)
            if parameter.default is not None and parameter.name not in given:
                value = block.evaluate(*parameter.default)
            scope.declare(parameter.name, parameter.spec, None)
            scope.assign(parameter.name, value)
        try:
            block.run_routine(routine.body)
        except Returned as returned:
            return scope, converted(returned.value, routine.returns) if routine.returns else None
    if routine.returns is not None:
        raise OracleError(6503, "PL/SQL: Function returned without value")
    return scope, None


class _Leave(Exception):  # noqa: N818 - the end of a loop is no error
    """Raised by EXIT and CONTINUE."""

    def __init__(self, *, ends: bool) -> None:
        super().__init__()
        self.ends = ends


class _Block(PackageCalls):
    """Runs ranges of a block's tokens."""

    def __init__(self, session: EngineSession, text: str, tokens: Sequence[Token], scope: Scope) -> None:
        super().__init__(session, text, tokens, scope)
        self.raised: OracleError | None = None
        scope.function = self._function

    # -- structure -----------------------------------------------------------

    def run(self, i: int) -> int:
        """Run the block that begins at a position; return the position behind its ``END;``."""
        if self.word(i, "DECLARE"):
            i = self._declarations(i + 1)
        if not self.word(i, "BEGIN"):
            raise self.fail(i)
        body = i + 1
        handlers, end = self.shape(body)
        try:
            self._statements(body, handlers if handlers is not None else end)
        except OracleError as error:
            if handlers is None or not self._handled(error, handlers + 1, end):
                raise
        i = end + 1
        if i < len(self.tokens) and self.tokens[i].kind in (TokenKind.NAME, TokenKind.QUOTED):
            i += 1
        return i + 1 if self.symbol(i, ";") else i

    def run_routine(self, i: int) -> None:
        """Run a routine whose declarations begin at a position."""
        self.run(self._declarations(i))

    def _declarations(self, i: int) -> int:
        while not self.word(i, "BEGIN"):
            if i >= len(self.tokens) or self.tokens[i].kind not in (TokenKind.NAME, TokenKind.QUOTED):
                raise self.fail(i)
            if self.word(i, "PRAGMA") and self.word(i + 1, "EXCEPTION_INIT"):
                i = self._exception_init(i + 2)
                continue
            if self.word(i, "PROCEDURE", "FUNCTION", "CURSOR", "TYPE", "SUBTYPE", "PRAGMA"):
                raise not_modelled(f"{self.tokens[i].value} in a block", offset=self.tokens[i].start)
            name = self.tokens[i].value
            if self.word(i + 1, "EXCEPTION") and self.symbol(i + 2, ";"):
                self.scope.exceptions.declare(name)
                i += 3
                continue
            i += 2 if self.word(i + 1, "CONSTANT") else 1
            spec, i = read_variable_type(self.session, self.tokens, i, self.scope.spec)
            self.scope.declare(name, spec, None)
            end = self.end_of_statement(i)
            if self.word(i, "NOT"):
                i += 2
            if self.symbol(i, ":=") or self.word(i, "DEFAULT"):
                self.scope.assign(name, self.evaluate(i + 1, end))
            elif i != end:
                raise self.fail(i)
            i = end + 1
        return i

    def _exception_init(self, i: int) -> int:
        """Read ``(name, -942);`` of a pragma; return the position behind it."""
        close, end = self.closing(i), self.end_of_statement(i)
        name, number = self.tokens[i + 1].value, self.evaluate(i + 3, close)
        if not self.scope.exceptions.knows(name) or not isinstance(number, int):
            raise self.undeclared(i + 1)
        self.scope.exceptions.associate(name, -number)
        return end + 1

    def _handled(self, error: OracleError, i: int, end: int) -> bool:
        """Run the handler for an error; return whether there is one."""
        while i < end:
            names, i = [], i + 1
            while not self.word(i, "THEN"):
                names.append(self.tokens[i].value)
                i += 1
            behind = self.next_handler(i + 1, end)
            if "OTHERS" in names or any(self.scope.exceptions.means(name, error) for name in names):
                before, self.raised = self.raised, error
                self.scope.error = error
                try:
                    self._statements(i + 1, behind)
                finally:
                    self.raised = before
                return True
            i = behind
        return False

    def _statements(self, i: int, end: int) -> None:
        if i >= end:
            raise self.fail(i)
        while i < end:
            i = self._statement(i)

    # -- statements ----------------------------------------------------------

    def _statement(self, i: int) -> int:  # noqa: C901, PLR0912 - a branch per statement
        if self.word(i, "BEGIN", "DECLARE"):
            return self.run(i)
        if self.word(i, "IF"):
            return self._if(i)
        if self.word(i, "CASE"):
            return self._case(i)
        if self.word(i, "FOR", "WHILE", "LOOP"):
            return self._for(i) if self.word(i, "FOR") else self._loop(i)
        end = self.end_of_statement(i)
        token = self.tokens[i]
        if self.word(i, "NULL") and end == i + 1:
            pass
        elif self.symbol(i + 1, ":="):
            self.scope.assign(self.target(i), self.evaluate(i + 2, end))
        elif self.word(i, "EXECUTE") and self.word(i + 1, "IMMEDIATE"):
            self.execute_immediate(i + 2, end)
        elif self.word(i, "OPEN"):
            self.open(i + 1, end)
        elif self.word(i, "SELECT", "WITH"):
            self.select_into(i, end)
        elif self.word(i, *_SQL):
            self.sql(i, end)
        elif self.word(i, "EXIT", "CONTINUE"):
            self._leave(i, end)
        elif self.word(i, "RETURN"):
            raise Returned(self.evaluate(i + 1, end) if end > i + 1 else None)
        elif self.word(i, "RAISE"):
            raise self._raised(i + 1, end)
        elif self.word(i, "RAISE_APPLICATION_ERROR"):
            self._raise_application_error(i, end)
        elif find_routine(self.session, self.tokens, i) is not None:
            self.call_statement(i)
        elif token.kind is TokenKind.NAME and self.symbol(i + 1, ".") and i + 2 < end:
            self.package_call(i, end)
        elif token.kind is TokenKind.NAME and self.symbol(i + 1, "(", ";"):
            raise self.undeclared(i)
        else:
            raise not_modelled("this PL/SQL statement", offset=token.start)
        return end + 1

    def _raised(self, i: int, end: int) -> OracleError:
        """Return what RAISE raises: the exception of a name, or again what a handler has caught."""
        if i == end:
            return self.raised or self.fail(i)
        if not self.scope.exceptions.knows(self.tokens[i].value):
            return self.undeclared(i)
        return self.scope.exceptions.raised(self.tokens[i].value)

    def _if(self, i: int) -> int:
        done = False
        while True:
            then = next(n for n in range(i, len(self.tokens)) if self.word(n, "THEN"))
            behind = self.branch_end(then + 1)
            if not done and self.condition(i + 1, then):
                self._statements(then + 1, behind)
                done = True
            i = behind
            if self.word(i, "ELSE"):
                behind = self.branch_end(i + 1)
                if not done:
                    self._statements(i + 1, behind)
                i = behind
            if self.word(i, "END"):
                return i + 3

    def _case(self, i: int) -> int:
        """Run a CASE statement."""
        first = next((n for n in range(i, len(self.tokens)) if self.word(n, "WHEN")), len(self.tokens))
        selector = self.tokens[i + 1 : first]
        done, i = False, first
        while self.word(i, "WHEN"):
            then = next((n for n in range(i, len(self.tokens)) if self.word(n, "THEN")), len(self.tokens))
            behind = self.branch_end(then + 1, "WHEN")
            if not done and self.scope.is_case(self.text, selector, self.tokens[i + 1 : then]):
                self._statements(then + 1, behind)
                done = True
            i = behind
        if self.word(i, "ELSE"):
            behind = self.branch_end(i + 1)
            if not done:
                self._statements(i + 1, behind)
            i = behind
        elif not done:
            raise self.scope.exceptions.raised("CASE_NOT_FOUND")
        return i + 3

    def _loop(self, i: int) -> int:
        """Run LOOP or WHILE."""
        loop = next((n for n in range(i, len(self.tokens)) if self.word(n, "LOOP")), len(self.tokens))
        end = self.branch_end(loop + 1)
        while loop == i or self.condition(i + 1, loop):
            if not self._goes_on(loop + 1, end):
                break
        return end + 3

    def _goes_on(self, i: int, end: int) -> bool:
        """Run the body of a loop once; return whether the loop was not left."""
        try:
            self._statements(i, end)
        except _Leave as leave:
            return not leave.ends
        return True

    def _leave(self, i: int, end: int) -> None:
        """Run EXIT or CONTINUE."""
        if end > i + 1 and not self.word(i + 1, "WHEN"):
            raise not_modelled("labels of loops", offset=self.tokens[i].start)
        if end == i + 1 or self.condition(i + 2, end):
            raise _Leave(ends=self.word(i, "EXIT"))

    def _for(self, i: int) -> int:
        name = self.tokens[i + 1].value
        loop = next((n for n in range(i, len(self.tokens)) if self.word(n, "LOOP")), len(self.tokens))
        points = next((n for n in range(i, loop) if self.symbol(n, "..")), None)
        if points is None and self.symbol(i + 3, "(") and self.word(i + 2, "IN"):
            return self._for_rows(i, loop)
        if points is None or not self.word(i + 2, "IN"):
            raise not_modelled("a FOR loop over a cursor", offset=self.tokens[i].start)
        start = i + 4 if self.word(i + 3, "REVERSE") else i + 3
        first, last = self.evaluate(start, points), self.evaluate(points + 1, loop)
        if not isinstance(first, int) or not isinstance(last, int):
            raise OracleError(6502, "PL/SQL: numeric or value error")
        end = self.branch_end(loop + 1)
        numbers = range(first, last + 1)
        self.scope.declare(name, SCALAR["PLS_INTEGER"], None)
        for number in reversed(numbers) if self.word(i + 3, "REVERSE") else numbers:
            self.scope.assign(name, number)
            if not self._goes_on(loop + 1, end):
                break
        return end + 3

    def _for_rows(self, i: int, loop: int) -> int:
        """Run a FOR loop over the rows of a query in parentheses."""
        record, end = self.tokens[i + 1].value, self.branch_end(loop + 1)
        statement, values, types, _ = self.scope.statement(
            self.text, self.tokens[i + 4 : self.closing(i + 3)]
        )
        rows = self.session.query(statement, values, types)
        try:
            names = [f"{record}.{column.name}" for column in rows.columns]
            for name, column in zip(names, rows.columns, strict=True):
                self.scope.declare(name, column.spec, None)
            while found := rows.fetch(1):
                for name, value in zip(names, found[0], strict=True):
                    self.scope.assign(name, value)
                if not self._goes_on(loop + 1, end):
                    break
        finally:
            rows.close()
        return end + 3

    def _raise_application_error(self, i: int, end: int) -> None:
        comma = next((n for n in range(i, end) if self.symbol(n, ",")), end)
        number, text = self.evaluate(i + 2, comma), self.evaluate(comma + 1, end - 1)
        if not isinstance(number, int) or not -20999 <= number <= -20000:  # noqa: PLR2004 - the range that Oracle gives users
            raise OracleError(
                21000, f"error number argument to raise_application_error of {number!r} is out of range"
            )
        raise OracleError(-number, str(text or ""))

    def call_statement(self, i: int) -> int:
        """Run a call of a procedure; return the position behind it."""
        found = find_routine(self.session, self.tokens, i)
        if found is None and self.symbol(i + 1, ".") and i + 2 < len(self.tokens):
            self.package_call(i, len(self.tokens))
            return len(self.tokens)
        if found is None:
            raise self.undeclared(i)
        routine, behind = found
        ranges, behind = argument_ranges(self.tokens, behind)
        if behind < len(self.tokens) and not self.symbol(behind, ";"):
            raise self.fail(behind)
        if routine.returns is not None:
            raise wrong_arguments(routine, self.tokens[i])
        self.call(routine, ranges, i)
        return behind

    def call(self, routine: Routine, ranges: Sequence[tuple[int, int]], i: int) -> Value:
        """Call a routine with arguments; return a function's value."""
        arguments = matched(routine, self.tokens, ranges, self.tokens[i])
        given = {name: self.evaluate(a, b) for name, (p, a, b) in arguments.items() if p.takes}
        targets = {name: self.target(a) for name, (p, a, _) in arguments.items() if p.gives}
        scope, value = _invoke(self.session, routine, given)
        for name, target in targets.items():
            self.scope.assign(target, scope.value(name))
        return value

    def _function(self, text: str, tokens: Sequence[Token], i: int) -> tuple[Value, int] | None:
        """Call the stored function at a position of some tokens, if there is one."""
        found = find_routine(self.session, tokens, i)
        if found is None or found[0].returns is None:
            return None
        ranges, behind = argument_ranges(tokens, found[1])
        return _Block(self.session, text, tokens, self.scope).call(found[0], ranges, i), behind
