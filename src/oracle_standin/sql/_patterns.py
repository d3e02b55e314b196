"""The options that commands and definitions may have, as patterns.

A pattern is words as they stand in a statement; in lower case what stands for
something else: ``name`` (with points), ``identifier``, ``number`` (with K, M
or G behind it), ``value``, ``string``, ``names`` (a list in parentheses),
``group`` (anything in parentheses) and ``word``.
"""

from __future__ import annotations

__all__ = ["STORAGE", "Patterns", "patterns"]

Patterns = dict[str, tuple[tuple[str, ...], ...]]
"""Patterns by their first word, longer ones before shorter ones."""


def patterns(text: str) -> Patterns:
    """Return the patterns of a text, one a line."""
    lines = sorted((tuple(line.split()) for line in text.splitlines() if line.split()), key=len, reverse=True)
    return {line[0]: tuple(other for other in lines if other[0] == line[0]) for line in lines}


STORAGE = patterns(
    """
    TABLESPACE name
    PCTFREE number
    PCTUSED number
    INITRANS number
    MAXTRANS number
    STORAGE group
    LOGGING
    NOLOGGING
    COMPRESS
    COMPRESS number
    COMPRESS BASIC
    COMPRESS ADVANCED
    COMPRESS ADVANCED word
    COMPRESS FOR OLTP
    COMPRESS FOR ALL OPERATIONS
    COMPRESS FOR DIRECT_LOAD OPERATIONS
    COMPRESS FOR QUERY
    COMPRESS FOR QUERY word
    COMPRESS FOR ARCHIVE
    COMPRESS FOR ARCHIVE word
    ROW STORE COMPRESS
    ROW STORE COMPRESS BASIC
    ROW STORE COMPRESS ADVANCED
    COLUMN STORE COMPRESS
    COLUMN STORE COMPRESS FOR QUERY
    COLUMN STORE COMPRESS FOR QUERY word
    COLUMN STORE COMPRESS FOR ARCHIVE
    COLUMN STORE COMPRESS FOR ARCHIVE word
    NOCOMPRESS
    CACHE
    NOCACHE
    PARALLEL
    PARALLEL number
    NOPARALLEL
    MONITORING
    NOMONITORING
    """
)
"""Where and how something is stored."""
