"""All that upstream's suites and the pipeline send to Oracle, against the grammar of each version."""

from __future__ import annotations

from collections import Counter

import pytest
from ci.statements import KEPT, texts

from oracle_standin.errors import OracleError
from oracle_standin.profiles import PROFILES
from oracle_standin.sql import check, classify


@pytest.fixture(scope="module")
def statements() -> list[str]:
    """Return the statements that `ci.statements` keeps."""
    return texts(KEPT)


@pytest.mark.parametrize("version", PROFILES)
def test_each_version_takes_each_statement(statements: list[str], version: str) -> None:
    """Rules and grammar of 19c, 21c and 23ai refuse none of the distinct statements."""
    refused = {}
    for statement in statements:
        try:
            check(classify(statement), PROFILES[version])
        except OracleError as error:
            refused[statement] = str(error)
    assert refused == {}


def test_list_is_of_the_whole_registry(statements: list[str]) -> None:
    """The list has queries, changes of rows and the making of tables, temporary ones among them."""
    verbs = Counter(statement.split()[0] for statement in statements)
    rows = {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"}
    assert set(verbs) >= rows | {"CREATE", "DROP", "LOCK", "SAVEPOINT"}
    assert len(statements) > 900
    assert any("PRIVATE TEMPORARY TABLE" in statement for statement in statements)


def test_no_statement_has_what_oracle_lacks(statements: list[str]) -> None:
    """No name is longer than 128 bytes and no list in parentheses has over a thousand binds."""
    for statement in statements:
        words = statement.replace('"', " ").replace(".", " ").split()
        assert max(len(word.strip("(),")) for word in words) <= 128, statement
        lists = statement.split("IN (")[1:]
        assert all(part.partition(")")[0].count(":") <= 1000 for part in lists), statement
