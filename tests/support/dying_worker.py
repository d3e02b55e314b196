"""A pytest plugin that takes the first xdist worker down, at a place that ``DYING_WORKER`` names."""

from __future__ import annotations

import os
import signal

import pytest

__all__ = ["pytest_runtest_call", "pytest_sessionfinish"]


def pytest_runtest_call(item: pytest.Item) -> None:
    """Die during the first test."""
    _die("during", item.config)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Die when all tests are done."""
    _die("after", session.config)


def _die(where: str, config: pytest.Config) -> None:
    # xdist's environment variable is no help: a run below a worker of another
    # pytest, such as that of these tests, inherits the other's.
    worker = getattr(config, "workerinput", {}).get("workerid")
    if os.environ["DYING_WORKER"] == where and worker == "gw0":
        # As the kernel ends a process that takes too much memory.
        os.kill(os.getpid(), signal.SIGKILL)
