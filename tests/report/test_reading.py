"""Tests of `gen3bed.report._reading`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gen3bed.matrix import load_matrix
from gen3bed.report._reading import NO_SUITE, merge_junit, read_junit
from gen3bed.report._testcases import JUnitFileError, TestResult

from .conftest import HOSTILE, SECRET

TARGETS = {name: suite.target for name, suite in load_matrix().suites.items()}


@pytest.fixture(scope="session")
def mixed(mixed_junit: Path) -> dict[str, TestResult]:
    """Return the results of the mixed file by name."""
    return {test.name: test for test in read_junit(mixed_junit, TARGETS)}


def test_each_test_is_counted_once(mixed_junit: Path) -> None:
    """Subtests, reruns and broken teardowns do not make one test count twice."""
    tests = read_junit(mixed_junit, TARGETS)
    counts = Counter((test.suite, test.outcome) for test in tests)
    assert counts == {
        ("database", "passed"): 4,
        ("database", "failed"): 3,
        ("database", "error"): 2,
        ("database", "skipped"): 2,
        ("database", "xfailed"): 1,
        ("queries", "passed"): 1,
        ("queries", "error"): 1,
    }
    assert len({(test.module, test.name) for test in tests}) == len(tests) == 14


def test_properties_of_a_rerun_are_not_added(mixed: dict[str, TestResult]) -> None:
    """A test that was run again has the statements of its last run only."""
    flaky = mixed["test_flaky"]
    assert flaky.outcome == "passed"
    assert (flaky.statements, flaky.commits, flaky.rollbacks, flaky.savepoints) == (5, 2, 1, 3)
    assert flaky.cpu_seconds == 0.25


def test_failed_subtests_are_problems_of_one_test(mixed: dict[str, TestResult]) -> None:
    """Each failed subtest is shown, within the one test that it belongs to."""
    test = mixed["test_subtests"]
    assert [problem.message for problem in test.problems] == [
        "AssertionError: 1 != 0",
        "AssertionError: 2 != 0",
    ]
    assert test.title == "SomeTestCase.test_subtests"


def test_failure_and_broken_teardown_are_both_shown(mixed: dict[str, TestResult]) -> None:
    """A test that failed and whose teardown broke has failed, with both reasons."""
    test = mixed["test_fails_twice"]
    assert [problem.kind for problem in test.problems] == ["failed", "error"]
    assert "two tables are left" in test.problems[1].message


def test_failure_carries_its_output_without_passwords(mixed: dict[str, TestResult]) -> None:
    """A failure has its traceback and what was printed and logged, with passwords masked."""
    test = mixed["test_fails"]
    assert "printed postgresql://bed:***@db:5432/registry" in test.output
    assert "logged postgresql://bed:***@db" in test.output
    assert "assert" in test.problems[0].text
    assert SECRET not in repr(test)


def test_silent_stream_has_no_heading(mixed: dict[str, TestResult]) -> None:
    """Of what was captured only the streams with content are shown, and of a silent test nothing."""
    headings = [line.split() for line in mixed["test_fails"].output.splitlines() if " Captured " in line]
    assert [words[2] for words in headings] == ["Log", "Out"]
    assert mixed["test_subtests"].output == ""


def test_crashed_worker_is_an_error_of_its_suite(mixed: dict[str, TestResult]) -> None:
    """A test whose worker died names no suite and is attributed by its module."""
    test = mixed["test_crash"]
    assert (test.suite, test.outcome) == ("queries", "error")
    assert "crashed" in test.problems[0].message


def test_run_of_a_process_that_died_is_no_test(tmp_path: Path) -> None:
    """What is left of a test's run in a process that died is not counted beside its second run."""
    path = tmp_path / "junit.xml"
    path.write_text(
        '<testsuites><testsuite tests="2"><testcase time="0.000" />'
        '<testcase classname="c" name="n" time="1"/></testsuite></testsuites>'
    )
    (test,) = read_junit(path, TARGETS)
    assert (test.name, test.outcome) == ("n", "passed")


def test_skips_carry_their_reason(mixed: dict[str, TestResult]) -> None:
    """A skip and an expected failure have their reasons, and a skipped subtest skips its test."""
    assert mixed["test_skipped"].reason == "SQLite locks the whole database"
    assert mixed["test_skipped_subtests"].reason == "not here"
    assert (mixed["test_xfails"].outcome, mixed["test_xfails"].reason) == ("xfailed", "DM-1")


def test_names_are_kept_as_they_are(mixed: dict[str, TestResult]) -> None:
    """Markup in the name of a test is plain text."""
    assert any(HOSTILE.partition("&")[0] in name for name in mixed)


