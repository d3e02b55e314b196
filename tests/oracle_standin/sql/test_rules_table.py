"""The table of rules says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oracle_standin.sql import _texts
from tests.support import rules_table

_TESTS = Path(__file__).parents[1]
_SOURCES = Path(_texts.__file__).parents[1]
_LIMITS = ("engine/_key_limits.py", "engine/_long_text.py")


def _numbers() -> set[int]:
    """Return the numbers that the table has."""
    found = {number for rule in rules_table.load("rules.toml", "rule") for number in rule["numbers"]}
    for case in rules_table.load("refused.toml", "refused"):
        found |= {value for key, value in case.items() if key.startswith("number")}
    return found


def test_the_page_is_up_to_date() -> None:
    """The page in the documentation is the one that is made from the corpus."""
    assert rules_table.PAGE.read_text() == rules_table.render(), "run python -m tests.support.rules_table"


@pytest.mark.parametrize("test", [rule["test"] for rule in rules_table.load("rules.toml", "rule")])
def test_each_named_test_exists(test: str) -> None:
    """A rule names a test that is there."""
    name, _, function = test.partition("::")
    assert re.search(rf"^def {function}\(", (_TESTS / name).read_text(), re.MULTILINE)


def test_each_rule_is_in_the_table() -> None:
    """Whatever number a rule or the grammar has, a statement or a test of the table shows it."""
    assert set(_texts._TEXTS) <= _numbers()
    for name in _LIMITS:
        raised = re.findall(r"OracleError\((\d+)", (_SOURCES / name).read_text())
        assert raised
        assert set(map(int, raised)) <= _numbers()


def test_each_number_of_the_rules_has_a_text() -> None:
    """No rule and no part of the grammar raises a number without a text."""
    for source in (_SOURCES / "sql").glob("_*.py"):
        for number in re.findall(
            r"(?:refusal|self\.fail|self\.expect|inner\.expect|self\.finish)\((\d+)", source.read_text()
        ):
            assert int(number) in _texts._TEXTS, f"{number} in {source.name}"
