"""Which binds of a statement the client sends values for.

The bytes of an execution do not say it: binds behind ``RETURNING ... INTO``
are described like others, but have no values.  The driver decides by its own
reading of the statement, so that is what is followed here, also for
statements that are wrong, whose values must be read all the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["input_binds"]

_DML = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_CLOSING = {"[": "]", "{": "}", "<": ">", "(": ")"}
_PIECE = re.compile(
    r"""
      --[^\n]* | /\*.*?\*/
    | (?P<quoting> [qQ]'(?P<delimiter>.) )
    | (?P<string> '[^']*' )\s*(?P<colon>:)?
    | "[^"]*"
    | (?P<bind> :\s*(?:[^\W_][\w$\#]*|"[^"]+") )
    | (?P<word> [^\W\d_][\w$\#]* )
    """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=1024)
def input_binds(text: str) -> int | None:
    """Return how many binds stand before those that DML returns values into.

    Returns
    -------
    count : `int` or `None`
        `None` if all binds are given values.
    """
    count = position = 0
    first = True
    returning = into = False
    while match := _PIECE.search(text, position):
        position = match.end()
        if delimiter := match["delimiter"]:
            position = text.find(_CLOSING.get(delimiter, delimiter) + "'", position)
            if position < 0:
                break
            position += 2
        elif match["bind"]:
            if into:
                return count
            count += 1
        elif word := (match["word"] or "").upper():
            if first and word not in _DML:
                return None
            first = False
            into = into or (returning and word == "INTO")
            returning = returning or word == "RETURNING"
    return None
