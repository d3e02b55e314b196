"""The ``./nox`` wrapper: fast when its environment is there, clear when it cannot be made."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the wrapper and its lock, and no environment."""
    shutil.copy(ROOT / "nox", tmp_path)
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements/nox.txt", tmp_path / "requirements")
    return tmp_path


def run(checkout: Path, *arguments: str, before: str = "pass") -> subprocess.CompletedProcess[str]:
    """Run the wrapper as a program, after a line of Python that changes its world."""
    program = f"import runpy, sys; sys.argv = {['nox', *arguments]}; {before}\n"
    program += f"runpy.run_path({str(checkout / 'nox')!r}, run_name='__main__')"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=checkout.parent)


def pretend_ready(checkout: Path) -> None:
    """Make an environment whose Python prints its arguments and ends with code 7."""
    python = checkout / ".nox/.bootstrap/bin/python"
    python.parent.mkdir(parents=True)
    program = "import json, os, sys\nprint(json.dumps([sys.argv[1:], os.getpid()]))\nsys.exit(7)\n"
    python.write_text(f"#!{sys.executable}\n{program}")
    python.chmod(0o755)
    stamp = (checkout / "requirements/nox.txt").read_text() + f"# {python.resolve()}\n"
    (checkout / ".nox/.bootstrap/made-from").write_text(stamp)


def test_a_warm_start_becomes_nox(checkout: Path) -> None:
    """With its environment in place the wrapper is replaced by nox, with all arguments and the exit code."""
    pretend_ready(checkout)
    process = subprocess.Popen(
        [str(checkout / "nox"), "-s", "sqlite", "--", "--with", "a b"],
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    arguments, pid = json.loads(process.communicate()[0])
    noxfile = str(checkout / "noxfile.py")
    assert arguments == ["-I", "-m", "nox", "--noxfile", noxfile, "-s", "sqlite", "--", "--with", "a b"]
    assert pid == process.pid
    assert process.returncode == 7


@pytest.mark.parametrize("change", ["lock", "python gone", "stamp gone"])
def test_an_old_environment_is_made_again(checkout: Path, change: str) -> None:
    """A new lock, a Python that was removed and an unfinished installation are each noticed."""
    pretend_ready(checkout)
    if change == "lock":
        with (checkout / "requirements/nox.txt").open("a") as lock:
            lock.write("# changed\n")
    elif change == "python gone":
        (checkout / ".nox/.bootstrap/bin/python").unlink()
    else:
        (checkout / ".nox/.bootstrap/made-from").unlink()
    # Making it fails here, which proves that it is tried.
    answer = run(checkout, before="sys.modules['ensurepip'] = None")
    assert "apt-get install python3-venv" in answer.stderr


def test_a_missing_ensurepip_is_one_error_with_the_apt_line(checkout: Path) -> None:
    """On Debian without python3-venv the wrapper names the package and leaves nothing half made."""
    answer = run(checkout, before="sys.modules['ensurepip'] = None")
    assert answer.returncode == 1
    assert answer.stderr.endswith("Hint: apt-get install python3-venv\n")
    assert "Traceback" not in answer.stderr
    assert not (checkout / ".nox/.bootstrap").exists()


@pytest.mark.slow
def test_an_index_that_is_not_reached_is_one_error(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pip cannot install, the wrapper says what to check, and the next start tries again."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    for _ in range(2):
        answer = run(checkout)
        assert answer.returncode == 1
        assert "Hint: Check that pip can reach a package index" in answer.stderr
        assert "installing nox" in answer.stderr
        assert not (checkout / ".nox/.bootstrap/made-from").exists()


@pytest.mark.slow
def test_a_package_with_another_hash_is_refused(checkout: Path) -> None:
    """The lock's hashes are enforced: a package that differs is not installed."""
    wheel = checkout / "nox-1.0-py3-none-any.whl"
    wheel.write_bytes(b"not what was locked")
    lock = checkout / "requirements/nox.txt"
    lock.write_text(f"nox @ {wheel.as_uri()} --hash=sha256:{'0' * 64}\n")
    answer = run(checkout)
    assert answer.returncode == 1
    assert "DO NOT MATCH THE HASHES" in answer.stderr


def test_an_old_python_is_told_what_is_needed(checkout: Path) -> None:
    """Python 3.10 ends with one error that repeats the command with a newer one."""
    answer = run(checkout, "-s", "tests", before="sys.version_info = (3, 10, 0, 'final', 0)")
    assert answer.returncode == 1
    assert "this is Python 3.10, and 3.11 or newer is needed" in answer.stderr
    assert "python3.12 nox -s tests" in answer.stderr


def test_an_old_python_can_read_the_wrapper() -> None:
    """The wrapper has no syntax that a Python too old for it would stumble over."""
    ast.parse((ROOT / "nox").read_text(), feature_version=(3, 7))


def test_the_wrapper_is_executable() -> None:
    """The README's commands start with ./nox."""
    assert os.access(ROOT / "nox", os.X_OK)


def test_the_readme_has_the_two_commands_first() -> None:
    """The first two shell blocks of the README are one command each: a first run, and our tests."""
    blocks = (ROOT / "README.md").read_text().split("```sh\n")[1:3]
    assert [block.split("```")[0] for block in blocks] == ["./nox -s sqlite\n", "./nox -s tests\n"]
