"""The bookkeeping's SQL as PostgreSQL reads it.

The tables of the schema STANDIN, the views of the dictionary and all that is
written into them are said once for all engines, in the form that H2 takes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from oracle_standin.postgresql._names import swap
from oracle_standin.sql._scanner import Token, TokenKind, scan

__all__ = ["CATALOGUE", "for_postgresql"]

CATALOGUE = "catalogue"
"""Schema of the views that are for PostgreSQL what H2's ``INFORMATION_SCHEMA`` is."""

_WORDS = {
    "INFORMATION_SCHEMA": CATALOGUE,
    "CURRENT_USER": "current_setting('standin.username')",
    "CURRENT_SCHEMA": "current_setting('standin.schema')",
    "CLOB": "text",
    # A column's name, and reserved.
    "DEFERRABLE": '"deferrable"',
}
_SIZED = {"DECFLOAT": "numeric", "VARBINARY": "bytea"}
_UPSERT = re.compile(
    r"MERGE INTO (?P<table>\S+) \((?P<columns>[^)]*)\) KEY \((?P<keys>[^)]*)\) (?P<values>VALUES.*)",
    re.DOTALL,
)
_SYNONYM = re.compile(r'CREATE SYNONYM (?P<name>SYS\."[^"]+") FOR (?P<view>SYS\."[^"]+")')
_INDEX = re.compile(r"CREATE INDEX STANDIN\.")


@lru_cache(maxsize=1024)
def for_postgresql(sql: str) -> str:
    """Return a statement of the bookkeeping's with ``$1`` and so on for each ``?``."""
    sql = _INDEX.sub("CREATE INDEX ", sql)
    sql = _SYNONYM.sub(r"CREATE VIEW \g<name> AS SELECT * FROM \g<view>", sql)
    upsert = _UPSERT.fullmatch(sql)
    if upsert is not None:
        sql = _insert(upsert)
    parts: list[str] = []
    tokens = scan(sql)
    end = number = i = 0
    while i < len(tokens):
        token = tokens[i]
        parts.append(sql[end : token.start])
        if token.is_symbol("?"):
            number += 1
            parts.append(f"${number}")
        elif token.is_word(*_SIZED):
            parts.append(_SIZED[token.value])
            if i + 1 < len(tokens) and tokens[i + 1].is_symbol("("):
                i += 3
        else:
            parts.append(_token(sql, token))
        end = tokens[i].end
        i += 1
    return "".join(parts)


def _insert(upsert: re.Match[str]) -> str:
    columns = [name.strip() for name in upsert["columns"].split(",")]
    keys = [name.strip() for name in upsert["keys"].split(",")]
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns if name not in keys)
    return (
        f"INSERT INTO {upsert['table']} ({upsert['columns']}) {upsert['values']}"
        f" ON CONFLICT ({upsert['keys']}) DO UPDATE SET {changed}"
    )


def _token(sql: str, token: Token) -> str:
    if token.kind is TokenKind.NAME and token.value in _WORDS:
        return _WORDS[token.value]
    if token.kind is TokenKind.QUOTED or (token.kind is TokenKind.NAME and "#" in token.value):
        return f'"{swap(token.value)}"'
    return sql[token.start : token.end]
