"""How long a user waits: to the first test, and to a ready server.

Usage: ``python benchmarks/startup.py`` in an environment with gen3bed, such as
``.nox/bench``.  Run the sessions once before: these are the
times of a warm start.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gen3bed.ledger import Ledger
from gen3bed.services.postgresql import available_variants, provide

_ROOT = Path(__file__).parent.parent
_FIRST_TEST = re.compile(r"^[.sxEF]", re.MULTILINE)
_REPEATS = 3


def first_test() -> float:
    """Return the seconds from the command to the first finished test."""
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "sqlite-memory.log"
        began = time.monotonic()
        process = subprocess.Popen(
            [_ROOT / "nox", "-s", "sqlite", "--", "--conformance", "--report", scratch],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while not (log.exists() and _FIRST_TEST.search(log.read_text())):
            if process.poll() is not None:
                sys.exit("nox ended before the first test; run ./nox -s sqlite to see why")
            time.sleep(0.01)
        waited = time.monotonic() - began
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
    return waited


def ready(variant: str) -> float:
    """Return the seconds from nothing to a server that takes connections."""
    ledger = Ledger.create()
    began = time.monotonic()
    with provide(variant, ledger=ledger):
        waited = time.monotonic() - began
    ledger.close()
    return waited


def main() -> None:
    """Measure, and print a table."""
    print(f"{os.cpu_count()} processors, medians of {_REPEATS}, seconds of wall time\n")
    print("| | median | least | most |")
    print("|---|---:|---:|---:|")
    rows: dict[str, Callable[[], float]] = {
        "`./nox -s sqlite -- --conformance` to the first test": first_test
    }
    for variant, reason in available_variants().items():
        if not reason and variant != "url":
            rows[f"PostgreSQL, {variant}: nothing to ready"] = partial(ready, variant)
    for name, measure in rows.items():
        taken = [measure() for _ in range(_REPEATS)]
        print(f"| {name} | {statistics.median(taken):.2f} | {min(taken):.2f} | {max(taken):.2f} |")


if __name__ == "__main__":
    main()
