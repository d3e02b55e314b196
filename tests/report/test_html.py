"""Tests of `gen3bed.report._html`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gen3bed.report import _html as html
from gen3bed.report import load_results
from gen3bed.report._html import render
from gen3bed.report._states import STATES

from .conftest import HOSTILE, SECRET, make_cell
from .page import Element, parse_page

MakeReport = Callable[..., Path]


@pytest.fixture
def text(all_states: Path) -> str:
    """Return the page over cells in every state."""
    return render(load_results(all_states))


@pytest.fixture
def page(text: str) -> Element:
    """Return the parsed page over cells in every state."""
    return parse_page(text)


def _section(page: Element, name: str) -> Element:
    (section,) = page.all("section", id=name)
    return section


def test_map_shows_the_numbers_of_the_results(page: Element, all_states: Path) -> None:
    """Each tile shows passed/executed and skipped of its cell and suite, and the symbol of its state."""
    results = load_results(all_states)
    tiles = {
        (tile.attributes["data-cell"], tile.attributes.get("data-suite", "")): tile
        for tile in _section(page, "map").all("td", **{"class": "tile"})
        if "data-cell" in tile.attributes
    }
    expected = {
        (cell.record.name, suite.name): suite
        for cell in results.cells
        for suite in cell.suites
        if cell.state != "not-run"
    }
    assert expected.keys() == {key for key in tiles if key[1]}
    for key, suite in expected.items():
        counts = suite.counts
        assert f"{counts.passed}/{counts.executed}" in tiles[key].text
        assert counts.excused in tiles[key].text
        assert tiles[key].attributes["class"] == f"tile {suite.state}"
        assert STATES[suite.state].symbol in tiles[key].text


def test_totals_are_those_of_the_results(page: Element, all_states: Path) -> None:
    """The figures at the top are the sums over all cells, and the verdict is in words."""
    results = load_results(all_states)
    (figures,) = page.all("ul", id="totals")
    words = [item.text for item in figures.all("li")]
    assert words[0] == f"{results.passed} passed"
    assert words[1].startswith(f"{results.failed} failed")
    assert words[2].startswith(f"{results.skipped} skipped")
    (verdict,) = page.all("section", id="verdict")
    assert "Failed" in verdict.text
    assert results.verdict in verdict.text


def test_cell_that_was_not_run_is_grey_with_its_reason(page: Element) -> None:
    """A cell that was not run has one tile, with reason and hint, and nothing green."""
    (row,) = [row for row in _section(page, "map").all("tr") if "oracle-url" in row.text]
    (tile,) = row.all("td")
    assert tile.attributes["class"] == "tile not-run wide"
    assert tile.text == "○ not run No URL was given. Give one with --url."
    assert not row.all(**{"class": "passed"})


def test_missed_floor_names_the_floor(page: Element) -> None:
    """A suite below its floor shows the floor beside its number."""
    (tile,) = page.all("td", data_cell="oracle-container", data_suite="queries")
    assert "not enough" in tile.text
    assert "floor 34" in tile.text


def test_stand_in_is_shown_wherever_the_cell_is(page: Element) -> None:
    """The row of a cell on a stand-in is marked, and every other section names it so."""
    (row,) = [row for row in _section(page, "map").all("tr") if "oracle-container" in row.text]
    assert [badge.text for badge in row.all("span", **{"class": "stand-in"})] == ["stand-in"]
    for name in ("failures", "cells", "costs"):
        assert "oracle-container (stand-in)" in _section(page, name).text
        assert not re.search(r"oracle-container(?! \(stand-in\))", _section(page, name).text)


def test_failures_are_folded_with_their_evidence(page: Element, all_states: Path) -> None:
    """Each failed test has one fold with its traceback, its output and its fate in other cells."""
    results = load_results(all_states)
    folds = {fold.attributes["data-test"]: fold for fold in page.all("details", **{"class": "failure"})}
    assert len(folds) == results.counts.bad
    fold = folds["test_fails"]
    assert "postgresql-container / Database" in fold.text
    assert "Captured output" in fold.text
    assert "printed postgresql://bed:***@db" in fold.text
    assert "1 of 2: AssertionError: 1 != 0" in folds["test_subtests"].text
    failures = _section(page, "failures").text
    assert "The end of the log of postgresql-local FATAL: no memory" in failures
    # Evidence of a test says more than the log of all tests.
    assert failures.index("1 of 2: AssertionError") < failures.index("The end of the log of")


def test_failure_has_the_command_that_runs_it_alone(make_report: MakeReport) -> None:
    """A failed test of the matrix comes with its command, unless that needs a server's URL as well."""
    cells = [make_cell(name, "failed", junit="mixed.xml") for name in ("sqlite-memory", "postgresql-url")]
    first, second = parse_page(render(load_results(make_report(*cells)))).all(
        "details", data_test="test_fails"
    )
    assert "Run it alone: gen3bed run sqlite-memory --suite database -k test_fails" in first.text
    assert "Run it alone" not in second.text


