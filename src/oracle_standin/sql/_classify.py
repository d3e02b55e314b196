"""What a statement is, and where it wants values, as the driver sees it.

A client decides by the text alone what it sends: whether a statement is PL/SQL
and which binds it has.  The server has to come to the same result, or it reads
the message wrongly; so this follows the driver's reading, not Oracle's
grammar, and knows no error.  Whether the text is valid is `check`'s matter.
"""

from __future__ import annotations

import re
from functools import lru_cache

from oracle_standin.interface import BindPlace, Kind, Statement

__all__ = ["classify"]

_KINDS = {
    **dict.fromkeys(("SELECT", "WITH"), Kind.QUERY),
    **dict.fromkeys(("INSERT", "UPDATE", "DELETE", "MERGE"), Kind.DML),
    **dict.fromkeys(("DECLARE", "BEGIN", "CALL"), Kind.PLSQL),
    **dict.fromkeys(
        ("CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "ANALYZE", "AUDIT", "COMMENT", "TRUNCATE"), Kind.DDL
    ),
    # The driver takes these for something else, which makes no difference: they have no binds.
    **dict.fromkeys(("FLASHBACK", "NOAUDIT", "PURGE", "RENAME"), Kind.DDL),
}
_NOT_DDL = re.compile(r"(?s:/\*.*?\*/|--[^\n]*\n|\s)*ALTER\s+(?:SESSION|SYSTEM)\b", re.IGNORECASE)

_PIECE = re.compile(
    r"""
      --[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*
    | /\*.*?\*/
    # After a literal a colon belongs to JSON's syntax; a comment between them undoes that.
    | '[^']*'(?:\s*:)?
    | "[^"]*"
    | :\s*(?: "(?P<quoted>[^"]*)"? | (?P<digits>\d+) | (?P<bind>[^\W\d_][\w$\#]*) )
    | (?P<word>[^\W\d_]+)
    """,
    re.VERBOSE | re.DOTALL,
)

_CLOSING = {"[": "]", "(": ")", "{": "}", "<": ">"}
_COLON = re.compile(r"\s*:")

_LONGEST_CACHED = 20_000
"""Characters; longer texts are seldom repeated and would fill the memory."""


def classify(text: str) -> Statement:
    """Return what a statement is and its bind places.

    Parameters
    ----------
    text : `str`
        The statement as the client sent it; may be nonsense.

    Returns
    -------
    statement : `~oracle_standin.interface.Statement`
        With an empty verb if there is no word in it.

    Notes
    -----
    The rules of the driver (python-oracledb 26.1, thin mode): the first run of
    letters decides the kind; DDL has no binds, PL/SQL one per distinct name,
    anything else one per occurrence; binds of DML after ``RETURNING`` and then
    ``INTO`` are given no value.  For ``RETURN`` they are given one.
    """
    return _cached(text) if len(text) <= _LONGEST_CACHED else _read(text)


def _read(text: str) -> Statement:
    verb, kind = "", Kind.OTHER
    binds: list[BindPlace] = []
    returning_seen = into_seen = False
    position = 0
    while (match := _PIECE.search(text, position)) is not None:
        position = match.end()
        group = match.lastgroup
        if group is None:
            continue
        if group != "word":
            name = match.group(group)
            binds.append(BindPlace(name=name.upper() if group == "bind" else name, returning=into_seen))
            continue
        word = match.group()
        if not verb:
            verb = word.upper()
            kind = _KINDS.get(verb, Kind.OTHER)
            if kind is Kind.DDL:
                break
        elif kind is Kind.DML and not into_seen:
            into_seen = returning_seen and word.upper() == "INTO"
            returning_seen = returning_seen or word.upper() == "RETURNING"
        if word[-1] in "qQ" and text.startswith("'", position):
            position = _end_of_q_string(text, position + 1)
    if kind is Kind.PLSQL:
        binds = list(dict.fromkeys(binds))
    elif verb == "ALTER" and _NOT_DDL.match(text):
        kind = Kind.OTHER
    return Statement(text=text, kind=kind, verb=verb, binds=tuple(binds))


_cached = lru_cache(maxsize=4096)(_read)


def _end_of_q_string(text: str, start: int) -> int:
    """Return the position behind ``q'[...]'`` whose delimiter is at ``start``, and behind its colon."""
    delimiter = text[start : start + 1]
    end = text.find(_CLOSING.get(delimiter, delimiter) + "'", start + 1)
    if not delimiter or end < 0:
        return len(text)
    colon = _COLON.match(text, end + 2)
    return colon.end() if colon else end + 2
