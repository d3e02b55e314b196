"""Rules that need the tokens alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from oracle_standin.interface import Kind
from oracle_standin.sql._scanner import Token, TokenKind
from oracle_standin.sql._texts import refusal
from oracle_standin.sql._words import COMMANDS, RESERVED

__all__ = [
    "check_binds",
    "check_block_end",
    "check_command",
    "check_no_binds",
    "check_sizes",
    "check_symbols",
    "check_words",
]

_LONGEST_NAME = 128
_LONGEST_LITERAL = 4000
_OPERANDS = {TokenKind.NAME, TokenKind.QUOTED, TokenKind.STRING, TokenKind.BIND, TokenKind.NUMBER}


def check_command(tokens: Sequence[Token]) -> None:
    """Refuse what is no command of Oracle's."""
    first = next((token for token in tokens if not token.is_symbol("(")), None)
    if first is None or not (first.is_word(*COMMANDS) or first.is_symbol("<<")):
        raise refusal(900, first.start if first else 0)


def check_block_end(tokens: Sequence[Token], text: str) -> None:
    """Refuse a PL/SQL block that ends too early."""
    if len(tokens) == 1 or not tokens[-1].is_symbol(";"):
        raise refusal(6550, len(text), len(text) + 1)


def check_sizes(tokens: Sequence[Token]) -> None:
    """Refuse names over 128 bytes and literals over 4000."""
    for token in tokens:
        if token.kind in {TokenKind.NAME, TokenKind.QUOTED}:
            longest, number = _LONGEST_NAME, 972
        elif token.kind is TokenKind.STRING:
            longest, number = _LONGEST_LITERAL, 1704
        else:
            continue
        # A character has at most four bytes.
        if (token.end - token.start) * 4 > longest and len(token.value.encode()) > longest:
            raise refusal(number, token.start)


def check_symbols(tokens: Sequence[Token], kind: Kind) -> None:
    """Refuse what other languages have for operators, and the semicolon."""
    for before, token in itertools.pairwise((None, *tokens)):
        if token is None or token.kind is not TokenKind.SYMBOL:
            continue
        if token.value == ";":
            raise refusal(933 if kind in {Kind.QUERY, Kind.DML} else 911, token.start)
        if token.value in {"%", "?", "~", "^", "|", "\\"}:
            raise refusal(911, token.start)
        if before is not None and before.end == token.start and before.value + token.value in {"==", "<=>"}:
            raise refusal(936, token.start)


def check_binds(tokens: Sequence[Token], text: str) -> None:
    """Refuse binds that are called by a reserved word, and two colons."""
    for before, token in itertools.pairwise((None, *tokens)):
        if token is None or token.kind is not TokenKind.BIND:
            continue
        if before is not None and before.is_symbol(":") and before.end == token.start:
            raise refusal(1745, before.start)
        if token.value in RESERVED and not text.endswith('"', 0, token.end):
            raise refusal(1745, token.start)


def check_no_binds(tokens: Sequence[Token]) -> None:
    """Refuse binds in DDL."""
    for token in tokens:
        if token.kind is TokenKind.BIND:
            raise refusal(1027, token.start)


_OPERATORS_ELSEWHERE = ("GLOB", "ILIKE", "REGEXP", "RLIKE", "SIMILAR")
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


def check_words(tokens: Sequence[Token], *, booleans: bool) -> None:
    """Refuse operators, literals and forms of other databases in queries and DML.

    Parameters
    ----------
    tokens : `~collections.abc.Sequence` [`Token`]
        The statement.
    booleans : `bool`
        Whether the version knows TRUE, FALSE and what can be done with them.
    """
    for place, token in enumerate(tokens):
        check = _WORD_RULES.get(token.value) if token.kind is TokenKind.NAME else None
        if check is not None and (not booleans or check not in _WITHOUT_BOOLEANS):
            check(tokens, place)


def _at(tokens: Sequence[Token], place: int) -> Token | None:
    return tokens[place] if 0 <= place < len(tokens) else None


def _check_operator(tokens: Sequence[Token], place: int) -> None:
    token, after = tokens[place], _at(tokens, place + 1)
    compared = after is not None and (
        after.kind in {TokenKind.STRING, TokenKind.BIND} or (token.value == "SIMILAR" and after.is_word("TO"))
    )
    if compared and _is_value(_at(tokens, place - 1)):
        raise refusal(920, token.start)


def _check_interval(tokens: Sequence[Token], place: int) -> None:
    literal, unit = _at(tokens, place + 1), _at(tokens, place + 2)
    if literal is not None and literal.kind is TokenKind.STRING and not (unit and unit.is_word(*_UNITS)):
        raise refusal(30089, literal.end)


def _check_is(tokens: Sequence[Token], place: int) -> None:
    after = _at(tokens, place + 1)
    if after is not None and after.is_word("NOT"):
        after = _at(tokens, place + 2)
    if after is not None and after.is_word("TRUE", "FALSE", "UNKNOWN", "DISTINCT"):
        raise refusal(908, after.start)


def _check_truth(tokens: Sequence[Token], place: int) -> None:
    if _stands_for_a_value(_at(tokens, place - 1), _at(tokens, place + 1)):
        raise refusal(904, tokens[place].start, f'"{tokens[place].value}"')


def _check_filter(tokens: Sequence[Token], place: int) -> None:
    before, after, inner = (_at(tokens, place + n) for n in (-1, 1, 2))
    if (
        before
        and before.is_symbol(")")
        and after
        and after.is_symbol("(")
        and inner
        and inner.is_word("WHERE")
    ):
        raise refusal(923, tokens[place].start)


_WORD_RULES = {
    **dict.fromkeys(_OPERATORS_ELSEWHERE, _check_operator),
    "INTERVAL": _check_interval,
    "IS": _check_is,
    "TRUE": _check_truth,
    "FALSE": _check_truth,
    "FILTER": _check_filter,
}
_WITHOUT_BOOLEANS = (_check_is, _check_truth, _check_filter)


def _is_value(token: Token | None) -> bool:
    return token is not None and (token.kind in _OPERANDS or token.is_symbol(")"))


def _stands_for_a_value(before: Token | None, after: Token | None) -> bool:
    """Return whether TRUE stands where a value is used, and not where a name or JSON's option may be."""
    if before is None or before.is_symbol(".") or before.is_word("AS"):
        return False
    if after is not None and (after.is_symbol(".", "(") or after.is_word("ON")):
        return False
    return before.is_symbol("=", "<>", "!=", "(", ",") or before.is_word(
        "AND", "BY", "ELSE", "NOT", "ON", "OR", "SELECT", "THEN", "WHEN", "WHERE"
    )
