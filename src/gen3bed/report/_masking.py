"""The one place where secrets are taken out of what a report shows.

Nothing that gen3bed writes should hold a password in the first place.  Log
tails and messages of failures come from servers, drivers and tests, though,
and those do print URLs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from ._files import write_whole

__all__ = ["MASK", "mask", "mask_text_file", "mask_tree", "mask_xml_file"]

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


def mask_text_file(path: Path) -> None:
    """Mask the passwords in a text file, in place.

    Does nothing if there is no such file.
    """
    if path.is_file():
        text = path.read_text(encoding="utf-8", errors="replace")
        if mask(text) != text:
            write_whole(path, mask(text).encode())


def mask_xml_file(path: Path) -> None:
    """Mask the passwords in the texts and attributes of an XML file, in place.

    Does nothing if there is no such file.  One that is not XML is masked as
    text.
    """
    try:
        # Written by pytest a moment ago, in a directory of ours.
        tree = ET.parse(path)  # noqa: S314
    except FileNotFoundError:
        return
    except ET.ParseError:
        mask_text_file(path)
        return
    changed = False
    for element in tree.iter():
        for name, value in element.attrib.items():
            changed |= mask(value) != value
            element.attrib[name] = mask(value)
        if element.text:
            changed |= mask(element.text) != element.text
            element.text = mask(element.text)
    if changed:
        write_whole(path, ET.tostring(tree.getroot(), encoding="utf-8", xml_declaration=True))
