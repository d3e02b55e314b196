"""The Java library."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle_standin.errors import StandinError
from oracle_standin.h2 import JAR_VARIABLE, fetch_jar, jar_path


def test_a_missing_library_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library the error names the variable that tells where it is."""
    monkeypatch.setenv(JAR_VARIABLE, str(tmp_path / "h2.jar"))
    with pytest.raises(StandinError, match=JAR_VARIABLE):
        jar_path()


def test_another_library_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of another version, or a changed one, is not loaded."""
    jar = tmp_path / "h2.jar"
    jar.write_bytes(b"not H2")
    monkeypatch.setenv(JAR_VARIABLE, str(jar))
    with pytest.raises(StandinError, match="SHA-256"):
        jar_path()


def test_a_wrong_download_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is fetched and is not the library is thrown away."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    other = tmp_path / "other.jar"
    other.write_bytes(b"not H2")
    with pytest.raises(StandinError, match="SHA-256"):
        fetch_jar(other.as_uri())
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
