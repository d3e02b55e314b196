"""Tests of finding PostgreSQL's programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen3bed.errors import ProviderUnavailableError
from gen3bed.services.postgresql import _binaries
from gen3bed.services.postgresql._binaries import candidate_directories, find_binaries, server_environment


def _install(
    root: Path, version: str, *, gist: bool = True, programs: str = "initdb postgres pg_ctl"
) -> Path:
    """Make a directory of programs that only know their version."""
    directory = root / version / "bin"
    directory.mkdir(parents=True)
    for name in programs.split():
        program = directory / name
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Somebody 1.2)'\n")
        program.chmod(0o755)
    if gist:
        extension = root / version / "share" / "extension"
        extension.mkdir(parents=True)
        (extension / "btree_gist.control").touch()
    return directory


def test_newest_usable_wins(tmp_path: Path) -> None:
    """Of several installations the newest is taken, by number and not by text."""
    found = find_binaries(
        minimum="9", directories=[_install(tmp_path, v) for v in ("9.6", "16.2", "15.18", "16.10")]
    )
    assert found.version == "16.10"
    assert found.program("initdb") == tmp_path / "16.10" / "bin" / "initdb"


def test_each_unusable_one_is_named(tmp_path: Path) -> None:
    """If none is usable, the error says for each one why."""
    broken = _install(tmp_path, "18.0")
    (broken / "postgres").write_text("#!/bin/sh\nexit 3\n")
    directories = [
        _install(tmp_path, "13.22"),
        _install(tmp_path, "17.1", gist=False),
        _install(tmp_path, "16.1", programs="initdb"),
        broken,
        tmp_path / "empty",
    ]
    with pytest.raises(ProviderUnavailableError) as caught:
        find_binaries(minimum="14", directories=directories)
    detail = caught.value.detail
    assert "version 13.22 is older than 14" in detail
    assert "btree_gist is not installed" in detail
    assert "postgres, pg_ctl is missing" in detail
    assert "exit code 3" in detail
    assert "empty" not in detail


def test_looks_on_the_path_in_conda_and_in_debian(tmp_path: Path) -> None:
    """The PATH, pg_config's answer, conda's prefix and Debian's directories are looked in, in this order."""
    on_path = _install(tmp_path / "path", "16.1")
    named = tmp_path / "named"
    pg_config = on_path / "pg_config"
    pg_config.write_text(f"#!/bin/sh\necho {named}\n")
    pg_config.chmod(0o755)
    for version in ("9", "15", "17"):
        (tmp_path / "debian" / version / "bin").mkdir(parents=True)
    found = candidate_directories(
        {"PATH": f"{on_path}:/bin", "CONDA_PREFIX": str(tmp_path / "conda")}, debian=tmp_path / "debian"
    )
    assert found[:3] == [named, on_path, tmp_path / "conda" / "bin"]
    assert found[-3:] == [tmp_path / "debian" / v / "bin" for v in ("17", "15", "9")]


def test_failing_pg_config_is_passed_over(tmp_path: Path) -> None:
    """A pg_config that fails does not end the search."""
    pg_config = tmp_path / "pg_config"
    pg_config.write_text("#!/bin/sh\nexit 1\n")
    pg_config.chmod(0o755)
    assert candidate_directories({"PATH": f"{tmp_path}:/bin"}, debian=tmp_path / "none")


def test_environment_points_nowhere_else() -> None:
    """The caller's libpq settings and language do not reach the server's programs."""
    assert server_environment({"PGDATA": "/x", "PGPORT": "1", "PATH": "/bin", "LC_ALL": "de_DE"}) == {
        "PATH": "/bin",
        "LC_ALL": "C",
    }


def test_ordinary_user_needs_no_other_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root has to drop its rights."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert _binaries.unprivileged_account() is None
