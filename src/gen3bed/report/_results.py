"""The numbers of a run: what the page, the terminal and JUnit all show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path

from gen3bed.matrix import load_matrix

from ._masking import mask
from ._record import CellRecord, RunRecord
from ._states import STATES, StateName, worst
from ._testcases import Effort, JUnitFileError, TestResult, tail

__all__ = [
    "CellResult",
    "Counts",
    "Fault",
    "RunResults",
    "SuiteResult",
    "cell_result",
    "load_results",
    "shortfalls",
]


@dataclass(frozen=True, kw_only=True)
class Counts(Effort):
    """Sums over tests, thus over parallel workers too.

    Attributes
    ----------
    passed, failed, errors, skipped, xfailed : `int`
        Numbers of tests.
    """

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    xfailed: int = 0

    @classmethod
    def of(cls, tests: Iterable[TestResult]) -> Counts:
        """Return the sums over ``tests``."""
        tests = list(tests)
        outcomes = [test.outcome for test in tests]
        return cls(
            passed=outcomes.count("passed"),
            failed=outcomes.count("failed"),
            errors=outcomes.count("error"),
            skipped=outcomes.count("skipped"),
            xfailed=outcomes.count("xfailed"),
            **{f.name: sum(getattr(test, f.name) for test in tests) for f in fields(Effort)},
        )

    @property
    def executed(self) -> int:
        """Tests that ran (`int`), as expected failures do: a skip does not."""
        return self.passed + self.bad + self.xfailed

    @property
    def bad(self) -> int:
        """Tests that failed or broke (`int`)."""
        return self.failed + self.errors

    @property
    def excused(self) -> str:
        """What neither passed nor failed, such as ``1 skipped`` (`str`)."""
        parts = {"skipped": self.skipped, "failed as expected": self.xfailed}
        return ", ".join(f"{number} {word}" for word, number in parts.items() if number)


@dataclass(frozen=True, kw_only=True)
class SuiteResult:
    """One suite in one cell."""

    name: str
    title: str
    floor: int
    state: StateName
    counts: Counts
    tests: tuple[TestResult, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """One cell, with what its JUnit file says.

    Attributes
    ----------
    record : `CellRecord`
        What the runner wrote.
    state : `str`
        Never better than what the tests and the runner say.
    reason, hint : `str`
        The runner's, or why its JUnit file could not be read; one line each.
    detail : `str`
        What the runner's reason has below its first line, such as the end of
        a server's log.
    suites : `tuple` [`SuiteResult`, ...]
        Those that were asked for, then those that turned up besides.
    log_tail : `str`
        Last lines of the cell's log; empty if it passed.
    """

    record: CellRecord
    state: StateName
    reason: str
    hint: str
    suites: tuple[SuiteResult, ...]
    detail: str = field(default="", repr=False)
    log_tail: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Name of the cell; says so if the server is a stand-in (`str`)."""
        return f"{self.record.name} (stand-in)" if self.is_stand_in else self.record.name

    @property
    def is_stand_in(self) -> bool:
        """Whether something else played the database server (`bool`)."""
        return "stand-in" in f"{self.record.provider} {self.record.server}".lower()

    @property
    def tests(self) -> list[TestResult]:
        """All tests of the cell (`list` [`TestResult`])."""
        return [test for suite in self.suites for test in suite.tests]

    @cached_property
    def counts(self) -> Counts:
        """Sums over all suites (`Counts`)."""
        return Counts.of(self.tests)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that makes the run red and is not a failure of a test."""

    cell: str
    suite: str
    state: StateName
    reason: str
    hint: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class RunResults:
    """Everything that a report shows.

    Attributes
    ----------
    record : `RunRecord`
        What the runner wrote.
    cells : `tuple` [`CellResult`, ...]
        In the order of the matrix.
    run_faults : `tuple` [`Fault`, ...]
        What went wrong outside the cells, such as a report on a full disk.
    """

    record: RunRecord
    cells: tuple[CellResult, ...]
    run_faults: tuple[Fault, ...] = ()

    @cached_property
    def counts(self) -> Counts:
        """Sums over all cells (`Counts`)."""
        return Counts.of(test for cell in self.cells for test in cell.tests)

    @cached_property
    def faults(self) -> list[Fault]:
        """What is red besides tests, and a run of nothing (`list` [`Fault`])."""
        found = list(self.run_faults)
        for cell in self.cells:
            short = shortfalls([cell])
            red = cell.state in {"error", "interrupted"}
            # What the runner saw and no test shows, such as a leak at the end.
            unseen = cell.state == "failed" or (cell.state == "not-enough" and not short)
            if red or (unseen and not cell.counts.bad):
                found.append(_fault(cell))
            found.extend(short)
        if not any(cell.state != "not-run" for cell in self.cells):
            hint = "`gen3bed doctor` says what this machine lacks."
            found.append(Fault(cell="", suite="", state="error", reason="no cell was run", hint=hint))
        return found

    @property
    def passed(self) -> int:
        """Tests that passed: the first number of the closing line (`int`)."""
        return self.counts.passed

    @property
    def failed(self) -> int:
        """Tests that failed or broke, and faults: the second number (`int`)."""
        return self.counts.bad + len(self.faults)

    @property
    def skipped(self) -> int:
        """Tests that neither passed nor failed: the third number (`int`).

        The closing line has no fourth for those that failed as expected.
        """
        return self.counts.skipped + self.counts.xfailed

    @property
    def state(self) -> StateName:
        """The verdict on the run; ``passed`` only if nothing is red."""
        state = worst(*(cell.state for cell in self.cells))
        return state if state != "not-run" and (state != "passed" or not self.faults) else "error"

    @property
    def headline(self) -> str:
        """The verdict on the run, in a word or two (`str`)."""
        words = {"passed": "Passed", "interrupted": "Interrupted", "not-enough": "Not enough tests"}
        return words.get(self.state, "Failed")

    @property
    def verdict(self) -> str:
        """How the cells ended, in one line (`str`)."""
        ends = [cell.state for cell in self.cells]
        run = len(ends) - ends.count("not-run")
        parts = [f"{ends.count('passed')} of {run} {'cell' if run == 1 else 'cells'} passed"]
        parts += [
            f"{ends.count(name)} {state.title}"
            for name, state in STATES.items()
            if name != "passed" and name in ends
        ]
        return ", ".join(parts)

    @cached_property
    def suites(self) -> list[SuiteResult]:
        """One of each suite, in the order in which they turn up (`list`)."""
        return list({suite.name: suite for cell in self.cells for suite in cell.suites}.values())


def shortfalls(cells: Iterable[CellResult]) -> list[Fault]:
    """Return the suites that executed fewer tests than their floor.

    Cells that were not run, were interrupted or broke are not among them:
    they are red, or have their reason, as a whole.
    """
    return [
        Fault(
            cell=cell.name,
            suite=suite.name,
            state="not-enough",
            reason=f"{suite.counts.executed} tests were executed, and at least {max(suite.floor, 1)} must be",
            hint="Look for the reasons among the skips, or for tests that were not collected.",
        )
        for cell in cells
        if cell.state not in {"not-run", "interrupted", "error"}
        for suite in cell.suites
        if suite.state == "not-enough" or suite.counts.executed < suite.floor
    ]


def load_results(directory: Path) -> RunResults:
    """Read the record of a run and the JUnit files beside it.

    Parameters
    ----------
    directory : `pathlib.Path`
        The report directory.

    Returns
    -------
    results : `RunResults`
        With passwords masked.

    Raises
    ------
    ReportError
        Raised if the directory holds no readable record.  A JUnit file that
        is missing or damaged turns its cell into an error instead.
    """
    record = RunRecord.load(directory)
    cells = [
        cell_result(
            cell,
            junit=directory / (cell.junit or f"{cell.name}.xml") if _has_tests(cell) else None,
            log=directory / cell.log if cell.log else None,
        )
        for cell in record.cells
    ]
    return RunResults(record=record, cells=tuple(cells))


def _fault(cell: CellResult) -> Fault:
    told = {"reason": cell.reason, "hint": cell.hint, "detail": cell.detail}
    return Fault(cell=cell.name, suite="", state=cell.state, **told)


def _has_tests(record: CellRecord) -> bool:
    """Return whether there must be a JUnit file."""
    return bool(record.junit) or record.outcome in {"passed", "failed", "not-enough"}


def cell_result(record: CellRecord, *, junit: Path | None, log: Path | None) -> CellResult:
    """Put together what the runner wrote of a cell and what its tests did.

    Parameters
    ----------
    record : `CellRecord`
        What the runner wrote, with passwords masked.
    junit : `pathlib.Path` or `None`
        JUnit file of its tests, if there must be one.
    log : `pathlib.Path` or `None`
        pytest's output.

    Returns
    -------
    cell : `CellResult`
        With passwords masked.
    """
    state: StateName = record.outcome
    reason, _, detail = record.reason.strip().partition("\n")
    hint = record.hint
    tests: list[TestResult] = []
    if junit is not None:
        # A run that has not tested yet does not need its library.
        from ._reading import read_junit  # noqa: PLC0415

        known = load_matrix().suites
        targets = {name: known[name].target for name in record.suites if name in known}
        try:
            tests = read_junit(junit, targets)
        except JUnitFileError as err:
            # An interrupted or broken cell has its reason already.
            if state not in {"interrupted", "error"}:
                state, hint = "error", err.hint
                reason, detail = f"{err.subject}: {err.reason}", ""
    if state == "not-run" and tests:
        state = "error"
        reason = f"it is recorded as not run, yet there are tests: {reason}"
    suites = _suites(record, state, tests)
    if state != "not-run":
        state = worst(state, *(suite.state for suite in suites))
        if state == "passed" and not Counts.of(tests).executed:
            state = "not-enough"
    if not reason and state == "not-enough":
        reason = "too few tests were executed"
    return CellResult(
        record=record,
        state=state,
        reason=reason or ("" if state in {"passed", "failed"} else "the runner gave no reason"),
        hint=hint,
        detail=tail(detail),
        suites=suites,
        log_tail="" if log is None or state in {"passed", "not-run"} else _log_tail(log),
    )


def _suites(record: CellRecord, state: StateName, tests: Sequence[TestResult]) -> tuple[SuiteResult, ...]:
    known = load_matrix().suites
    names = dict.fromkeys((*record.suites, *(test.suite for test in tests)))
    suites = []
    for name in names:
        mine = tuple(test for test in tests if test.suite == name)
        counts = Counts.of(mine)
        floor = record.floors.get(name, 0)
        suites.append(
            SuiteResult(
                name=name,
                title=known[name].title if name in known else name,
                floor=floor,
                state=_suite_state(state, counts, floor, asked_for=name in record.suites),
                counts=counts,
                tests=mine,
            )
        )
    return tuple(suites)


def _suite_state(cell: StateName, counts: Counts, floor: int, *, asked_for: bool) -> StateName:
    if counts.bad:
        return "failed"
    # Nobody knows what was still to come in a cell that broke or was stopped,
    # so none of its suites is green, not even above its floor.
    if cell in {"not-run", "interrupted", "error"}:
        return cell
    if counts.executed >= max(floor, 1):
        return "passed"
    # With pytest's -k, nobody asked for a certain suite, and all that matched
    # in one may have been skipped.
    return "not-enough" if asked_for else "not-run"


def _log_tail(log: Path) -> str:
    try:
        return tail(mask(log.read_text(encoding="utf-8", errors="replace")))
    except OSError as err:
        return f"{log.name} cannot be read: {err.strerror}"
