"""pytest's output on a disk with and without room."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from gen3bed.report import ReportNotWrittenError
from gen3bed.runner import _log
from gen3bed.runner._log import PytestLog
from tests.support.full_disk import no_room


def test_output_of_several_processes_is_kept_in_order(tmp_path: Path) -> None:
    """What processes write one after the other replaces what was in the file before."""
    path = tmp_path / "cell.log"
    path.write_text("an earlier run's")
    log = PytestLog(path)
    with log.taking() as output:
        for word in ("one", "two"):
            subprocess.run([sys.executable, "-c", f"print('{word}')"], stdout=output, check=True)
    log.check()
    assert path.read_text() == "one\ntwo\n"


def test_full_disk_does_not_reach_the_writer(tmp_path: Path) -> None:
    """A program that writes more than there is room for ends well, and the loss is told afterwards."""
    path = tmp_path / "cell.log"
    log = PytestLog(path)
    with no_room(1000), log.taking() as output:
        code = "import sys; sys.stdout.write('x' * 1_000_000)"
        done = subprocess.run([sys.executable, "-c", code], stdout=output, check=False)
    assert done.returncode == 0
    assert path.read_text() == "x" * 1000
    with pytest.raises(ReportNotWrittenError, match=r"cell\.log: it cannot be written: File too large"):
        log.check()


def test_file_that_cannot_be_made_is_refused_at_once(tmp_path: Path) -> None:
    """Without a directory for it, nothing is run."""
    with pytest.raises(ReportNotWrittenError, match="cannot be written"):
        PytestLog(tmp_path / "nowhere" / "cell.log")


def test_process_left_behind_does_not_hold_the_run_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that keeps the output open is not waited for beyond a moment."""
    monkeypatch.setattr(_log, "_PATIENCE", 0.1)
    log = PytestLog(tmp_path / "cell.log")
    with log.taking() as output:
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=output)
        began = time.monotonic()
    took = time.monotonic() - began
    left.kill()
    left.wait()
    assert took < 30
