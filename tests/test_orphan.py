"""Test processes whose parent dies before they know that they have one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gen3bed.ledger import open_ledgers
from gen3bed.reap import reap

pytestmark = pytest.mark.slow

_CHILD = """
import os, sys, time
while os.getppid() == int(os.environ["GEN3BED_PARENT"]):
    time.sleep(0.01)
os.execv(sys.executable, [sys.executable, "-m", "pytest", *sys.argv[1:]])
"""

_PARENT = """
import os, subprocess, sys
environment = os.environ | {"GEN3BED_PARENT": str(os.getpid())}
child = subprocess.Popen([sys.executable, "-c", *sys.argv[1:]], env=environment)
print(child.pid, flush=True)
"""


@pytest.mark.parametrize(
    "registry", ["sqlite", pytest.param("postgresql-local", marks=pytest.mark.local_postgresql)]
)
@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["one-process", "xdist"])
@pytest.mark.parametrize("collected", [True, False], ids=["collected", "zombie"])
def test_orphan_from_the_beginning_ends_and_leaves_nothing(
    tmp_path: Path, registry: str, workers: list[str], *, collected: bool
) -> None:
    """A pytest whose parent died before the plugin was loaded ends by itself, with its service."""
    (tmp_path / "test_it.py").write_text(
        "import pathlib, time\n"
        "def test_it(registry_namespace):\n"
        "    pathlib.Path(__file__).with_name('reached').touch()\n"
        "    time.sleep(600)\n"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    arguments = [_CHILD, "-p", "no:cacheprovider", "--gen3bed-registry", registry, *workers, str(tmp_path)]
    # The pipe is closed when the last process of the orphan's family ends.
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"TMPDIR": str(scratch)},
        start_new_session=True,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        if collected:
            parent.wait(30)
        try:
            output, _ = parent.communicate(timeout=60)
            # It closed the pipe; nobody here can collect it.
            _wait_for_end(child)
        finally:
            if psutil.pid_exists(child):
                os.killpg(parent.pid, signal.SIGKILL)
            reaped = reap()
    assert "passed" not in output
    assert "INTERNALERROR" not in output
    # The orphan cleans up by itself; a ledger that it had no time to close is empty.
    assert reaped == []
    assert open_ledgers() == []
    assert _mentioning(tmp_path) == []
    assert list(scratch.iterdir()) == []


def _wait_for_end(number: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(number)
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


def _mentioning(path: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            running = process.status() != psutil.STATUS_ZOMBIE
            if running and str(path) in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found
