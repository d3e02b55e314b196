"""Oracle's queries and DML as PostgreSQL's."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlglot import exp

from oracle_standin.engine._tokens import SqlTranslator
from oracle_standin.postgresql._calls import Setting
from oracle_standin.postgresql._dialect import postgresql_text
from oracle_standin.postgresql._rewrite import Resolver, Rewriter
from oracle_standin.postgresql._source import read_part, read_source
from oracle_standin.sql._scanner import Token, scan

__all__ = ["PostgreSQLTranslator", "Translation", "translate"]


@dataclass(frozen=True, kw_only=True)
class Translation:
    """A statement in PostgreSQL's form.

    Attributes
    ----------
    sql : `str`
        For PostgreSQL.
    returning : `bool`
        Whether it is DML with RETURNING.
    locking : `str` or `None`
        How a query waits for rows; `None` if it locks none.
    tables : `tuple`
        Tables that were looked up: schema and name as written, and what was found.
    """

    sql: str
    returning: bool = False
    locking: str | None = None
    tables: tuple[tuple[tuple[str | None, str], tuple[str, str]], ...] = ()


def translate(
    text: str, resolver: Resolver, setting: Setting, *, dates: AbstractSet[int] = frozenset()
) -> Translation:
    """Translate a query or DML.

    Parameters
    ----------
    text : `str`
        Oracle's statement.
    resolver : `Resolver`
        Finds what names stand for.
    setting : `Setting`
        What calls depend on.
    dates : `~collections.abc.Set` [`int`], optional
        Places, from 1, of the binds that are DATEs.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what cannot be translated.
    """
    source = read_source(scan(text))
    rewriter = Rewriter(source, resolver, setting, dates)
    sql = postgresql_text(rewriter.read(source.text))
    if source.returning is not None:
        parts = rewriter.read(f"SELECT {source.returning}")
        for column in parts.find_all(exp.Column):
            column.set("table", None)
            column.set("db", None)
        sql += " RETURNING " + ", ".join(postgresql_text(part) for part in parts.expressions)
    if source.locking is not None:
        sql += " FOR UPDATE"
        tables = {setting.names.quoted(name[-2]) for name in source.locked if len(name) > 1}
        if tables:
            sql += " OF " + ", ".join(sorted(tables))
        if source.locking in ("NOWAIT", "SKIP LOCKED"):
            sql += f" {source.locking}"
    return Translation(
        sql=sql,
        returning=source.returning is not None,
        locking=source.locking,
        tables=tuple(rewriter.tables.items()),
    )


class PostgreSQLTranslator(SqlTranslator):
    """Renders ranges of one statement's tokens, for definitions.

    Parameters
    ----------
    tokens : `~collections.abc.Sequence` [`Token`]
        The statement.
    resolver, setting
        As for `translate`.
    """

    def __init__(self, tokens: Sequence[Token], resolver: Resolver, setting: Setting) -> None:
        super().__init__(tokens)
        self._resolver = resolver
        self._setting = setting

    def render(self, start: int, end: int) -> str:
        """Return the SQL of a range of tokens: an expression, a condition or a query."""
        source = read_part(self.tokens, start, end)
        rewriter = Rewriter(source, self._resolver, self._setting)
        first = next((t for t in self.tokens[start:end] if not t.is_symbol("(")), None)
        if first is not None and first.is_word("SELECT", "WITH"):
            return postgresql_text(rewriter.read(source.text))
        tree = rewriter.read(f"SELECT {source.text}")
        return ", ".join(postgresql_text(part) for part in tree.expressions)
