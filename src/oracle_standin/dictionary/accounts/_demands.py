"""What a statement needs privileges for, read from its tokens alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from oracle_standin.sql._scanner import Token, TokenKind, scan

__all__ = ["Demand", "demands"]


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a statement needs.

    Attributes
    ----------
    action : `str`
        An object privilege (SELECT, INSERT, ..., LOCK for any of them, SEQUENCE
        for SELECT on a sequence); CREATE or DROP of a kind of object; or SYSTEM for a system
        privilege by itself.
    kind : `str`
        Kind of object that is created or dropped, the system privilege, or
        the schema whose owner needs the privilege (REFERENCES, SELECT DIRECTLY).
    schema : `str` or `None`
        The object's schema, if it was written.
    name : `str`
        The object; empty for SYSTEM.
    offset : `int`
        Where its name stands.
    """

    action: str
    kind: str = ""
    schema: str | None = None
    name: str = ""
    offset: int = 0


_END_OF_FROM = (
    "WHERE", "GROUP", "ORDER", "HAVING", "CONNECT", "START", "UNION", "INTERSECT", "MINUS", "EXCEPT", "FETCH",
    "OFFSET", "FOR", "SET", "WHEN", "MODEL", "WINDOW", "QUALIFY", "VALUES", "RETURNING", "RETURN", "LOG",
)  # fmt: skip
_KINDS = ("TABLE", "VIEW", "INDEX", "SEQUENCE", "SYNONYM", "TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE",
          "TYPE",
          "CLUSTER", "LIBRARY", "DIRECTORY", "TABLESPACE", "PROFILE", "CONTEXT", "OPERATOR", "INDEXTYPE",
          "DIMENSION", "DOMAIN")  # fmt: skip
_BEFORE_KIND = frozenset(
    {"OR", "REPLACE", "FORCE", "NO", "EDITIONABLE", "NONEDITIONABLE", "GLOBAL", "PRIVATE", "TEMPORARY",
     "UNIQUE",
     "BIGFILE", "BITMAP", "MULTIVALUE", "SMALLFILE", "SHARDED", "DUPLICATED", "IMMUTABLE", "BLOCKCHAIN"}
)  # fmt: skip


@dataclass
class _Frame:
    """One depth of parentheses."""

    query: bool = False
    in_from: bool = False
    expects: bool = False


def _is_name(token: Token | None) -> bool:
    return token is not None and token.kind in (TokenKind.NAME, TokenKind.QUOTED)


def _read_name(tokens: tuple[Token, ...], i: int) -> tuple[str | None, str, int]:
    """Return schema, name and the position behind ``[schema.]name``."""
    if i + 2 < len(tokens) and tokens[i + 1].is_symbol(".") and _is_name(tokens[i + 2]):
        return tokens[i].value, tokens[i + 2].value, i + 3
    return None, tokens[i].value, i + 1


def _common_tables(tokens: tuple[Token, ...]) -> frozenset[str]:
    """Return the names that WITH clauses define."""
    if not any(t.is_word("WITH") for t in tokens):
        return frozenset()
    found = set()
    for i, token in enumerate(tokens):
        if (
            _is_name(token)
            and i
            and (tokens[i - 1].is_word("WITH", "RECURSIVE") or tokens[i - 1].is_symbol(","))
        ):
            j = i + 1
            if j < len(tokens) and tokens[j].is_symbol("("):
                while j < len(tokens) and not tokens[j].is_symbol(")"):
                    j += 1
                j += 1
            if j + 1 < len(tokens) and tokens[j].is_word("AS") and tokens[j + 1].is_symbol("("):
                found.add(token.value)
    return frozenset(found)


