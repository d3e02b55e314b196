"""Tests of `gen3bed.report._files`."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen3bed.errors import ExitCode
from gen3bed.report import ReportNotWrittenError, write_whole
from tests.support.full_disk import no_room


def test_file_and_its_directory_are_written(tmp_path: Path) -> None:
    """The directory is made, and the file is the only one in it."""
    path = tmp_path / "new" / "file"
    write_whole(path, b"content")
    assert path.read_bytes() == b"content"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_full_disk_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    """A file that does not fit is one error, and what was there before still is."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with (
        no_room(100),
        pytest.raises(ReportNotWrittenError, match="cannot be written: File too large") as caught,
    ):
        write_whole(path, b"x" * 200)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert (caught.value.subject, caught.value.exit_code) == (str(path), ExitCode.SERVICE)
    assert caught.value.hint


def test_directory_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    """A directory that cannot be made is refused with its reason."""
    (tmp_path / "file").touch()
    with pytest.raises(ReportNotWrittenError, match="cannot be made"):
        write_whole(tmp_path / "file" / "report" / "page", b"")
