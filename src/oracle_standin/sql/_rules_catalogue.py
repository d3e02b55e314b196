"""Rules that need to know the tables: where a large object cannot be used, and what a name means."""

from __future__ import annotations

from collections.abc import Sequence

from oracle_standin.errors import OracleError
from oracle_standin.profiles import Profile
from oracle_standin.sql._blocks import Block, queries
from oracle_standin.sql._rules_groups import check_groups
from oracle_standin.sql._rules_sets import check_sets
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._scope import LOBS, Catalogue, Scope
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._tree import Group, Item, groups, is_query, is_symbol, is_word, name_at, split, word
from oracle_standin.values import DataType

__all__ = ["check_catalogue"]

_FIRST_WITH_BOOLEANS = 23
_COMPARISONS = ("=", "<>", "!=", "^=", "<", ">", "<=", ">=")


def check_catalogue(root: Group, profile: Profile, catalogue: Catalogue) -> None:
    """Apply the rules to a statement and all queries in it."""
    _check_keys(root.items, catalogue)
    changed = _changed_table(root.items)
    if changed is not None:
        _check_comparisons(changed.clauses["WHERE"], Scope(changed, catalogue, set()), profile)
    defined = _defined_names(root)
    for query in queries(root):
        merged = any([token.value for token in words] != ["UNION", "ALL"] for words in query.operators)
        scopes = [Scope(block, catalogue, defined) for block in query.blocks]
        for block, scope in zip(query.blocks, scopes, strict=True):
            if "SELECT" in block.clauses:
                _check_block(block, profile, scope, merged=merged)
                check_groups(block, scope, aliases=profile.major >= _FIRST_WITH_BOOLEANS)
        check_sets(query, scopes)


def _changed_table(items: list[Item]) -> Block | None:
    """Return the table and the condition of an UPDATE or DELETE, as if they were a query's."""
    if not is_word(items, 0, "UPDATE", "DELETE"):
        return None
    begin = 2 if is_word(items, 1, "FROM") else 1
    ends = ("SET", "WHERE", "RETURNING", "FROM", "LOG")
    end = next((n for n in range(begin, len(items)) if is_word(items, n, *ends)), len(items))
    where = next((n for n in range(end, len(items)) if is_word(items, n, "WHERE")), len(items))
    behind = next((n for n in range(where, len(items)) if is_word(items, n, "RETURNING", "LOG")), len(items))
    return Block(items=items, clauses={"FROM": items[begin:end], "WHERE": items[where + 1 : behind]})


def _check_keys(items: Sequence[Item], catalogue: Catalogue) -> None:
    """Refuse large objects in indexes and keys."""
    if is_word(items, 0, "CREATE") and is_word(items, 1, "INDEX", "UNIQUE", "BITMAP"):
        place = next((n for n in range(len(items)) if is_word(items, n, "ON")), len(items)) + 1
        number = 2327
    elif is_word(items, 0, "ALTER") and is_word(items, 1, "TABLE"):
        place, number = 2, 2329
    else:
        return
    parts, place = name_at(items, place)
    if not parts:
        return
    columns = catalogue.columns(parts[-2].value if len(parts) > 1 else None, parts[-1].value) or {}
    for behind in range(place, len(items)):
        listed = items[behind]
        key = number == 2327 or is_word(items, behind - 1, "KEY", "UNIQUE")  # noqa: PLR2004 - the number of the error
        if not isinstance(listed, Group) or not key or is_word(items, behind - 2, "FOREIGN"):
            continue
        for part in split(listed.items):
            only = part[0] if len(part) == 1 else None
            if isinstance(only, Token) and columns.get(only.value) in LOBS:
                raise refusal(number, only.start)
        return


def _defined_names(root: Group) -> set[str]:
    """Return the names that WITH clauses define anywhere in the statement."""
    found: set[str] = set()
    for group in groups(root):
        items = group.items
        for place in range(1, len(items)):
            if is_word(items, place, "AS") and place + 1 < len(items) and isinstance(items[place + 1], Group):
                item = items[place - 2 if isinstance(items[place - 1], Group) else place - 1]
                if isinstance(item, Token):
                    found.add(item.value)
    return found


def _without_alias(item: Sequence[Item]) -> Sequence[Item]:
    for place in range(1, len(item)):
        if is_word(item, place, "AS"):
            return item[:place]
    _, behind = name_at(item, 0)
    return item[:behind] if behind and behind == len(item) - 1 else item


def _alias(item: Sequence[Item]) -> str | None:
    plain = _without_alias(item)
    last = item[-1] if item else None
    named = isinstance(last, Token) and last.kind in {TokenKind.NAME, TokenKind.QUOTED}
    return last.value if len(plain) < len(item) and named and isinstance(last, Token) else None


def _check_block(block: Block, profile: Profile, scope: Scope, *, merged: bool) -> None:
    selected = block.select_list
    if block.distinct or merged:
        for item in selected:
            _refuse_lob(_without_alias(item), scope, profile)
            if is_symbol(item, len(item) - 1, "*"):
                _refuse_star(item, scope, profile)
    aliases = {name: item for item in selected if (name := _alias(item)) is not None}
    for clause in ("GROUP", "ORDER"):
        items = block.clauses.get(clause, [])
        begin = 2 if is_word(items, 0, "SIBLINGS") else 1
        for part in split(items[begin:]):
            key = _sort_key(part)
            _refuse_lob(key, scope, profile)
            if clause == "ORDER":
                _check_order(key, selected, aliases, scope, profile)
            elif profile.major < _FIRST_WITH_BOOLEANS:
                _check_group(key, aliases, scope)
    for clause in ("FROM", "WHERE", "HAVING", "SELECT"):
        _check_comparisons(block.clauses.get(clause, []), scope, profile)


