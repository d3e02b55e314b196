"""Tests of temporary directories."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gen3bed.errors import ServiceError
from gen3bed.ledger import Entry, Ledger
from gen3bed.services._directory import directory_entry, make_directory, remove_directory


def test_made_for_the_owner_alone(ledger: Ledger, tmp_path: Path) -> None:
    """A directory carries its run's name and nobody else can enter it."""
    path = make_directory(directory_entry(ledger, base=tmp_path))
    assert ledger.run in path.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_entry_makes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """Naming a directory does not make it, so that it can be recorded first."""
    assert not Path(directory_entry(ledger, base=tmp_path).name).exists()


def test_removed_with_its_content_and_only_once(ledger: Ledger, tmp_path: Path) -> None:
    """Removing takes all content, and removing again does nothing."""
    entry = directory_entry(ledger, base=tmp_path)
    (make_directory(entry) / "sub").mkdir()
    remove_directory(entry, ledger.run)
    remove_directory(entry, ledger.run)
    assert not Path(entry.name).exists()


def test_never_removes_a_directory_of_others(ledger: Ledger, tmp_path: Path) -> None:
    """A directory without the run's name survives, even if a ledger names it."""
    other = tmp_path / "gen3bed-ffffffffffff-00"
    other.mkdir()
    with pytest.raises(ServiceError, match="not a directory that run"):
        remove_directory(Entry(kind="directory", name=str(other)), ledger.run)
    assert other.exists()


def test_never_follows_a_link(ledger: Ledger, tmp_path: Path) -> None:
    """A symbolic link in place of the directory is refused, and its target survives."""
    target = tmp_path / "precious"
    target.mkdir()
    entry = directory_entry(ledger, base=tmp_path)
    Path(entry.name).symlink_to(target)
    with pytest.raises(ServiceError, match="not a directory that run"):
        remove_directory(entry, ledger.run)
    assert target.exists()


def test_parent_missing_is_a_typed_error(ledger: Ledger, tmp_path: Path) -> None:
    """A temporary directory that does not exist is named with the next step."""
    with pytest.raises(ServiceError, match="TMPDIR"):
        make_directory(directory_entry(ledger, base=tmp_path / "absent"))
