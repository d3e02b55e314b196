"""One cell: its service, its pytest process, its record."""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from gen3bed._infrastructure import INFRASTRUCTURE_ERRORS, RERUNS
from gen3bed._signals import PARENT_VARIABLE
from gen3bed.errors import ExitCode, Gen3bedError
from gen3bed.ledger import Ledger
from gen3bed.matrix import Matrix, Registry
from gen3bed.report import CellRecord, Outcome
from gen3bed.runner._plan import PlannedCell, Request
from gen3bed.runner._progress import CellProgress
from gen3bed.services import Service

__all__ = ["run_cell"]

_GRACE = 60.0
"""Seconds that pytest gets to drop its namespaces when the run is ended;
dropping hundreds of databases with fsync on takes about as long."""

_LOG_TAIL = 4000
"""Characters of pytest's output that an error shows."""


def run_cell(
    planned: PlannedCell,
    request: Request,
    matrix: Matrix,
    *,
    ledger: Ledger,
    scratch: Path,
    progress: CellProgress,
) -> CellRecord:
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
    try:
        with _service(registry, planned, request, ledger, progress) as service:
            if service:
                server, facts = f"{registry.title} {service.version}", service.facts
            progress.say("testing")
            arguments = _arguments(planned, request, matrix, service, scratch)
            code = _pytest(arguments, log, ledger=ledger, scratch=scratch, progress=progress)
        outcome, reason = _verdict(code, log)
    except Gen3bedError as err:
        outcome, reason, hint = "error", f"{err.subject}: {err.reason}", err.hint
        if err.detail:
            reason = f"{reason}\n{err.detail}"
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
        junit=junit.name if junit.exists() else "",
        log=log.name if log.exists() else "",
        reruns=progress.reruns,
    )
    progress.say(outcome)
    return record


@contextlib.contextmanager
def _service(
    registry: Registry, planned: PlannedCell, request: Request, ledger: Ledger, progress: CellProgress
) -> Iterator[Service | None]:
    if not registry.service:
        yield None
        return
    progress.say("starting the server")
    provide = importlib.import_module(registry.service).provide
    with provide(planned.cell.variant, ledger=ledger, profile=request.profile, url=request.url) as service:
        yield service


def _arguments(
    planned: PlannedCell, request: Request, matrix: Matrix, service: Service | None, scratch: Path
) -> list[str]:
    """Return the command line of a cell's pytest."""
    name = planned.cell.name
    arguments = [
        sys.executable, "-m", "pytest", "--pyargs", *(matrix.suite(s).target for s in planned.suites),
        "--rootdir", str(scratch), "--basetemp", str(scratch / "tmp"), "-p", "no:cacheprovider",
        "-n", str(request.workers), "--dist", "loadgroup", "-ra", "--tb", "short",
        "--junitxml", str(request.report / f"{name}.xml"),
        "--reruns", str(RERUNS), *(f"--only-rerun={e.pattern}" for e in INFRASTRUCTURE_ERRORS),
    ]  # fmt: skip
    if service:
        # The administrator's password travels in a file, not on the command
        # line, where every account of the machine could read it.
        service.save(scratch / "service.json")
        arguments += ["--gen3bed-service", str(scratch / "service.json")]
    else:
        arguments += ["--gen3bed-registry", name]
    return arguments + (["-k", request.keyword] if request.keyword else [])


def _pytest(arguments: list[str], log: Path, *, ledger: Ledger, scratch: Path, progress: CellProgress) -> int:
    """Run pytest to its end; return its exit code."""
    reader, writer = os.pipe()
    environment = os.environ | {PARENT_VARIABLE: str(os.getpid()), "GEN3BED_LEDGER": str(ledger.path)}
    # A personal Butler configuration would change what is under test.
    environment.pop("DAF_BUTLER_CONFIG_PATH", None)
    with log.open("wb") as output, os.fdopen(reader) as news:
        # A session of its own: Ctrl-C reaches this process only, which then
        # asks pytest once; a second SIGINT would cut its cleaning short.
        process = subprocess.Popen(  # noqa: S603
            [*arguments, "--gen3bed-progress", str(writer)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=scratch,
            env=environment,
            pass_fds=(writer,),
            start_new_session=True,
        )
        os.close(writer)
        try:
            progress.follow(news)
            return process.wait()
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _verdict(code: int, log: Path) -> tuple[Outcome, str]:
    """Return what pytest's exit code means.

    The codes are those of `pytest.ExitCode`; ours are `ExitCode`, which the
    plugin uses when a namespace cannot be made.
    """
    if code == 0:
        return "passed", ""
    if code == 1:
        return "failed", ""
    if code == ExitCode.INTERRUPTED:
        return "interrupted", "the run was interrupted"
    tail = log.read_text(errors="replace")[-_LOG_TAIL:]
    if code == 5:  # noqa: PLR2004, pytest.ExitCode.NO_TESTS_COLLECTED
        return "not-enough", f"pytest collected no test\n{tail}"
    return "error", f"pytest ended with exit code {code}\n{tail}"


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
