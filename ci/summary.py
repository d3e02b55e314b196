"""Add up the JUnit files of a CI run and print one closing line, as pytest does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

__all__ = ["closing_line", "count", "main"]


def count(files: Sequence[Path]) -> dict[str, int]:
    """Return how many test cases passed, failed, ended in an error and were skipped.

    Parameters
    ----------
    files : `~collections.abc.Sequence` [ `~pathlib.Path` ]
        JUnit files of our own runs.
    """
    total = {"passed": 0, "failed": 0, "errors": 0, "skipped": 0}
    outcomes = {"failure": "failed", "error": "errors", "skipped": "skipped"}
    for file in files:
        try:
            cases = ET.parse(file).iter("testcase")  # noqa: S314 - pytest wrote it a moment ago
        except ET.ParseError:
            total["errors"] += 1  # pytest was killed while it wrote
            continue
        for case in cases:
            outcome = next((outcomes[child.tag] for child in case if child.tag in outcomes), "passed")
            total[outcome] += 1
    return total


def closing_line(total: dict[str, int], *, failed_steps: int, missing: Sequence[str], seconds: int) -> str:
    """Return the last line (`str`) of a CI run."""
    parts = [f"{number} {word}" for word, number in total.items() if number or word == "passed"]
    if failed_steps:
        parts.append(f"{failed_steps} failed steps")
    if missing:
        parts.append(f"no results of {', '.join(missing)}")
    return f"====== {', '.join(parts)} in {seconds}s ({seconds // 60}:{seconds % 60:02d}) ======"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the closing line; return 1 if anything failed or has no results, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--failed-steps", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--expect", nargs="*", default=[], help="files in the folder that must hold results")
    options = parser.parse_args(arguments)
    found = {name: options.folder / name for name in options.expect if (options.folder / name).is_file()}
    missing = [n for n in options.expect if n not in found or not any(count([found[n]]).values())]
    total = count(list(found.values()))
    print(closing_line(total, failed_steps=options.failed_steps, missing=missing, seconds=options.seconds))
    return int(bool(options.failed_steps or missing or total["failed"] or total["errors"]))


if __name__ == "__main__":
    sys.exit(main())
