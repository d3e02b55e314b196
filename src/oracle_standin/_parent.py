"""Ending with the process that started this one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

__all__ = ["watch_parent"]

_POLL = 0.5
"""Seconds between looks at the parent."""


def watch_parent(number: int, end: Callable[[], object]) -> None:
    """Call a function when this process has another parent than it should have.

    A parent that is killed cannot tell its children, but they are given to
    another one.  As the number is told and not looked up, a parent that was
    gone before is noticed as well.

    Parameters
    ----------
    number : `int`
        The process that shall be the parent.
    end : `~collections.abc.Callable`
        Called once, in a thread of its own.
    """

    def watch() -> None:
        while os.getppid() == number:
            pause.wait(_POLL)
        end()

    pause = threading.Event()
    threading.Thread(target=watch, name="oracle_standin parent watch", daemon=True).start()
