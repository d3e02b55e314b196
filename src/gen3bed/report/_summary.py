"""The numbers of the page, on the terminal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ._record import PAGE_NAME
from ._results import CellResult, RunResults, SuiteResult
from ._states import STATES
from ._wording import advice, duration

__all__ = ["closing_line", "show_summary"]

# More than fit on a screen are in the page.
_FAILURES = 20
_EVIDENCE = 12
_MESSAGE = 200


def show_summary(results: RunResults, console: Console, *, directory: Path | None = None) -> None:
    """Print the summary of a run.

    Parameters
    ----------
    results : `RunResults`
        What to show.
    console : `rich.console.Console`
        Where to print; without colours if it is not a terminal.
    directory : `pathlib.Path`, optional
        The report directory, if the page is there.
    """
    show = _Printer(console)
    show.line()
    show.table(results)
    show.line()
    show.faults(results)
    show.failures(results)
    show.notes(results)
    if directory:
        show.line(f"Report: {directory / PAGE_NAME}")
    show.line(results.headline, style=STATES[results.state].style, rest=f": {results.verdict}")
    show.line(closing_line(results))


def closing_line(results: RunResults) -> str:
    """Return ``N passed, N failed, N skipped``; tools read it."""
    return f"{results.passed} passed, {results.failed} failed, {results.skipped} skipped"


def _numbers(suite: SuiteResult | None) -> Text:
    """Return ``passed/executed``, and below it what else there is to say."""
    if suite is None:
        return Text("-", style="dim")
    counts = suite.counts
    lines = [f"{counts.passed}/{counts.executed}"]
    if counts.bad:
        lines.append(f"{counts.bad} failed")
    elif suite.state != "passed":
        lines.append(STATES[suite.state].title)
    lines += [f"{n} {word}" for word, n in (("skip", counts.skipped), ("xfail", counts.xfailed)) if n]
    return Text("\n".join(lines), style=STATES[suite.state].style)


def _sent(cell: CellResult) -> str:
    """Return what a cell's tests sent to its database; empty if nothing was counted."""
    kinds = ("statements", "commits", "rollbacks", "savepoints")
    sums = {kind: sum(getattr(test, kind) for test in cell.tests) for kind in kinds}
    return ", ".join(f"{number} {kind}" for kind, number in sums.items()) if sums["statements"] else ""


class _Printer:
    """The parts of the summary, on one console.

    Lines are never broken here: terminals do that themselves, and in the log
    of a CI system each stays one line that can be searched for.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, text: str = "", *, style: str = "", rest: str = "") -> None:
        self._console.print(Text(text, style=style) + Text(rest), soft_wrap=True)

    def table(self, results: RunResults) -> None:
        """Print one row of numbers for each cell, below a line that names it."""
        titles = [suite.title.lower().replace(",", "").split() for suite in results.suites]
        widths = [max(len(word) for word in [*title, "interrupted"]) for title in titles]
        self._row([Text("\n".join(title), style="bold") for title in titles], widths)
        for cell in results.cells:
            style = STATES[cell.state].style
            if cell.state == "not-run":
                text = advice(f"not run: {cell.reason}", cell.hint)
                self.line(cell.name, style="bold", rest=f"  {text}")
                continue
            server = ", ".join(filter(None, (cell.record.provider, cell.record.server)))
            wall = duration(cell.record.wall_seconds)
            text = f"  {STATES[cell.state].title} in {wall}{f', {server}' if server else ''}"
            self._console.print(Text(cell.name, style="bold") + Text(text, style=style), soft_wrap=True)
            by_name = {suite.name: suite for suite in cell.suites}
            self._row([_numbers(by_name.get(column.name)) for column in results.suites], widths)
            if sent := _sent(cell):
                self.line(f"  Sent: {sent}", style="dim")

    def _row(self, texts: list[Text], widths: list[int]) -> None:
        if not texts:  # a run with a keyword that broke before its first test
            return
        grid = Table.grid(padding=(0, 1, 0, 0))
        for width in widths:
            grid.add_column(width=width, justify="right")
        grid.add_row(*texts)
        self._console.print(grid)

    def faults(self, results: RunResults) -> None:
        """Print what is red without a test, a line and its hint each."""
        for fault in results.faults:
            subject = " / ".join(filter(None, (fault.cell, fault.suite))) or "run"
            title = STATES[fault.state].title.upper()
            self.line(title, style=STATES[fault.state].style, rest=f" {subject}: {fault.reason}")
            if fault.hint:
                self.line(f"  Hint: {fault.hint}")
            for evidence in fault.detail.splitlines()[-_EVIDENCE:]:
                self.line(f"  | {evidence}", style="dim")

    def failures(self, results: RunResults) -> None:
        """Print the failed tests, a line each, and what their cells have to say."""
        shown = 0
        for cell in results.cells:
            for test in [test for test in cell.tests if test.problems][: _FAILURES - shown]:
                shown += 1
                message = test.problems[0].message.strip().partition("\n")[0][:_MESSAGE]
                place = f" {cell.name} / {test.suite} / {test.title}: {message}"
                self.line(test.outcome.upper(), style=STATES["failed"].style, rest=place)
            # Those of other states are among the faults.
            if cell.counts.bad and cell.state == "failed":
                if cell.reason:
                    self.line(f"  {cell.name}: {cell.reason}")
                if cell.hint:
                    self.line(f"  Hint: {cell.hint}")
        if results.counts.bad > shown:
            self.line(f"... and {results.counts.bad - shown} more, which the report shows")

    def notes(self, results: RunResults) -> None:
        """Print why tests were skipped or run again, and what ``--with`` installed."""
        reasons = Counter(
            test.reason or "no reason was given"
            for cell in results.cells
            for test in cell.tests
            if test.outcome in {"skipped", "xfailed"}
        )
        for reason, number in reasons.most_common():
            self.line(f"Skipped {number}: {reason}")
        if reruns := sum(len(cell.record.reruns) for cell in results.cells):
            self.line(f"Run again for infrastructure errors: {reruns}")
        for checkout in results.record.manifest.get("checkouts", []):
            state = "DIRTY" if checkout["state"] == "dirty" else f"state {checkout['state']}"
            commit = checkout["commit"][:12] or "unknown commit"
            reason = f": {checkout['reason']}" if checkout.get("reason") else ""
            self.line(f"With {checkout['package']} from {checkout['name']}, {commit}, {state}{reason}")
