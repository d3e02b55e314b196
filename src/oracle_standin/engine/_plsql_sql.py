"""The statements of SQL that a block runs, and what they need of its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oracle_standin.engine._plsql_scope import Scope
from oracle_standin.engine._plsql_structure import BlockStructure
from oracle_standin.errors import OracleError, not_modelled
from oracle_standin.interface import Kind, Statement
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.values import TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["BlockSql"]


class BlockSql(BlockStructure):
    """Runs SQL at positions of a block's tokens."""

    def __init__(self, session: EngineSession, text: str, tokens: Sequence[Token], scope: Scope) -> None:
        self.session = session
        super().__init__(text, tokens)
        self.scope = scope

    def target(self, i: int) -> str:
        """Return the variable at a position, which is to be assigned to."""
        token = self.tokens[i]
        name = f":{token.value}" if token.kind is TokenKind.BIND else token.value
        if not self.scope.knows(name):
            raise self.undeclared(i)
        return name

    def _targets(self, i: int, end: int) -> list[str]:
        return [self.target(n) for n in range(i, end) if not self.symbol(n, ",")]

    def evaluate(self, i: int, end: int) -> Value:
        """Return the value of an expression."""
        if i >= end:
            raise self.fail(i)
        return self.scope.evaluate(self.text, self.tokens[i:end])

    def condition(self, i: int, end: int) -> bool:
        """Return whether a condition holds."""
        return self.scope.holds(self.text, self.tokens[i:end])

    def sql(self, i: int, end: int) -> None:
        """Run a statement of SQL."""
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

    def select_into(self, i: int, end: int) -> None:
        """Run a query that sets variables."""
        into = self.end_of_clause(i, end, "INTO")
        if not self.word(into, "INTO"):
            raise OracleError(
                6550, "line 1, column 1:\nPLS-00428: an INTO clause is expected in this SELECT statement"
            )
        behind = self.end_of_clause(into, end, "FROM")
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

    def execute_immediate(self, i: int, end: int) -> None:
        """Run dynamic SQL."""
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
        text = self.evaluate(i, stop)
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
            value = self.evaluate(a, b)
            values.append(value)
            types.append(self.scope.spec_of(value))
        return values, types

    def open(self, i: int, end: int) -> None:
        """Open a cursor variable."""
        target = self.target(i)
        if not self.word(i + 1, "FOR"):
            raise not_modelled("OPEN of a declared cursor", offset=self.tokens[i].start)
        if self.word(i + 2, "SELECT", "WITH"):
            statement, values, types, _ = self.scope.statement(self.text, self.tokens[i + 2 : end])
        else:
            text, _, using = self._dynamic(i + 2, end)
            statement = self.session.prepare(text)
            values, types = self._arguments(using)
        self.scope.assign(target, self.session.query(statement, values, types))
