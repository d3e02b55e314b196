"""What Oracle refuses is refused, and what it accepts is not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from oracle_standin.errors import NOT_MODELLED, OracleError
from oracle_standin.profiles import PROFILES
from oracle_standin.sql import check, classify
from oracle_standin.values import DataType

_HERE = Path(__file__).parent
REFUSED: list[dict[str, Any]] = tomllib.loads((_HERE / "refused.toml").read_text())["refused"]
ACCEPTED: list[dict[str, Any]] = tomllib.loads((_HERE / "accepted.toml").read_text())["accepted"]
_CONSTRUCTS = 47  # of the list in the fact sheet
_TABLES = {
    "T": {
        "A": DataType.VARCHAR2,
        "B": DataType.NUMBER,
        "C": DataType.CLOB,
        "D": DataType.BLOB,
        "ID": DataType.NUMBER,
    },
    "U": {"A": DataType.NUMBER, "B": DataType.NUMBER, "N": DataType.NUMBER},
}


class Tables:
    """The catalogue of the corpus."""

    def columns(self, schema: str | None, table: str) -> Mapping[str, DataType] | None:
        """Return what the corpus says of a table."""
        return _TABLES.get(table) if schema in {None, "S"} else None


def _number(case: dict[str, Any], profile: str, text: str | None = None) -> int | None:
    # Negative if the error's place is not in the statement.
    try:
        check(classify(text or case["text"]), PROFILES[profile], Tables() if case.get("catalogue") else None)
    except OracleError as error:
        return error.number if 0 <= error.offset <= len(case["text"]) else -error.number
    return None


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["why"])
def test_refused(case: dict[str, Any], profile: str) -> None:
    """A statement is refused with Oracle's number by the versions that refuse it, and by no other."""
    expected = case.get(f"number{profile}", case["number"])
    assert _number(case, profile) == (expected if profile in case.get("profiles", PROFILES) else None)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["text"][:60])
def test_accepted(case: dict[str, Any], profile: str) -> None:
    """A statement that is right in a version passes, or is said not to be modelled."""
    if int(profile) >= case.get("since", 19):
        assert _number(case, profile) == (None if case.get("modelled", True) else NOT_MODELLED)


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["text"][:60])
def test_accepted_in_other_dress(case: dict[str, Any]) -> None:
    """Line breaks, comments and capitals make no difference."""
    text = case["text"]
    if not {"'", '"', "/"} & set(text):
        text = text.replace(" ", "\n /* , from ( */ ")
    expected = None if case.get("modelled", True) else NOT_MODELLED
    assert abs(_number(case, "23", text) or 0) == (expected or 0)
    assert _number(case, "23", text.upper()) == expected


def test_all_constructs_are_in_the_corpus() -> None:
    """The constructs that were found to slip through other validators are all here, and the long list."""
    assert sum(case.get("sheet", False) for case in REFUSED) == _CONSTRUCTS - 1
    assert len({case["text"] for case in REFUSED}) == len(REFUSED)


@pytest.mark.parametrize(
    ("profile", "number"), [("19", 1795), ("21", 1795), ("23", None)], ids=["19", "21", "23"]
)
def test_long_lists(profile: str, number: int | None) -> None:
    """An IN list may have as many expressions as the version allows."""
    listed = ", ".join(map(str, range(1001)))
    text = f"select a from t where a in ({listed})"  # noqa: S608 - constant
    assert _number({"text": text}, profile) == number


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("select a from t where b ilike 'x'", "ilike"),
        ("select x.a from t as x", "as x"),
        ("create table t (a number, b bigint)", "bigint"),
        ("select a, size from t", "size"),
        ("select a from t\nwhere a = now()", "now"),
    ],
)
def test_offset(text: str, near: str) -> None:
    """The error says where in the statement it was found."""
    with pytest.raises(OracleError) as caught:
        check(classify(text), PROFILES["19"])
    assert text[caught.value.offset :].startswith(near)


def test_error_names_the_identifier() -> None:
    """An invalid identifier is named as Oracle names it."""
    with pytest.raises(OracleError, match='ORA-00904: "NOW": invalid identifier'):
        check(classify("select now() from dual"), PROFILES["19"])


def test_unknown_tables_are_not_judged() -> None:
    """Without knowing what a name is, nothing is said against it."""
    for text in (
        "select distinct c from other",
        "select distinct c from s2.t",
        "with t as (select 'x' c from dual) select distinct c from t",
        "select distinct x.c from (select 'x' c from dual) x",
    ):
        check(classify(text), PROFILES["19"], Tables())


def test_a_refusal_is_repeated() -> None:
    """A statement that passed in one version is checked again for another."""
    statement = classify("select 1")
    check(statement, PROFILES["23"])
    for _ in range(2):
        with pytest.raises(OracleError):
            check(statement, PROFILES["19"])
