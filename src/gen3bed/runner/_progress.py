"""What the terminal shows while cells run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

__all__ = ["CellProgress", "RunProgress"]


class RunProgress:
    """One line per cell: what it does, how many tests are done and failed.

    Without a terminal, as in CI, it prints a line when a cell begins and
    ends and none in between.

    Parameters
    ----------
    console : `rich.console.Console`
        Where to print.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def cell(self, title: str) -> CellProgress:
        """Begin the line of a cell."""
        return CellProgress(self, self._bars, self._bars.add_task(title, total=None, state=""), title)


class CellProgress:
    """The line of one cell.

    Attributes
    ----------
    done, failed : `int`
        Number of tests that ended, and of failures that were reported.
    reruns : `list` [`tuple` [`str`, `str`]]
        Each test that was run again, with the infrastructure error class.
    crashed : `list` [`str`]
        Each test during which a process died.
    died : `list` [`str`]
        Each process that died, during a test or not.
    lost : `str`
        Why the server is lost; empty if it is not.
    uncleaned : `str`
        Why what pytest made could not be removed; empty if it was.
    unread : `list` [`str`]
        Messages that could not be read, such as the last of a process that
        was killed while it wrote.  Each may have been a failure or a crash.
    """

    def __init__(self, run: RunProgress, bars: Progress, task: TaskID, title: str) -> None:
        self._run = run
        self._bars = bars
        self._task = task
        self._title = title
        self.done = self.failed = 0
        self.reruns: list[tuple[str, str]] = []
        self.crashed: list[str] = []
        self.died: list[str] = []
        self.lost = self.uncleaned = ""
        self.unread: list[str] = []

    def say(self, state: str) -> None:
        """Show what the cell does now."""
        self._bars.update(self._task, state=state)
        if not self._run.console.is_terminal:
            self._run.console.print(f"{self._title}: {state}", highlight=False)

    def follow(self, lines: Iterable[str]) -> None:
        """Show the progress that the pytest plugin reports, to its end."""
        for line in lines:
            try:
                news = json.loads(line)
            except json.JSONDecodeError:
                self.unread.append(line)
                continue
            if "rerun" in news:
                self.reruns.append((news["rerun"], news["error"]))
            if "crashed" in news:
                self.crashed.append(news["crashed"])
            if "died" in news:
                self.died.append(news["died"])
            self.lost = news.get("lost", self.lost)
            self.uncleaned = news.get("uncleaned", self.uncleaned)
            self.done += bool(news.get("done"))
            self.failed += bool(news.get("failed"))
            self._bars.update(
                self._task,
                total=news.get("total"),
                advance=1 if news.get("done") else 0,
                state=f"[red]{self.failed} failed[/red]" if self.failed else "",
            )
