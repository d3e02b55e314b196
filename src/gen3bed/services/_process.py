"""Find and end the server processes that a ledger names, and no others."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from gen3bed.errors import ServiceError
from gen3bed.ledger import SAME_START, Entry

__all__ = ["end_process", "find_processes"]

_GRACE = 10.0
"""Seconds to wait after a polite signal; PostgreSQL's own escalation from
smart to immediate shutdown in common supervisors is of this order."""

_POLL = 0.02

_PROGRAMS = frozenset({"pg_ctl", "initdb", "postgres", "postmaster", "oracle-standin"})
"""Programs that a server's directory, on their command line or as the one they
work in, makes ours; an editor or a pager that has a file of it open is not."""


def find_processes(entry: Entry) -> list[psutil.Process]:
    """Return the running processes that ``entry`` stands for.

    A process is recorded before it exists, so its number may be missing from
    the entry.  It is then found by the server's own directory, whose random
    name nobody else has on a command line, and in which nobody else works.

    Parameters
    ----------
    entry : `Entry`
        Entry of kind ``process``.  Used facts: ``pid`` with ``started``
        (start time in seconds since the epoch), and ``directory``.
    """
    found: dict[int, psutil.Process] = {}
    facts = entry.facts
    if "pid" in facts:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(facts["pid"]))
            # Process numbers are used again: the start time tells them apart.
            if abs(process.create_time() - float(facts["started"])) < SAME_START:
                found[process.pid] = process
    if directory := facts.get("directory"):
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.name() in _PROGRAMS and _belongs_to(process, directory):
                    found[process.pid] = process
    return [p for p in found.values() if _is_running(p)]


def end_process(entry: Entry, run: str = "") -> None:
    """End the processes of ``entry``: first politely, then not.

    Does nothing if there are none.  The fact ``signal`` names the polite
    signal; it is ``SIGTERM`` by default.

    Raises
    ------
    ServiceError
        Raised if a process does not end or belongs to another account.
    """
    del run  # a process carries no label; its start time and directory identify it
    family = find_processes(entry)
    roots = _without_children(family)
    for process in roots:
        with contextlib.suppress(psutil.Error):
            family += process.children(recursive=True)
    polite = signal.Signals[entry.facts.get("signal", "SIGTERM")]
    try:
        left = _send(polite, roots, waiting_for=family, grace=_GRACE)
        left = _send(signal.SIGKILL, left, waiting_for=left, grace=_GRACE)
    except psutil.AccessDenied as err:
        raise ServiceError(
            entry.name,
            reason=f"process {err.pid} belongs to another account",
            hint="Run the command as the account that started it, or as root.",
        ) from err
    if left:
        raise ServiceError(
            entry.name,
            reason=f"processes {', '.join(str(p.pid) for p in left)} did not end",
            hint="They may wait for a disk; look at them with `ps`.",
        )


def _send(
    number: signal.Signals,
    processes: Iterable[psutil.Process],
    *,
    waiting_for: list[psutil.Process],
    grace: float,
) -> list[psutil.Process]:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    deadline = time.monotonic() + grace
    while (left := [p for p in waiting_for if _is_running(p)]) and time.monotonic() < deadline:
        time.sleep(_POLL)
    return left


def _is_running(process: psutil.Process) -> bool:
    # In a container whose first process does not collect its children, an
    # ended server stays a zombie for ever: that counts as ended.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _without_children(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those whose parents are not among them: a server ends its own children, in order."""
    numbers = {process.pid for process in processes}
    roots = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in numbers:
                roots.append(process)
    return roots


def _belongs_to(process: psutil.Process, directory: str) -> bool:
    path = str(Path(directory))
    # What initdb starts is only told where to work.
    return any(path in argument for argument in process.cmdline()) or process.cwd().startswith(path)
