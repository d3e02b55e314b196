"""One cell: its service, its pytest process, its record."""

from __future__ import annotations

import contextlib
import importlib
import resource
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gen3bed.errors import Gen3bedError
from gen3bed.ledger import Ledger
from gen3bed.matrix import Matrix, Registry
from gen3bed.report import CellRecord, CellResult, cell_result
from gen3bed.runner._plan import PlannedCell, Request
from gen3bed.runner._progress import CellProgress
from gen3bed.runner._pytest import PytestRun
from gen3bed.runner._verdict import Verdict, verdict, with_leftovers
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

    Errors of the service or of pytest itself become the record's outcome,
    and so does Ctrl-C, after everything is down: one cell's trouble does not
    keep the others from running, and tests that had ended are counted.

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
    """
    cell = planned.cell
    registry = matrix.registries[cell.registry]
    began, cpu = time.monotonic(), _cpu_of_children()
    before = ledger.outstanding()
    facts: dict[str, str] = {}
    server = registry.title
    junit, log, sql = (request.report / f"{cell.name}.{suffix}" for suffix in ("xml", "log", "sql"))
    results = scratch / junit.name
    # The directory may hold an earlier run's.
    for kept in (junit, sql):
        kept.unlink(missing_ok=True)
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
                sql=sql,
            )
            suites = [matrix.suite(name) for name in planned.suites]
            code = tests.run(suites, ledger=ledger, progress=progress)
        found = verdict(code, log, progress)
    except Gen3bedError as err:
        found = Verdict(
            outcome="error", reason=f"{err.subject}: {err.reason}\n{err.detail}".rstrip(), hint=err.hint
        )
    except KeyboardInterrupt:
        found = Verdict(
            outcome="interrupted", reason="the run was interrupted while it ran", hint="Run it again."
        )
    if found.outcome == "error" and progress.done and not results.exists():
        # As when the disk is full that pytest writes its numbers to.
        first, *rest = found.reason.splitlines()
        known = f"{progress.done} tests had ended before, with {progress.failed} failures"
        found = replace(found, reason="\n".join([f"{first}; {known}", *rest]))
    left = [e for e in ledger.outstanding() if e not in before and not e.within]
    found = with_leftovers(found, left, progress.lost or progress.uncleaned)
    record = CellRecord(
        name=cell.name,
        title=cell.title,
        registry=cell.registry,
        variant=cell.variant,
        # With a keyword nobody knows how many tests there should be.
        suites=() if request.keyword else planned.suites,
        floors={} if request.keyword else {s: matrix.floor(cell, s) for s in planned.suites},
        outcome=found.outcome,
        reason=found.reason,
        hint=found.hint,
        provider=cell.variant,
        server=server,
        service_facts=facts,
        wall_seconds=time.monotonic() - began,
        cpu_seconds=_cpu_of_children() - cpu,
        junit=junit.name if junit.is_file() else "",
        log=log.name if log.exists() else "",
        sql=sql.name if sql.is_file() else "",
        reruns=progress.reruns,
    )
    progress.say("done" if found.outcome in {"passed", "failed"} else found.outcome)
    return cell_result(
        record.masked(),
        junit=results if results.exists() or found.outcome != "error" else None,
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
