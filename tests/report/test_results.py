"""Tests of `gen3bed.report._results`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gen3bed.report import RunResults, load_results, shortfalls

from .conftest import SECRET, make_cell

MakeReport = Callable[..., Path]


def _one(results: RunResults) -> tuple[str, str, dict[str, str]]:
    """Return state and reason of the only cell, and the states of its suites."""
    (cell,) = results.cells
    return cell.state, cell.reason, {suite.name: suite.state for suite in cell.suites}


def test_sums_per_suite(make_report: MakeReport) -> None:
    """Counts, times and statements are summed for each suite of a cell."""
    results = load_results(make_report(make_cell("sqlite-memory", "failed", junit="mixed.xml")))
    database, queries = results.cells[0].suites
    counts = database.counts
    assert (counts.passed, counts.failed, counts.errors, counts.skipped, counts.xfailed) == (4, 3, 2, 2, 1)
    assert counts.executed == 10
    # The test with a skip mark starts no fixture, and so has no numbers.
    assert (counts.statements, counts.commits, counts.rollbacks, counts.savepoints) == (55, 22, 11, 33)
    assert counts.cpu_seconds == pytest.approx(2.75)
    assert counts.seconds == pytest.approx(sum(test.seconds for test in database.tests))
    assert (queries.counts.passed, queries.counts.errors, queries.counts.executed) == (1, 1, 2)
    assert (results.passed, results.failed, results.skipped) == (5, 6, 3)
    assert (database.title, queries.title) == ("Database", "Queries")


def test_green_needs_every_floor(make_report: MakeReport) -> None:
    """A cell whose suites all reached their floors is green and has no fault."""
    results = load_results(make_report(make_cell("sqlite-memory", junit="clean.xml")))
    assert _one(results) == ("passed", "", {"database": "passed", "queries": "passed"})
    assert (results.state, results.faults, results.passed, results.failed) == ("passed", [], 4, 0)
    assert (results.headline, results.verdict) == ("Passed", "1 of 1 cell passed")


def test_floor_missed_is_red_whatever_the_runner_said(make_report: MakeReport) -> None:
    """A suite below its floor turns a cell red that was recorded as passed."""
    cell = make_cell("sqlite-memory", junit="clean.xml", floors={"database": 3, "queries": 2})
    results = load_results(make_report(cell))
    assert _one(results)[0] == "not-enough"
    assert _one(results)[2] == {"database": "not-enough", "queries": "passed"}
    (fault,) = shortfalls(results.cells)
    assert (fault.cell, fault.suite) == ("sqlite-memory", "database")
    assert "2 tests were executed, and at least 3" in fault.reason
    assert (results.state, results.failed, results.headline) == ("not-enough", 1, "Not enough tests")


def test_skips_do_not_count_towards_the_floor(make_report: MakeReport) -> None:
    """Of twelve tests, two of them skipped, ten executed do not reach a floor of eleven."""
    cell = make_cell("sqlite-memory", "failed", junit="mixed.xml", floors={"database": 11})
    results = load_results(make_report(cell))
    assert [fault.suite for fault in shortfalls(results.cells)] == ["database"]


def test_suite_that_executed_nothing_is_red_without_a_floor(make_report: MakeReport) -> None:
    """A suite that was asked for and of which nothing was collected is never green."""
    cell = make_cell(
        "sqlite-memory", suites=("database", "queries", "pipeline"), floors={}, junit="clean.xml"
    )
    results = load_results(make_report(cell))
    assert _one(results)[2] == {"database": "passed", "queries": "passed", "pipeline": "not-enough"}
    assert (results.state, results.failed) == ("not-enough", 1)


def test_failed_tests_turn_a_passed_cell_red(make_report: MakeReport) -> None:
    """Failures in the JUnit file win over a runner that recorded the cell as passed."""
    results = load_results(make_report(make_cell("sqlite-memory", junit="mixed.xml")))
    assert _one(results)[0] == "failed"
    assert results.state == "failed"


def test_failure_that_no_test_shows_is_a_fault(make_report: MakeReport) -> None:
    """A cell that the runner found red though its tests passed stays red, with its reason."""
    cell = make_cell("sqlite-memory", "failed", junit="clean.xml", reason="a role was left")
    results = load_results(make_report(cell))
    assert [fault.reason for fault in results.faults] == ["a role was left"]
    assert (results.passed, results.failed, results.state) == (4, 1, "failed")


@pytest.mark.parametrize("outcome", ["passed", "failed", "not-enough"])
def test_missing_junit_is_an_error(make_report: MakeReport, outcome: str) -> None:
    """A cell that ran but left no JUnit file is an error, not a cell without tests."""
    for name in ("", "lost.xml"):
        results = load_results(make_report(make_cell("sqlite-memory", outcome, junit=name)))
        state, reason, suites = _one(results)
        assert state == "error"
        assert "xml: it cannot be read" in reason
        assert set(suites.values()) == {"error"}
        assert (results.state, results.failed) == ("error", 1)


def test_malformed_junit_is_an_error(make_report: MakeReport) -> None:
    """A cell whose JUnit file was cut short is an error with that reason."""
    directory = make_report(make_cell("sqlite-memory", junit="clean.xml"))
    path = directory / "clean.xml"
    path.write_text(path.read_text()[:-30])
    state, reason, _ = _one(load_results(directory))
    assert state == "error"
    assert "clean.xml: it is not a JUnit file" in reason


def test_reason_of_a_broken_cell_is_kept(make_report: MakeReport) -> None:
    """A cell whose service did not start keeps its reason, hint and the masked end of its log."""
    directory = make_report(
        make_cell(
            "postgresql-local", "error", reason="not ready", hint="Look.", junit="lost.xml", log="x.log"
        )
    )
    (directory / "x.log").write_text(f"FATAL\npostgresql://admin:{SECRET}@localhost")
    (cell,) = load_results(directory).cells
    assert (cell.reason, cell.hint) == ("not ready", "Look.")
    assert cell.log_tail == "FATAL\npostgresql://admin:***@localhost"


def test_evidence_in_a_reason_is_kept_apart(make_report: MakeReport) -> None:
    """The first line of a reason is the reason, and what follows is its evidence."""
    cell = make_cell("postgresql-local", "error", reason="not ready\nLOG: a\nFATAL: b")
    results = load_results(make_report(cell))
    assert (results.cells[0].reason, results.cells[0].detail) == ("not ready", "LOG: a\nFATAL: b")
    assert (results.faults[0].reason, results.faults[0].detail) == ("not ready", "LOG: a\nFATAL: b")


def test_selection_by_keyword_has_no_floors(make_report: MakeReport) -> None:
    """Suites that nobody asked for by name need not execute anything, but the cell must."""
    cell = make_cell("sqlite-memory", suites=(), floors={}, junit="clean.xml")
    directory = make_report(cell)
    assert load_results(directory).state == "passed"
    text = (directory / "clean.xml").read_text()
    head, rest = text.split("<testcase", 1)
    skipped = "<skipped type='pytest.skip' message='no'/></testcase>"
    parts = [part.replace("</testcase>", skipped) for part in rest.split("<testcase")]
    database = [
        skip if "test_database" in skip else part
        for skip, part in zip(parts, rest.split("<testcase"), strict=True)
    ]
    (directory / "clean.xml").write_text("<testcase".join([head, *database]))
    state, _, suites = _one(load_results(directory))
    assert (state, suites) == ("passed", {"database": "not-run", "queries": "passed"})
    (directory / "clean.xml").write_text("<testcase".join([head, *parts]))
    results = load_results(directory)
    assert _one(results)[0] == "not-enough"
    assert (results.state, results.failed) == ("not-enough", 1)


def test_missing_log_is_said(make_report: MakeReport) -> None:
    """A log that cannot be read is named in its place."""
    (cell,) = load_results(make_report(make_cell("sqlite-file", "error", log="x.log"))).cells
    assert "x.log cannot be read" in cell.log_tail
    assert cell.reason


@pytest.mark.parametrize("outcome", ["error", "interrupted"])
def test_broken_or_stopped_cell_has_no_green_suite(make_report: MakeReport, outcome: str) -> None:
    """Suites above their floor are not green in a cell that broke or was stopped half-way."""
    cell = make_cell("sqlite-memory", outcome, junit="clean.xml", reason="SIGTERM")
    results = load_results(make_report(cell))
    assert _one(results) == (outcome, "SIGTERM", {"database": outcome, "queries": outcome})
    assert (results.passed, results.failed, results.state) == (4, 1, outcome)


def test_broken_cell_shows_its_failures_too(make_report: MakeReport) -> None:
    """A cell that broke after tests had failed keeps both."""
    cell = make_cell("sqlite-memory", "error", junit="mixed.xml", reason="the server died")
    results = load_results(make_report(cell))
    assert _one(results) == ("error", "the server died", {"database": "failed", "queries": "failed"})
    assert results.failed == 6 + 1


def test_cell_that_was_not_run_is_neither_red_nor_green(make_report: MakeReport) -> None:
    """A cell that was not run needs no JUnit file and does not spoil the others."""
    absent = make_cell("postgresql-container", "not-run", reason="There is no Docker.")
    results = load_results(make_report(make_cell("sqlite-memory", junit="clean.xml"), absent))
    assert results.cells[1].state == "not-run"
    assert {suite.state for suite in results.cells[1].suites} == {"not-run"}
    assert (results.state, results.verdict) == ("passed", "1 of 1 cell passed, 1 not run")


@pytest.mark.parametrize("cells", [[], [make_cell("sqlite-memory", "not-run", reason="no")]])
def test_run_of_nothing_is_red(make_report: MakeReport, cells: list[object]) -> None:
    """A run in which no cell was run is an error."""
    results = load_results(make_report(*cells))
    assert (results.state, results.headline, results.failed) == ("error", "Failed", 1)
    assert results.faults[0].reason == "no cell was run"


def test_tests_of_a_cell_that_was_not_run_are_an_error(make_report: MakeReport) -> None:
    """A record that contradicts its JUnit file is not believed."""
    cell = make_cell("sqlite-memory", "not-run", reason="no", junit="clean.xml")
    assert _one(load_results(make_report(cell)))[0] == "error"


@pytest.mark.parametrize("place", ["provider", "server"])
def test_stand_in_is_named(make_report: MakeReport, place: str) -> None:
    """A cell on a stand-in server says so in its name."""
    cell = make_cell("oracle-container", junit="clean.xml", **{place: "Oracle 19c (Stand-in)"})
    assert load_results(make_report(cell)).cells[0].name == "oracle-container (stand-in)"


def test_verdict_counts_every_state(all_states: Path) -> None:
    """The verdict names how many cells ended in which way."""
    results = load_results(all_states)
    assert results.verdict == "1 of 5 cells passed, 1 error, 1 interrupted, 1 failed, 1 not enough, 1 not run"
    assert results.state == "error"
    assert [suite.name for suite in results.suites] == ["database", "queries"]
