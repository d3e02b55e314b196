"""A whole run: all cells of a plan, and the report."""

from __future__ import annotations

import contextlib
import platform
import sys
from collections.abc import Iterator
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
    RunRecord,
    RunResults,
    collect_manifest,
    load_results,
    print_summary,
    write_report,
)
from gen3bed.runner._cell import run_cell
from gen3bed.runner._plan import Plan, PlannedCell
from gen3bed.runner._progress import RunProgress
from gen3bed.services._cleanup import removing
from gen3bed.services._directory import directory_entry, make_directory, remove_directory

__all__ = ["run_plan"]


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
    try:
        request.report.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise UsageError(
            f"--report {request.report}",
            reason=f"the directory cannot be made: {err.strerror}",
            hint="Name a directory that you can write.",
        ) from err
    reap()
    ledger = Ledger.create()
    record = RunRecord(
        run=ledger.run,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        command=["gen3bed", *sys.argv[1:]],
        python=platform.python_version(),
        manifest=collect_manifest(),
    )
    with interruptible():
        with RunProgress(console) as progress:
            interrupted = False
            for planned in plan.cells:
                if planned.lacking or interrupted:
                    reason = planned.lacking or "the run was interrupted before it"
                    record.cells.append(_not_run(planned, reason))
                    continue
                line = progress.cell(planned.cell.title)
                try:
                    with _scratch(ledger) as scratch:
                        cell = run_cell(
                            planned, request, matrix, ledger=ledger, scratch=scratch, progress=line
                        )
                except KeyboardInterrupt:
                    interrupted = True
                    reason = "the run was interrupted while it ran"
                    cell = replace(_not_run(planned, reason), outcome="interrupted", hint="Run it again.")
                except Gen3bedError as err:
                    # The cell's own cleaning failed; the others still run.
                    reason = f"{err.subject}: {err.reason}"
                    cell = replace(_not_run(planned, reason), outcome="error", hint=err.hint)
                record.cells.append(cell)
                record.save(request.report)
        ledger.close()
        record.save(request.report)
        write_report(request.report)
        print_summary(request.report, console)
    return _exit_code(load_results(request.report), required=request.required)


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


def _not_run(planned: PlannedCell, reason: str) -> CellRecord:
    cell = planned.cell
    return CellRecord(
        name=cell.name,
        title=cell.title,
        registry=cell.registry,
        variant=cell.variant,
        suites=planned.suites,
        outcome="not-run",
        provider=cell.variant,
        reason=reason,
        hint="`gen3bed doctor` says what this machine lacks.",
    )


def _exit_code(results: RunResults, *, required: bool) -> ExitCode:
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
    if results.faults or (required and "not-run" in states):
        return ExitCode.SERVICE
    return ExitCode.OK
