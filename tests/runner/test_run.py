"""Whole runs, as a user starts them, and the ways in which they go wrong."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from gen3bed.errors import ExitCode, LedgerGoneError, ServiceError
from gen3bed.ledger import Entry, open_ledgers
from gen3bed.matrix import Matrix, load_matrix
from gen3bed.reap import reap, reap_run
from gen3bed.report import load_results
from gen3bed.runner import Request, make_plan, run_plan
from gen3bed.runner import _run as _run_module
from gen3bed.services._directory import remove_directory
from gen3bed.services._process import find_processes
from tests.support import dying_worker
from tests.support.full_disk import limit_files

pytestmark = pytest.mark.slow

QUICK = ("--suite", "database", "-k", "testUpdate or testSync", "-n", "1")
"""Two tests; a run of them takes the time of its imports."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts ``gen3bed`` with the given arguments."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "gen3bed", *arguments],
            cwd=tmp_path, env=os.environ | environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


Start = Callable[..., subprocess.Popen[str]]


def _finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=300)
    return process.returncode, output


def _run(tmp_path: Path, matrix: Matrix, **options: Any) -> ExitCode:
    request = Request(report=tmp_path / "report", workers=1, **options)
    return run_plan(make_plan(request, matrix), matrix, Console(quiet=True))


