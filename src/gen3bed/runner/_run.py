"""A whole run: all cells of a plan, and the report."""

from __future__ import annotations

import contextlib
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from gen3bed._signals import interruptible
from gen3bed.errors import ExitCode, Gen3bedError, UsageError
from gen3bed.ledger import Ledger
from gen3bed.matrix import Matrix
from gen3bed.reap import reap
from gen3bed.report import (
    CellRecord,
    CellResult,
    Fault,
    Outcome,
    ReportNotWrittenError,
    RunRecord,
    RunResults,
    cell_result,
    collect_manifest,
    show_summary,
    write_report,
)
from gen3bed.runner._cell import run_cell
from gen3bed.runner._plan import NAME_A_SERVER, Plan, PlannedCell, Request
from gen3bed.runner._progress import RunProgress
from gen3bed.services._cleanup import removing
from gen3bed.services._directory import directory_entry, make_directory, remove_directory

__all__ = ["run_plan"]

_DOCTOR = "`gen3bed doctor` says what this machine lacks."


def run_plan(plan: Plan, matrix: Matrix, console: Console) -> ExitCode:
    """Run every cell of a plan, write the report and print its summary.

    Parameters
    ----------
    plan : `Plan`
        What to run.
    matrix : `gen3bed.matrix.Matrix`
        The matrix that the plan was made from.
    console : `rich.console.Console`
        Where progress and summary go.

    Returns
    -------
    code : `gen3bed.errors.ExitCode`
        The worst of all cells.
    """
    request = plan.request
    with interruptible(), contextlib.closing(Ledger.create()) as ledger:
        record = RunRecord(
            run=ledger.run,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            command=["gen3bed", *sys.argv[1:]],
            python=platform.python_version(),
            manifest=collect_manifest(),
        )
        try:
            record.save(request.report)
        except ReportNotWrittenError as err:
            raise UsageError(
                f"--report {request.report}", reason=err.reason, hint="Name a directory that you can write."
            ) from err
        for left in (thing for thing in reap() if not thing.gone):
            console.print(f"warning: {left}; next step: {left.hint}", markup=False, soft_wrap=True)
        cells: list[CellResult] = []
        with RunProgress(console) as progress:
            for planned in plan.cells:
                cells.append(_run_or_not(planned, cells, request, matrix, ledger=ledger, progress=progress))
                record.cells.append(cells[-1].record)
                # Tried again at the end, where a failure is told.
                with contextlib.suppress(ReportNotWrittenError):
                    record.save(request.report)
        faults = _write_report(record, request.report)
        # From memory: the report may be on a disk that is full by now.
        results = RunResults(record=record, cells=tuple(cells), run_faults=faults)
        show_summary(results, console, directory=None if faults else request.report)
    return _exit_code(results)


def _run_or_not(
    planned: PlannedCell,
    before: Sequence[CellResult],
    request: Request,
    matrix: Matrix,
    *,
    ledger: Ledger,
    progress: RunProgress,
) -> CellResult:
    """Run a cell, unless it cannot run or the run was interrupted."""
    # Nobody's machine has what the cells need that CI does not run.
    if planned.lacking and request.required and planned.cell.ci:
        reason = f"it is required, and cannot run here: {planned.lacking}"
        return _without_tests(planned, outcome="error", reason=reason)
    if planned.lacking:
        return _without_tests(
            planned, reason=planned.lacking, hint=_DOCTOR if planned.cell.ci else NAME_A_SERVER
        )
    if any(cell.state == "interrupted" for cell in before):
        return _without_tests(planned, reason="the run was interrupted before it")
    line = progress.cell(planned.cell.title)
    result: CellResult | None = None
    outcome: Outcome
    try:
        with _scratch(ledger) as scratch:
            result = run_cell(planned, request, matrix, ledger=ledger, scratch=scratch, progress=line)
    except KeyboardInterrupt:
        reason, hint, outcome = "the run was interrupted while it ran", "Run it again.", "interrupted"
    except Gen3bedError as err:
        # The cell's own cleaning failed; the others still run.
        reason, hint, outcome = f"{err.subject}: {err.reason}", err.hint, "error"
    else:
        return result
    if result is None:
        return _without_tests(planned, outcome=outcome, reason=reason, hint=hint)
    # Its tests count all the same.
    record = replace(result.record, outcome=outcome, reason=reason, hint=hint).masked()
    junit, log = (request.report / name if name else None for name in (record.junit, record.log))
    return cell_result(record, junit=junit, log=log)


def _write_report(record: RunRecord, directory: Path) -> tuple[Fault, ...]:
    """Write the report; return why it cannot be written, if so."""
    try:
        record.save(directory)
        write_report(directory)
    except ReportNotWrittenError as err:
        reason = f"the report could not be written: {err.subject}: {err.reason}"
        return (Fault(cell="", suite="", state="error", reason=reason, hint=err.hint),)
    return ()


@contextlib.contextmanager
def _scratch(ledger: Ledger) -> Iterator[Path]:
    """Give a private directory for what is not kept."""
    entry = directory_entry(ledger)

    def remove() -> None:
        remove_directory(entry, ledger.run)
        ledger.strike(entry)

    ledger.record(entry)
    with removing(remove):
        yield make_directory(entry)


def _without_tests(
    planned: PlannedCell,
    *,
    reason: str,
    outcome: Outcome = "not-run",
    hint: str = _DOCTOR,
) -> CellResult:
    cell = planned.cell
    record = CellRecord(
        name=cell.name,
        title=cell.title,
        registry=cell.registry,
        variant=cell.variant,
        suites=planned.suites,
        outcome=outcome,
        provider=cell.variant,
        reason=reason,
        hint=hint,
    )
    return cell_result(record.masked(), junit=None, log=None)


def _exit_code(results: RunResults) -> ExitCode:
    """Return the worst of the states that the report shows, as a code."""
    states = {cell.state for cell in results.cells}
    codes = {
        "interrupted": ExitCode.INTERRUPTED,
        "error": ExitCode.SERVICE,
        "failed": ExitCode.FAILED,
        "not-enough": ExitCode.NOT_ENOUGH,
    }
    for state, code in codes.items():
        if state in states:
            return code
    return ExitCode.SERVICE if results.faults else ExitCode.OK
