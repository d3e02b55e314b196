"""Ending a run early without leaving anything behind."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import psutil

__all__ = ["PARENT_VARIABLE", "end_with_parent", "interruptible"]

PARENT_VARIABLE = "GEN3BED_PARENT"
"""Set to its own process number by a parent whose end shall end the run."""

_POLL = 0.5
"""Seconds between looks at the parent."""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let the first Ctrl-C, SIGTERM or SIGHUP interrupt the block.

    CI systems send SIGTERM; SIGHUP comes when a terminal or a connection is
    closed, unless the command was started with ``nohup``.  What follows is
    cleaning up, which later signals must not cut short: people press Ctrl-C
    again when nothing seems to happen.  If they must, the ledger still allows
    ``kill -9`` followed by ``gen3bed reap``.
    """
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)

    def interrupt(_: int, __: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with_parent() -> None:
    """Interrupt this process when the parent that asked for it is gone.

    nox or a runner that is killed cannot tell its children; they notice that
    they were given to another parent.
    """
    expected = os.environ.pop(PARENT_VARIABLE, "")
    if not expected.isdigit():
        return
    parent = os.getppid()

    def watch() -> None:
        # The one that asked may be gone already, or be further up.
        while os.getppid() == parent and _lives(int(expected)):
            event.wait(_POLL)
        os.kill(os.getpid(), signal.SIGINT)

    event = threading.Event()
    threading.Thread(target=watch, daemon=True, name="gen3bed-parent").start()


def _lives(number: int) -> bool:
    """Return whether a process runs; one that died and was not collected does not."""
    try:
        return bool(psutil.Process(number).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
