"""The one place where secrets are taken out of what a report shows.

Nothing that gen3bed writes should hold a password in the first place.  Log
tails and messages of failures come from servers, drivers and tests, though,
and those do print URLs.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["MASK", "mask", "mask_tree"]

MASK = "***"
"""What stands in the place of a secret, as SQLAlchemy prints it."""

# The password of a URL ends at the last "@" before a blank or a quote, so that
# one with an unquoted "@", ":" or "/" in it is masked to its end; masking too
# much of a port and path does no harm.
_URL = re.compile(r"(?P<head>\b[a-z][a-z0-9+.\-]*://[^\s/:@'\"<>]*:)[^\s'\"<>]+(?=@)", re.IGNORECASE)
# libpq's connection strings and variables, query parameters, printed dictionaries.
_KEY = re.compile(
    r"(?P<head>(?:\b|_|PG)(?:password|passwd|pwd)(?:\s*=\s*|['\"]\s*:\s*))"
    r"(?:'[^']*'|\"[^\"]*\"|[^\s&;,'\"]+)",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Return ``text`` with the passwords of URLs and of connection strings masked.

    Parameters
    ----------
    text : `str`
        Any text, such as a log's tail.

    Returns
    -------
    masked : `str`
        The text with ``***`` for each password in ``scheme://user:password@host``,
        ``password=...`` and the like.
    """
    return _KEY.sub(rf"\g<head>{MASK}", _URL.sub(rf"\g<head>{MASK}", text))


def mask_tree(value: Any) -> Any:
    """Return a JSON-like value with every string in it masked.

    Parameters
    ----------
    value : `object`
        Nested dictionaries, lists and tuples of plain values.

    Returns
    -------
    masked : `object`
        A copy of the same shape.
    """
    match value:
        case str():
            return mask(value)
        case dict():
            return {key: mask_tree(item) for key, item in value.items()}
        case list() | tuple():
            return [mask_tree(item) for item in value]
        case _:
            return value
