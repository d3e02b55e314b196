"""What became of a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gen3bed.errors import Gen3bedError

__all__ = ["Effort", "JUnitFileError", "Problem", "TestOutcome", "TestResult", "tail"]

TestOutcome = Literal["passed", "failed", "error", "skipped", "xfailed"]

_TAIL_LINES = 120
_TAIL_CHARACTERS = 12_000


class JUnitFileError(Gen3bedError):
    """A JUnit file is missing or damaged."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One failure or error of a test; a test with subtests may have several.

    Attributes
    ----------
    kind : `str`
        ``failed`` or, if a fixture or a worker process broke, ``error``.
    message : `str`
        First lines, as pytest shortens them.
    text : `str`
        The tail of the traceback.
    """

    kind: Literal["failed", "error"]
    message: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What a test took, or several together.

    Attributes
    ----------
    seconds, cpu_seconds : `float`
        Wall and CPU time, set-up and teardown included.
    statements, commits, rollbacks, savepoints : `int`
        What was sent to the registry database.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    statements: int = 0
    commits: int = 0
    rollbacks: int = 0
    savepoints: int = 0


@dataclass(frozen=True, kw_only=True)
class TestResult(Effort):
    """What became of one test, however often it was run.

    Attributes
    ----------
    suite : `str`
        Name of the suite in the matrix.
    module : `str`
        Module and class, as JUnit has it.
    name : `str`
        Name with parameters.
    outcome : `str`
        See `TestOutcome`.
    reason : `str`
        Why it was skipped or expected to fail.
    problems : `tuple` [`Problem`, ...]
        Why it failed.
    output : `str`
        The tail of what was captured; of failed tests only.
    """

    __test__ = False  # the name is the field's; pytest need not collect it

    suite: str
    module: str
    name: str
    outcome: TestOutcome
    reason: str = ""
    problems: tuple[Problem, ...] = field(default=(), hash=False)
    output: str = ""

    @property
    def title(self) -> str:
        """Class, if there is one, and name of the test (`str`)."""
        if not self.name:
            return "(collection)"
        last = self.module.rpartition(".")[2]
        return f"{last}.{self.name}" if last and not last.startswith("test_") else self.name


def tail(text: str) -> str:
    """Return the last lines of ``text``, saying how many were left out."""
    lines = text.rstrip().splitlines()
    kept = "\n".join(lines[-_TAIL_LINES:])[-_TAIL_CHARACTERS:]
    omitted = len(lines) - (kept.count("\n") + 1)
    return f"[{omitted} lines left out]\n{kept}" if omitted > 0 else kept
