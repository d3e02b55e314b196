"""The closing line of CI adds up real results, and is red when some are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci import summary

JUNIT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase name="a"/><testcase name="b"><properties/></testcase>
<testcase name="c"><skipped/></testcase>{more}
</testsuite></testsuites>"""


def write(folder: Path, more: str = "") -> None:
    """Write the results of our tests and of one cell."""
    (folder / "tests.xml").write_text(JUNIT.format(more=""))
    (folder / "sqlite").mkdir()
    (folder / "sqlite/junit.xml").write_text(JUNIT.format(more=more))


def test_results_are_added_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line counts the cases of all files."""
    write(tmp_path)
    assert summary.main([str(tmp_path), "--seconds", "83", "--expect", "tests.xml", "sqlite/junit.xml"]) == 0
    assert capsys.readouterr().out == "====== 4 passed, 2 skipped in 83s (1:23) ======\n"


@pytest.mark.parametrize(
    "more", ['<testcase name="d"><failure/></testcase>', "<testcase><error/></testcase>"]
)
def test_a_failure_or_error_is_red(tmp_path: Path, more: str) -> None:
    """One failed case, or one error, fails CI."""
    write(tmp_path, more)
    assert summary.main([str(tmp_path), "--expect", "tests.xml", "sqlite/junit.xml"]) == 1


def test_missing_results_are_red(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Results that are expected and not there fail CI by name."""
    write(tmp_path)
    expected = ("tests.xml", "sqlite/junit.xml", "container/junit.xml")
    assert summary.main([str(tmp_path), "--expect", *expected]) == 1
    assert "no results of container/junit.xml" in capsys.readouterr().out


def test_a_truncated_file_is_an_error(tmp_path: Path) -> None:
    """A file whose writer was killed is counted as an error and is no traceback."""
    (tmp_path / "tests.xml").write_text(JUNIT[:80])
    assert summary.main([str(tmp_path), "--expect", "tests.xml"]) == 1


def test_a_failed_step_is_red(tmp_path: Path) -> None:
    """A step without tests, such as the style check, fails CI too."""
    write(tmp_path)
    assert summary.main([str(tmp_path), "--failed-steps", "1", "--expect", "tests.xml"]) == 1
