"""A stand-in in a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from oracle_standin.control import Ready, read_ready_file

__all__ = ["COMMAND", "serving", "wait_until"]

COMMAND = (sys.executable, "-m", "oracle_standin.cli")


def wait_until(condition: object, *, seconds: float = 30.0) -> None:
    """Wait until a condition, which is called, holds."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[Ready, subprocess.Popen[str]]]:
    """Serve with options, and end politely."""
    path = folder / "ready.json"
    process = subprocess.Popen(
        [*COMMAND, "serve", "--ready-file", str(path), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: path.exists() or process.poll() is not None)
        if process.poll() is not None:
            raise AssertionError(process.communicate())
        yield read_ready_file(path), process
    finally:
        process.terminate()
        process.communicate(timeout=30)
