"""The list of expected failures and what a run says about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ci.suites._errors import SuitesError
from ci.suites._expected import Expected, compare, read_expected
from ci.suites._expected import test_name as name_of_test

BECAUSE = Expected(reason="because")
LISTS = Path(__file__).resolve().parents[3] / "ci/suites/expected"


def write_list(folder: Path, text: str) -> Path:
    """Write a list and return its path."""
    path = folder / "h2.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("node", "name"),
    [
        ("test/a.py::T_oracle+oracledb_19_21_0_0_0::test_x", "test/a.py::T::test_x"),
        ("test/a.py::T_oracle+oracledb_23_9_0_25_7::test_x[p_1]", "test/a.py::T::test_x[p_1]"),
        ("test/a.py::T_oracle+oracledb_async_21_3_0_0_0::test_x", "test/a.py::T::test_x"),
        ("test/a.py::T::test_19_2", "test/a.py::T::test_19_2"),
    ],
)
def test_a_test_has_one_name_on_all_versions(node: str, name: str) -> None:
    """Dialect, driver and version are no part of the name on the list."""
    assert name_of_test(node) == name


def test_results_as_on_the_list_are_no_complaint() -> None:
    """A failure that is listed, a success that is not, and a skipped test are as they should be."""
    verdict = compare({"a": "passed", "b": "failed", "c": "skipped"}, {"b": BECAUSE})
    assert (verdict.passed, verdict.failed, verdict.skipped) == (1, 1, 1)
    assert verdict.expected == ["b"]
    assert verdict.complaints(floor=1) == []


@pytest.mark.parametrize(
    ("outcomes", "expected", "complaint"),
    [
        ({"a": "passed", "b": "failed"}, {}, "failed, and is not on the list: b"),
        ({"a": "passed", "b": "passed"}, {"b": BECAUSE}, "passed, and is on the list: b"),
        ({"a": "passed", "b": "skipped"}, {"b": BECAUSE}, "was not run, and is on the list: b"),
        ({"a": "passed"}, {"b": BECAUSE}, "was not run, and is on the list: b"),
    ],
)
def test_the_list_may_not_drift(
    outcomes: dict[str, str], expected: dict[str, Expected], complaint: str
) -> None:
    """A regression, an unexpected success and an entry for a test that is not run are complaints."""
    assert compare(outcomes, expected).complaints(floor=1) == [complaint]


@pytest.mark.parametrize("outcome", ["passed", "failed"])
def test_chance_is_no_complaint(outcome: str) -> None:
    """A test that fails sometimes may do either."""
    expected = {"b": Expected(reason="because", sometimes=True)}
    assert compare({"a": "passed", "b": outcome}, expected).complaints(floor=1) == []


def test_a_floor_that_is_not_reached_is_a_complaint() -> None:
    """Fewer tests passed than the goal is a complaint, even if each failure is listed."""
    verdict = compare({"a": "passed", "b": "failed"}, {"b": BECAUSE})
    assert verdict.complaints(floor=2) == ["1 passed; the goal is 2"]


@pytest.mark.parametrize("outcomes", [{}, {"a": "skipped"}])
def test_nothing_run_is_a_complaint(outcomes: dict[str, str]) -> None:
    """No test, or only skipped ones, is not a success, even without a goal."""
    assert compare(outcomes, {}).complaints(floor=0) == ["no test was run"]


def test_a_selection_does_not_miss_the_rest_of_the_list() -> None:
    """If only some tests were asked for, entries of the others are not missed."""
    assert compare({"a": "passed"}, {"b": BECAUSE}, whole=False).complaints(floor=0) == []


def test_a_group_is_for_its_profiles(tmp_path: Path) -> None:
    """A group with profiles counts on these only, one without on all."""
    path = write_list(
        tmp_path,
        '[[group]]\nreason = "one"\ntests = ["a"]\n'
        '[[group]]\nreason = "two"\nprofiles = ["23"]\ntests = ["b"]\n',
    )
    assert read_expected(path, "19") == {"a": Expected(reason="one")}
    assert read_expected(path, "23") == {"a": Expected(reason="one"), "b": Expected(reason="two")}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[[group]]\ntests = ["a"]\n', "a group needs a reason and tests"),
        ('[[group]]\nreason = "one"\n', "a group needs a reason and tests"),
        ('[[group]]\nreason = "one"\ntests = ["a", "a"]\n', "a stands in it twice"),
    ],
)
def test_a_bad_list_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """A group without a reason or tests, and a test with two reasons, are refused by name."""
    with pytest.raises(SuitesError, match=re.escape(reason)):
        read_expected(write_list(tmp_path, text), "19")


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    """An engine without a list is not taken for one without failures."""
    with pytest.raises(SuitesError, match="no list of expected failures"):
        read_expected(tmp_path / "new.toml", "19")


@pytest.mark.parametrize("profile", ["19", "21", "23"])
@pytest.mark.parametrize("path", sorted(LISTS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_kept_lists_are_good(path: Path, profile: str) -> None:
    """Each list that is kept can be read for each profile."""
    assert all(listed.reason for listed in read_expected(path, profile).values())
