"""A pytest plugin that reports each test as a line of JSON; loaded by ``-p ci.suites.reporter``.

It changes nothing of the suites.  The descriptor to write to is named by the
environment variable ``SUITES_REPORT_FD``.
"""

from __future__ import annotations

import json
import os

import pytest

__all__ = ["Reporter", "pytest_configure"]


class Reporter:
    """Adds up the phases of each test; the worst of them is its outcome."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "w", buffering=1)
        self._reports: list[pytest.TestReport] = []

    def _write(self, **facts: object) -> None:
        self._file.write(json.dumps(facts) + "\n")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say how many tests will be run."""
        self._write(collected=len(session.items))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count a file that cannot be imported as a test that failed."""
        if report.failed:
            self._write(node=f"{report.nodeid}::collection", outcome="failed", text=report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a phase of a test."""
        self._reports.append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Report a test after its last phase."""
        reports, self._reports = self._reports, []
        outcome = next((o for o in ("failed", "skipped") if any(r.outcome == o for r in reports)), "passed")
        text = "\n".join(r.longreprtext for r in reports if r.outcome == outcome and r.outcome != "passed")
        seconds = sum(r.duration for r in reports)
        self._write(node=nodeid, outcome=outcome, text=text, seconds=seconds)


def pytest_configure(config: pytest.Config) -> None:
    """Report, if a descriptor to write to is given."""
    if descriptor := os.environ.get("SUITES_REPORT_FD"):
        config.pluginmanager.register(Reporter(int(descriptor)), "suites reporter")
