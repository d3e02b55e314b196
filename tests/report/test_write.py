"""Tests of `gen3bed.report._write`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gen3bed.report import ReportError, ReportNotWrittenError, load_results, write_report
from tests.support.full_disk import no_room

from .conftest import SECRET, make_cell


def test_writes_page_and_merged_file(all_states: Path) -> None:
    """The page and the merged JUnit file lie beside the record."""
    page = write_report(all_states)
    assert page == all_states / "report.html"
    assert (all_states / "junit.xml").exists()


def test_nothing_in_the_directory_holds_a_password(all_states: Path) -> None:
    """The files of the cells are masked too, since CI keeps the whole directory."""
    kept = {path.name: path.read_text() for path in all_states.iterdir()}
    assert SECRET in kept["mixed.xml"]
    assert SECRET in kept["local.log"]
    before = load_results(all_states)
    write_report(all_states)
    for path in all_states.iterdir():
        assert SECRET not in path.read_text(), path.name
    assert load_results(all_states) == before
    assert (all_states / "clean.xml").read_text() == kept["clean.xml"]


def test_damaged_file_of_a_cell_is_masked_as_text(all_states: Path) -> None:
    """A JUnit file that was cut short is still masked."""
    path = all_states / "mixed.xml"
    path.write_text(path.read_text()[:-30])
    write_report(all_states)
    assert SECRET not in path.read_text()
    assert "bed:***@db" in path.read_text()


def test_writing_again_changes_nothing(all_states: Path) -> None:
    """A report can be made again from its directory, also after that was moved."""
    first = write_report(all_states).read_text()
    junit = (all_states / "junit.xml").read_text()
    moved = all_states.parent / f"{all_states.name}-moved"
    shutil.copytree(all_states, moved)
    assert write_report(moved).read_text() == first
    assert (moved / "junit.xml").read_text() == junit


def test_directory_without_a_record_is_one_error(tmp_path: Path) -> None:
    """A directory that no run wrote is refused before anything is written."""
    with pytest.raises(ReportError, match="cannot be read"):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())


def test_full_disk_spoils_none_of_the_evidence(all_states: Path) -> None:
    """A log that cannot be masked for want of room is kept as it was, and told."""
    before = {path.name: path.read_bytes() for path in all_states.iterdir()}
    with no_room(1), pytest.raises(ReportNotWrittenError, match="File too large"):
        write_report(all_states)
    assert {path.name: path.read_bytes() for path in all_states.iterdir()} == before


def test_page_that_cannot_be_written_is_one_error(make_report: Callable[..., Path]) -> None:
    """A page that cannot be written is refused with the reason and the next step."""
    directory = make_report(make_cell("sqlite-memory", junit="clean.xml"))
    (directory / "report.html").mkdir()
    with pytest.raises(ReportNotWrittenError, match="cannot be written"):
        write_report(directory)
