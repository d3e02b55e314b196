"""One report over all cells of a run.

The runner writes ``run.json`` (a `RunRecord`) and one JUnit file per cell
into a directory; from these come the HTML page, the merged JUnit file and
the summary on the terminal, all with the same numbers.
"""

from __future__ import annotations

from ._manifest import collect_manifest
from ._record import CellRecord, Outcome, ReportError, RunRecord
from ._results import CellResult, Counts, Fault, RunResults, SuiteResult, load_results, shortfalls
from ._testcases import TestResult
from ._write import print_summary, write_report

__all__ = [
    "CellRecord",
    "CellResult",
    "Counts",
    "Fault",
    "Outcome",
    "ReportError",
    "RunRecord",
    "RunResults",
    "SuiteResult",
    "TestResult",
    "collect_manifest",
    "load_results",
    "print_summary",
    "shortfalls",
    "write_report",
]
