"""Pieces of H2's SQL."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.engine._text import quoted

__all__ = ["ROWID", "joined", "plain"]

ROWID = "LPAD(CAST({}_ROWID_ AS VARCHAR(18)), 18, 'A')"
"""H2's number of a row in the form of Oracle's; to be formatted with a qualifier and its point."""


def plain(word: str) -> str:
    """Return a word; quoted if H2 would not read it as one, such as ``SERIAL#``."""
    return quoted(word) if "#" in word or "$$" in word or not word.isascii() else word


def joined(parts: Sequence[str]) -> str:
    """Join tokens: no blanks around points, or H2 reads ``a . b`` but shows it so in names."""
    out: list[str] = []
    for part in parts:
        if out and part not in (".", ",", ")") and out[-1] not in (".", "("):
            out.append(" ")
        out.append(part)
    return "".join(out)
