"""Moving the weekly: what it is called, what changed, and that a failure changes nothing."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from ci import pins

ROOT = Path(__file__).resolve().parents[2]

FAKE_UV = """#!/usr/bin/env python3
import pathlib, re, sys
arguments = sys.argv[1:]
output = pathlib.Path(arguments[arguments.index("--output-file") + 1])
bound = pathlib.Path("constraints.txt").read_text()
exact = re.search(r"lsst-daf-butler==(.*)", bound)
weekly = exact[1] if exact else "31.2027.200"
if weekly == "30.2099.100" or output.stem == "{broken}":
    sys.exit("error: no solution found")
major, year, week = weekly.split(".")
utils = weekly if "lsst-utils" in bound or output.name != "resolved.txt" else "99.2099.100"
output.write_text(f"lsst-daf-butler=={{weekly}}\\nlsst-utils=={{utils}}\\nlsst-sphgeom==30.2026.4000\\nclick==9.0\\n")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a checkout with a matrix and locks of the weekly w_2026_43."""
    for name in ("pyproject.toml", "constraints.txt", "src/gen3bed/matrix.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements").mkdir()
    for lock in pins.LOCKS:
        (tmp_path / f"requirements/{lock}.txt").write_text("lsst-daf-butler==30.2026.4300\nclick==8.5.1\n")
    return tmp_path


def fake_uv(root: Path, *, broken: str = "none") -> str:
    """Return a program that resolves like uv, without an index, and fails at one lock."""
    path = root / "uv"
    path.write_text(FAKE_UV.format(broken=broken))
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("text", "version"),
    [("w_2026_43", "30.2026.4300"), ("w_2027_01", "30.2027.100"), ("31.2027.500", "31.2027.500")],
)
def test_a_weekly_is_named_by_tag_or_version(text: str, version: str) -> None:
    """Both names of a weekly mean the same version, and a week below ten has no leading zero there."""
    assert pins.weekly_version(text, like="30.2026.4300") == version


@pytest.mark.parametrize("text", ["w_2026", "30.2026.4301", "latest", "30.0.7"])
def test_what_is_no_weekly_is_refused(text: str) -> None:
    """A release and a misspelt tag are answered with how a weekly is written."""
    with pytest.raises(pins.PinError, match="Give it as w_2026_43"):
        pins.weekly_version(text, like="30.2026.4300")


def test_moving_the_pin_rewrites_matrix_constraints_and_locks(root: Path) -> None:
    """After the move all files name the new weekly, and the rows say what changed."""
    rows = pins.move_pin(root, "w_2026_44", python="python3", oldest="3.12", uv=fake_uv(root))
    weekly = tomllib.loads((root / "src/gen3bed/matrix.toml").read_text())["weekly"]
    assert weekly == {"tag": "w_2026_44", "version": "30.2026.4400"}
    assert ("lsst-daf-butler", "30.2026.4300", "30.2026.4400") in rows
    assert pins.read_lock(root / "requirements/run.txt")["lsst-utils"] == "30.2026.4400"
    constraints = (root / "constraints.txt").read_text()
    assert "lsst-utils==30.2026.4400\n" in constraints
    assert "lsst-sphgeom==30.2026.4000  # not released since w_2026_40" in constraints


def test_without_a_name_the_newest_weekly_is_taken(root: Path) -> None:
    """No argument means the newest release there is, also of another major version."""
    pins.move_pin(root, "", python="python3", oldest="3.12", uv=fake_uv(root))
    weekly = tomllib.loads((root / "src/gen3bed/matrix.toml").read_text())["weekly"]
    assert weekly == {"tag": "w_2027_02", "version": "31.2027.200"}


@pytest.mark.parametrize(("weekly", "broken"), [("w_2099_01", "none"), ("w_2026_44", "docs")])
def test_a_failure_changes_nothing(root: Path, weekly: str, broken: str) -> None:
    """An unknown weekly, or one lock that does not resolve, leaves every file as it was."""
    uv = fake_uv(root, broken=broken)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(pins.PinError, match="no solution found"):
        pins.move_pin(root, weekly, python="python3", oldest="3.12", uv=uv)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_changes_are_shown_as_a_table() -> None:
    """Added, removed and moved packages stand in one table; what stayed does not."""
    rows = pins.changes({"a": "1", "b": "1", "c": "1"}, {"b": "2", "c": "1", "dd": "1"})
    assert pins.render_changes(rows).splitlines() == [
        "package  old  new",
        "a        1    -",
        "b        1    2",
        "dd       -    1",
    ]
    assert pins.render_changes([]) == "No version changed."


@pytest.mark.parametrize("lock", pins.LOCKS)
def test_every_lock_is_hashed_and_names_no_index(lock: str) -> None:
    """Each version in the repository's locks carries a hash, and no line leads to an index."""
    text = (ROOT / f"requirements/{lock}.txt").read_text()
    versions = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    assert versions
    assert all(line.endswith("\\") for line in versions)
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_constraints_and_locks_are_of_the_matrix_s_weekly() -> None:
    """Matrix, constraints and locks agree, and each exception has its reason beside it."""
    weekly = tomllib.loads((ROOT / "src/gen3bed/matrix.toml").read_text())["weekly"]
    constraints = pins.read_lock(ROOT / "constraints.txt")
    assert constraints[pins.LEADER] == weekly["version"]
    assert pins.render_constraints(constraints) == (ROOT / "constraints.txt").read_text()
    for lock in ("run", "tests", "typing", "docs"):
        locked = pins.read_lock(ROOT / f"requirements/{lock}.txt")
        assert constraints.items() <= locked.items()
