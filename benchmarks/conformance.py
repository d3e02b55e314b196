"""Full conformance on PostgreSQL: gen3bed beside upstream's own way.

Usage: ``nox -s bench`` or ``python benchmarks/conformance.py [--repeats N]``.

Both run on servers from the same local programs, each with its own settings, in
turn, so that a drift of the machine's speed meets both.  Client CPU is that
of the test processes with all their children; the servers are not among
them.  The ratios are of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gen3bed.report import load_results

_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One whole run, from command to exit."""

    wall: float
    cpu: float
    executed: int
    failed: int
    statements: int


def _measured(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command; return wall and CPU seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, env=os.environ | environment, stdout=subprocess.DEVNULL, check=False)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    if done.returncode not in {0, 4}:
        sys.exit(f"{' '.join(command)} ended with exit code {done.returncode}; nothing was measured")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def upstream_way(scratch: Path) -> Sample:
    """Run the suites serially, with a new schema for each test."""
    counts = scratch / "counts.json"
    wall, cpu = _measured(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         "-c", os.devnull, "--rootdir", str(_HERE), str(_HERE / "upstream_way")],
        {"GEN3BED_BENCHMARK_COUNTS": str(counts)},
    )  # fmt: skip
    seen = json.loads(counts.read_text())
    return Sample(
        wall=wall,
        cpu=cpu,
        executed=seen["passed"] + seen["failed"] + seen["xfailed"],
        failed=seen["failed"],
        statements=seen["sql_statements"],
    )


def gen3bed_way(scratch: Path, *arguments: str) -> Sample:
    """Run the suites as a user does."""
    report = scratch / "report"
    command = ["gen3bed", "run", "postgresql", "--provider", "local", "--conformance", *arguments]
    wall, cpu = _measured([*command, "--report", str(report)], {})
    counts = load_results(report).counts
    return Sample(
        wall=wall,
        cpu=cpu,
        executed=counts.executed,
        failed=counts.bad,
        statements=counts.statements,
    )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3, help="runs of each way; default: 3")
    repeats = parser.parse_args().repeats
    ways: dict[str, Callable[[Path], Sample]] = {
        "upstream's way": upstream_way,
        "gen3bed": gen3bed_way,
        # Workers at the same time on threads of one core count more CPU for the same work.
        "gen3bed, one process": lambda scratch: gen3bed_way(scratch, "-n", "0"),
    }
    samples: dict[str, list[Sample]] = {name: [] for name in ways}
    for number in range(repeats):
        for name, taken in samples.items():
            with tempfile.TemporaryDirectory() as scratch:
                taken.append(ways[name](Path(scratch)))
            print(f"{number + 1}/{repeats} {name}: {taken[-1]}", file=sys.stderr)
    print(f"{os.cpu_count()} processors, Python {platform.python_version()}, medians of {repeats}\n")
    print("| | wall s | client CPU s | tests executed | failed | statements |")
    print("|---|---|---|---|---|---|")
    for name, taken in samples.items():
        wall, cpu = (_median(taken, field) for field in ("wall", "cpu"))
        last = taken[-1]
        print(f"| {name} | {wall:.1f} | {cpu:.1f} | {last.executed} | {last.failed} | {last.statements} |")
    theirs, *ours = samples.items()
    for name, taken in ours:
        wall, cpu, statements = (
            _median(theirs[1], field) / _median(taken, field) for field in ("wall", "cpu", "statements")
        )
        print(f"| {theirs[0]} / {name} | {wall:.2f} | {cpu:.2f} | | | {statements:.2f} |")


def _median(samples: list[Sample], field: str) -> float:
    return statistics.median(float(getattr(sample, field)) for sample in samples)


if __name__ == "__main__":
    main()
