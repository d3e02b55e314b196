"""The Java library."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle_standin.errors import StandinError
from oracle_standin.h2 import JAR_VARIABLE, _runtime, fetch_jar, jar_path


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

    def resolve(folder: Path) -> Path:
        other = folder / "other.jar"
        other.write_bytes(b"not H2")
        return other

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(_runtime, "_resolve", resolve)
    with pytest.raises(StandinError, match="SHA-256"):
        fetch_jar()
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_download_that_fails_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network the error names the artifact, the reason and the variable, and nothing is left."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(StandinError, match=r"com\.h2database:h2:.*cannot be fetched") as caught:
        fetch_jar()
    assert JAR_VARIABLE in str(caught.value)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
