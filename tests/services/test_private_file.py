"""Tests of files with passwords."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gen3bed.errors import ServiceError, StorageFullError
from gen3bed.services._private_file import write_private
from tests.support.full_disk import no_room


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """The file is its owner's alone, also where a readable one was before."""
    path = tmp_path / "secret"
    path.touch(mode=0o644)
    write_private(path, "password")
    assert path.read_text() == "password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_full_disk_leaves_the_old_content(tmp_path: Path) -> None:
    """A disk that fills up in the middle is an error, and neither half a file nor a draft is left."""
    path = tmp_path / "secret"
    write_private(path, "old")
    with no_room(4), pytest.raises(StorageFullError, match="cannot be written"):
        write_private(path, "new and longer")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"secret": "old"}


def test_directory_that_is_gone_is_named(tmp_path: Path) -> None:
    """A file that may not be made is an error that names it."""
    with pytest.raises(ServiceError, match="gone/secret"):
        write_private(tmp_path / "gone" / "secret", "x")
