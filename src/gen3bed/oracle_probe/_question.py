"""What a question to a server is, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import oracledb

__all__ = ["Ask", "Question", "expected_from", "rows", "script"]

Ask = Callable[[oracledb.Connection], object]
"""Asks, and returns what was seen; the driver's errors are seen, too."""

_NEWEST = 23


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing that the registry relies on, or that we would like to know.

    Attributes
    ----------
    name : `str`
        Short, unique, for JSON and tables.
    asks : `str`
        What is asked, in one sentence.
    ask : `~collections.abc.Callable`
        Asks it in an empty session; returns what was seen.
    expected : `str`, `~collections.abc.Mapping` [`int`, `str`] or `None`
        The right answer as `repr` writes it, or from the first version that
        gives an answer to that answer; `None` if nobody knows.  Several that
        are right are divided by " or ".
    means : `str`
        What another answer means for the registry.
    """

    name: str
    asks: str
    ask: Ask
    expected: str | Mapping[int, str | None] | None
    means: str


def expected_from(question: Question, major: int) -> str | None:
    """Return the answer that a server of a version should give; `None` if nobody knows.

    Parameters
    ----------
    question : `Question`
        The question.
    major : `int`
        First number of the server's version.
    """
    if question.expected is None or isinstance(question.expected, str):
        return question.expected
    fitting = [version for version in question.expected if version <= min(major, _NEWEST)]
    return question.expected[max(fitting)] if fitting else None


def rows(statement: str, *binds: object) -> Ask:
    """Return what asks by one query: its rows."""

    def ask(connection: oracledb.Connection) -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, list(binds))
            return cursor.fetchall()

    return ask


def script(*statements: str | tuple[str, Sequence[Any]]) -> Ask:
    """Return what asks by several statements: the rows of the last, or "works".

    A statement may come with its binds.  ``@commit`` and ``@rollback`` are
    the driver's calls; a statement that begins with ``?`` may fail, and then
    its error is passed over.
    """

    def ask(connection: oracledb.Connection) -> object:
        seen: object = "works"
        with connection.cursor() as cursor:
            for entry in statements:
                text, binds = (entry, ()) if isinstance(entry, str) else entry
                if text in {"@commit", "@rollback"}:
                    getattr(connection, text[1:])()
                    continue
                try:
                    cursor.execute(text.removeprefix("?"), list(binds))
                except oracledb.DatabaseError:
                    if not text.startswith("?"):
                        raise
                seen = cursor.fetchall() if cursor.description else "works"
        return seen

    return ask