def _wait_for(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None
        time.sleep(0.05)


def _sessions() -> list[psutil.Process]:
    """Return the processes below those that our ledgers name."""
    sessions = []
    with contextlib.suppress(psutil.Error, LedgerGoneError):
        for entry in [e for ledger in open_ledgers() for e in ledger.outstanding()]:
            for process in find_processes(entry):
                sessions += process.children()
    return sessions


def _testing(tmp_path: Path) -> bool:
    """Return whether a cell's pytest has finished its first tests."""
    logs = list(tmp_path.glob("gen3bed-report/*/*.log"))
    return any(re.search(r"\[ *\d+%\]|^[.s]+$", log.read_text(), re.MULTILINE) for log in logs)


def _the_run() -> str:
    """Return the identity of the one run that has a ledger."""
    (ledger,) = open_ledgers()
    return ledger.run


def _processes_of(run: str) -> list[psutil.Process]:
    """Return the running processes of tests and servers that a run started."""
    found = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
            if process.status() != psutil.STATUS_ZOMBIE and f"gen3bed-{run}-" in line:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_green_run_has_report_and_closing_line(start: Start, tmp_path: Path) -> None:
    """A run that passes ends with code 0, the page, the merged JUnit file and pytest's numbers."""
    code, output = _finish(start("run", "sqlite-file", *QUICK))
    assert code == 0, output
    assert re.search(r"^2 passed, 0 failed, 0 skipped$", output, re.MULTILINE)
    (report,) = (tmp_path / "gen3bed-report").iterdir()
    kept = {path.name for path in report.iterdir()}
    assert {"report.html", "junit.xml", "run.json", "sqlite-file.xml", "sqlite-file.sql"} <= kept
    assert open_ledgers() == []


def test_nothing_collected_is_not_green(start: Start) -> None:
    """A keyword that matches no test ends with the code for too few tests."""
    code, output = _finish(start("run", "sqlite-file", "--suite", "database", "-k", "no_such_test"))
    assert code == ExitCode.NOT_ENOUGH, output


def test_bad_keyword_is_refused_before_anything_starts(start: Start, tmp_path: Path) -> None:
    """A keyword that is no expression ends with the code for usage, without a report or a ledger."""
    code, output = _finish(start("run", "sqlite-file", "--suite", "database", "-k", "testSync and"))
    assert code == ExitCode.USAGE, output
    assert "-k testSync and: pytest cannot read it: at column 13" in output
    assert not (tmp_path / "gen3bed-report").exists()
    assert open_ledgers() == []


def test_missed_floor_is_not_green(tmp_path: Path) -> None:
    """A cell that passes with fewer tests than its floor is red."""
    matrix = load_matrix()
    suites = matrix.suites | {"database": replace(matrix.suites["database"], floor=1000)}
    cell = replace(matrix.cell("sqlite-memory"), suites=("database",), floors={})
    high = replace(matrix, suites=suites, cells=(cell,))
    assert _run(tmp_path, high, names=("sqlite-memory",)) is ExitCode.NOT_ENOUGH
    assert load_results(tmp_path / "report").cells[0].state == "not-enough"


def test_report_that_cannot_be_written_is_told_after_the_numbers(start: Start, tmp_path: Path) -> None:
    """A disk that fills up while tests run costs the report and not the numbers, and nothing is left."""
    process = start("run", "sqlite-file", *QUICK)
    # The limit is for the run and not for its pytest, which has begun then.
    _wait_for(lambda: any(e.kind == "process" for x in open_ledgers() for e in x.outstanding()), process)
    run = _the_run()
    limit_files(8192, process.pid)  # less than a page, and more than the ledger
    code, output = _finish(process)
    assert code == ExitCode.SERVICE, output
    assert re.search(r"report.html: it cannot be written: File too large\n  Hint: Make room", output)
    assert output.endswith("2 passed, 1 failed, 0 skipped\n")
    assert "Report:" not in output
    assert "Traceback" not in output
    (report,) = (tmp_path / "gen3bed-report").iterdir()
    assert {path.suffix for path in report.iterdir()} <= {".json", ".log", ".sql", ".xml"}
    assert open_ledgers() == []
    assert not list(Path(tempfile.gettempdir()).glob(f"gen3bed-{run}-*"))


def test_full_disk_under_the_log_costs_only_the_log(start: Start, tmp_path: Path) -> None:
    """Tests go on when their output cannot be kept; they are in the summary, with the reason."""
    process = start("run", "sqlite-file", *QUICK)
    _wait_for(lambda: any(tmp_path.glob("gen3bed-report/*/*.log")), process)
    (log,) = tmp_path.glob("gen3bed-report/*/*.log")
    limit_files(100_000, process.pid)  # more than all else that is written
    with log.open("ab") as stream:
        stream.write(bytes(100_000))
    code, output = _finish(process)
    assert code == ExitCode.SERVICE, output
    assert "sqlite-file.log: it cannot be written: File too large" in output
    assert output.endswith("2 passed, 1 failed, 0 skipped\n")
    assert load_results(log.parent).cells[0].counts.passed == 2
    assert open_ledgers() == []


def test_results_that_cannot_be_kept_still_count(start: Start, tmp_path: Path) -> None:
    """A cell whose JUnit file cannot be kept is an error, and its tests are in the summary."""
    process = start("run", "sqlite-file", *QUICK)
    _wait_for(lambda: any(tmp_path.glob("gen3bed-report/*/*.log")), process)
    (report,) = (tmp_path / "gen3bed-report").iterdir()
    (report / "sqlite-file.xml").mkdir()
    code, output = _finish(process)
    assert code == ExitCode.SERVICE, output
    assert "sqlite-file.xml: it cannot be written: Is a directory" in output
    assert output.endswith("2 passed, 1 failed, 0 skipped\n")
    assert load_results(report).cells[0].state == "error"
    assert open_ledgers() == []


def test_report_directory_without_room_is_refused_before_anything_starts(
    start: Start, tmp_path: Path
) -> None:
    """A report directory that cannot be written is an error of usage, and no test is run."""
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "run.json").mkdir()
    code, output = _finish(start("run", "sqlite-file", *QUICK, "--report", "report"))
    assert code == ExitCode.USAGE, output
    assert "--report" in output
    assert "Traceback" not in output
    assert [p.name for p in (tmp_path / "report").iterdir()] == ["run.json"]
    assert open_ledgers() == []


def test_unreachable_server_is_not_green(start: Start) -> None:
    """Somebody's server that is down is one error with its reason, and the code for a service."""
    code, output = _finish(start("run", "postgresql", "--url", "postgresql://me@127.0.0.1:1/db", *QUICK))
    assert code == ExitCode.SERVICE, output
    assert "Traceback" not in output


