"""Tests of finding and ending recorded processes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import psutil
import pytest

from gen3bed.ledger import Entry
from gen3bed.services._process import _without_children, end_process, find_processes

_STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """Return a process that sleeps."""
    with subprocess.Popen([shutil.which("sleep") or "", "60"]) as process:
        yield process
        process.kill()


def _entry(pid: int, started: float) -> Entry:
    return Entry(kind="process", name="sleeper", facts={"pid": str(pid), "started": repr(started)})


def test_ends_the_recorded_process(sleeper: subprocess.Popen[bytes]) -> None:
    """A process with the recorded number and start time is ended."""
    end_process(_entry(sleeper.pid, psutil.Process(sleeper.pid).create_time()))
    assert sleeper.wait(10) == -15


def test_spares_a_reused_number(sleeper: subprocess.Popen[bytes]) -> None:
    """A process that has the recorded number but started at another time is somebody else's."""
    end_process(_entry(sleeper.pid, psutil.Process(sleeper.pid).create_time() - 60))
    assert sleeper.poll() is None


def test_kills_what_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ignores the polite signal is killed after the grace."""
    monkeypatch.setattr("gen3bed.services._process._GRACE", 0.2)
    with subprocess.Popen([sys.executable, "-c", _STUBBORN], stdout=PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end_process(_entry(process.pid, psutil.Process(process.pid).create_time()))
        assert process.wait(10) == -9


def test_found_by_directory_alone(tmp_path: Path) -> None:
    """A server whose number was never recorded is found and ended by its directory."""
    # A shell under the server's name stands for it: it keeps its arguments.
    server = tmp_path / "postgres"
    shutil.copy(shutil.which("sh") or "", server)
    script = "echo 1; read line; exit 1"
    mine, other = tmp_path / "gen3bed-1", tmp_path / "gen3bed-2"
    with (
        subprocess.Popen([server, "-c", script, mine], stdin=PIPE, stdout=PIPE) as process,
        subprocess.Popen([server, "-c", script, other], stdin=PIPE, stdout=PIPE) as bystander,
    ):
        for started in (process, bystander):
            assert started.stdout is not None
            started.stdout.readline()
        end_process(Entry(kind="process", name="server", facts={"directory": str(mine)}))
        assert process.wait(10) == -15
        assert bystander.poll() is None
        bystander.kill()


def test_found_by_the_directory_it_works_in(tmp_path: Path) -> None:
    """A server that initdb started, which has no directory on its command line, is found and ended."""
    server = tmp_path / "postgres"
    shutil.copy(shutil.which("sh") or "", server)
    mine, other = tmp_path / "gen3bed-1", tmp_path / "gen3bed-2"
    for directory in (mine, other):
        (directory / "data").mkdir(parents=True)
    command = [str(server), "-c", "echo 1; read line; exit 1"]
    with (
        subprocess.Popen(command, cwd=mine / "data", stdin=PIPE, stdout=PIPE) as process,
        subprocess.Popen(command, cwd=other / "data", stdin=PIPE, stdout=PIPE) as bystander,
    ):
        for started in (process, bystander):
            assert started.stdout is not None
            started.stdout.readline()
        end_process(Entry(kind="process", name="server", facts={"directory": str(mine)}))
        assert process.wait(10) == -15
        assert bystander.poll() is None
        bystander.kill()


def test_children_of_a_server_are_left_to_it(sleeper: subprocess.Popen[bytes]) -> None:
    """Of a server and its child, both found by their directory, only the server gets the polite signal."""
    server, child = psutil.Process(), psutil.Process(sleeper.pid)
    assert _without_children([child, server]) == [server]
    assert _without_children([child]) == [child]


def test_bystander_with_the_directory_is_spared(tmp_path: Path) -> None:
    """A program that merely has the directory on its command line is not a server."""
    entry = Entry(kind="process", name="server", facts={"directory": str(tmp_path)})
    command = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)", str(tmp_path)]
    with subprocess.Popen(command, stdout=PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert find_processes(entry) == []
        process.kill()


def test_nothing_to_end_is_no_error() -> None:
    """Ending a process that never came to be does nothing."""
    end_process(Entry(kind="process", name="never", facts={"directory": "/nowhere/gen3bed"}))
