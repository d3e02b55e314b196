"""Tests of `gen3bed.report._summary`."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from gen3bed.report import _summary as summary
from gen3bed.report import load_results, print_summary, write_report

from .conftest import SECRET, make_cell
from .page import parse_page

MakeReport = Callable[..., Path]


def _print(directory: Path, *, width: int = 80, terminal: bool = False) -> str:
    stream = io.StringIO()
    # Without this, a colourless TERM would decide.
    environment = {"TERM": "xterm-256color"}
    print_summary(directory, Console(file=stream, width=width, force_terminal=terminal, _environ=environment))
    return stream.getvalue()


def test_numbers_are_those_of_the_page(all_states: Path) -> None:
    """The terminal and the page show the same numbers for each cell and suite, and the same totals."""
    page = parse_page(write_report(all_states).read_text())
    tiles = [t.attributes for t in page.all("td", **{"class": "tile"}) if "data-suite" in t.attributes]
    on_page = [f"{tile['data-passed']}/{tile['data-executed']}" for tile in tiles]
    text = _print(all_states)
    assert re.findall(r"(?<=\s)\d+/\d+(?=\s)", text) == on_page
    (totals,) = page.all("ul", id="totals")
    numbers = [totals.attributes[f"data-{name}"] for name in ("passed", "failed", "skipped")]
    assert text.splitlines()[-1] == "{} passed, {} failed, {} skipped".format(*numbers)


def test_closing_line_stands_alone(make_report: MakeReport) -> None:
    """The last line is the three sums and nothing else."""
    directory = make_report(make_cell("sqlite-memory", junit="clean.xml"))
    assert _print(directory, terminal=True).splitlines()[-1] == "4 passed, 0 failed, 0 skipped"


def test_what_a_cell_sent_is_counted(make_report: MakeReport) -> None:
    """Below a cell's row stand the sums of the statements, commits, rollbacks and savepoints of its tests."""
    directory = make_report(make_cell("sqlite-memory", junit="clean.xml"))
    assert "  Sent: 20 statements, 8 commits, 4 rollbacks, 12 savepoints\n" in _print(directory)


def test_log_of_a_ci_system_is_plain(all_states: Path) -> None:
    """Without a terminal there are no control sequences; with one there are."""
    assert "\x1b" not in _print(all_states)
    assert "\x1b[" in _print(all_states, terminal=True)


def test_table_fits_a_narrow_terminal(make_report: MakeReport) -> None:
    """Six suites fit into 80 columns, with no number broken over two lines."""
    suites = (
        "database",
        "registry-namekey",
        "registry-synthint",
        "registry-datasets-v2",
        "queries",
        "pipeline",
    )
    directory = make_report(make_cell("postgresql-container", junit="clean.xml", suites=suites))
    lines = _print(directory).splitlines()
    rows = [line for line in lines if re.search(r"\d/\d", line)]
    assert len(rows) == 1
    assert re.findall(r"\d+/\d+", rows[0]) == ["2/2", "0/0", "0/0", "0/0", "2/2", "0/0"]
    assert max(len(line) for line in lines[: lines.index(rows[0]) + 2]) <= 80


def test_cells_without_suites_have_no_empty_table(make_report: MakeReport) -> None:
    """Where no suite is known, as with a keyword and a broken cell, no line of the table is empty."""
    directory = make_report(make_cell("postgresql-local", "error", suites=(), junit="", reason="it died"))
    first, cell, second, *_ = _print(directory).splitlines()
    assert (first, second) == ("", "")
    assert cell.startswith("postgresql-local  error in ")


def test_reason_of_a_failed_cell_stands_below_its_failures(make_report: MakeReport) -> None:
    """What the runner saw besides the failed tests, such as a process that died, is told with its hint."""
    cell = make_cell(
        "sqlite-memory", outcome="failed", junit="mixed.xml", reason="a process died", hint="Look."
    )
    assert "  sqlite-memory: a process died\n  Hint: Look.\n" in _print(make_report(cell))


def test_failures_and_faults_are_one_line_each_with_hint(all_states: Path) -> None:
    """Each failed test, broken cell and missed floor is one line, with the hint below."""
    lines = _print(all_states).splitlines()
    (failed,) = [line for line in lines if "test_fails:" in line]
    assert failed.startswith("FAILED postgresql-container / database / test_fails: ")
    assert "ERROR postgresql-local: the server did not become ready" in lines
    assert lines[lines.index("ERROR postgresql-local: the server did not become ready") + 1] == (
        "  Hint: Look at its log."
    )
    assert any(line.startswith("NOT ENOUGH oracle-container (stand-in) / queries: 2 tests") for line in lines)
    assert any(line.startswith("INTERRUPTED sqlite-file: SIGTERM") for line in lines)


def test_evidence_is_printed_below_its_fault(make_report: MakeReport) -> None:
    """The end of a server's log follows the line of the cell that it broke."""
    directory = make_report(make_cell("postgresql-local", "error", reason="not ready\nLOG: a\nFATAL: b"))
    lines = _print(directory).splitlines()
    start = lines.index("ERROR postgresql-local: not ready")
    assert lines[start + 1 : start + 3] == ["  | LOG: a", "  | FATAL: b"]


def test_cells_are_named_with_provider_and_server(all_states: Path) -> None:
    """Each cell's line names its state, where its server came from, or why it was not run."""
    lines = _print(all_states).splitlines()
    assert "sqlite-memory  passed in 12.0s, in process, SQLite 3.46" in lines
    assert "oracle-container (stand-in)  not enough in 12.0s, container, Oracle 19c (stand-in)" in lines
    assert "oracle-url  not run: No URL was given. Give one with --url." in lines


def test_skips_reruns_and_checkouts_are_named(all_states: Path) -> None:
    """Reasons of skips, the number of reruns, a dirty checkout and an unknown one are in the summary."""
    lines = _print(all_states).splitlines()
    assert "Skipped 1: SQLite locks the whole database" in lines
    assert "Run again for infrastructure errors: 1" in lines
    assert "With lsst-daf-butler from daf_butler, c0ffeec0ffee, DIRTY" in lines
    assert "With lsst-utils from utils, unknown commit, state unknown: git refuses: it is not yours" in lines


def test_path_of_the_page_is_printed_if_it_is_there(all_states: Path) -> None:
    """The path of the page stands on one line, and only when there is a page."""
    assert "Report:" not in _print(all_states)
    page = write_report(all_states)
    assert f"Report: {page}" in _print(all_states, width=40).splitlines()


def test_long_list_of_failures_is_cut(all_states: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More failures than fit on a screen are counted instead of listed."""
    monkeypatch.setattr(summary, "_FAILURES", 2)
    text = _print(all_states)
    bad = load_results(all_states).counts.bad
    assert f"... and {bad - 2} more, which the report shows" in text
    assert len(re.findall(r"^(?:FAILED|ERROR) \S+ / ", text, re.MULTILINE)) == 2


def test_no_password_is_printed(all_states: Path) -> None:
    """Passwords in messages are masked, and markup of the console library is not interpreted."""
    assert SECRET not in _print(all_states)


def test_markup_in_a_reason_is_text(make_report: MakeReport) -> None:
    """Square brackets in a reason are printed as they are."""
    directory = make_report(make_cell("sqlite-memory", "error", reason="[bold]no[/bold] [/x]"))
    assert "ERROR sqlite-memory: [bold]no[/bold] [/x]" in _print(directory).splitlines()