def test_cell_that_cannot_run_is_grey_or_with_require_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell that the machine cannot run does not spoil the others, unless all are required."""
    reasons = {"container": "no Docker here", "local": "no programs here", "url": ""}
    monkeypatch.setattr("gen3bed.services.postgresql.available_variants", lambda: reasons)
    matrix = replace(load_matrix(), cells=(load_matrix().cell("sqlite-memory"), load_matrix().cells[2]))
    options = {"suites": ("database",), "keyword": "testUpdate"}
    assert _run(tmp_path, matrix, **options) is ExitCode.OK
    results = load_results(tmp_path / "report")
    assert (results.cells[1].state, results.cells[1].reason) == ("not-run", "no Docker here")
    assert (results.headline, results.verdict) == ("Passed", "1 of 1 cell passed, 1 not run")
    assert _run(tmp_path, matrix, required=True, **options) is ExitCode.SERVICE
    results = load_results(tmp_path / "report")
    assert (results.headline, results.verdict) == ("Failed", "1 of 2 cells passed, 1 error")
    (fault,) = results.faults
    assert (fault.cell, fault.reason) == (
        "postgresql-container",
        "it is required, and cannot run here: no Docker here",
    )


def test_whole_matrix_says_that_nobody_named_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cell for somebody's server is grey, with its next step, and --require does not ask for it."""
    reasons = {"container": "", "local": "", "url": "the URL of a server must be given"}
    monkeypatch.setattr("gen3bed.services.postgresql.available_variants", lambda: reasons)
    matrix = load_matrix()
    matrix = replace(matrix, cells=(matrix.cell("sqlite-memory"), matrix.cell("postgresql-url")))
    output = io.StringIO()
    request = Request(
        report=tmp_path / "report", workers=1, suites=("database",), keyword="testUpdate", required=True
    )
    assert run_plan(make_plan(request, matrix), matrix, Console(file=output, width=200)) is ExitCode.OK
    assert "postgresql-url  not run: the URL of a server must be given" in output.getvalue()
    grey = load_results(tmp_path / "report").cells[1]
    assert (grey.state, "gen3bed check URL" in grey.hint) == ("not-run", True)


@pytest.mark.parametrize(
    ("where", "reason"),
    [("during", r"died while it ran \S+::test(Sync|Update)\w*"), ("after", "died after its tests")],
)
def test_dead_worker_is_not_green(start: Start, where: str, reason: str) -> None:
    """A test process that is killed, even after its last test, turns the cell red and does not hang it."""
    paths = [str(Path(dying_worker.__file__).parent), os.environ.get("PYTHONPATH")]
    process = start(
        "run", "sqlite-file", *QUICK,
        PYTHONPATH=os.pathsep.join(filter(None, paths)),
        PYTEST_PLUGINS=dying_worker.__name__.rpartition(".")[2],
        DYING_WORKER=where,
    )  # fmt: skip
    code, output = _finish(process)
    assert code == ExitCode.FAILED, output
    assert re.search(f"the test process {reason}", output), output
    # The one failure is that; a test that was run again counts once.
    assert output.endswith("2 passed, 1 failed, 0 skipped\n")


def test_hanging_cell_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell over its time limit is ended and red, with its namespaces dropped."""
    monkeypatch.setattr("gen3bed.runner._pytest.CELL_LIMIT", 8.0)
    matrix = load_matrix()
    code = _run(tmp_path, matrix, names=("sqlite-file",), suites=("registry-namekey",))
    assert code is ExitCode.SERVICE
    assert open_ledgers() == []


@pytest.mark.parametrize(
    ("error", "code", "state"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted"),
        (ServiceError("scratch", reason="it stays", hint="Look."), ExitCode.SERVICE, "error"),
    ],
)
def test_trouble_after_the_tests_costs_no_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: ExitCode, state: str
) -> None:
    """When a cell's scratch directory cannot be removed, or Ctrl-C comes then, its tests still count."""
    calls: list[int] = []

    def remove(entry: Entry, run: str) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise error
        remove_directory(entry, run)

    monkeypatch.setattr(_run_module, "remove_directory", remove)
    options = {"names": ("sqlite-file",), "suites": ("database",), "keyword": "testUpdate"}
    assert _run(tmp_path, load_matrix(), **options) is code
    cell = load_results(tmp_path / "report").cells[0]
    assert (cell.state, cell.counts.passed) == (state, 1)
    # What stayed is of a process that still runs, so that no reaping takes it.
    for ledger in open_ledgers():
        reap_run(ledger)
    assert open_ledgers() == []


