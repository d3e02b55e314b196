"""One report over all cells of a run.

The runner writes ``run.json`` (a `RunRecord`) and one JUnit file per cell
into a directory; from these come the HTML page, the merged JUnit file and
the summary on the terminal, all with the same numbers.
"""

from __future__ import annotations

from ._files import ReportNotWrittenError, write_whole, writing
from ._manifest import collect_manifest
from ._masking import mask
from ._record import CellRecord, Outcome, ReportError, RunRecord
from ._results import (
    CellResult,
    Counts,
    Fault,
    RunResults,
    SuiteResult,
    cell_result,
    load_results,
    shortfalls,
)
from ._summary import show_summary
from ._testcases import TestResult
from ._write import print_summary, write_report

__all__ = [
    "CellRecord",
    "CellResult",
    "Counts",
    "Fault",
    "Outcome",
    "ReportError",
    "ReportNotWrittenError",
    "RunRecord",
    "RunResults",
    "SuiteResult",
    "TestResult",
    "cell_result",
    "collect_manifest",
    "load_results",
    "mask",
    "print_summary",
    "shortfalls",
    "show_summary",
    "write_report",
    "write_whole",
    "writing",
]
