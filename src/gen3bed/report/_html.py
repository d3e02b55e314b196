"""The report as one page that needs nothing but itself."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from gen3bed.matrix import load_matrix

from ._files import write_whole
from ._record import PAGE_NAME
from ._results import CellResult, Counts, RunResults, SuiteResult
from ._states import STATES
from ._testcases import TestResult
from ._wording import advice, amount, duration, memory, moment, ratio

__all__ = ["render", "write_html"]

_SLOWEST = 12
# Tracebacks of a registry that fails every test would make tens of megabytes.
_TRACEBACKS = 60

# A run that was stopped early may have been recorded without one.
_NO_MANIFEST: dict[str, Any] = {
    "gen3bed": "",
    "weekly": "",
    "python": {},
    "host": {},
    "packages": {},
    "checkouts": [],
}


@dataclass(frozen=True, kw_only=True)
class _Failure:
    """A failed test, with what became of it in the other cells, and how to run it alone."""

    cell: CellResult
    suite: SuiteResult
    test: TestResult
    elsewhere: tuple[tuple[CellResult, TestResult], ...]
    complete: bool
    alone: str


@dataclass(frozen=True, kw_only=True)
class _Cost:
    """What a suite cost in one cell, beside the first cell that executed it."""

    cell: CellResult
    counts: Counts
    reference: Counts | None
    share: float


@dataclass(frozen=True, kw_only=True)
class _Skip:
    """A reason for skips or expected failures."""

    reason: str
    expected: bool
    count: int
    cells: tuple[str, ...]
    tests: tuple[str, ...]


def write_html(results: RunResults, directory: Path) -> Path:
    """Write the page.

    Parameters
    ----------
    results : `RunResults`
        What to show.
    directory : `pathlib.Path`
        The report directory.

    Returns
    -------
    path : `pathlib.Path`
        The file.

    Raises
    ------
    ReportNotWrittenError
        Raised if it cannot be written.
    """
    path = directory / PAGE_NAME
    write_whole(path, render(results).encode())
    return path


def render(results: RunResults) -> str:
    """Return the page as text: no script, and no request to anywhere."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("gen3bed.report"),
        # By name, every template is escaped; the default looks at its suffix.
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"amount": amount, "duration": duration, "memory": memory, "moment": moment}
    slowest = sorted(
        ((cell, test) for cell in results.cells for test in cell.tests), key=lambda pair: -pair[1].seconds
    )[:_SLOWEST]
    return environment.get_template("report.html.j2").render(
        results=results,
        record=results.record,
        manifest=_NO_MANIFEST | results.record.manifest,
        command=shlex.join(results.record.command),
        states=STATES,
        advice=advice,
        ratio=ratio,
        failures=_failures(results),
        costs=_costs(results),
        # With one cell there is nothing to compare, and suites are the rows.
        grouped=len({cell.name for cell in results.cells if cell.counts.executed}) > 1,
        slowest=slowest,
        skips=_skips(results),
        reruns=[(cell, *rerun) for cell in results.cells for rerun in cell.record.reruns],
    )


def _failures(results: RunResults) -> list[_Failure]:
    everywhere: dict[tuple[str, str], list[tuple[CellResult, TestResult]]] = {}
    for cell in results.cells:
        for test in cell.tests:
            everywhere.setdefault((test.suite, test.title), []).append((cell, test))
    failures: list[_Failure] = []
    for cell in results.cells:
        for suite in cell.suites:
            for test in suite.tests:
                if test.problems:
                    others = everywhere[test.suite, test.title]
                    failure = _Failure(
                        cell=cell,
                        suite=suite,
                        test=test,
                        elsewhere=tuple((c, t) for c, t in others if c is not cell),
                        complete=len(failures) < _TRACEBACKS,
                        alone=_alone(cell, test),
                    )
                    failures.append(failure)
    return failures


def _alone(cell: CellResult, test: TestResult) -> str:
    """Return the command that runs one test; empty if it takes more than that, such as a server's URL."""
    known = load_matrix()
    if cell.record.name not in {c.name for c in known.cells} or cell.record.variant == "url":
        return ""
    # -k takes no brackets.
    name = test.name.partition("[")[0]
    if test.suite not in known.suites or not name.isidentifier():
        return ""
    return shlex.join(["gen3bed", "run", cell.record.name, "--suite", test.suite, "-k", name])


def _costs(results: RunResults) -> list[tuple[SuiteResult, list[_Cost]]]:
    """Return, for each suite, what it cost in each cell that executed it."""
    longest = max((suite.counts.seconds for cell in results.cells for suite in cell.suites), default=0.0)
    table = []
    for column in results.suites:
        found = [
            (cell, suite.counts)
            for cell in results.cells
            for suite in cell.suites
            if suite.name == column.name and suite.counts.executed
        ]
        rows = [
            _Cost(
                cell=cell,
                counts=counts,
                reference=found[0][1] if index else None,
                share=counts.seconds / longest if longest else 0.0,
            )
            for index, (cell, counts) in enumerate(found)
        ]
        if rows:
            table.append((column, rows))
    return table


def _skips(results: RunResults) -> list[_Skip]:
    groups: dict[tuple[bool, str], list[tuple[CellResult, TestResult]]] = {}
    for cell in results.cells:
        for test in cell.tests:
            if test.outcome in {"skipped", "xfailed"}:
                groups.setdefault((test.outcome == "xfailed", test.reason), []).append((cell, test))
    skips = [
        _Skip(
            reason=reason or "no reason was given",
            expected=expected,
            count=len(members),
            cells=tuple(f"{name} ({n})" for name, n in Counter(cell.name for cell, _ in members).items()),
            tests=tuple(dict.fromkeys(test.title for _, test in members)),
        )
        for (expected, reason), members in groups.items()
    ]
    return sorted(skips, key=lambda skip: -skip.count)
