"""Rules for DDL and for the commands around transactions."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.profiles import Profile
from oracle_standin.sql._blocks import queries
from oracle_standin.sql._rules_tables import check_added_columns, check_columns, check_references
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._tree import Group, Item, is_query, is_symbol, is_word, name_at, word
from oracle_standin.sql._words import CREATABLE, RESERVED

__all__ = ["check_ddl", "check_other", "created_query", "is_program_unit"]

_FIRST_WITH_IF_EXISTS = 23
_PRIVATE = "ORA$PTT_"
_PREFIXES = ("OR", "REPLACE", "EDITIONABLE", "NONEDITIONABLE", "EDITIONING", "FORCE", "NO", "NOFORCE")
_IF_NOT_EXISTS = {"TABLE": 922, "INDEX": 969, "VIEW": 905, "SEQUENCE": 933}
_BAD_NAME = {"TABLE": 903, "INDEX": 953, "VIEW": 999, "SEQUENCE": 2277}
_NOT_DROPPABLE = ("COLUMN", "CONSTRAINT", "DEFAULT", "EXTENSION", "SCHEMA")


def is_program_unit(tokens: Sequence[Token]) -> bool:
    """Return whether a statement has PL/SQL or Java in it."""
    if tokens[0].is_symbol("<<"):
        return True
    if tokens[0].is_word("WITH"):
        return len(tokens) > 1 and tokens[1].is_word("FUNCTION", "PROCEDURE")
    if not tokens[0].is_word("CREATE"):
        return False
    named = next((token for token in tokens[1:6] if not token.is_word(*_PREFIXES)), None)
    return named is not None and named.is_word(
        "AND", "FUNCTION", "JAVA", "LIBRARY", "MLE", "PACKAGE", "PROCEDURE", "TRIGGER", "TYPE"
    )


def check_ddl(root: Group, profile: Profile) -> None:
    """Apply the rules for the statement's first words."""
    items = root.items
    match word(items, 0):
        case "CREATE":
            _check_create(items, profile)
        case "ALTER" if is_word(items, 1, "TABLE"):
            _check_alter_table(items, profile)
        case "DROP":
            _check_drop(items, profile)
        case "TRUNCATE" if not is_word(items, 1, "TABLE", "CLUSTER"):
            raise refusal(3290, _start(items, 1))


def check_other(root: Group) -> None:
    """Check LOCK TABLE, COMMIT and ROLLBACK."""
    items = root.items
    match word(items, 0):
        case "LOCK":
            if not any(is_word(items, n, "IN") for n in range(len(items))) or not is_word(
                items, _mode(items), "MODE"
            ):
                raise refusal(905, items[-1].end)
        case "COMMIT" if len(items) > 1 and not is_word(items, 1, "WORK", "COMMENT", "WRITE", "FORCE"):
            raise refusal(2185, items[1].start)
        case "ROLLBACK" if len(items) > 1 and not is_word(items, 1, "WORK", "TO", "FORCE"):
            raise refusal(2181, items[1].start)


def _mode(items: Sequence[Item]) -> int:
    return next((n for n in range(len(items)) if is_word(items, n, "MODE")), len(items))


def _start(items: Sequence[Item], place: int) -> int:
    """Return where the item at a place begins; beyond the last, where that ends."""
    return items[place].start if place < len(items) else items[-1].end


def _check_create(items: list[Item], profile: Profile) -> None:
    place = _created_kind(items)
    temporary = word(items, place) if is_word(items, place + 1, "TEMPORARY") else ""
    while is_word(
        items,
        place,
        "GLOBAL",
        "PRIVATE",
        "TEMPORARY",
        "UNIQUE",
        "BITMAP",
        "MATERIALIZED",
        "SHARDED",
        "IMMUTABLE",
    ):
        place += 1
    kind = word(items, place)
    place = _behind_if_exists(items, place + 1, profile, _IF_NOT_EXISTS.get(kind, 922))
    if kind not in _BAD_NAME or is_word(items, place, "LOG"):
        return
    name, behind = name_at(items, place)
    if not name or (name[-1].kind is TokenKind.NAME and name[-1].value in RESERVED):
        raise refusal(_BAD_NAME[kind], _start(items, place))
    private = temporary == "PRIVATE"
    if name[-1].value.upper().startswith(_PRIVATE) != private:
        raise refusal(903 if private else 32463, name[-1].start)
    if kind == "TABLE":
        _check_create_table(items, behind, profile, temporary=temporary)
    elif kind == "INDEX":
        _check_create_index(items, behind)
    elif kind == "VIEW":
        _check_created_query(items, listed=behind < len(items) and isinstance(items[behind], Group))


