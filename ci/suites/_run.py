"""One suite, run by pytest in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ci.suites._expected import test_name

__all__ = ["Result", "Suite", "belongs", "run_suite"]

_ROOT = Path(__file__).resolve().parents[2]
_TIMEOUT = 120
"""Seconds for one test: one that hangs must not stop the others."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A part of SQLAlchemy's suites.

    Attributes
    ----------
    name : `str`
        What the user calls it.
    floor : `int`
        Fewest tests that must pass.
    arguments : `tuple` [ `str`, ... ]
        What pytest is given: paths and options.
    """

    name: str
    floor: int
    arguments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one test did.

    Attributes
    ----------
    outcome : `str`
        ``passed``, ``failed`` or ``skipped``.
    text : `str`
        Why it failed or was skipped.
    seconds : `float`
        How long it took.
    """

    outcome: str
    text: str
    seconds: float


def belongs(test: str, suite: Suite) -> bool:
    """Return whether a test, by its name, is of a suite (`bool`)."""
    file = test.partition("::")[0]
    paths = [a.rstrip("/") for a in suite.arguments if not a.startswith("-")]
    return any(file == path or file.startswith(f"{path}/") for path in paths)


def run_suite(
    suite: Suite, source: Path, url: str, log: Path, *, extra: Sequence[str], progress: Callable[[int], None]
) -> dict[str, Result]:
    """Run a suite and return what each test did.

    Parameters
    ----------
    suite : `Suite`
        What to run.
    source : `~pathlib.Path`
        Top folder of SQLAlchemy's source distribution.
    url : `str`
        Database to run it on.
    log : `~pathlib.Path`
        Where pytest's output is written.
    extra : `~collections.abc.Sequence` [ `str` ]
        More options for pytest.
    progress : `~collections.abc.Callable`
        Called with the number of collected tests, then with 0 for each that
        ended.

    Returns
    -------
    results : `dict` [ `str`, `Result` ]
        By name of the test; empty if pytest could not start.
    """
    reader, writer = os.pipe()
    command = (
        *(sys.executable, "-m", "pytest", *suite.arguments, "--dburi", url, "--maxfail=0"),
        *("--timeout", str(_TIMEOUT), "-p", "pytest_timeout", "-p", "ci.suites.reporter"),
        *("-p", "no:cacheprovider", *extra),
    )
    # Other plugins of this environment, ours among them, are not the suites' business.
    environment = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(_ROOT),
        "SUITES_REPORT_FD": str(writer),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=source,
            env=environment,
            pass_fds=(writer,),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    os.close(writer)
    results: dict[str, Result] = {}
    try:
        with os.fdopen(reader) as lines:
            for line in lines:
                facts = json.loads(line)
                if "collected" in facts:
                    progress(facts["collected"])
                    continue
                results[test_name(facts["node"])] = Result(
                    outcome=facts["outcome"], text=facts["text"], seconds=facts.get("seconds", 0.0)
                )
                progress(0)
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    return results
