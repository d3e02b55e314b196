"""The pytest processes of a cell, and what their exit codes mean together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from gen3bed.errors import LedgerError
from gen3bed.ledger import Entry
from gen3bed.runner._progress import RunProgress
from gen3bed.runner._pytest import PytestCode, PytestRun, _worst


def test_codes_are_those_of_pytest() -> None:
    """Each exit code that is read here means to pytest what it means here."""
    for code in PytestCode:
        assert code.value == pytest.ExitCode[code.name].value


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 0], 1),
        ([5, 0], 0),
        ([5, 5], 5),
        ([0, -9], -9),
        ([1, -9], -9),
        ([-9, 1], -9),
        ([0, 3], 3),
        ([], 5),
    ],
)
def test_killed_process_is_never_hidden_by_another(codes: list[int], worst: int) -> None:
    """A process that was killed or broke counts more than tests that passed or failed."""
    assert _worst(codes) == worst


class _FullLedger:
    """A ledger on a full disk."""

    path = Path("ledger")

    def record(self, entry: Entry) -> None:
        """Refuse."""
        self.entry = entry
        raise LedgerError("ledger", reason="No space left on device", hint="Make room.")

    def strike(self, entry: Entry) -> None:
        """Do nothing."""


class _Ledger(_FullLedger):
    """A ledger that takes everything."""

    def record(self, entry: Entry) -> None:
        """Do nothing."""


def _start(directory: Path, program: str, ledger: Any) -> int:
    run = PytestRun(
        cell="sqlite-file", service=None, keyword="", workers=1, scratch=directory,
        results=directory / "x.xml", junit=directory / "y.xml", log=directory / "log",
        sql=directory / "statements.sql",
    )  # fmt: skip
    with RunProgress(Console(quiet=True)) as progress:
        return run._process(
            [sys.executable, "-c", program], ledger, progress.cell("SQLite"), subprocess.DEVNULL
        )


def test_process_that_cannot_be_written_down_is_ended(tmp_path: Path) -> None:
    """On a full disk no pytest stays behind that no ledger names."""
    ledger = _FullLedger()
    with pytest.raises(LedgerError):
        _start(tmp_path, "import time; time.sleep(300)", ledger)
    assert not psutil.pid_exists(int(ledger.entry.facts["pid"]))


def test_personal_options_of_pytest_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options that somebody gives to every pytest do not change what a cell runs."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    assert _start(tmp_path, "import os, sys; sys.exit('PYTEST_ADDOPTS' in os.environ)", _Ledger()) == 0