def _table_names(tokens: tuple[Token, ...]) -> Iterator[tuple[str | None, str, int]]:
    """Yield schema, name and offset of the tables and views that a statement's queries read."""
    common = _common_tables(tokens)
    frames = [_Frame()]
    using = "USING" if tokens[0].is_word("MERGE") else ""
    i = 0
    while i < len(tokens):
        token, frame = tokens[i], frames[-1]
        i += 1
        if token.is_symbol("("):
            frames.append(_Frame(in_from=frame.expects, expects=frame.expects))
            frame.expects = False
        elif token.is_symbol(")"):
            frames = frames[:-1] or [_Frame()]
        elif token.is_word("SELECT", "DELETE"):
            frame.query, frame.in_from, frame.expects = True, False, False
        elif token.is_word("FROM" if frame.query else using):
            frame.in_from = frame.expects = True
        elif token.is_word("JOIN", "APPLY") or (token.is_symbol(",") and frame.in_from):
            frame.expects = frame.in_from
        elif not frame.expects:
            frame.in_from = frame.in_from and not token.is_word(*_END_OF_FROM)
        elif _is_name(token) and not token.is_word("ONLY", "LATERAL"):
            frame.expects = False
            schema, name, i = _read_name(tokens, i - 1)
            # Neither a function nor a table behind a database link is an object here.
            other = i < len(tokens) and tokens[i].is_symbol("(", "@")
            if not other and (schema is not None or name not in common):
                yield schema, name, token.start


@lru_cache(maxsize=4096)
def demands(text: str) -> tuple[Demand, ...]:
    """Return what a statement needs.

    PL/SQL blocks need nothing here: their statements are checked when they
    are run.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised for what cannot be scanned.
    """
    tokens = scan(text)
    i = next((i for i, t in enumerate(tokens) if not t.is_symbol("(")), len(tokens))
    if i == len(tokens) or tokens[i].kind is not TokenKind.NAME:
        return ()
    verb = tokens[i].value
    found: list[Demand] = []
    if verb in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE"):
        found += _dml(tokens, verb)
        found += _sequences(tokens)
    elif verb == "CREATE":
        found += _create(tokens)
    elif verb in ("DROP", "ALTER", "TRUNCATE", "COMMENT", "LOCK", "RENAME", "ANALYZE"):
        found += _other(tokens, verb)
    return tuple(dict.fromkeys(found))


def _targets(tokens: tuple[Token, ...], verb: str) -> Iterator[tuple[str | None, str, int]]:
    """Yield schema, name and offset of what DML changes."""
    places: list[int] = []
    if verb in {"INSERT", "MERGE"}:
        end = next((i for i, t in enumerate(tokens) if t.is_word("RETURNING", "RETURN")), len(tokens))
        places = [i + 1 for i, token in enumerate(tokens[:end]) if token.is_word("INTO")]
    elif verb in {"UPDATE", "DELETE"}:
        places = [2 if tokens[1:] and tokens[1].is_word("FROM", "ONLY") else 1]
    for i in places:
        if i < len(tokens) and _is_name(tokens[i]):
            schema, name, _ = _read_name(tokens, i)
            yield schema, name, tokens[i].start


def _dml(tokens: tuple[Token, ...], verb: str) -> Iterator[Demand]:
    targets = list(_targets(tokens, verb))
    actions = [verb]
    if verb == "MERGE":
        actions = ["SELECT"]
        for i, token in enumerate(tokens[:-1]):
            if token.is_word("THEN") and tokens[i + 1].is_word("UPDATE", "INSERT"):
                actions.append(tokens[i + 1].value)
    elif verb in ("UPDATE", "DELETE") and any(t.is_word("WHERE") for t in tokens):
        # SQL92_SECURITY is TRUE from 12.2 on: to look at rows one must be allowed to read them.
        actions.append("SELECT")
    for schema, name, offset in targets:
        for action in actions:
            yield Demand(action, schema=schema, name=name, offset=offset)
    written = {offset for *_, offset in targets}
    locking = verb in ("SELECT", "WITH") and any(
        t.is_word("FOR") and tokens[i + 1].is_word("UPDATE") for i, t in enumerate(tokens[:-1])
    )
    for schema, name, offset in _table_names(tokens):
        if offset not in written:
            yield Demand(
                "SELECT FOR UPDATE" if locking else "SELECT", schema=schema, name=name, offset=offset
            )


def _sequences(tokens: tuple[Token, ...]) -> Iterator[Demand]:
    for i, token in enumerate(tokens):
        if not token.is_word("NEXTVAL", "CURRVAL"):
            continue
        match tokens[max(i - 4, 0) : i]:
            case (*_, schema, first, name, second) if first.is_symbol(".") and second.is_symbol("."):
                yield Demand("SEQUENCE", schema=schema.value, name=name.value, offset=schema.start)
            case (*_, name, point) if point.is_symbol("."):
                yield Demand("SEQUENCE", name=name.value, offset=name.start)


