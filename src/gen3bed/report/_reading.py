"""JUnit files, read into plain test results."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from junitparser import (
    Error,
    Failure,
    JUnitXml,
    JUnitXmlError,
    Properties,
    Skipped,
    SystemErr,
    SystemOut,
    TestCase,
    TestSuite,
)

from ._files import write_whole
from ._masking import mask
from ._testcases import JUnitFileError, Problem, TestOutcome, TestResult, tail

__all__ = ["NO_SUITE", "merge_junit", "read_junit"]

NO_SUITE = "(no suite)"
"""Suite of a test that names none and whose module belongs to none."""

# What pytest adds to a test whose subtests failed; those are reported anyway.
_SUBTESTS = re.compile(r"contains \d+ failed subtests?")
_XFAIL = "pytest.xfail"

# pytest writes a heading for each stream, also for one that was silent.
_EMPTY_CAPTURE = re.compile(r"^-+ Captured \w+ -+\s*(?=^-+ Captured |\Z)", re.MULTILINE)


def read_junit(path: Path, targets: Mapping[str, str]) -> list[TestResult]:
    """Read one JUnit file.

    pytest writes several test cases for one test if it was run again, or if
    both the test and its teardown went wrong; they become one result.

    Parameters
    ----------
    path : `pathlib.Path`
        The file, as pytest writes it.
    targets : `~collections.abc.Mapping` [`str`, `str`]
        Module of each suite: tests that broke before they could name their
        suite are attributed by it.

    Returns
    -------
    tests : `list` [`TestResult`]
        In the order of the file, with passwords masked.

    Raises
    ------
    JUnitFileError
        Raised if the file is missing or is not JUnit.
    """
    with _reading(path):
        groups = _groups(_cases(JUnitXml.fromfile(str(path))))
        suites: dict[str, set[str]] = {}
        for module, _, properties, _ in groups:
            suites.setdefault(module, set()).update({properties["suite"]} if "suite" in properties else ())
        # Computed inside, since numbers are only parsed when they are asked for.
        return [
            _result(
                properties.get("suite") or _suite_of(module, name, suites[module], targets),
                module,
                name,
                properties,
                cases,
            )
            for module, name, properties, cases in groups
        ]


def merge_junit(parts: Iterable[Path], path: Path) -> None:
    """Write the test cases of several JUnit files into one.

    Parameters
    ----------
    parts : `~collections.abc.Iterable` [`pathlib.Path`]
        The files, as pytest writes them.
    path : `pathlib.Path`
        The file to write.

    Raises
    ------
    JUnitFileError
        Raised if a part is missing or is not JUnit.
    ReportNotWrittenError
        Raised if the file cannot be written.
    """
    merged = JUnitXml()
    for part in parts:
        with _reading(part):
            merged += JUnitXml.fromfile(str(part))
    buffer = io.BytesIO()
    merged.write(buffer)
    write_whole(path, buffer.getvalue())


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    hint = "Look at the log of the cell: pytest was probably killed before it wrote its report."
    try:
        yield
    except OSError as err:
        reason = f"it cannot be read: {err.strerror}"
        raise JUnitFileError(path.name, reason=reason, hint=hint) from err
    except (JUnitXmlError, SyntaxError, ValueError) as err:
        # Both XML parsers that junitparser may use raise kinds of SyntaxError.
        raise JUnitFileError(path.name, reason=f"it is not a JUnit file: {err}", hint=hint) from err


def _cases(content: JUnitXml | TestSuite) -> Iterable[TestCase]:
    for item in content:
        if isinstance(item, TestSuite):
            yield from _cases(item)
        # One that says nothing is what pytest leaves of a test's run in a
        # process that died, if the test was run again in another.
        elif item.classname or item.name or item.result:
            yield item


def _groups(cases: Iterable[TestCase]) -> list[tuple[str, str, dict[str, str], list[TestCase]]]:
    """Return module, name, properties and test cases of each test.

    The same module and name may stand for tests of two suites: of modules
    outside its root directory, pytest writes the class only.
    """
    addresses: dict[tuple[str, str], list[tuple[dict[str, str], TestCase]]] = {}
    for case in cases:
        address = (case.classname or "", case.name or "")
        addresses.setdefault(address, []).append((_properties(case), case))
    groups = []
    for (module, name), members in addresses.items():
        suites = dict.fromkeys(properties["suite"] for properties, _ in members if "suite" in properties)
        first = next(iter(suites), "")
        for suite in suites or [""]:
            # Of a test that failed and whose teardown broke, only the second
            # test case has the properties.
            mine = [(p, case) for p, case in members if p.get("suite", first) == suite]
            merged = {key: value for properties, _ in mine for key, value in properties.items()}
            groups.append((module, name, merged, [case for _, case in mine]))
    return groups


def _properties(case: TestCase) -> dict[str, str]:
    # A test that is run again keeps the properties of its first run in front
    # of those of its last, so the last of a name is the one that counts.
    entries = case.child(Properties) or ()  # type: ignore[no-untyped-call]
    return {entry.name: entry.value for entry in entries}


def _result(
    suite: str, module: str, name: str, properties: Mapping[str, str], cases: list[TestCase]
) -> TestResult:
    outcome, reason, problems = _outcome(cases)
    output = ""
    if problems:
        captured = [
            entry.text for case in cases for entry in case if isinstance(entry, SystemOut | SystemErr)
        ]
        texts = (_EMPTY_CAPTURE.sub("", text).strip("\n") for text in dict.fromkeys(captured) if text)
        output = "\n".join(text for text in texts if text)
    return TestResult(
        suite=suite,
        module=mask(module),
        name=mask(name),
        outcome=outcome,
        seconds=sum(case.time or 0.0 for case in cases),
        cpu_seconds=float(properties.get("cpu_seconds", 0)),
        statements=int(properties.get("sql_statements", 0)),
        commits=int(properties.get("sql_commits", 0)),
        rollbacks=int(properties.get("sql_rollbacks", 0)),
        savepoints=int(properties.get("sql_savepoints", 0)),
        reason=mask(reason),
        problems=tuple(problems),
        output=tail(mask(output)),
    )


def _outcome(cases: list[TestCase]) -> tuple[TestOutcome, str, list[Problem]]:
    """Return what became of a test, why it was skipped, and what went wrong.

    A skipped subtest looks like a skipped test in the file; it is counted as
    one, so that the number of executed tests errs on the strict side.
    """
    entries = [entry for case in cases for entry in case.result]
    problems = [
        Problem(
            kind="error" if isinstance(entry, Error) else "failed",
            message=mask(entry.message or ""),
            text=tail(mask(entry.text or "")),
        )
        for entry in entries
        if isinstance(entry, Error | Failure)
    ]
    if len(problems) > 1:
        problems = [p for p in problems if not _SUBTESTS.fullmatch(p.message)]
    if problems:
        failed = any(p.kind == "failed" for p in problems)
        return ("failed" if failed else "error"), "", problems
    skips = [entry for entry in entries if isinstance(entry, Skipped)]
    if not skips:
        return "passed", "", []
    xfailed = all(skip.type == _XFAIL for skip in skips)
    return ("xfailed" if xfailed else "skipped"), skips[0].message or "", []


def _suite_of(module: str, name: str, known: set[str], targets: Mapping[str, str]) -> str:
    """Return the suite of a test that broke before it could name it."""
    if len(known) == 1:
        return next(iter(known))
    # Below site-packages, the address has the folders of the installation in
    # front of the module; that of a module that was not collected is its name.
    for suite, target in targets.items():
        if f".{target}." in f".{module}.{name}.":
            return suite
    return NO_SUITE