def _sort_key(part: Sequence[Item]) -> Sequence[Item]:
    end = next((n for n in range(1, len(part)) if is_word(part, n, "ASC", "DESC", "NULLS")), len(part))
    return part[:end]


def _error(found: DataType, offset: int, profile: Profile) -> OracleError:
    number = 22848 if profile.major >= _FIRST_WITH_BOOLEANS else 932
    return refusal(number, offset, found.name)


def _refuse_lob(items: Sequence[Item], scope: Scope, profile: Profile) -> None:
    found = scope.lob(items) if items else None
    if found is not None:
        raise _error(found, items[0].start, profile)


def _refuse_star(item: Sequence[Item], scope: Scope, profile: Profile) -> None:
    owner = item[0].value if len(item) > 1 and isinstance(item[0], Token) else None
    for alias, columns in scope.known.items():
        if owner in {None, alias}:
            for kind in columns.values():
                if kind in LOBS:
                    raise _error(kind, item[0].start, profile)


def _check_order(
    key: Sequence[Item],
    selected: list[list[Item]],
    aliases: dict[str, list[Item]],
    scope: Scope,
    profile: Profile,
) -> None:
    """Refuse to sort by an item of the select list that is a large object."""
    only = key[0] if len(key) == 1 else None
    if not isinstance(only, Token):
        return
    meant: Sequence[Item] = ()
    if only.kind is TokenKind.NUMBER and only.value.isdigit() and 0 < int(only.value) <= len(selected):
        meant = selected[int(only.value) - 1]
    elif only.value in aliases:
        meant = aliases[only.value]
    found = scope.lob(_without_alias(meant)) if meant else None
    if found is not None:
        raise _error(found, only.start, profile)


def _check_group(key: Sequence[Item], aliases: dict[str, list[Item]], scope: Scope) -> None:
    """Refuse to group by what is only an alias."""
    only = key[0] if len(key) == 1 else None
    if _is_name(only) and isinstance(only, Token) and only.value in aliases and not scope.has(only.value):
        raise refusal(904, only.start, f'"{only.value}"')


def _check_comparisons(items: list[Item], scope: Scope, profile: Profile) -> None:
    """Refuse large objects as operands of comparisons, and in aggregates that compare."""
    pending = [items]
    while pending:
        level = pending.pop()
        for place, item in enumerate(level):
            if isinstance(item, Group):
                _check_aggregate(level, place, item, scope, profile)
                if not is_query(item):
                    pending.append(item.items)
            elif is_symbol(level, place, *_COMPARISONS):
                for operand in (_operand_before(level, place), _operand_behind(level, place + 1)):
                    _refuse_lob(operand, scope, profile)
            elif is_word(level, place, "IN", "BETWEEN"):
                end = place - 1 if is_word(level, place - 1, "NOT") else place
                _refuse_lob(_operand_before(level, end), scope, profile)


def _operand_before(items: Sequence[Item], place: int) -> Sequence[Item]:
    """Return the name that ends before a place, if it is all of the operand."""
    begin = place
    while (
        begin > 0
        and isinstance(items[begin - 1], Token)
        and (is_symbol(items, begin - 1, ".") or _is_name(items[begin - 1]))
    ):
        begin -= 1
        if not is_symbol(items, begin, ".") and not is_symbol(items, begin - 1, "."):
            break
    alone = begin == 0 or is_word(items, begin - 1, "WHERE", "AND", "OR", "NOT", "ON", "WHEN", "HAVING")
    return items[begin:place] if alone and begin < place else ()


def _operand_behind(items: Sequence[Item], place: int) -> Sequence[Item]:
    """Return the name that begins at a place, if it is all of the operand."""
    parts, end = name_at(items, place)
    if not parts:
        return ()
    alone = end >= len(items) or (word(items, end) != "" or is_symbol(items, end, ",", *_COMPARISONS))
    return items[place:end] if alone else ()


def _is_name(item: Item | None) -> bool:
    return isinstance(item, Token) and item.kind in {TokenKind.NAME, TokenKind.QUOTED}


def _check_aggregate(
    items: Sequence[Item], place: int, arguments: Group, scope: Scope, profile: Profile
) -> None:
    name = word(items, place - 1)
    inner: Sequence[Item] = arguments.items
    if name == "COUNT" and is_word(inner, 0, "DISTINCT", "UNIQUE"):
        _refuse_lob(inner[1:], scope, profile)
    elif name in {"MIN", "MAX"}:
        _refuse_lob(inner, scope, profile)
        # Also as a branch of CASE, and with more text behind it.
        made = next((item for n, item in enumerate(inner) if is_word(inner, n, "TO_CLOB", "TO_NCLOB")), None)
        if made is not None:
            raise _error(DataType.CLOB, made.start, profile)
