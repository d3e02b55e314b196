"""When an environment must be filled, and who may fill it.

A session's virtual environment carries a stamp that says what was installed
in it.  A warm start compares the stamp and installs nothing.  Runs hold the
environment together; whoever must change it waits until nobody uses it.
"""

from __future__ import annotations

import fcntl
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["fill", "hold"]

_PAUSE = 0.2
"""Seconds between two looks at an environment that others use."""

_HELD: list[IO[str]] = []
"""Locks that this process keeps to its end; the system frees them even after SIGKILL."""


@contextmanager
def hold(lock: Path) -> Iterator[IO[str]]:
    """Keep other processes out while the ``with`` block runs."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        if not _acquired(file):
            _tell(lock.stem)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _acquired(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tell(what: str) -> None:
    print(f"Waiting: another run uses {what}.", file=sys.stderr, flush=True)


def fill(folder: Path, wanted: Mapping[str, object], install: Callable[[], None]) -> bool:
    """Call ``install`` unless ``folder`` holds what is wanted, then keep it from being changed.

    Parameters
    ----------
    folder : `~pathlib.Path`
        The virtual environment.
    wanted : `~collections.abc.Mapping` [ `str`, `object` ]
        What must be installed, as plain JSON values.
    install : `~collections.abc.Callable`
        Fills the environment; if it raises, the next start tries again.

    Returns
    -------
    filled : `bool`
        Whether ``install`` was called.
    """
    file = (folder.parent / f"{folder.name}.lock").open("a")
    _HELD.append(file)
    told = False
    while True:
        # Waits while it is filled; perhaps with what is wanted here, too.
        fcntl.flock(file, fcntl.LOCK_SH)
        if _stamp(folder) == wanted:
            return False
        # Two that held it together and both wanted to change it would wait
        # for each other forever.
        fcntl.flock(file, fcntl.LOCK_UN)
        if _acquired(file):
            break
        if not told:
            _tell(folder.name)
            told = True
        time.sleep(_PAUSE)
    if filled := _stamp(folder) != wanted:
        (folder / "gen3bed-stamp.json").unlink(missing_ok=True)
        install()
        (folder / "gen3bed-stamp.json").write_text(json.dumps(wanted))
    fcntl.flock(file, fcntl.LOCK_SH)
    return filled


def _stamp(folder: Path) -> object:
    try:
        return json.loads((folder / "gen3bed-stamp.json").read_text())
    except (OSError, ValueError):
        return None
