"""An environment is filled when it must be, once, and never while it is used."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from ci import environments

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    """Free the locks that a run of nox keeps to its end."""
    yield
    while environments._HELD:
        environments._HELD.pop().close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty environment."""
    path = tmp_path / "environment"
    path.mkdir()
    return path


def test_a_warm_start_installs_nothing(folder: Path) -> None:
    """What was installed once is not installed again."""
    calls: list[int] = []
    wanted = {"lock": "a", "wheels": ["b"]}
    assert environments.fill(folder, wanted, lambda: calls.append(1)) is True
    assert environments.fill(folder, wanted, lambda: calls.append(2)) is False
    assert calls == [1]


def test_a_change_is_installed(folder: Path) -> None:
    """Another lock or wheel fills the environment again."""
    environments.fill(folder, {"lock": "a"}, lambda: None)
    environments._HELD.pop().close()
    assert environments.fill(folder, {"lock": "b"}, lambda: None) is True


def test_a_failed_installation_is_tried_again(folder: Path) -> None:
    """An environment that was being changed when the installation failed is not taken for the old one."""
    environments.fill(folder, {"lock": "a"}, lambda: None)
    environments._HELD.pop().close()

    def fail() -> None:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        environments.fill(folder, {"lock": "b"}, fail)
    environments._HELD.pop().close()
    assert environments.fill(folder, {"lock": "a"}, lambda: None) is True


def test_an_environment_in_use_is_not_changed(folder: Path) -> None:
    """Whoever wants another content waits until the run that uses the environment has ended."""
    order = folder.parent / "order"
    program = textwrap.dedent("""
        import pathlib, sys, time
        from ci import environments
        lock, hold = sys.argv[1], float(sys.argv[2])
        order = pathlib.Path("%s")
        def note(text):
            with order.open("a") as file:
                file.write(text + "\\n")
        environments.fill(pathlib.Path("%s"), {"lock": lock}, lambda: note("install " + lock))
        print("ready", flush=True)
        sys.stdin.readline()
        note("end " + lock)
    """) % (order, folder)

    def start(lock: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", program, lock, "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    first = start("a")
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    second = start("b")
    assert second.stderr is not None
    assert second.stderr.readline() == "Waiting: another run uses environment.\n"
    first.communicate("\n")
    second.communicate("\n")
    assert order.read_text().split("\n")[:4] == ["install a", "end a", "install b", "end b"]


@pytest.mark.parametrize("seconds", [0, 1])
def test_two_runs_share_an_environment(folder: Path, seconds: int) -> None:
    """Two runs that want the same content use it together, also if both saw that it must be filled."""
    program = textwrap.dedent(f"""
        import pathlib, sys, time
        from ci import environments
        look = environments._stamp
        def look_slowly(folder):
            seen = look(folder)
            time.sleep({seconds})
            return seen
        environments._stamp = look_slowly
        environments.fill(pathlib.Path({str(folder)!r}), {{"lock": "a"}}, lambda: None)
        print("ready", flush=True)
        sys.stdin.readline()
    """)
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(2)
    ]
    # Both answer before either of them is told to end.
    assert [run.stdout.readline() for run in runs if run.stdout] == ["ready\n", "ready\n"]
    for run in runs:
        run.communicate("\n")
    assert [run.returncode for run in runs] == [0, 0]
