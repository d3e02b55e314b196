"""Rules for the columns and constraints of tables."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.errors import OracleError
from oracle_standin.profiles import Profile
from oracle_standin.sql._rules_conditions import check_type
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._tree import Group, Item, is_word, split, word
from oracle_standin.sql._words import RESERVED_FOR_COLUMNS

__all__ = ["check_added_columns", "check_columns", "check_references"]

_MOST_COLUMNS = 1000
_LOBS = ("BLOB", "CLOB", "NCLOB", "BFILE", "LONG")
_CONSTRAINTS = ("CHECK", "CONSTRAINT", "FOREIGN", "PERIOD", "PRIMARY", "SCOPE", "SUPPLEMENTAL", "UNIQUE")


def check_columns(columns: Group, profile: Profile, *, temporary: str) -> None:
    """Check what stands between the parentheses of CREATE TABLE.

    Parameters
    ----------
    columns : `Group`
        The columns and constraints.
    profile : `~oracle_standin.profiles.Profile`
        The version.
    temporary : `str`
        ``GLOBAL`` or ``PRIVATE`` for a temporary table, else empty.
    """
    types: dict[str, str] = {}
    keys = 0
    for part in split(columns.items):
        if temporary == "PRIVATE":
            _check_private(part)
        elif temporary == "GLOBAL":
            _refuse_foreign_key(part)
        check_references(part)
        keys += sum(is_word(part, n, "PRIMARY") and is_word(part, n + 1, "KEY") for n in range(len(part)))
        if not _is_constraint(part):
            _check_column(part, profile, types, columns)
    if keys > 1:
        raise refusal(2260, columns.start)
    if len(types) > _MOST_COLUMNS:
        raise refusal(1792, columns.start)
    if sum(name == "LONG" for name in types.values()) > 1:
        raise refusal(1754, columns.start)
    for part in split(columns.items):
        _check_key(part, types)


def _is_constraint(part: Sequence[Item]) -> bool:
    if is_word(part, 0, "PERIOD", "SCOPE"):
        return is_word(part, 1, "FOR")
    return is_word(part, 0, *_CONSTRAINTS) or (
        is_word(part, 0, "REF") and len(part) > 1 and isinstance(part[1], Group)
    )


def _check_column(part: Sequence[Item], profile: Profile, types: dict[str, str], columns: Group) -> None:
    name = part[0] if part else None
    if not isinstance(name, Token) or name.kind not in {TokenKind.NAME, TokenKind.QUOTED}:
        raise refusal(904, name.start if name else columns.end - 1)
    if name.kind is TokenKind.NAME and name.value in RESERVED_FOR_COLUMNS:
        raise refusal(904, name.start)
    if name.value in types:
        raise refusal(957, name.start)
    types[name.value] = word(part, 1)
    check_type(part[1:], profile)
    constrained = False
    for place in range(2, len(part)):
        if is_word(part, place, "AUTO_INCREMENT", "AUTOINCREMENT"):
            raise refusal(907, part[place].start)
        # DEFAULT stands before all constraints, except in BY DEFAULT and ON NULL.
        if is_word(part, place, "DEFAULT") and constrained and not is_word(part, place - 1, "BY"):
            raise refusal(907, part[place].start)
        constrained = constrained or (
            is_word(part, place, "PRIMARY", "UNIQUE", "CHECK", "REFERENCES")
            or (is_word(part, place, "NOT") and is_word(part, place + 1, "NULL"))
        )


def _check_private(part: Sequence[Item]) -> None:
    """Refuse what a private temporary table cannot have."""
    refused = ("CHECK", "CONSTRAINT", "DEFAULT", "GENERATED", "PRIMARY", "REFERENCES", "UNIQUE")
    for place, item in enumerate(part):
        if is_word(part, place, *refused) and (place != 0 or _is_constraint(part)):
            raise refusal(14451, item.start)
    if is_word(part, 1, *_LOBS):
        raise refusal(14451, part[1].start)


def _refuse_foreign_key(part: Sequence[Item]) -> None:
    for place in range(1, len(part)):
        if is_word(part, place, "REFERENCES"):
            raise OracleError(
                14455,
                "attempt to create referential integrity constraint on temporary table",
                offset=part[place].start,
            )


def check_references(part: Sequence[Item]) -> None:
    """Refuse the actions of foreign keys that Oracle has not."""
    for place in range(1, len(part)):
        if not is_word(part, place - 1, "ON"):
            continue
        if is_word(part, place, "UPDATE"):
            raise refusal(905, part[place].start)
        if is_word(part, place, "DELETE") and not is_word(part, place + 1, "CASCADE", "SET"):
            # ON COMMIT DELETE ROWS is another matter; there ON does not stand before it.
            raise refusal(905, part[place + 1].start if place + 1 < len(part) else part[place].end)


def _check_key(part: Sequence[Item], types: dict[str, str]) -> None:
    """Refuse large objects in primary and unique keys."""
    for place in range(len(part)):
        key = is_word(part, place, "PRIMARY") and is_word(part, place + 1, "KEY")
        if not key and not is_word(part, place, "UNIQUE"):
            continue
        if not _is_constraint(part):
            if word(part, 1) in _LOBS and place > 1:
                raise refusal(2329, part[place].start)
            continue
        listed = part[place + (2 if key else 1)] if place + (2 if key else 1) < len(part) else None
        if isinstance(listed, Group):
            for item in listed.items:
                if isinstance(item, Token) and types.get(item.value) in _LOBS:
                    raise refusal(2329, item.start)


def check_added_columns(items: Sequence[Item], place: int, profile: Profile) -> None:
    """Check the columns behind ADD or MODIFY of ALTER TABLE."""
    behind = items[place + 1] if place + 1 < len(items) else None
    parts = split(behind.items) if isinstance(behind, Group) else [list(items[place + 1 :])]
    for part in parts:
        name = part[0] if part else None
        if not isinstance(name, Token) or _is_constraint(part) or len(part) == 1:
            continue
        if not is_word(items, place, "ADD"):
            if len(part) > 1 and not is_word(part, 1, "NULL", "NOT", "DEFAULT", "CONSTRAINT"):
                check_type(part[1:], profile)
            continue
        if name.kind is TokenKind.NAME and name.value in RESERVED_FOR_COLUMNS:
            raise refusal(904, name.start)
        if word(part, 0) not in {"PARTITION", "SUBPARTITION", "OVERFLOW"}:
            check_type(part[1:], profile)
