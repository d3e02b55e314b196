"""What is kept of a run: a table for the terminal, JUnit for a CI, JSON for tools."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.box import SIMPLE_HEAD
from rich.table import Table

from ci.suites._expected import Expected, Verdict
from ci.suites._run import Result, Suite

__all__ = ["Measured", "reason_counts", "summary_table", "write_junit", "write_summary"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A suite that was run and judged.

    Attributes
    ----------
    engine, profile : `str`
        What it ran on.
    suite : `Suite`
        What was run.
    results : `~collections.abc.Mapping` [ `str`, `Result` ]
        By name of the test.
    expected : `~collections.abc.Mapping` [ `str`, `Expected` ]
        The reason of each test of this suite on the list.
    verdict : `Verdict`
        What the results say about the list.
    complaints : `~collections.abc.Sequence` [ `str` ]
        What is wrong; empty if nothing is.
    """

    engine: str
    profile: str
    suite: Suite
    results: Mapping[str, Result]
    expected: Mapping[str, Expected]
    verdict: Verdict
    complaints: Sequence[str]

    @property
    def title(self) -> str:
        """Engine, profile and suite (`str`)."""
        return f"{self.engine} {self.profile} {self.suite.name}"


def summary_table(runs: Sequence[Measured]) -> Table:
    """Return the counts of all runs as a table for the terminal."""
    title = "SQLAlchemy's suites on the Oracle stand-in, which is not an Oracle Database"
    table = Table(title=title, box=SIMPLE_HEAD)
    for heading in ("engine", "profile", "suite"):
        table.add_column(heading, no_wrap=True)
    for heading in ("passed", "goal", "failed", "expected", "regressed", "unexpected success", "skipped"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for run in runs:
        verdict = run.verdict
        counts = (verdict.passed, run.suite.floor, verdict.failed, len(verdict.expected))
        more = (len(verdict.regressions), len(verdict.successes), verdict.skipped)
        names = (run.engine, run.profile, run.suite.name)
        table.add_row(*names, *map(str, counts + more), "bad" if run.complaints else "good")
    return table


def reason_counts(run: Measured) -> list[tuple[str, int]]:
    """Return the reasons of the expected failures and how many tests each has, the most first."""
    return Counter(run.expected[test].reason for test in run.verdict.expected).most_common()


def write_summary(runs: Sequence[Measured], path: Path) -> None:
    """Write the table, the complaints and the reasons as JSON."""
    content = [
        {
            "engine": run.engine,
            "profile": run.profile,
            "suite": run.suite.name,
            "goal": run.suite.floor,
            "passed": run.verdict.passed,
            "failed": run.verdict.failed,
            "expected": len(run.verdict.expected),
            "not expected": run.verdict.regressions,
            "unexpected success": run.verdict.successes,
            "skipped": run.verdict.skipped,
            "complaints": list(run.complaints),
            "reasons": dict(reason_counts(run)),
        }
        for run in runs
    ]
    path.write_text(json.dumps(content, indent=2) + "\n")


def write_junit(runs: Sequence[Measured], path: Path) -> None:
    """Write all tests as JUnit: expected failures as skipped with their reason, the rest as it was.

    A complaint about the whole of a suite, such as its goal, is a case of
    its own.
    """
    top = ET.Element("testsuites")
    for run in runs:
        suite = ET.SubElement(top, "testsuite", name=run.title)
        for test, result in run.results.items():
            _add_case(suite, run, test, result)
        named = {*run.verdict.regressions, *run.verdict.successes}
        for complaint in run.complaints:
            if complaint.rpartition(": ")[2] not in named:
                case = ET.SubElement(suite, "testcase", classname=run.title, name=complaint)
                ET.SubElement(case, "failure", message=complaint)
        for count, tag in (("tests", "testcase"), ("failures", "*/failure"), ("skipped", "*/skipped")):
            suite.set(count, str(len(suite.findall(tag))))
    ET.ElementTree(top).write(path, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ET.Element, run: Measured, test: str, result: Result) -> None:
    classname, _, name = test.rpartition("::")
    case = ET.SubElement(suite, "testcase", classname=f"{run.title} {classname}", name=name)
    case.set("time", f"{result.seconds:.3f}")
    text = "".join(c for c in result.text if c.isprintable() or c in "\n\t")  # XML has no control characters
    listed = run.expected.get(test)
    if result.outcome == "failed" and listed is None:
        ET.SubElement(case, "failure", message="not on the list of expected failures").text = text
    elif result.outcome == "failed" and listed is not None:
        ET.SubElement(case, "skipped", message=f"expected failure: {listed.reason}").text = text
    elif listed is not None and test in run.verdict.successes:
        ET.SubElement(case, "failure", message=f"unexpected success: {listed.reason}")
    elif result.outcome == "skipped":
        ET.SubElement(case, "skipped", message="skipped by the suite").text = text