def test_collection_error_is_an_error_of_its_suite(run_pytest: Callable[..., Path]) -> None:
    """A module that cannot be imported is an error of the suite that it would have been."""
    (test,) = read_junit(run_pytest(database="import no_such_module"), TARGETS)
    assert (test.suite, test.outcome) == ("database", "error")
    assert "no_such_module" in test.problems[0].text


def test_tests_outside_the_root_directory_are_told_apart(mixed_junit: Path, tmp_path: Path) -> None:
    """Without modules in the file, suites are still told apart, and a crashed test has its class's suite."""
    text = mixed_junit.read_text()
    for module in ("test_database", "test_queries"):
        text = text.replace(f"site-packages.gen3bed.conformance.{module}", "")
    (tmp_path / "x.xml").write_text(text.replace('name="test_query"', 'name="test_passes"'))
    tests = read_junit(tmp_path / "x.xml", TARGETS)
    assert len(tests) == 14
    assert {test.suite for test in tests if test.name == "test_passes"} == {"database", "queries"}
    # Its class is that of both suites here, so nobody knows.
    assert {test.suite for test in tests if test.name == "test_crash"} == {NO_SUITE}
    (tmp_path / "x.xml").write_text(
        text.replace('classname="" name="test_crash"', 'classname=".C" name="test_crash"').replace(
            'classname="" name="test_query"', 'classname=".C" name="test_query"'
        )
    )
    assert {test.suite for test in read_junit(tmp_path / "x.xml", TARGETS) if test.name == "test_crash"} == {
        "queries"
    }


def test_nameless_collection_error_is_an_error(clean_junit: Path, tmp_path: Path) -> None:
    """A module outside the root directory that cannot be imported has no name, and is still an error."""
    error = (
        '<testcase classname="" name="" time="0.0"><error message="collection failure">E x</error></testcase>'
    )
    (tmp_path / "x.xml").write_text(clean_junit.read_text().replace("</testsuite>", f"{error}</testsuite>"))
    (test,) = [test for test in read_junit(tmp_path / "x.xml", TARGETS) if test.problems]
    assert (test.suite, test.outcome, test.title) == (NO_SUITE, "error", "(collection)")


def test_module_of_no_suite_is_named_so(clean_junit: Path, tmp_path: Path) -> None:
    """A test that names no suite and whose module belongs to none is still counted."""
    text = (
        clean_junit.read_text().replace('name="suite"', 'name="other"').replace("test_database", "elsewhere")
    )
    (tmp_path / "x.xml").write_text(text)
    assert Counter(test.suite for test in read_junit(tmp_path / "x.xml", TARGETS)) == {
        NO_SUITE: 2,
        "queries": 2,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</testsuites>", ""),
        ("testsuites>", "html>"),
        ('name="sql_statements" value="5"', 'name="sql_statements" value="many"'),
        ("<testsuites", "\x00"),
    ],
)
def test_damaged_file_is_one_error(clean_junit: Path, tmp_path: Path, old: str, new: str) -> None:
    """A file that was cut short or is not JUnit is refused as a whole."""
    text = clean_junit.read_text()
    assert old in text
    text = (
        text.replace("<testsuites", "<html", 1).replace(old, new)
        if new == "html>"
        else text.replace(old, new)
    )
    (tmp_path / "x.xml").write_text(text)
    with pytest.raises(JUnitFileError, match="not a JUnit file"):
        read_junit(tmp_path / "x.xml", TARGETS)


def test_missing_file_is_one_error(tmp_path: Path) -> None:
    """A file that pytest never wrote is refused with its reason."""
    with pytest.raises(JUnitFileError, match="No such file"):
        read_junit(tmp_path / "x.xml", TARGETS)


def test_empty_file_is_one_error(tmp_path: Path) -> None:
    """A file of no length is refused with its reason."""
    (tmp_path / "x.xml").touch()
    with pytest.raises(JUnitFileError, match="not a JUnit file"):
        read_junit(tmp_path / "x.xml", TARGETS)


def test_parts_are_merged_into_one_file(tmp_path: Path) -> None:
    """All test cases of the parts are in the file, in their order."""
    parts = [tmp_path / "0.xml", tmp_path / "1.xml"]
    for part in parts:
        case = f'<testcase classname="m" name="test_{part.stem}" time="1"/>'
        part.write_text(f'<testsuites><testsuite name="pytest">{case}</testsuite></testsuites>')
    merge_junit(parts, tmp_path / "x.xml")
    assert [test.name for test in read_junit(tmp_path / "x.xml", TARGETS)] == ["test_0", "test_1"]


def test_torn_part_is_one_error(tmp_path: Path) -> None:
    """A part that pytest was killed in is refused with its name, and nothing is written."""
    (tmp_path / "0.xml").write_text("<testsuites><testsuite")
    with pytest.raises(JUnitFileError, match="it is not a JUnit file"):
        merge_junit([tmp_path / "0.xml"], tmp_path / "x.xml")
    assert not (tmp_path / "x.xml").exists()
