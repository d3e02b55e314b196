"""Tokens."""

from __future__ import annotations

import pytest

from oracle_standin.errors import OracleError
from oracle_standin.sql import scan


def _shown(text: str) -> str:
    return " ".join(f"{token.kind.value}:{token.value}" for token in scan(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Select a$b#", "name:SELECT name:A$B#"),
        ('"Mixed name"', "quoted:Mixed name"),
        ("'it''s' nq'[x'y]' q'!a!'", "string:it's string:x'y string:a"),
        ("1 1.5e-3f .5 1..2", "number:1 number:1.5E-3F number:.5 number:1 symbol:.. number:2"),
        ("1and 2x", "number:1 name:AND number:2 name:X"),
        (':a : "b c" :1', "bind:A bind:b c bind:1"),
        ("'k':a", "string:k symbol:: name:A"),
        ("a -- :b\n/* :c */ := b", "name:A symbol::= name:B"),
        ("a||b<>c**d=>e", "name:A symbol:|| name:B symbol:<> name:C symbol:** name:D symbol:=> name:E"),
        ("méil", "name:MÉIL"),
    ],
)
def test_tokens(text: str, shown: str) -> None:
    """A text is cut as Oracle cuts it."""
    assert _shown(text) == shown


def test_places() -> None:
    """Tokens say where they stand, counted in characters."""
    text = "é = 'ü' -- x\n + :bind"
    assert [text[token.start : token.end] for token in scan(text)] == ["é", "=", "'ü'", "+", ":bind"]


@pytest.mark.parametrize(
    ("text", "number", "offset"),
    [
        ("a `b`", 911, 2),
        ("_a", 911, 0),
        ("a = :_b", 1745, 5),
        ("'abc", 1756, 0),
        ("x q'[abc'", 1756, 4),
        ('"abc', 1740, 0),
        ('a ""', 1741, 2),
    ],
)
def test_errors(text: str, number: int, offset: int) -> None:
    """What cannot be a token is refused where it stands."""
    with pytest.raises(OracleError) as caught:
        scan(text)
    assert (caught.value.number, caught.value.offset) == (number, offset)
