"""Tests of `gen3bed.report._junit`."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gen3bed.report import load_results
from gen3bed.report._junit import write_junit

from .conftest import SECRET, make_cell


@pytest.fixture
def merged(all_states: Path) -> ET.Element:
    """Return the root of the merged file over cells in every state."""
    return ET.parse(write_junit(load_results(all_states), all_states)).getroot()  # noqa: S314 - our own file


def test_numbers_are_those_of_the_report(merged: ET.Element, all_states: Path) -> None:
    """A CI system that reads only the merged file counts what the page says."""
    results = load_results(all_states)
    cases = list(merged.iter("testcase"))
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None]
    assert len(bad) == results.failed
    # A cell that was not run is a skip here, since the file has no other word for it.
    assert len(skipped) == results.skipped + 1
    assert len(cases) - len(bad) - len(skipped) == results.passed
    assert int(merged.attrib["failures"]) + int(merged.attrib["errors"]) == results.failed
    assert int(merged.attrib["tests"]) == len(cases)


def test_suites_and_classes_begin_with_the_cell(merged: ET.Element) -> None:
    """The same test of two cells is two tests in the merged file."""
    names = [suite.attrib["name"] for suite in merged.iter("testsuite")]
    assert {"sqlite-memory/database", "postgresql-container/queries"} <= set(names)
    keys = [(case.attrib["classname"], case.attrib["name"]) for case in merged.iter("testcase")]
    assert len(set(keys)) == len(keys)
    assert any(classname.startswith("postgresql-container.") for classname, _ in keys)


def test_stand_in_is_named(merged: ET.Element) -> None:
    """The suites of a cell on a stand-in are named so."""
    assert merged.find("testsuite[@name='oracle-container (stand-in)/database']") is not None


def test_what_is_red_without_a_test_is_an_error(merged: ET.Element) -> None:
    """Broken and stopped cells and missed floors are errors with reason and hint."""
    errors = {
        suite.attrib["name"]: (error.attrib["message"], error.text)
        for suite in merged.iter("testsuite")
        if (error := suite.find("testcase[@name='cell']/error")) is not None
    }
    assert errors.keys() == {"postgresql-local", "oracle-container (stand-in)/queries", "sqlite-file"}
    message, text = errors["postgresql-local"]
    assert message == "the server did not become ready"
    assert text is not None
    assert "Hint: Look at its log." in text


def test_cell_that_was_not_run_is_a_skip(merged: ET.Element) -> None:
    """A cell that was not run is a skip with its reason."""
    skip = merged.find("testsuite[@name='oracle-url']/testcase/skipped")
    assert skip is not None
    assert skip.attrib["message"] == "No URL was given."


def test_no_password_is_in_it(all_states: Path) -> None:
    """Passwords in messages, tracebacks and captured output are masked."""
    text = write_junit(load_results(all_states), all_states).read_text()
    assert "bed:***@db" in text
    assert SECRET not in text


def test_control_characters_of_a_log_do_not_damage_it(make_report: object, tmp_path: Path) -> None:
    """A reason that quotes a coloured log leaves the merged file readable."""
    make_report(make_cell("sqlite-file", "error", reason="\x1b[31mFATAL\x1b[0m \x00"))  # type: ignore[operator]
    root = ET.parse(write_junit(load_results(tmp_path), tmp_path)).getroot()  # noqa: S314 - our own file
    error = root.find(".//error")
    assert error is not None
    assert "FATAL" in error.attrib["message"]
