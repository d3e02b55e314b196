"""The sessions of the noxfile, run by the real nox on a small project."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.nox_project import ROOT, NoxProject, run_wrapper, write_package


@pytest.fixture(scope="session", autouse=True)
def _bootstrap() -> None:
    """Make nox's environment, if this is the first use of the checkout."""
    answer = run_wrapper("--version")
    assert answer.returncode == 0, answer.stderr


@pytest.fixture
def project(tmp_path: Path) -> NoxProject:
    """Return a project with this repository's noxfile."""
    folder = tmp_path / "project"
    folder.mkdir()
    return NoxProject(folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a developer's checkout of lsst-toy."""
    folder = tmp_path / "toy"
    write_package(folder, "lsst-toy", "lsst_toy", "MARK = 'first'\n")
    return folder


def answer_of(output: str) -> dict[str, Any]:
    """Return what the stand-in for gen3bed printed."""
    found: dict[str, Any] = json.loads(re.findall(r"^ANSWER (.*)$", output, re.MULTILINE)[-1])
    return found


def test_every_registry_has_its_session() -> None:
    """The sessions of the matrix's registries, and those for development, are listed."""
    listed = re.findall(r"^[*-] (\S+) ->", run_wrapper("-l").stdout, re.MULTILINE)
    registries = tomllib.loads((ROOT / "src/gen3bed/matrix.toml").read_text())["registries"]
    assert set(registries) <= set(listed)
    assert {"matrix", "tests", "tox", "lint", "typing", "docs", "bench", "pin", "package"} <= set(listed)


def test_a_new_registry_needs_no_change_of_the_noxfile(project: NoxProject) -> None:
    """A registry that is added to the matrix has a session of its name."""
    with project.matrix.open("a") as matrix:
        matrix.write('\n[registries.mysql]\ntitle = "MySQL"\n')
    assert "- mysql -> Run upstream's suites and a pipeline on MySQL." in project.nox("-l").stdout


def test_a_session_runs_gen3bed_from_the_wheel(project: NoxProject) -> None:
    """The session builds and installs the wheel, passes its arguments on, and says who started it."""
    process = subprocess.Popen(
        project.command("-s", "sqlite", "--", "--conformance", "-n", "4"),
        stdout=subprocess.PIPE,
        text=True,
        env=project.environment(),
    )
    answer = answer_of(process.communicate()[0])
    assert process.returncode == 0
    assert answer["arguments"] == ["run", "sqlite", "--conformance", "-n", "4"]
    assert answer["environment"] == {"GEN3BED_PARENT": str(process.pid), "GEN3BED_WITH": "[]"}
    assert len(list((project.folder / "build/wheel").glob("*/*.whl"))) == 1


def test_matrix_names_no_registry(project: NoxProject) -> None:
    """The matrix session leaves the choice of cells to gen3bed."""
    assert answer_of(project.nox("-s", "matrix").stdout)["arguments"] == ["run"]


def test_matrix_says_which_python_it_leaves_out(project: NoxProject) -> None:
    """The other Pythons of the matrix are named, with their session or as missing, unless cells are named."""
    text = project.matrix.read_text()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    project.matrix.write_text(re.sub(r"versions = \[.*\]", f'versions = ["{version}", "3.99"]', text))
    assert "Not run on Python 3.99: none was found on this machine" in project.nox("-s", "matrix").stdout
    assert "Not run on" not in project.nox("-s", "matrix", "--", "sqlite-file").stdout


def test_a_named_cell_is_run_alone(project: NoxProject) -> None:
    """A cell among a session's arguments takes the place of all cells of its registry."""
    answer = answer_of(project.nox("-s", "sqlite", "--", "-n", "2", "sqlite-file").stdout)
    assert answer["arguments"] == ["run", "-n", "2", "sqlite-file"]


def test_a_warm_start_installs_nothing_and_a_change_does(project: NoxProject) -> None:
    """The second start neither builds nor installs; after a change of the sources the third does both."""
    assert "uv build" in project.nox("-s", "sqlite").stdout
    warm = project.nox("-s", "sqlite").stdout
    assert "uv" not in warm.replace(str(project.folder), "")
    module = project.folder / "src/toybed.py"
    module.write_text(module.read_text().replace('"ANSWER"', '"CHANGED\\nANSWER"'))
    assert "\nCHANGED\n" in project.nox("-s", "sqlite").stdout


def test_a_failure_of_gen3bed_fails_nox(project: NoxProject) -> None:
    """A non-zero exit code of gen3bed is printed, and nox's own is not zero."""
    answer = project.nox("-s", "sqlite", "--", "--fail")
    assert answer.returncode == 1
    assert "failed with exit code 4" in answer.stdout


@pytest.mark.parametrize(
    ("send", "number"),
    [(os.killpg, signal.SIGINT), (os.killpg, signal.SIGTERM), (os.kill, signal.SIGTERM)],
)
def test_interrupt_lets_gen3bed_clean_up(
    project: NoxProject, send: Callable[[int, int], None], number: signal.Signals
) -> None:
    """After Ctrl-C, or SIGTERM to it or to all, nox waits for gen3bed, longer than by its own patience."""
    project.nox("-s", "sqlite")
    process = subprocess.Popen(
        project.command("-s", "sqlite", "--", "--sleep"),
        stdout=subprocess.PIPE,
        text=True,
        env=project.environment(),
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ANSWER"):
            break
    send(process.pid, number)
    assert "CLEANED" in process.communicate()[0]
    assert process.returncode == 130


def test_with_uses_the_checkout_and_later_runs_do_not(project: NoxProject, checkout: Path) -> None:
    """A checkout is used, and named with its state, only in the run that asks for it."""
    output = project.nox("-s", "sqlite", "--", "--with", str(checkout), "--conformance").stdout
    assert f"--with {checkout}: its state is unknown: it is no git checkout" in output
    first = answer_of(output)
    assert first["checkout"] == "first"
    assert first["arguments"] == ["run", "sqlite", "--conformance"]
    assert json.loads(first["environment"]["GEN3BED_WITH"]) == [
        {
            "package": "lsst-toy",
            "path": str(checkout),
            "commit": None,
            "dirty": None,
            "reason": "it is no git checkout",
        }
    ]
    assert answer_of(project.nox("-s", "sqlite").stdout)["checkout"] is None


def test_with_follows_the_checkout(project: NoxProject, checkout: Path) -> None:
    """A change of the checkout, and a second checkout in place of the first, are each installed."""
    arguments = ("-s", "sqlite", "--", "--with")
    # Relative to where the user stands, which is not where the noxfile is.
    assert answer_of(project.nox(*arguments, "toy").stdout)["checkout"] == "first"
    (checkout / "src/lsst_toy.py").write_text("MARK = 'second'\n")
    assert answer_of(project.nox(*arguments, "toy").stdout)["checkout"] == "second"
    write_package(checkout.parent / "other", "lsst-other", "lsst_other", "")
    assert answer_of(project.nox(*arguments, "other").stdout)["checkout"] is None


def test_with_leaves_nothing_in_the_checkout(project: NoxProject, checkout: Path) -> None:
    """A build does not write into somebody's checkout."""
    before = sorted(checkout.rglob("*"))
    project.nox("-s", "sqlite", "--", "--with", str(checkout))
    assert sorted(checkout.rglob("*")) == before


def test_a_checkout_that_does_not_build_is_not_run(project: NoxProject, checkout: Path) -> None:
    """A broken checkout fails the session before gen3bed starts, and the build's output is shown."""
    (checkout / "backend.py").write_text("raise SystemExit('the backend is broken')\n")
    answer = project.nox("-s", "sqlite", "--", "--with", str(checkout))
    assert answer.returncode == 1
    assert "the backend is broken" in answer.stdout
    assert "ANSWER" not in answer.stdout
    assert answer_of(project.nox("-s", "sqlite").stdout)["checkout"] is None


@pytest.mark.parametrize("path", ["nowhere", ".", "project"])
def test_with_a_wrong_path_changes_nothing(project: NoxProject, path: str) -> None:
    """A path that is no lsst-* checkout is one error, before anything is built or installed."""
    answer = project.nox("-s", "sqlite", "--", "--with", path)
    assert answer.returncode == 1
    assert f"--with {path}: " in answer.stdout
    assert "Hint: " in answer.stdout
    assert "Traceback" not in answer.stdout
    assert not (project.folder / "build").exists()
    assert not (project.folder / ".nox/sqlite-with").exists()


def test_broken_shims_do_not_stop_a_session(project: NoxProject, tmp_path: Path) -> None:
    """Where every python3.x on PATH fails and pyenv has one, the session runs with pyenv's."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    shims = tmp_path / "shims"
    shims.mkdir()
    for name in ("python3.12", "python3.13"):
        (shims / name).write_text("#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n")
        (shims / name).chmod(0o755)
    # The whole installation: one that was moved here finds its library only beside it.
    versions = tmp_path / "pyenv/versions"
    versions.mkdir(parents=True)
    (versions / f"{version}.0").symlink_to(sys.base_prefix)
    answer = project.nox(
        "-s", "sqlite", PATH=f"{shims}:/usr/bin:/bin", PYENV_ROOT=str(tmp_path / "pyenv"), HOME=str(tmp_path)
    )
    assert answer.returncode == 0, answer.stdout
    assert answer_of(answer.stdout)["python"].startswith(version)


def test_without_any_python_the_session_fails_and_says_how_to_get_one(
    project: NoxProject, tmp_path: Path
) -> None:
    """Where no Python is found or downloaded, the session fails, and is not skipped."""
    text = project.matrix.read_text()
    project.matrix.write_text(re.sub(r"versions = \[.*\]", 'versions = ["3.98", "3.99"]', text))
    answer = project.nox("-s", "sqlite", HOME=str(tmp_path), UV_PYTHON_DOWNLOADS="never")
    assert answer.returncode == 1
    assert "uv python install 3.99" in answer.stdout
    assert "Session sqlite failed" in answer.stdout


def test_a_nox_without_uv_is_told_what_to_do(project: NoxProject) -> None:
    """Somebody's own nox that has no uv ends with one error and two ways out."""
    answer = project.nox("-l", UV="/nowhere/uv")
    assert answer.returncode != 0
    assert "Hint: Use ./nox, which brings it, or pip install uv." in answer.stdout


def test_tox_covers_the_pythons_of_the_matrix() -> None:
    """The environments of tox are the matrix's Pythons, and run what the tests session runs."""
    matrix = tomllib.loads((ROOT / "src/gen3bed/matrix.toml").read_text())
    text = (ROOT / "tox.ini").read_text()
    expected = ", ".join(f"py{version.replace('.', '')}" for version in matrix["python"]["versions"])
    assert f"env_list = {expected}\n" in text
    assert "commands = python -m pytest -n auto {posargs}\n" in text
    assert '"python", "-m", "pytest", "-n", "auto"' in (ROOT / "noxfile.py").read_text()


def test_plain_nox_finds_the_same_sessions(project: NoxProject) -> None:
    """Somebody's own nox, started in the folder, needs neither the wrapper nor an option."""
    nox = shutil.which("nox", path=str(ROOT / ".nox/.bootstrap/bin"))
    assert nox is not None
    answer = subprocess.run(
        [nox, "-l"], capture_output=True, text=True, check=True, cwd=project.folder, env=project.environment()
    )
    assert "- sqlite -> " in answer.stdout
