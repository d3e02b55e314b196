"""Finding a Python that works on machines where names on PATH lie."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ci import interpreters

NOT_SELECTED = "echo 'pyenv: command not found' >&2; exit 127"


def answers(version: str, *, log: Path | None = None) -> str:
    """Return a script that answers as Python ``version`` would, and counts how often."""
    count = f"echo asked >> {log}; " if log else ""
    return f"{count}echo {version} cpython"


def write_program(path: Path, script: str) -> str:
    """Write an executable shell script and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a machine that has no Python 3.98 or newer."""
    (tmp_path / "bin").mkdir()
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path / "pyenv")}


def test_a_shim_that_fails_is_passed_over_for_pyenv(tmp_path: Path, machine: dict[str, str]) -> None:
    """A name on PATH that exits with an error does not hide the version that pyenv has."""
    write_program(tmp_path / "bin/python3.99", NOT_SELECTED)
    real = write_program(tmp_path / "pyenv/versions/3.99.0/bin/python3.99", answers("3.99"))
    assert interpreters.find_pythons(["3.98", "3.99"], machine) == {"3.99": real}


def test_all_versions_are_found_the_newest_first(tmp_path: Path, machine: dict[str, str]) -> None:
    """Each version is found where it is, and the newest comes first wherever it is."""
    older = write_program(tmp_path / "bin/python3.98", answers("3.98"))
    newest = write_program(tmp_path / "pyenv/versions/3.99.0/bin/python3.99", answers("3.99"))
    found = interpreters.find_pythons(["3.98", "3.99"], machine)
    assert list(found.items()) == [("3.99", newest), ("3.98", older)]


def test_an_older_version_is_taken_where_the_newest_fails(tmp_path: Path, machine: dict[str, str]) -> None:
    """An older version is used where the newest is only a broken shim."""
    write_program(tmp_path / "bin/python3.99", NOT_SELECTED)
    older = write_program(tmp_path / "bin/python3.98", answers("3.98"))
    assert interpreters.find_pythons(["3.98", "3.99"], machine) == {"3.98": older}


def test_the_python_of_nox_is_the_last_resort(machine: dict[str, str]) -> None:
    """A Python that is nowhere but under nox itself is used."""
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert interpreters.find_pythons([running], machine) == {running: sys.executable}


def test_nothing_is_found_where_nothing_works(tmp_path: Path, machine: dict[str, str]) -> None:
    """A machine that has only broken shims has no Python."""
    write_program(tmp_path / "bin/python3.99", NOT_SELECTED)
    assert interpreters.find_pythons(["3.99"], machine) == {}


def test_the_newest_patch_release_wins(tmp_path: Path, machine: dict[str, str]) -> None:
    """Patch releases are compared as numbers, so 3.99.10 is newer than 3.99.9."""
    for patch in ("3.99.9", "3.99.10"):
        write_program(tmp_path / f"pyenv/versions/{patch}/bin/python3.99", answers("3.99"))
    assert "3.99.10" in interpreters.find_pythons(["3.99"], machine)["3.99"]


@pytest.mark.parametrize(
    ("variable", "folder"),
    [
        ("PYENV_ROOT", "pyenv/versions/3.99.1"),
        ("UV_PYTHON_INSTALL_DIR", "uv/cpython-3.99.1-linux"),
        ("CONDA_PREFIX", "conda"),
        ("HOME", ".pyenv/versions/3.99.1"),
        ("HOME", ".local/share/uv/python/cpython-3.99.1-linux"),
        ("HOME", "miniforge3/envs/night"),
    ],
)
def test_every_version_manager_is_asked(tmp_path: Path, variable: str, folder: str) -> None:
    """A Python that only a version manager knows is found, by its variable or its usual place."""
    real = write_program(tmp_path / folder / "bin/python3.99", answers("3.99"))
    values = {"PYENV_ROOT": "pyenv", "UV_PYTHON_INSTALL_DIR": "uv", "CONDA_PREFIX": "conda"}
    environment = {"PATH": "", "HOME": str(tmp_path)}
    if variable in values:
        environment[variable] = str(tmp_path / values[variable])
    assert interpreters.find_pythons(["3.99"], environment) == {"3.99": real}


@pytest.mark.parametrize(
    "script", [answers("3.11"), "echo 3.99 pypy", "exit 1", "echo", r"printf '\377'", "kill -9 $$"]
)
def test_a_program_that_is_not_that_python_does_not_work(tmp_path: Path, script: str) -> None:
    """Another version, another implementation, silence, noise and a crash are all no Python 3.99."""
    assert not interpreters.works(write_program(tmp_path / "python3.99", script), "3.99")


def test_a_hanging_program_does_not_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate that never answers is given up."""
    monkeypatch.setattr(interpreters, "ANSWER_SECONDS", 0.1)
    assert not interpreters.works(write_program(tmp_path / "python3.99", "exec sleep 60"), "3.99")


def test_the_running_python_works() -> None:
    """The Python that runs this test is recognised as what it is."""
    assert interpreters.works(sys.executable, f"{sys.version_info.major}.{sys.version_info.minor}")


def test_the_answer_is_remembered(tmp_path: Path, machine: dict[str, str]) -> None:
    """The second start asks no program, since asking a shim takes long."""
    log = tmp_path / "log"
    write_program(tmp_path / "bin/python3.99", answers("3.99", log=log))
    memory = tmp_path / "memory/python.json"
    first = interpreters.find_pythons(["3.99"], machine, memory)
    assert interpreters.find_pythons(["3.99"], machine, memory) == first
    assert log.read_text().count("asked") == 1


@pytest.mark.parametrize("change", ["program removed", "PATH changed", "memory damaged"])
def test_an_old_answer_is_forgotten(tmp_path: Path, machine: dict[str, str], change: str) -> None:
    """A remembered Python is looked for anew when it, PATH or the memory is not what it was."""
    first = write_program(tmp_path / "bin/python3.99", answers("3.99"))
    second = write_program(tmp_path / "pyenv/versions/3.99.0/bin/python3.99", answers("3.99"))
    memory = tmp_path / "python.json"
    assert interpreters.find_pythons(["3.99"], machine, memory) == {"3.99": first}
    expected = second
    if change == "program removed":
        Path(first).unlink()
    elif change == "PATH changed":
        machine["PATH"] = str(tmp_path / "empty")
    else:
        memory.write_text("{")
        expected = first
    assert interpreters.find_pythons(["3.99"], machine, memory) == {"3.99": expected}


def test_the_error_names_four_ways_to_get_a_python() -> None:
    """Somebody without a Python is told how to get one by uv, apt, pyenv and conda."""
    text = interpreters.explain_missing(["3.98", "3.99"])
    for command in (
        "uv python install 3.99",
        "apt-get install python3.99",
        "pyenv install 3.99",
        "conda create",
    ):
        assert command in text
