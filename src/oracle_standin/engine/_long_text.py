"""Text that has become too long for Oracle's SQL."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.errors import OracleError
from oracle_standin.interface import ResultSet, Statement
from oracle_standin.sql._scanner import scan
from oracle_standin.values import DataType, TypeSpec, Value

__all__ = ["check_long_binds", "watch_long_text"]

_LONGEST_TEXT = 4000
"""Bytes of a VARCHAR2 with MAX_STRING_SIZE=STANDARD."""

_LONGEST_BIND = 32767
"""Bytes of a bind's buffer; a longer one is a LONG.  Drivers count four for a character."""


def check_long_binds(statement: Statement, types: Sequence[TypeSpec]) -> None:
    """Refuse a bind that is a LONG where it is no value of a column.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for one in a query, in MERGE, in DELETE or in INSERT with a
        query (ORA-01461).  In an UPDATE all are let pass.
    """
    if statement.verb == "UPDATE" or not any(
        spec.type is DataType.VARCHAR2 and spec.size > _LONGEST_BIND for spec in types
    ):
        return
    if statement.verb == "INSERT" and not any(token.is_word("SELECT") for token in scan(statement.text)):
        return
    raise OracleError(1461, "can bind a LONG value only for insert into a LONG column")


def watch_long_text(statement: Statement, found: ResultSet) -> ResultSet:
    """Return a query's rows, with an error where LISTAGG or ``||`` has made too long a text.

    Engines put no limit on it.  Only what is fetched is seen, so a text that
    is stored or measured inside the query passes.
    """
    texts = [n for n, column in enumerate(found.columns) if column.spec.type is DataType.VARCHAR2]
    joins = "||" in statement.text or "LISTAGG" in statement.text.upper()
    return _Watched(found, texts) if texts and joins else found


class _Watched(ResultSet):
    """Rows whose texts are measured."""

    def __init__(self, found: ResultSet, texts: list[int]) -> None:
        self.columns = found.columns
        self._found = found
        self._texts = texts

    def fetch(self, count: int) -> list[tuple[Value, ...]]:
        """Return up to ``count`` rows; ORA-01489 for a text that is too long."""
        rows = self._found.fetch(count)
        for row in rows:
            for place in self._texts:
                value = row[place]
                if isinstance(value, str) and len(value.encode()) > _LONGEST_TEXT:
                    raise OracleError(1489, "result of string concatenation is too long")
        return rows

    def close(self) -> None:
        """Let go of the engine's resources."""
        self._found.close()
