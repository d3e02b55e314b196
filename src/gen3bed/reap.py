"""Remove what crashed runs left, as their ledgers say, and nothing else."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gen3bed.errors import Gen3bedError, LedgerError, LedgerGoneError, ServerUnreachableError, UsageError
from gen3bed.ledger import Entry, Kind, Ledger, open_ledgers, remove_unbegun
from gen3bed.registries import remove_from_server
from gen3bed.services._directory import remove_directory
from gen3bed.services._docker import reap_container
from gen3bed.services._process import end_process

__all__ = ["Reaped", "Reaper", "find_lost", "forget", "listed", "reap", "reap_run", "unfinished"]

Reaper = Callable[[Entry, str], None]
"""Removes the thing of an entry that the run of that name made.

It returns if the thing is gone, also if it was gone before, and raises
`Gen3bedError` if it cannot be removed now.
"""

_ORDER: tuple[Kind, ...] = ("process", "container", "schema", "database", "role", "user", "directory")
"""What ends a server comes first, since all within it is gone then; a role
can be dropped only after what it owns, and a directory after its process."""

_REAPERS: dict[Kind, Reaper] = {
    "container": reap_container,
    "database": remove_from_server,
    "directory": remove_directory,
    "process": end_process,
    "role": remove_from_server,
    "schema": remove_from_server,
    "user": remove_from_server,
}
"""One for each kind of entry."""


_NAMED = 3
"""Things on one server that a line names before it counts the rest."""


@dataclass(frozen=True, kw_only=True)
class Reaped:
    """What became of one thing that a run had left.

    Its text is one line for people: what is gone, or what is still there and
    why.

    Attributes
    ----------
    run : `str`
        The run that made it.
    kind, name : `str`
        What it is, as in the ledger; ``ledger`` for the ledger itself, and
        ``server`` for all that is on a server that cannot be reached.
    reason : `str`
        Why it is still there; empty if it is gone.
    hint : `str`
        What to do about it; empty if it is gone.
    holds : `tuple` [`str`, ...]
        Kind and name of each thing that is still on an unreachable server.
    """

    run: str
    kind: str
    name: str
    reason: str = ""
    hint: str = ""
    holds: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        """Whether the thing is gone (`bool`)."""
        return not self.reason

    def __str__(self) -> str:
        if self.gone:
            return f"removed {self.kind} {self.name} of run {self.run}"
        what = f"{listed(self.holds)} on {self.name}" if self.holds else f"{self.kind} {self.name}"
        return f"still there: {what} of run {self.run}: {self.reason}"


def listed(things: Sequence[str]) -> str:
    """Return the first of several things by name, and the number of the others."""
    named, more = ", ".join(things[:_NAMED]), len(things) - _NAMED
    return f"{named} and {more} more" if more > 0 else named


def reap(*, include_kept: bool = False) -> list[Reaped]:
    """Remove what crashed runs left.

    A run has crashed if its ledger is there and its process is not.  Runs on
    other hosts that share the ledger's directory are left alone.  Calling
    this again, or from several processes at once, does no harm.

    Parameters
    ----------
    include_kept : `bool`, optional
        Whether services that were to outlive their process, as after
        ``gen3bed up``, are removed as well.

    Returns
    -------
    reaped : `list` [`Reaped`]
        What is gone, and what is not and why; the latter stays in its
        ledger.
    """
    results: list[Reaped] = []
    unreachable = _Unreachable()
    remove_unbegun()
    for ledger in open_ledgers():
        # Somebody else who reaps this ledger at this moment will report.
        with _locked(ledger, wait=False) as locked:
            if locked:
                results += _reap(ledger, unreachable, lambda run: _is_crashed(run, include_kept=include_kept))
    return results


def reap_run(ledger: Ledger) -> list[Reaped]:
    """Remove what one run made, and nothing of other runs.

    Parameters
    ----------
    ledger : `Ledger`
        Ledger of the run, which belongs to the caller or is kept.

    Returns
    -------
    reaped : `list` [`Reaped`]
        As for `reap`.  Empty if somebody else removed it first.
    """
    # A reaper that only looks holds the lock for a moment.
    with _locked(ledger, wait=True) as locked:
        return _reap(ledger, _Unreachable(), lambda _: True) if locked else []


def find_lost(run: str) -> Ledger:
    """Return the ledger of a run that may be given up.

    Raises
    ------
    gen3bed.errors.UsageError
        Raised if there is no such run, it still goes on, or it is a kept
        service.
    gen3bed.errors.LedgerError
        Raised if its ledger cannot be read.
    """
    known = {ledger.run: ledger for ledger in open_ledgers()}
    if run not in known:
        raise UsageError(
            run, reason="no run of that name has left anything", hint="`gen3bed ps` shows those that have."
        )
    owner = known[run].owner
    if owner.is_here and known[run].keep:
        raise UsageError(run, reason="it is a kept service", hint=f"Take it down with `gen3bed down {run}`.")
    if owner.is_here and owner.is_alive:
        raise UsageError(
            run,
            reason=f"it still goes on, as process {owner.pid}",
            hint="Wait for its end, or end it with Ctrl-C.",
        )
    return known[run]


def forget(ledger: Ledger) -> list[Entry]:
    """Give up what is left of a run, for good: nobody removes it after this.

    Parameters
    ----------
    ledger : `Ledger`
        What `find_lost` returned.

    Returns
    -------
    given_up : `list` [`gen3bed.ledger.Entry`]
        What the ledger named last.

    Raises
    ------
    gen3bed.errors.LedgerError
        Raised if the ledger cannot be read or written.
    """
    with _locked(ledger, wait=True) as locked:
        left = ledger.outstanding() if locked else []
        for entry in left:
            ledger.strike(entry)
        if locked:
            ledger.close()
    return left


def unfinished() -> list[str]:
    """Return the runs that a reaping leaves alone, kept services excepted.

    They go on, are ending, are on another host that shares the ledgers, or
    somebody else reaps them at this moment.
    """
    found = []
    for ledger in open_ledgers():
        with contextlib.suppress(LedgerError):  # a damaged one is told of elsewhere
            if not ledger.keep:
                found.append(ledger.run)
    return found


_Unreachable = dict[str, ServerUnreachableError]
"""Servers that did not answer during this reaping: each is waited for once."""


def _reap(ledger: Ledger, unreachable: _Unreachable, wanted: Callable[[Ledger], bool]) -> list[Reaped]:
    try:
        return _reap_ledger(ledger, unreachable) if wanted(ledger) else []
    except LedgerGoneError:
        return []  # the run has ended and left nothing
    except LedgerError as err:
        return [_left(ledger, "ledger", err.subject, err)]


def _is_crashed(ledger: Ledger, *, include_kept: bool) -> bool:
    owner = ledger.owner
    if ledger.keep:
        return include_kept and owner.is_here
    return not owner.is_alive


def _reap_ledger(ledger: Ledger, unreachable: _Unreachable) -> list[Reaped]:
    results: list[Reaped] = []
    refused: dict[str, Gen3bedError] = {}
    held: dict[str, list[str]] = {}
    not_struck: dict[str, LedgerError] = {}
    for kind in _ORDER:
        # Read again for each kind: striking a server strikes what is in it.
        # The newest comes first, as it may depend on an older one.
        for entry in reversed([e for e in ledger.outstanding() if e.kind == kind]):
            if entry.within in not_struck:
                continue  # gone with its holder
            server = entry.facts.get("server", "")
            known = refused.get(entry.within) or unreachable.get(server)
            error = known or _attempt(entry, ledger.run)
            if isinstance(error, ServerUnreachableError):
                unreachable[server] = error
                held.setdefault(server, []).append(f"{kind} {entry.name}")
            elif error is None:
                results.append(Reaped(run=ledger.run, kind=kind, name=entry.name))
                try:
                    ledger.strike(entry)
                except LedgerError as err:  # what can go must go, all the more on a full disk
                    not_struck[entry.name] = err
            else:
                refused[entry.name] = error
                results.append(_left(ledger, kind, entry.name, error))
    ledger.close()
    told_once = list(not_struck.values())[:1]
    results += [_left(ledger, "ledger", err.subject, err) for err in told_once]
    results += [
        _left(ledger, "server", server, unreachable[server], holds=tuple(things))
        for server, things in held.items()
    ]
    return results


def _left(
    ledger: Ledger, kind: str, name: str, error: Gen3bedError, *, holds: tuple[str, ...] = ()
) -> Reaped:
    return Reaped(run=ledger.run, kind=kind, name=name, reason=error.reason, hint=error.hint, holds=holds)


def _attempt(entry: Entry, run: str) -> Gen3bedError | None:
    try:
        _REAPERS[entry.kind](entry, run)
    except Gen3bedError as err:
        return err
    except Exception as err:  # noqa: BLE001 - one bad entry must not keep the others
        return Gen3bedError(
            entry.name, reason=f"removing it failed: {type(err).__name__}: {err}", hint="Please report this."
        )
    return None


@contextlib.contextmanager
def _locked(ledger: Ledger, *, wait: bool) -> Iterator[bool]:
    """Lock a ledger against other reapers; false if one holds or ended it."""
    try:
        descriptor = os.open(ledger.path, os.O_RDWR)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        yield False
    else:
        # Another reaper may have removed the file before we had the lock.
        yield ledger.path.exists()
    finally:
        os.close(descriptor)
