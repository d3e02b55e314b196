"""One JUnit file over all cells, for Jenkins and for GitHub."""

from __future__ import annotations

import io
import re
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Properties, Property, Skipped, TestCase, TestSuite

from ._files import write_whole
from ._results import CellResult, RunResults, SuiteResult
from ._testcases import TestResult

__all__ = ["JUNIT_NAME", "write_junit"]

JUNIT_NAME = "junit.xml"
"""Name of the file in the report directory."""

_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]")


def write_junit(results: RunResults, directory: Path) -> Path:
    """Write all cells into one JUnit file.

    Suites are called ``cell/suite``, and classes begin with the cell, so
    that the same test of two cells is two tests.  What is red without a test
    (see `RunResults.faults`) becomes an error of its own, and a cell that
    was not run a skip with its reason: a CI system that reads nothing but
    this file is never greener than the page.

    Parameters
    ----------
    results : `RunResults`
        What to write.
    directory : `pathlib.Path`
        The report directory.

    Returns
    -------
    path : `pathlib.Path`
        The file.

    Raises
    ------
    ReportNotWrittenError
        Raised if it cannot be written.
    """
    content = JUnitXml("gen3bed")
    for cell in results.cells:
        for suite in cell.suites:
            if suite.tests:
                content.add_testsuite(_suite(cell, suite, results.record.started))
        if cell.state == "not-run":
            content.add_testsuite(_single(cell.name, cell.record.name, Skipped(_legal(cell.reason))))
    for fault in results.faults:
        subject = "/".join(filter(None, (fault.cell, fault.suite))) or "run"
        error = Error(_legal(fault.reason), fault.state)
        error.text = _legal(f"{fault.reason}\nHint: {fault.hint}\n{fault.detail}".rstrip())
        content.add_testsuite(_single(subject, subject.replace("/", "."), error))
    path = directory / JUNIT_NAME
    content.update_statistics()  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    content.write(buffer, pretty=True)
    write_whole(path, buffer.getvalue())
    return path


def _legal(text: str) -> str:
    """Return ``text`` without the control characters that XML forbids.

    Reasons may quote a log; what comes from JUnit files is legal already.
    """
    return _CONTROL.sub("?", text)


def _single(suite: str, classname: str, result: Error | Skipped) -> TestSuite:
    """Return a suite with one case that stands for a whole cell or suite."""
    case = TestCase("cell", classname)
    case.result = result
    made = TestSuite(suite)
    made.add_testcase(case)
    return made


def _suite(cell: CellResult, suite: SuiteResult, started: str) -> TestSuite:
    made = TestSuite(f"{cell.name}/{suite.name}")
    made.timestamp = started
    for name in ("provider", "server"):
        made.add_property(name, getattr(cell.record, name))
    made.add_testcases([_case(cell, test) for test in suite.tests])
    return made


def _case(cell: CellResult, test: TestResult) -> TestCase:
    case = TestCase(test.name, f"{cell.record.name}.{test.module}", test.seconds)
    values = {f"sql_{n}": getattr(test, n) for n in ("statements", "commits", "rollbacks", "savepoints")}
    properties = Properties()  # type: ignore[no-untyped-call]
    for name, value in (values | {"cpu_seconds": f"{test.cpu_seconds:.3f}"}).items():
        properties.append(Property(name, str(value)))  # type: ignore[no-untyped-call]
    case.append(properties)  # type: ignore[no-untyped-call]
    if test.outcome in {"skipped", "xfailed"}:
        case.result = Skipped(test.reason, f"pytest.{'xfail' if test.outcome == 'xfailed' else 'skip'}")
    elif test.problems:
        # One entry for a test, so that readers that count entries count tests.
        result = (Failure if test.outcome == "failed" else Error)(test.problems[0].message)
        result.text = "\n\n".join(problem.text for problem in test.problems)
        case.result = result
        if test.output:
            case.system_out = test.output
    return case
