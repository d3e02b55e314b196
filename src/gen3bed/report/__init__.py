"""One report over all cells of a run.

The runner writes ``run.json`` (a `RunRecord`) and one JUnit file per cell
into a directory; from these come the HTML page, the merged JUnit file and
the summary on the terminal, all with the same numbers.
"""

from __future__ import annotations

from ._manifest import collect_manifest
from ._record import CellRecord, Outcome, ReportError, RunRecord

__all__ = [
    "CellRecord",
    "Outcome",
    "ReportError",
    "RunRecord",
    "collect_manifest",
]