def _created_kind(items: Sequence[Item]) -> int:
    """Return the place of the word that says what is created."""
    place = 1
    while is_word(items, place, *_PREFIXES):
        place += 1
    if not is_word(items, place, *CREATABLE):
        raise refusal(901, _start(items, place))
    if is_word(items, place, "TEMPORARY") and is_word(items, place + 1, "TABLE"):
        raise refusal(901, items[place].start)
    if is_word(items, place, "SCHEMA") and not is_word(items, place + 1, "AUTHORIZATION"):
        raise refusal(2420, _start(items, place + 1))
    return place


def _behind_if_exists(items: Sequence[Item], place: int, profile: Profile, number: int) -> int:
    """Return the place behind IF [NOT] EXISTS."""
    if not is_word(items, place, "IF") or not is_word(items, place + 1, "NOT", "EXISTS"):
        return place
    if profile.major < _FIRST_WITH_IF_EXISTS:
        raise refusal(number, items[place + 1].start)
    return place + (3 if is_word(items, place + 1, "NOT") else 2)


def _check_create_table(items: list[Item], place: int, profile: Profile, *, temporary: str) -> None:
    columns = items[place] if place < len(items) else None
    if is_word(items, place, "LIKE"):
        raise refusal(922, items[place].start)
    if isinstance(columns, Group):
        check_columns(columns, profile, temporary=temporary)
    _check_created_query(items, listed=isinstance(columns, Group))


def created_query(root: Group) -> Group:
    """Return the query that fills a new table or is a new view; empty if there is none."""
    items = root.items
    if is_word(items, 0, "CREATE"):
        for place in range(2, len(items) - 1):
            query = Group(items[place].start, root.end, items[place + 1 :])
            if is_word(items, place, "AS") and is_query(query):
                return query
    return Group(root.end, root.end)


def _check_created_query(items: list[Item], *, listed: bool) -> None:
    """Refuse expressions without a name, and equal names, in what is to be a table or a view."""
    if listed:
        return
    selected = next(queries(created_query(Group(0, items[-1].end, items))), None)
    if selected is None or "SELECT" not in selected.blocks[0].clauses:
        return
    names: set[str] = set()
    for item in selected.blocks[0].select_list:
        last = item[-1] if item else None
        if is_symbol(item, len(item) - 1, "*"):
            continue
        parts, behind = name_at(item, 0)
        called = isinstance(last, Token) and last.kind in {TokenKind.NAME, TokenKind.QUOTED}
        alone = bool(parts) and behind == len(item)
        aliased = called and len(item) > 1 and not is_word(item, len(item) - 1, "END") and not alone
        if not (alone or aliased) or not isinstance(last, Token):
            raise refusal(998, item[0].start if item else items[-1].end)
        if last.value in names:
            raise refusal(957, last.start)
        names.add(last.value)


def _check_create_index(items: Sequence[Item], place: int) -> None:
    if not is_word(items, place, "ON"):
        raise refusal(969, _start(items, place))
    table, _ = name_at(items, place + 1)
    if table and table[-1].value.upper().startswith(_PRIVATE):
        raise refusal(14451, table[-1].start)


def _check_alter_table(items: Sequence[Item], profile: Profile) -> None:
    place = _behind_if_exists(items, 2, profile, 1735)
    _, place = name_at(items, place)
    check_references(items)
    if is_word(items, place, "ALTER"):
        raise refusal(1735, items[place].start)
    for found in range(place, len(items)):
        if is_word(items, found + 1, "PARTITION", "SUBPARTITION"):
            return
        if is_word(items, found, "ADD") and is_word(items, found + 1, "COLUMN"):
            raise refusal(904, items[found + 1].start)
        if is_word(items, found, "ADD", "MODIFY"):
            check_added_columns(items, found, profile)


def _check_drop(items: Sequence[Item], profile: Profile) -> None:
    if is_word(items, 1, *_NOT_DROPPABLE) or len(items) == 1:
        raise refusal(950, _start(items, 1))
    kind = word(items, 1)
    place = _behind_if_exists(items, 2, profile, 933)
    _, behind = name_at(items, place)
    if (
        kind == "TABLE"
        and is_word(items, behind, "CASCADE")
        and not is_word(items, behind + 1, "CONSTRAINTS")
    ):
        raise refusal(905, _start(items, behind + 1))
    if kind in {"TABLE", "VIEW", "SEQUENCE"} and (
        is_symbol(items, behind, ",") or is_word(items, behind, "RESTRICT")
    ):
        raise refusal(933, items[behind].start)
