"""A pytest plugin that takes the first xdist worker down, at a place that ``DYING_WORKER`` names."""

from __future__ import annotations

import os
import signal

__all__ = ["pytest_runtest_call", "pytest_sessionfinish"]


def pytest_runtest_call() -> None:
    """Die during the first test."""
    _die("during")


def pytest_sessionfinish() -> None:
    """Die when all tests are done."""
    _die("after")


def _die(where: str) -> None:
    if os.environ["DYING_WORKER"] == where and os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
        # As the kernel ends a process that takes too much memory.
        os.kill(os.getpid(), signal.SIGKILL)
