"""What the end of a cell's pytest means, and what is said of what it left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from gen3bed.ledger import Entry
from gen3bed.runner._progress import CellProgress, RunProgress
from gen3bed.runner._verdict import Verdict, verdict, with_leftovers

SERVER = "postgresql://me@db.example.org/butler"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return pytest's output."""
    path = tmp_path / "log"
    path.write_text("the end")
    return path


def _told(**news: object) -> CellProgress:
    progress = RunProgress(Console(quiet=True)).cell("cell")
    progress.follow([json.dumps(news)])
    return progress


def _entry(kind: str, name: str) -> Entry:
    return Entry(kind=kind, name=name, facts={"server": SERVER})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(0, "passed"), (1, "failed"), (5, "not-enough"), (2, "error"), (3, "error"), (-9, "error")],
)
def test_only_code_zero_is_green(log: Path, code: int, outcome: str) -> None:
    """Each exit code has its outcome, and what no test explains has the end of the log."""
    found = verdict(code, log, _told())
    assert found.outcome == outcome
    assert ("the end" in found.reason) is (outcome != "passed")


def test_failed_test_is_reason_enough(log: Path) -> None:
    """Where a test failed, the failure speaks for itself."""
    assert verdict(1, log, _told(failed=True)) == Verdict(outcome="failed")


@pytest.mark.parametrize("failed", [False, True])
def test_failed_cleaning_has_its_reason(log: Path, *, failed: bool) -> None:
    """A run whose cleaning failed says why, whether or not a test failed."""
    found = verdict(1, log, _told(failed=failed, uncleaned="gen3bed_1: the server refused"))
    assert (found.outcome, found.reason) == (
        "failed",
        "cleaning up failed: gen3bed_1: the server refused",
    )
    assert found.hint


@pytest.mark.parametrize("code", [1, 3])
def test_lost_server_is_one_error(log: Path, code: int) -> None:
    """A lost server is the one error, however pytest ended after it."""
    found = verdict(code, log, _told(lost="postgresql://h/d does not answer any more", uncleaned="x"))
    assert found.outcome == "error"
    assert found.reason.startswith("the server was lost while the tests ran: postgresql://h/d does not")
    assert found.hint


def test_leftovers_turn_a_green_cell_red() -> None:
    """What may still be on a server is named with the server, and the next step is to reap."""
    left = [_entry("database", "a"), _entry("database", "b"), _entry("role", "c"), _entry("role", "d")]
    found = with_leftovers(Verdict(outcome="passed"), left, "")
    assert found == Verdict(
        outcome="failed",
        reason=f"may still be there: database a, database b, role c and 1 more on {SERVER}",
        hint="Remove what is left with `gen3bed reap`.",
    )


def test_leftovers_stand_beside_another_reason() -> None:
    """The first line of a reason gets what is left; evidence, outcome and the old hint stay."""
    before = Verdict(outcome="error", reason="it broke\nlog", hint="Look.")
    found = with_leftovers(before, [_entry("schema", "s")], "")
    assert found.outcome == "error"
    assert found.reason == f"it broke; may still be there: schema s on {SERVER}\nlog"
    assert found.hint == "Look. Remove what is left with `gen3bed reap`."
    assert with_leftovers(before, [], "") == before
