"""Tests of Ctrl-C at any moment, by a real signal to a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
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


def _interrupt(variant: str, delay: float | None) -> tuple[str, str]:
    """Press Ctrl-C on a process that starts or holds a server; return its run and last words."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, variant],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
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
    assert list(Path("/tmp").glob(f"gen3bed-{run}*")) == []  # noqa: S108
    assert list(ledger_directory().glob("*.jsonl")) == []


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