def _kind(tokens: tuple[Token, ...], i: int) -> tuple[str, int]:
    """Return the kind of object and the position behind it."""
    while i < len(tokens) and tokens[i].kind is TokenKind.NAME and tokens[i].value in _BEFORE_KIND:
        i += 1
    for words in (
        ("MATERIALIZED", "VIEW", "LOG"), ("MATERIALIZED", "VIEW"), ("PUBLIC", "SYNONYM"),
        ("PUBLIC", "DATABASE", "LINK"), ("DATABASE", "LINK"), ("PACKAGE", "BODY"), ("TYPE", "BODY"),
    ):  # fmt: skip
        if len(tokens) > i + len(words) and all(tokens[i + n].is_word(word) for n, word in enumerate(words)):
            return " ".join(words).removesuffix(" BODY"), i + len(words)
    if i < len(tokens) and tokens[i].is_word(*_KINDS):
        return tokens[i].value, i + 1
    return "", i


def _target(tokens: tuple[Token, ...], i: int) -> tuple[str | None, str, int, int] | None:
    """Return schema, name, offset and the position behind, past IF [NOT] EXISTS."""
    if i < len(tokens) and tokens[i].is_word("IF"):
        i += 3 if i + 1 < len(tokens) and tokens[i + 1].is_word("NOT") else 2
    if i >= len(tokens) or not _is_name(tokens[i]):
        return None
    schema, name, end = _read_name(tokens, i)
    return schema, name, tokens[i].start, end


def _create(tokens: tuple[Token, ...]) -> Iterator[Demand]:
    kind, i = _kind(tokens, 1)
    target = _target(tokens, i)
    if not kind or target is None:
        return
    schema, name, offset, end = target
    yield Demand("CREATE", kind, schema, name, offset)
    if kind == "INDEX":
        on = next((n for n in range(end, len(tokens) - 1) if tokens[n].is_word("ON")), None)
        if on is not None and _is_name(tokens[on + 1]):
            owner, table, _ = _read_name(tokens, on + 1)
            yield Demand("INDEX", "INDEX", owner, table, tokens[on + 1].start)
    elif kind == "TABLE":
        yield from _references(tokens, schema)
        if any(token.is_word("SELECT") for token in tokens):
            for read in _table_names(tokens):
                yield Demand("SELECT", "", *read)
    elif kind in ("VIEW", "MATERIALIZED VIEW"):
        for read in _table_names(tokens):
            yield Demand("SELECT DIRECTLY", schema or "", *read)


def _references(tokens: tuple[Token, ...], owner: str | None) -> Iterator[Demand]:
    for i, token in enumerate(tokens[:-1]):
        if token.is_word("REFERENCES") and _is_name(tokens[i + 1]):
            schema, name, _ = _read_name(tokens, i + 1)
            yield Demand("REFERENCES", owner or "", schema, name, tokens[i + 1].start)


def _other(tokens: tuple[Token, ...], verb: str) -> Iterator[Demand]:
    if verb == "COMMENT":
        i = next((n for n, t in enumerate(tokens) if t.is_word("TABLE", "COLUMN", "VIEW")), len(tokens)) + 1
        if i < len(tokens) and _is_name(tokens[i]):
            schema, name, end = _read_name(tokens, i)
            column = tokens[i - 1].is_word("COLUMN")
            if column and not (end < len(tokens) and tokens[end].is_symbol(".")):
                # table.column
                schema, name = None, tokens[i].value
            yield Demand("COMMENT", "TABLE", schema, name, tokens[i].start)
        return
    if verb == "LOCK":
        if tokens[2:] and tokens[1].is_word("TABLE") and _is_name(tokens[2]):
            schema, name, _ = _read_name(tokens, 2)
            yield Demand("LOCK", "TABLE", schema, name, tokens[2].start)
        return
    if verb in ("RENAME", "ANALYZE"):
        return
    if verb == "ALTER" and len(tokens) > 1 and tokens[1].is_word("SYSTEM", "DATABASE"):
        yield Demand("SYSTEM", f"ALTER {tokens[1].value}")
        return
    kind, i = _kind(tokens, 1)
    target = _target(tokens, i)
    if not kind or target is None:
        return
    schema, name, offset, _ = target
    yield Demand("DROP" if verb == "TRUNCATE" else verb, kind, schema, name, offset)
    if verb == "ALTER" and kind == "TABLE":
        yield from _references(tokens, schema)
