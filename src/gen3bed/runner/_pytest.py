"""The pytest processes of a cell: command lines, limits, ends."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from gen3bed._infrastructure import INFRASTRUCTURE_ERRORS, RERUNS
from gen3bed._signals import PARENT_VARIABLE
from gen3bed.conformance._statements import read_parts, sql_text
from gen3bed.errors import Gen3bedError
from gen3bed.ledger import Entry, Ledger, Owner
from gen3bed.matrix import Suite
from gen3bed.report import mask, write_whole
from gen3bed.runner._log import PytestLog
from gen3bed.runner._progress import CellProgress
from gen3bed.services import Service

__all__ = ["CELL_LIMIT", "PytestCode", "PytestRun"]


class PytestCode(IntEnum):
    """The exit codes of pytest that matter here.

    They are those of `pytest.ExitCode`, which takes 0.1 s to import, as a
    test makes sure.
    """

    OK = 0
    TESTS_FAILED = 1
    USAGE_ERROR = 4
    NO_TESTS_COLLECTED = 5


CELL_LIMIT = 3600.0
"""Seconds after which a cell is ended: some thirty times what the slowest
takes here, so that it only ever ends one that hangs."""

_GRACE = 60.0
"""Seconds that pytest gets to drop its namespaces when it is ended; dropping
hundreds of databases with fsync on takes about as long."""


@dataclass(frozen=True, kw_only=True)
class PytestRun:
    """One cell's pytest: what it runs on and where it writes.

    Attributes
    ----------
    cell : `str`
        Name of the cell.
    service : `gen3bed.services.Service` or `None`
        The server, if there is one.
    keyword : `str`
        pytest's ``-k``.
    workers : `int`
        xdist workers for suites that are not serial, as far as the server
        has room for them.
    scratch : `pathlib.Path`
        Private directory for everything that is not kept.
    results : `pathlib.Path`
        JUnit file of all suites, also if it cannot be kept.
    junit, log, sql : `pathlib.Path`
        Files to keep: a copy of ``results``, pytest's output, and the
        distinct statements that the tests sent.
    """

    cell: str
    service: Service | None
    keyword: str
    workers: int
    scratch: Path
    results: Path
    junit: Path
    log: Path
    sql: Path

    def run(self, suites: Sequence[Suite], *, ledger: Ledger, progress: CellProgress) -> int:
        """Run the suites; return the worst exit code of pytest.

        Suites that must run in one process have a process of their own,
        after the others: xdist's ``loadgroup``, which would keep them
        together, hangs in 3.8 when a worker dies.

        Raises
        ------
        gen3bed.report.ReportNotWrittenError
            Raised if the log or the JUnit file cannot be kept; the tests ran,
            and ``results`` has their numbers.
        gen3bed.report.JUnitFileError
            Raised if pytest could not write its numbers.
        """
        if self.service:
            # The administrator's password travels in a file, not on the
            # command line, where every account could read it.
            self.service.save(self._service_file)
        self._statements.mkdir()
        codes = []
        log = PytestLog(self.log)
        try:
            with log.taking() as output:
                for serial in (False, True):
                    targets = [suite.target for suite in suites if suite.serial is serial]
                    if targets:
                        part = self.scratch / f"junit{serial:d}.xml"
                        workers = 0 if serial else self._most_workers()
                        codes.append(
                            self._process(self._arguments(targets, workers, part), ledger, progress, output)
                        )
        except BaseException:
            # Tests that had ended before Ctrl-C count.
            with contextlib.suppress(Gen3bedError):
                self._keep_results()
            raise
        self._keep_results()
        log.check()
        return _worst(codes)

    def _keep_results(self) -> None:
        parts = sorted(self.scratch.glob("junit?.xml"))
        if parts:
            # Not needed before the tests ran.
            from gen3bed.report._reading import merge_junit  # noqa: PLC0415

            merge_junit(parts, self.results)
            write_whole(self.junit, self.results.read_bytes())
        statements = read_parts(self._statements.glob("*.json"))
        if statements:
            write_whole(self.sql, mask(sql_text(statements)).encode())

    @property
    def _statements(self) -> Path:
        return self.scratch / "statements"

    @property
    def _service_file(self) -> Path:
        return self.scratch / "service.json"

    def _most_workers(self) -> int:
        room = self.service.most_workers if self.service else 0
        return min(self.workers, room) if room else self.workers

    def _arguments(self, targets: Sequence[str], workers: int, junit: Path) -> list[str]:
        spec = importlib.util.find_spec("gen3bed")
        assert spec is not None  # noqa: S101
        assert spec.origin is not None  # noqa: S101
        arguments = [
            sys.executable, "-m", "pytest", "--pyargs", *targets,
            # Seen from here, test names begin with the package's name.
            "--rootdir", str(Path(spec.origin).parent.parent),
            "-c", os.devnull, "--basetemp", str(self.scratch / "tmp"), "-p", "no:cacheprovider",
            "-n", str(workers), "--dist", "load", "-ra", "--tb", "short",
            "--junitxml", str(junit), "-o", "junit_logging=all", "-o", "junit_log_passing_tests=false",
            "--gen3bed-statements", str(self._statements),
            "--reruns", str(RERUNS), *(f"--only-rerun={e.pattern}" for e in INFRASTRUCTURE_ERRORS),
        ]  # fmt: skip
        if self.service:
            arguments += ["--gen3bed-service", str(self._service_file)]
        else:
            arguments += ["--gen3bed-registry", self.cell]
        return arguments + (["-k", self.keyword] if self.keyword else [])

    def _process(self, arguments: list[str], ledger: Ledger, progress: CellProgress, output: int) -> int:
        reader, writer = os.pipe()
        environment = os.environ | {PARENT_VARIABLE: str(os.getpid()), "GEN3BED_LEDGER": str(ledger.path)}
        # A personal Butler configuration would change what is under test, and
        # personal options such as -x which tests are run.
        for personal in ("DAF_BUTLER_CONFIG_PATH", "PYTEST_ADDOPTS"):
            environment.pop(personal, None)
        with os.fdopen(reader) as news:
            # A session of its own: Ctrl-C reaches this process only, which
            # then asks pytest once; a second SIGINT would cut its cleaning
            # short.
            process = subprocess.Popen(  # noqa: S603
                [*arguments, "--gen3bed-progress", str(writer)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.scratch,
                env=environment,
                pass_fds=(writer,),
                start_new_session=True,
            )
            os.close(writer)
            entry = _process_entry(process)
            hanging = threading.Event()

            def end_hanging() -> None:
                hanging.set()
                _end(process)

            timer = threading.Timer(CELL_LIMIT, end_hanging)
            timer.start()
            try:
                ledger.record(entry)
                progress.follow(news)
                code = process.wait()
            except BaseException:
                _end(process)
                raise
            finally:
                timer.cancel()
                ledger.strike(entry)
        if hanging.is_set():
            raise Gen3bedError(
                self.cell,
                reason=f"it did not end within {CELL_LIMIT:g} s",
                hint="The last lines of its log name the test that hangs.",
            )
        return code


def _process_entry(process: subprocess.Popen[bytes]) -> Entry:
    """Return the ledger's entry, so that a reaper ends an orphan first."""
    owner = Owner.of(process.pid)
    facts = {"pid": str(owner.pid), "started": str(owner.started)}
    return Entry(kind="process", name=f"pytest {owner.pid}", facts=facts)


def _worst(codes: Sequence[int]) -> int:
    """Return the exit code that says most about what went wrong."""
    usual = {PytestCode.OK, PytestCode.TESTS_FAILED, PytestCode.NO_TESTS_COLLECTED}
    # A process that a signal ended has a negative code.
    for code in codes:
        if code not in usual:
            return code
    # With -k, one part may have nothing to do as long as another has.
    ran = [code for code in codes if code != PytestCode.NO_TESTS_COLLECTED]
    return max(ran, default=int(PytestCode.NO_TESTS_COLLECTED))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask pytest to clean up and end; make it, if it does not."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
