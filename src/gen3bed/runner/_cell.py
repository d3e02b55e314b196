"""One cell: its service, its pytest process, its record."""

from __future__ import annotations

import contextlib
import importlib
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from gen3bed.errors import Gen3bedError
from gen3bed.ledger import Ledger
from gen3bed.matrix import Matrix, Registry
from gen3bed.report import CellRecord, CellResult, Outcome, cell_result
from gen3bed.runner._plan import PlannedCell, Request
from gen3bed.runner._progress import CellProgress
from gen3bed.runner._pytest import PytestRun, verdict
from gen3bed.services import Service

__all__ = ["run_cell"]


def run_cell(
    planned: PlannedCell,
    request: Request,
    matrix: Matrix,
    *,
    ledger: Ledger,
    scratch: Path,
    progress: CellProgress,
) -> CellResult:
    """Run the suites of a cell and return what is known about it.

    Errors of the service or of pytest itself become the record's outcome:
    one cell's trouble does not keep the others from running.

    Parameters
    ----------
    planned : `PlannedCell`
        The cell and its suites.
    request : `Request`
        Options of the run.
    matrix : `gen3bed.matrix.Matrix`
        Where floors and registries come from.
    ledger : `gen3bed.ledger.Ledger`
        Ledger of the run.
    scratch : `pathlib.Path`
        Private directory for the cell's files; not kept.
    progress : `CellProgress`
        Shows how far it is.

    Raises
    ------
    KeyboardInterrupt
        Raised when the run is interrupted, after everything is down.
    """
    cell = planned.cell
    registry = matrix.registries[cell.registry]
    began, cpu = time.monotonic(), _cpu_of_children()
    facts: dict[str, str] = {}
    server = registry.title
    outcome: Outcome
    reason = hint = ""
    junit, log = (request.report / f"{cell.name}.{suffix}" for suffix in ("xml", "log"))
    results = scratch / junit.name
    # The directory may hold an earlier run's.
    junit.unlink(missing_ok=True)
    try:
        with _service(registry, planned, request, ledger, progress) as service:
            if service:
                server, facts = f"{registry.title} {service.version}", service.facts
            progress.say("testing")
            tests = PytestRun(
                cell=cell.name,
                service=service,
                keyword=request.keyword,
                workers=request.workers,
                scratch=scratch,
                results=results,
                junit=junit,
                log=log,
            )
            suites = [matrix.suite(name) for name in planned.suites]
            code = tests.run(suites, ledger=ledger, progress=progress)
        outcome, reason = verdict(code, log)
        if progress.died:
            during = f"while it ran {', '.join(progress.crashed)}" if progress.crashed else "after its tests"
            reason = f"the test process died {during}"
            hint = "Look for a crash of compiled code, or for the kernel's out-of-memory killer in dmesg."
        if progress.unread:
            # One of them may have said that a test failed.
            outcome = "error" if outcome == "passed" else outcome
            lost = f"{len(progress.unread)} message(s) of the test process could not be read"
            reason = f"{reason or lost}\n{lost}, the last {progress.unread[-1]!r}"
            hint = hint or "Look at the log of the cell: pytest was probably killed."
    except Gen3bedError as err:
        outcome, reason, hint = "error", f"{err.subject}: {err.reason}", err.hint
        if err.detail:
            reason = f"{reason}\n{err.detail}"
    if outcome == "error" and progress.done and not results.exists():
        # As when the disk is full that pytest writes its numbers to.
        first, *rest = reason.splitlines()
        known = f"{progress.done} tests had ended before, with {progress.failed} failures"
        reason = "\n".join([f"{first}; {known}", *rest])
    record = CellRecord(
        name=cell.name,
        title=cell.title,
        registry=cell.registry,
        variant=cell.variant,
        # With a keyword nobody knows how many tests there should be.
        suites=() if request.keyword else planned.suites,
        floors={} if request.keyword else {s: matrix.floor(cell, s) for s in planned.suites},
        outcome=outcome,
        reason=reason,
        hint=hint,
        provider=cell.variant,
        server=server,
        service_facts=facts,
        wall_seconds=time.monotonic() - began,
        cpu_seconds=_cpu_of_children() - cpu,
        junit=junit.name if junit.is_file() else "",
        log=log.name if log.exists() else "",
        reruns=progress.reruns,
    )
    progress.say("done" if outcome in {"passed", "failed"} else outcome)
    return cell_result(
        record.masked(),
        junit=results if results.exists() or outcome != "error" else None,
        log=log if record.log else None,
    )


@contextlib.contextmanager
def _service(
    registry: Registry, planned: PlannedCell, request: Request, ledger: Ledger, progress: CellProgress
) -> Iterator[Service | None]:
    if not registry.service:
        yield None
        return
    progress.say("asking the server" if request.url else "starting the server")
    provide = importlib.import_module(registry.service).provide
    with provide(planned.cell.variant, ledger=ledger, profile=request.profile, url=request.url) as service:
        yield service


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
