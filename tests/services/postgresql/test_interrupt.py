"""Tests of Ctrl-C at any moment, by a real signal to a real process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from gen3bed.ledger import ledger_directory
from gen3bed.reap import reap
from gen3bed.services._docker import RUN_LABEL, engine

pytestmark = pytest.mark.slow

_HOLDER = """
import signal, sys, time
import gen3bed.services.postgresql as postgresql
from gen3bed.ledger import Ledger

ledger = Ledger.create()
# A shell without job control starts its children with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
print(ledger.run, flush=True)
try:
    with postgresql.provide(sys.argv[1], ledger=ledger):
        print("ready", flush=True)
        time.sleep(600)
except KeyboardInterrupt:
    ledger.close()
    print("interrupted", flush=True)
"""

_MOMENTS = [None, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.8, 1.0]
"""Seconds after the start begins; None is when the server is ready.  The
whole start takes about a second."""


def _start(variant: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _HOLDER, variant],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _interrupt(variant: str, delay: float | None) -> tuple[str, str]:
    """Press Ctrl-C on a process that starts or holds a server; return its run and last words."""
    with _start(variant) as process:
        assert process.stdout is not None
        run = process.stdout.readline().strip()
        if delay is None:
            assert process.stdout.readline() == "ready\n"
        else:
            threading.Event().wait(delay)
        # The terminal signals the whole group, and so do we.
        os.killpg(process.pid, signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    return run, rest + errors


@pytest.mark.local_postgresql
@pytest.mark.parametrize("delay", _MOMENTS)
def test_local(delay: float | None) -> None:
    """Ctrl-C at any moment leaves no process, directory or ledger of a local server."""
    run, said = _interrupt("local", delay)
    assert said.endswith("interrupted\n"), said
    processes = [
        p for p in psutil.process_iter(["cmdline"]) if any(run in a for a in p.info["cmdline"] or ())
    ]
    assert [p for p in processes if p.status() != psutil.STATUS_ZOMBIE] == []
    places = (Path("/tmp"), Path("/dev/shm"))  # noqa: S108
    assert [path for place in places for path in place.glob(f"gen3bed-{run}*")] == []
    assert list(ledger_directory().glob("*.jsonl")) == []


@pytest.mark.local_postgresql
@pytest.mark.parametrize("mode", ["--boot", "--single"])
def test_initdb_leaves_no_shared_memory(mode: str) -> None:
    """Ctrl-C while initdb's own server works leaves no segment of shared memory and no process."""
    with _start("local") as process:
        server = _wait_for_server(process, mode)
        segments = {Path(m.path) for m in server.memory_maps() if "PostgreSQL." in m.path}
        os.killpg(process.pid, signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    assert (rest + errors).endswith("interrupted\n")
    assert segments
    assert [path for path in segments if path.exists()] == []
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def _wait_for_server(process: subprocess.Popen[str], mode: str) -> psutil.Process:
    """Wait until initdb's server has attached to shared memory."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                mapped = any("PostgreSQL." in m.path for m in child.memory_maps())
                if mapped and mode in child.cmdline():
                    return child
    pytest.fail("initdb started no server")


@pytest.mark.docker
@pytest.mark.parametrize("delay", _MOMENTS)
def test_container(delay: float | None) -> None:
    """Ctrl-C at any moment leaves no container and no ledger."""
    run, said = _interrupt("container", delay)
    assert said.endswith("interrupted\n"), said
    with engine() as client:
        assert client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run}"}) == []
    assert list(ledger_directory().glob("*.jsonl")) == []
    assert reap() == []