def test_failure_says_where_the_same_test_passes(make_report: MakeReport) -> None:
    """A failure names the other cells that ran the same test, and how it ended there."""
    results = load_results(
        make_report(
            make_cell("sqlite-memory", "failed", junit="mixed.xml"),
            make_cell("sqlite-file", "failed", junit="mixed.xml"),
            make_cell("postgresql-url", junit="clean.xml"),
        )
    )
    fold = parse_page(render(results)).all("details", data_test="test_fails")[0]
    assert "The same test elsewhere: ✗ sqlite-file: failed" in fold.text
    assert "postgresql-url" not in fold.text


def test_costs_are_compared_with_the_first_cell(page: Element) -> None:
    """Statements, commits and savepoints of a suite stand beside those of the first cell."""
    (first,) = page.all("tr", data_cost="sqlite-memory/database")
    (second,) = page.all("tr", data_cost="postgresql-container/database")
    assert not first.all("small")
    ratios = [small.text for small in second.all("small")]
    assert "\N{MULTIPLICATION SIGN}5.50" in ratios  # 55 statements and 22 commits, beside 10 and 4
    assert second.attributes["data-savepoints"] == "33"


def test_skips_and_reruns_have_reasons_and_counts(page: Element) -> None:
    """Reasons of skips are counted over cells, and reruns name their error class."""
    skips = _section(page, "skips").text
    assert "1 SQLite locks the whole database postgresql-container (1) test_skipped" in skips
    assert "DM-1 failed as expected" in skips
    assert "Run again 1" in skips
    assert "test_flaky postgresql-container OperationalError" in skips


def test_environment_is_shown(page: Element) -> None:
    """Versions, machine, service facts and the mark of a dirty checkout are on the page."""
    text = _section(page, "environment").text
    for fact in (
        "w_2026_43",
        "2026-11-23 20:24:35 UTC",
        "16.0 GiB",
        "tucana",
        "image digest sha256:0123",
        "lsst-utils 30.1",
    ):
        assert fact in text
    assert "DIRTY" in text
    (verdict,) = page.all("section", id="verdict")
    assert "With lsst-daf-butler from daf_butler at c0ffeec0ffee DIRTY" in verdict.text
    assert "With lsst-utils from utils unknown state git refuses: it is not yours" in verdict.text


def test_hostile_name_is_text(make_report: MakeReport) -> None:
    """Markup in a reason or in the name of a test is shown and never interpreted."""
    cell = make_cell(
        "sqlite-memory", "failed", junit="mixed.xml", reason=HOSTILE, title=HOSTILE, server=HOSTILE
    )
    page = parse_page(render(load_results(make_report(cell))))
    assert not page.all("script")
    assert HOSTILE in _section(page, "map").text
    assert HOSTILE in _section(page, "cells").text
    slowest = [code.text for code in _section(page, "costs").all("code")]
    assert any("<script>alert(1)</script>" in name for name in slowest)


def test_page_needs_nothing_but_itself(text: str, page: Element) -> None:
    """The page loads nothing, runs no script, and links to files beside it only."""
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    references = [
        value for e in page.all() for name, value in e.attributes.items() if name in {"href", "src"}
    ]
    assert references
    assert all(reference.startswith(("#", "./")) for reference in references)
    (style,) = page.all("style")
    assert "url(" not in style.text
    assert "@import" not in style.text
    assert not re.search(r"https?://", text)


def test_links_of_a_hostile_record_stay_beside_the_page(make_report: MakeReport) -> None:
    """A file name in a record cannot become a script or leave the machine."""
    files = {"junit": "javascript:alert(1)", "log": "//host/a?b#c", "sql": "a b.sql"}
    cell = make_cell("sqlite-memory", "error", reason="x", **files)
    page = parse_page(render(load_results(make_report(cell))))
    references = [link.attributes["href"] for link in _section(page, "cells").all("a")]
    assert references == ["./javascript%3Aalert%281%29", ".///host/a%3Fb%23c", "./a%20b.sql"]


def test_no_password_is_on_the_page(text: str) -> None:
    """Passwords in logs, messages and tracebacks are masked."""
    assert "bed:***@db" in text
    assert "admin:***@localhost" in text
    assert SECRET not in text


def test_many_failures_keep_the_page_small(make_report: MakeReport, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a number of tracebacks, failures are still listed, and refer to the JUnit file."""
    monkeypatch.setattr(html, "_TRACEBACKS", 2)
    results = load_results(make_report(make_cell("sqlite-memory", "failed", junit="mixed.xml")))
    folds = parse_page(render(results)).all("details", **{"class": "failure"})
    assert len(folds) == 6
    assert ["traceback is in junit.xml" in fold.text for fold in folds] == [False] * 2 + [True] * 4


@pytest.mark.parametrize("cells", [[], [make_cell("sqlite-memory", "not-run")]])
def test_run_of_nothing_has_a_page(make_report: MakeReport, cells: list[object]) -> None:
    """A run without any test has a page, and it is red."""
    page = parse_page(render(load_results(make_report(*cells))))
    (verdict,) = page.all("section", id="verdict")
    assert "error" in verdict.attributes["class"]
    assert "no cell was run" in _section(page, "failures").text
