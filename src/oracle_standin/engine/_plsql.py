"""The corner of PL/SQL that clients use without stored code.

Anonymous blocks of assignments, SQL, dynamic SQL, IF, numeric FOR loops,
nested blocks and exception handlers, run statement by statement.  Expressions
are computed by SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oracle_standin.engine._plsql_scope import SCALAR, Scope, converted
from oracle_standin.engine._types import read_type
from oracle_standin.engine._waits import sleep
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import Kind, Statement
from oracle_standin.sql._scanner import Token, TokenKind, scan
from oracle_standin.values import TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["run_block"]

_SQL = ("INSERT", "UPDATE", "DELETE", "MERGE", "COMMIT", "ROLLBACK", "SAVEPOINT", "LOCK", "SET")
# Packages whose procedures have no effect that a client of the stand-in could see.
_SILENT = ("DBMS_OUTPUT", "DBMS_APPLICATION_INFO", "DBMS_STATS", "DBMS_MONITOR")
_SILENT_CALLS = (
    ("DBMS_SESSION", "SET_IDENTIFIER"),
    ("DBMS_SESSION", "CLEAR_IDENTIFIER"),
    ("DBMS_SESSION", "RESET_PACKAGE"),
    ("DBMS_SESSION", "MODIFY_PACKAGE_STATE"),
)
_EXCEPTIONS = {
    "NO_DATA_FOUND": 1403,
    "TOO_MANY_ROWS": 1422,
    "DUP_VAL_ON_INDEX": 1,
    "ZERO_DIVIDE": 1476,
    "INVALID_NUMBER": 1722,
    "VALUE_ERROR": 6502,
    "TIMEOUT_ON_RESOURCE": 51,
}


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
    if statement.verb == "CALL":
        raise not_modelled("CALL of stored code")
    scope = Scope(session)
    for place, value, spec in zip(statement.binds, values, types, strict=True):
        scope.declare(f":{place.name}", spec, value)
    block = _Block(session, statement.text, tokens, scope)
    end = block.run(0)
    if end < len(tokens) and not (tokens[end].is_symbol("/", ";") and end + 1 == len(tokens)):
        raise block.fail(end)
    out: dict[int, Value] = {}
    for position, (place, spec) in enumerate(zip(statement.binds, types, strict=True)):
        name = f":{place.name}"
        if name in scope.assigned:
            out[position] = converted(scope.value(name), spec)
    return out


class _Block:
    """Runs ranges of a block's tokens."""

    def __init__(self, session: EngineSession, text: str, tokens: Sequence[Token], scope: Scope) -> None:
        self.session = session
        self.text = text
        self.tokens = tokens
        self.scope = scope
        self.raised: OracleError | None = None

    def fail(self, i: int) -> OracleError:
        """Return the compiler's error at a position."""
        token = self.tokens[min(i, len(self.tokens) - 1)]
        line = self.text.count("\n", 0, token.start) + 1
        column = token.start - (self.text.rfind("\n", 0, token.start) + 1) + 1
        return OracleError(
            6550,
            f'line {line}, column {column}:\nPLS-00103: Encountered the symbol "{token.value}"'
            " when expecting something else",
            offset=token.start,
        )

    def word(self, i: int, *words: str) -> bool:
        return i < len(self.tokens) and self.tokens[i].is_word(*words)

    def symbol(self, i: int, *symbols: str) -> bool:
        return i < len(self.tokens) and self.tokens[i].is_symbol(*symbols)

    # -- structure -----------------------------------------------------------

    def run(self, i: int) -> int:
        """Run the block that begins at a position; return the position behind its ``END;``."""
        if self.word(i, "DECLARE"):
            i = self._declarations(i + 1)
        if not self.word(i, "BEGIN"):
            raise self.fail(i)
        body = i + 1
        handlers, end = self._shape(body)
        try:
            self._statements(body, handlers if handlers is not None else end)
        except OracleError as error:
            if handlers is None or not self._handled(error, handlers + 1, end):
                raise
        i = end + 1
        if i < len(self.tokens) and self.tokens[i].kind in (TokenKind.NAME, TokenKind.QUOTED):
            i += 1
        return i + 1 if self.symbol(i, ";") else i

    def _declarations(self, i: int) -> int:
        while not self.word(i, "BEGIN"):
            if i >= len(self.tokens) or self.tokens[i].kind not in (TokenKind.NAME, TokenKind.QUOTED):
                raise self.fail(i)
            if self.word(i, "PROCEDURE", "FUNCTION", "CURSOR", "TYPE", "SUBTYPE", "PRAGMA"):
                raise not_modelled(f"{self.tokens[i].value} in a block", offset=self.tokens[i].start)
            name = self.tokens[i].value
            i += 2 if self.word(i + 1, "CONSTANT") else 1
            if any(self.symbol(n, "%") for n in range(i, self._end_of_statement(i))):
                raise not_modelled("%TYPE in a block", offset=self.tokens[i].start)
            known = SCALAR.get(self.tokens[i].value)
            if known is not None:
                spec, i = known, i + 1
            else:
                declared, i = read_type(self.tokens, i)
                spec = declared.spec
            self.scope.declare(name, spec, None)
            end = self._end_of_statement(i)
            if self.word(i, "NOT"):
                i += 2
            if self.symbol(i, ":=") or self.word(i, "DEFAULT"):
                self.scope.assign(name, self._evaluate(i + 1, end))
            elif i != end:
                raise self.fail(i)
            i = end + 1
        return i

    def _shape(self, i: int) -> tuple[int | None, int]:
        """Return where a block's EXCEPTION stands, if it has one, and its END."""
        depth, handlers = 0, None
        while i < len(self.tokens):
            if self.word(i, "END"):
                if depth == 0:
                    return handlers, i
                depth -= 1
                i += 2 if self.word(i + 1, "IF", "LOOP", "CASE") else 1
                continue
            if self.word(i, "BEGIN", "IF", "LOOP", "CASE"):
                depth += 1
            elif depth == 0 and self.word(i, "EXCEPTION"):
                handlers = i
            i += 1
        raise self.fail(i)

    def _handled(self, error: OracleError, i: int, end: int) -> bool:
        """Run the handler for an error; return whether there is one."""
        while i < end:
            names, i = [], i + 1
            while not self.word(i, "THEN"):
                names.append(self.tokens[i].value)
                i += 1
            behind = self._next_handler(i + 1, end)
            if "OTHERS" in names or any(_EXCEPTIONS.get(name) == error.number for name in names):
                before, self.raised = self.raised, error
                self.scope.error = error
                try:
                    self._statements(i + 1, behind)
                finally:
                    self.raised = before
                return True
            i = behind
        return False

    def _next_handler(self, i: int, end: int) -> int:
        depth = 0
        while i < end:
            if self.word(i, "BEGIN", "IF", "LOOP", "CASE"):
                depth += 1
            elif self.word(i, "END"):
                depth -= 1
                i += bool(self.word(i + 1, "IF", "LOOP", "CASE"))
            elif depth == 0 and self.word(i, "WHEN"):
                return i
            i += 1
        return end

    def _end_of_statement(self, i: int) -> int:
        depth = 0
        for n in range(i, len(self.tokens)):
            depth += self.symbol(n, "(") - self.symbol(n, ")")
            if depth == 0 and self.symbol(n, ";"):
                return n
        raise self.fail(len(self.tokens) - 1)

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
        if self.word(i, "FOR"):
            return self._for(i)
        end = self._end_of_statement(i)
        token = self.tokens[i]
        if self.word(i, "NULL") and end == i + 1:
            pass
        elif self.symbol(i + 1, ":="):
            self.scope.assign(self._target(i), self._evaluate(i + 2, end))
        elif self.word(i, "EXECUTE") and self.word(i + 1, "IMMEDIATE"):
            self._execute_immediate(i + 2, end)
        elif self.word(i, "OPEN"):
            self._open(i + 1, end)
        elif self.word(i, "SELECT", "WITH"):
            self._select_into(i, end)
        elif self.word(i, *_SQL):
            self._sql(i, end)
        elif self.word(i, "RAISE"):
            raise self.raised or not_modelled("RAISE of an exception of one's own", offset=token.start)
        elif self.word(i, "RAISE_APPLICATION_ERROR"):
            self._raise_application_error(i, end)
        elif token.kind is TokenKind.NAME and self.symbol(i + 1, ".") and i + 2 < end:
            self._call(i, end)
        else:
            raise not_modelled("this PL/SQL statement", offset=token.start)
        return end + 1

    def _if(self, i: int) -> int:
        done = False
        while True:
            then = next(n for n in range(i, len(self.tokens)) if self.word(n, "THEN"))
            behind = self._branch_end(then + 1)
            if not done and self._condition(i + 1, then):
                self._statements(then + 1, behind)
                done = True
            i = behind
            if self.word(i, "ELSE"):
                behind = self._branch_end(i + 1)
                if not done:
                    self._statements(i + 1, behind)
                i = behind
            if self.word(i, "END"):
                return i + 3

    def _branch_end(self, i: int) -> int:
        """Return where ELSIF, ELSE or END IF ends a branch."""
        depth = 0
        while i < len(self.tokens):
            if depth == 0 and self.word(i, "ELSIF", "ELSE", "END"):
                return i
            if self.word(i, "BEGIN", "IF", "LOOP", "CASE"):
                depth += 1
            elif self.word(i, "END"):
                depth -= 1
                i += bool(self.word(i + 1, "IF", "LOOP", "CASE"))
            i += 1
        raise self.fail(i)

    def _for(self, i: int) -> int:
        name = self.tokens[i + 1].value
        loop = next((n for n in range(i, len(self.tokens)) if self.word(n, "LOOP")), len(self.tokens))
        points = next((n for n in range(i, loop) if self.symbol(n, "..")), None)
        if points is None or not self.word(i + 2, "IN"):
            raise not_modelled("a FOR loop over a cursor", offset=self.tokens[i].start)
        start = i + 4 if self.word(i + 3, "REVERSE") else i + 3
        first, last = self._evaluate(start, points), self._evaluate(points + 1, loop)
        if not isinstance(first, int) or not isinstance(last, int):
            raise OracleError(6502, "PL/SQL: numeric or value error")
        end = self._branch_end(loop + 1)
        numbers = range(first, last + 1)
        self.scope.declare(name, SCALAR["PLS_INTEGER"], None)
        for number in reversed(numbers) if self.word(i + 3, "REVERSE") else numbers:
            self.scope.assign(name, number)
            self._statements(loop + 1, end)
        return end + 3

    def _target(self, i: int) -> str:
        token = self.tokens[i]
        name = f":{token.value}" if token.kind is TokenKind.BIND else token.value
        if not self.scope.knows(name):
            raise OracleError(
                6550,
                f"line 1, column {token.start + 1}:\nPLS-00201: identifier '{token.value}' must be declared",
                offset=token.start,
            )
        return name

    def _targets(self, i: int, end: int) -> list[str]:
        return [self._target(n) for n in range(i, end) if not self.symbol(n, ",")]

    def _evaluate(self, i: int, end: int) -> Value:
        if i >= end:
            raise self.fail(i)
        return self.scope.evaluate(self.text, self.tokens[i:end])

    def _condition(self, i: int, end: int) -> bool:
        return self.scope.holds(self.text, self.tokens[i:end])

    def _sql(self, i: int, end: int) -> None:
        statement, values, types, returning = self.scope.statement(self.text, self.tokens[i:end])
        if statement.kind is not Kind.DML:
            if statement.verb == "COMMIT":
                self.session.commit()
            else:
                self.session.run(statement)
            return
        result = self.session.change(statement, [values], types)
        if result.errors:
            raise result.errors[0].error
        self.scope.row_count = sum(result.counts)
        if returning:
            rows = result.returned[0]
            if len(rows) > 1:
                raise OracleError(1422, "exact fetch returns more than requested number of rows")
            for name, value in zip(returning, rows[0] if rows else (), strict=False):
                self.scope.assign(name, value)

    def _select_into(self, i: int, end: int) -> None:
        depth, into, behind = 0, None, end
        for n in range(i, end):
            depth += self.symbol(n, "(") - self.symbol(n, ")")
            if depth == 0 and into is None and self.word(n, "INTO"):
                into = n
            elif depth == 0 and into is not None and self.word(n, "FROM"):
                behind = n
                break
        if into is None:
            raise OracleError(
                6550, "line 1, column 1:\nPLS-00428: an INTO clause is expected in this SELECT statement"
            )
        targets = self._targets(into + 1, behind)
        self._fetch_one([*self.tokens[i:into], *self.tokens[behind:end]], targets)

    def _fetch_one(self, tokens: Sequence[Token], targets: list[str]) -> None:
        statement, values, types, _ = self.scope.statement(self.text, tokens)
        self._one_row(statement, values, types, targets)

    def _one_row(
        self, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec], targets: list[str]
    ) -> None:
        rows = self.session.query(statement, values, types)
        try:
            found = rows.fetch(2)
        finally:
            rows.close()
        if not found:
            raise OracleError(1403, "no data found")
        if len(found) > 1:
            raise OracleError(1422, "exact fetch returns more than requested number of rows")
        for name, value in zip(targets, found[0], strict=True):
            self.scope.assign(name, value)

    def _execute_immediate(self, i: int, end: int) -> None:
        text, into, using = self._dynamic(i, end)
        statement = self.session.prepare(text)
        values, types = self._arguments(using)
        match statement.kind:
            case Kind.QUERY if into:
                self._one_row(statement, values, types, into)
            case Kind.QUERY:
                self.session.query(statement, values, types).close()
            case Kind.DML:
                result = self.session.change(statement, [values], types)
                if result.errors:
                    raise result.errors[0].error
                self.scope.row_count = sum(result.counts)
            case Kind.PLSQL:
                self.session.call(statement, values, types)
            case _:
                self.session.run(statement)

    def _dynamic(self, i: int, end: int) -> tuple[str, list[str], list[tuple[int, int]]]:
        """Read ``expression [INTO targets] [USING arguments]``."""
        marks = [n for n in range(i, end) if self.word(n, "INTO", "USING")]
        stop = marks[0] if marks else end
        text = self._evaluate(i, stop)
        into: list[str] = []
        using: list[tuple[int, int]] = []
        for mark, behind in zip(marks, [*marks[1:], end], strict=False):
            if self.word(mark, "INTO"):
                into = self._targets(mark + 1, behind)
            else:
                first = mark + 1
                for n in range(mark + 1, behind + 1):
                    if n == behind or self.symbol(n, ","):
                        using.append((first + bool(self.word(first, "IN")), n))
                        first = n + 1
        return str(text or ""), into, using

    def _arguments(self, ranges: list[tuple[int, int]]) -> tuple[list[Value], list[TypeSpec]]:
        values, types = [], []
        for a, b in ranges:
            if self.word(a, "OUT"):
                raise not_modelled("USING OUT", offset=self.tokens[a].start)
            value = self._evaluate(a, b)
            values.append(value)
            types.append(self.scope.spec_of(value))
        return values, types

    def _open(self, i: int, end: int) -> None:
        target = self._target(i)
        if not self.word(i + 1, "FOR"):
            raise not_modelled("OPEN of a declared cursor", offset=self.tokens[i].start)
        if self.word(i + 2, "SELECT", "WITH"):
            statement, values, types, _ = self.scope.statement(self.text, self.tokens[i + 2 : end])
        else:
            text, _, using = self._dynamic(i + 2, end)
            statement = self.session.prepare(text)
            values, types = self._arguments(using)
        self.scope.assign(target, self.session.query(statement, values, types))

    def _raise_application_error(self, i: int, end: int) -> None:
        comma = next((n for n in range(i, end) if self.symbol(n, ",")), end)
        number, text = self._evaluate(i + 2, comma), self._evaluate(comma + 1, end - 1)
        if not isinstance(number, int) or not -20999 <= number <= -20000:  # noqa: PLR2004 - the range that Oracle gives users
            raise OracleError(
                21000, f"error number argument to raise_application_error of {number!r} is out of range"
            )
        raise OracleError(-number, str(text or ""))

    def _call(self, i: int, end: int) -> None:
        package, name = self.tokens[i].value, self.tokens[i + 2].value
        if package in _SILENT or (package, name) in _SILENT_CALLS:
            return
        if (package, name) in (("DBMS_LOCK", "SLEEP"), ("DBMS_SESSION", "SLEEP")):
            seconds = self._evaluate(i + 4, end - 1)
            sleep(
                self.session,
                float(str(seconds or 0)),
            )
            return
        raise not_modelled(f"the procedure {package}.{name}", offset=self.tokens[i].start)
