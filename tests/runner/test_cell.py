"""One cell, with a pytest that ends in ways that the real one seldom does."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from gen3bed.errors import ExitCode
from gen3bed.ledger import Entry, Ledger
from gen3bed.matrix import Suite, load_matrix
from gen3bed.report import load_results
from gen3bed.runner import Request, make_plan, run_plan
from gen3bed.runner._progress import CellProgress
from gen3bed.runner._pytest import PytestRun

_PASSED = """<testsuites><testsuite name="pytest"><testcase classname="m" name="test_a" time="1">
<properties><property name="suite" value="database"/></properties></testcase></testsuite></testsuites>"""


class _TornRun(PytestRun):
    """A pytest whose tests pass, and whose last message is torn."""

    def run(self, suites: Sequence[Suite], *, progress: CellProgress, **_: Any) -> int:
        """Write what pytest would."""
        self.log.touch()
        for file in (self.results, self.junit):
            file.write_text(_PASSED)
        progress.follow(['{"done": true, "failed": false, "test": "a"}\n', '{"done": true, "fai'])
        return 0


def test_torn_message_is_never_green(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that passed but for a message that nobody could read is an error that quotes it."""
    monkeypatch.setattr("gen3bed.runner._cell.PytestRun", _TornRun)
    matrix = load_matrix()
    request = Request(names=("sqlite-memory",), suites=("database",), workers=1, report=tmp_path)
    assert run_plan(make_plan(request, matrix), matrix, Console(quiet=True)) is ExitCode.SERVICE
    (cell,) = load_results(tmp_path).cells
    assert cell.state == "error"
    assert cell.reason == "1 message(s) of the test process could not be read"
    assert '{"done": true, "fai' in cell.detail
    assert cell.hint
    assert cell.counts.passed == 1


class _UncleanRun(PytestRun):
    """A pytest whose tests pass, and that cannot drop its databases."""

    def run(self, suites: Sequence[Suite], *, ledger: Ledger, progress: CellProgress, **_: Any) -> int:
        """Write what pytest would."""
        self.log.write_text("Traceback")
        for file in (self.results, self.junit):
            file.write_text(_PASSED)
        facts = {"server": "postgresql://me@db.example.org/butler"}
        ledger.record(Entry(kind="database", name="gen3bed_1_gw0", facts=facts))
        progress.follow(['{"uncleaned": "gen3bed_1_gw0: the server refused"}\n'])
        return 1


def test_what_is_left_is_named_on_the_page_and_in_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell that leaves a database on somebody's server is red, names it, and says how to remove it."""
    monkeypatch.setattr("gen3bed.runner._cell.PytestRun", _UncleanRun)
    matrix = load_matrix()
    request = Request(names=("sqlite-memory",), suites=("database",), workers=1, report=tmp_path)
    output = io.StringIO()
    code = run_plan(make_plan(request, matrix), matrix, Console(file=output, width=500))
    assert code is ExitCode.FAILED
    for text in (output.getvalue(), (tmp_path / "report.html").read_text()):
        assert "cleaning up failed: gen3bed_1_gw0: the server refused" in text
        assert "database gen3bed_1_gw0 on postgresql://me@db.example.org/butler" in text
        assert "gen3bed reap" in text