@pytest.mark.local_postgresql
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_nothing(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM, even repeated, end with code 130, the numbers so far, and nothing left."""
    process = start("run", "postgresql", "--provider", "local", "--suite", "registry-namekey", "-n", "1")
    _wait_for(lambda: _testing(tmp_path), process)
    # Of several tests, only the last may not have ended.
    (log,) = tmp_path.glob("gen3bed-report/*/*.log")
    _wait_for(lambda: re.search(r"^\.[.s]+", log.read_text(), re.MULTILINE) is not None, process)
    run = _the_run()
    process.send_signal(number)
    time.sleep(0.3)
    process.send_signal(number)
    code, output = _finish(process)
    assert code == ExitCode.INTERRUPTED, output
    assert open_ledgers() == []
    assert _processes_of(run) == []
    (record,) = tmp_path.glob("gen3bed-report/*/run.json")
    assert [c["outcome"] for c in json.loads(record.read_text())["cells"]] == ["interrupted"]
    found = re.search(r"^([1-9]\d*) passed, 1 failed, \d+ skipped$", output, re.MULTILINE)
    assert found is not None, f"{output}\n{log.read_text()}"
    assert load_results(record.parent).passed == int(found[1])
    # pytest counts a test that was interrupted in its teardown.
    assert any(f"= {int(found[1]) + more} passed" in log.read_text() for more in (0, 1))


@pytest.mark.local_postgresql
def test_killed_run_is_reaped(start: Start, tmp_path: Path) -> None:
    """After kill -9 the tests end by themselves, and a reaping removes server and directories."""
    process = start("run", "postgresql", "--provider", "local", "--suite", "registry-namekey", "-n", "1")
    _wait_for(lambda: _testing(tmp_path), process)
    process.kill()
    process.wait()
    (ledger,) = open_ledgers()
    assert {e.kind for e in ledger.outstanding()} >= {"process", "directory"}
    assert all(thing.gone for thing in reap())
    assert open_ledgers() == []
    _wait_for(lambda: _processes_of(ledger.run) == [])


@pytest.mark.local_postgresql
def test_run_ends_with_the_parent_that_asked_for_it(start: Start, tmp_path: Path) -> None:
    """A run whose parent, such as nox, is killed cleans up and ends."""
    program = (
        "import os, subprocess, sys; os.environ['GEN3BED_PARENT'] = str(os.getpid()); "
        "sys.exit(subprocess.run([sys.executable, '-m', 'gen3bed', 'run', 'postgresql', '--provider', "
        "'local', '--suite', 'registry-namekey', '-n', '1'], stdout=subprocess.DEVNULL).returncode)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path)
    _wait_for(lambda: _testing(tmp_path))
    run = _the_run()
    parent.kill()
    parent.wait()
    _wait_for(lambda: open_ledgers() == [] and _processes_of(run) == [])


@pytest.mark.local_postgresql
def test_two_runs_at_once_both_succeed(start: Start) -> None:
    """Two runs in one directory, on a server each, do not meet."""
    both = [start("run", "postgresql", "--provider", "local", *QUICK) for _ in range(2)]
    for process in both:
        code, output = _finish(process)
        assert code == 0, output
    assert open_ledgers() == []


@pytest.mark.local_postgresql
def test_lost_server_is_an_infrastructure_rerun(start: Start, tmp_path: Path) -> None:
    """A test whose session the server ends is run again, and the rerun is in the report."""
    process = start("run", "postgresql", "--provider", "local", "--suite", "database",
                    "-k", "testTransactionLocking", "-n", "1")  # fmt: skip
    stop = threading.Event()

    def end_one_session() -> None:
        # The test sleeps in its transactions, so that a session of it is
        # found; sessions are children of the run's own server.
        while not stop.wait(0.05):
            for session in _sessions():
                with contextlib.suppress(psutil.Error):
                    if "idle in transaction" in " ".join(session.cmdline()):
                        session.terminate()
                        return

    thread = threading.Thread(target=end_one_session)
    thread.start()
    try:
        code, output = _finish(process)
    finally:
        stop.set()
        thread.join()
    assert code == 0, output
    (record,) = tmp_path.glob("gen3bed-report/*/run.json")
    (cell,) = json.loads(record.read_text())["cells"]
    assert [error for _, error in cell["reruns"]] == ["server went away"]


@pytest.mark.local_postgresql
@pytest.mark.parametrize("workers", ["0", "2"])
def test_server_that_dies_is_one_error(start: Start, tmp_path: Path, workers: str) -> None:
    """When the server dies, the run stops with the code for a service, and no test counts as failed."""
    process = start("run", "postgresql", "--provider", "local", "--suite", "registry-namekey", "-n", workers)
    _wait_for(lambda: _testing(tmp_path), process)
    for entry in [e for ledger in open_ledgers() for e in ledger.outstanding()]:
        for server in find_processes(entry):
            with contextlib.suppress(psutil.NoSuchProcess):  # gone with its parent
                if server.name() == "postgres":
                    server.send_signal(signal.SIGQUIT)
    code, output = _finish(process)
    assert code == ExitCode.SERVICE, output
    assert "ERROR postgresql-local: the server was lost while the tests ran" in output
    assert re.search(r"^[1-9]\d* passed, 1 failed, \d+ skipped$", output, re.MULTILINE)
    assert open_ledgers() == []
