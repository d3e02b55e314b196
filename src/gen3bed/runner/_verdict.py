"""What became of a cell, from all that its pytest said and left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gen3bed.ledger import Entry
from gen3bed.reap import listed
from gen3bed.report import Outcome
from gen3bed.runner._progress import CellProgress
from gen3bed.runner._pytest import PytestCode

__all__ = ["Verdict", "verdict", "with_leftovers"]

_LOG_TAIL = 4000
"""Characters of pytest's output that an error shows."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a cell ended.

    Attributes
    ----------
    outcome : `str`
        See `gen3bed.report.Outcome`.
    reason, hint : `str`
        Why it is not ``passed``, and what to do.  The first line of the
        reason stands alone; what follows is evidence.
    """

    outcome: Outcome
    reason: str = ""
    hint: str = ""


def verdict(code: int, log: Path, progress: CellProgress) -> Verdict:
    """Return what the end of a cell's pytest means.

    Parameters
    ----------
    code : `int`
        One of `PytestCode`, or the negative number of a signal.
    log : `pathlib.Path`
        pytest's output.
    progress : `CellProgress`
        What pytest reported while it ran.
    """
    if progress.lost:
        return Verdict(
            outcome="error",
            reason=f"the server was lost while the tests ran: {progress.lost}",
            hint="Look for the reason in the server's log, and run again.",
        )
    found = _of_code(code, log, progress)
    if progress.died:
        during = f"while it ran {', '.join(progress.crashed)}" if progress.crashed else "after its tests"
        found = replace(
            found,
            reason=f"the test process died {during}",
            hint="Look for a crash of compiled code, or for the kernel's out-of-memory killer in dmesg.",
        )
    if progress.unread:
        lost = f"{len(progress.unread)} message(s) of the test process could not be read"
        found = Verdict(
            # One of them may have said that a test failed.
            outcome="error" if found.outcome == "passed" else found.outcome,
            reason=f"{found.reason or lost}\n{lost}, the last {progress.unread[-1]!r}",
            hint=found.hint or "Look at the log of the cell: pytest was probably killed.",
        )
    return found


def with_leftovers(found: Verdict, left: Sequence[Entry], why: str) -> Verdict:
    """Return a verdict that says as well what the cell left behind.

    Parameters
    ----------
    found : `Verdict`
        The verdict without it.
    left : `~collections.abc.Sequence` [`gen3bed.ledger.Entry`]
        What the cell made and could not remove.
    why : `str`
        Why it could not be removed, if that is known.
    """
    if not left:
        return found
    things = listed([f"{entry.kind} {entry.name}" for entry in left])
    servers = ", ".join(dict.fromkeys(e.facts["server"] for e in left if "server" in e.facts))
    # Of what a lost connection was to make or drop, nobody knows.
    told = f"may still be there: {things}{f' on {servers}' if servers else ''}"
    first, *rest = found.reason.splitlines() or [""]
    if why and why not in first:
        told = f"{told}: {why}"
    return Verdict(
        outcome="failed" if found.outcome == "passed" else found.outcome,
        reason="\n".join(["; ".join(filter(None, (first, told))), *rest]),
        hint=f"{found.hint} Remove what is left with `gen3bed reap`.".lstrip(),
    )


def _of_code(code: int, log: Path, progress: CellProgress) -> Verdict:
    if code == PytestCode.OK:
        return Verdict(outcome="passed")
    if code == PytestCode.TESTS_FAILED and progress.uncleaned:
        return Verdict(
            outcome="failed",
            reason=f"cleaning up failed: {progress.uncleaned}",
            hint="Look at the end of the cell's log.",
        )
    if code == PytestCode.TESTS_FAILED and progress.failed:
        return Verdict(outcome="failed")
    tail = log.read_text(errors="replace")[-_LOG_TAIL:]
    hint = "The end of the cell's log, below, should tell why."
    if code == PytestCode.TESTS_FAILED:
        return Verdict(outcome="failed", reason=f"no test failed, and pytest did\n{tail}", hint=hint)
    if code == PytestCode.NO_TESTS_COLLECTED:
        return Verdict(outcome="not-enough", reason=f"pytest collected no test\n{tail}")
    return Verdict(outcome="error", reason=f"pytest ended early, with exit code {code}\n{tail}")
