"""A small project that uses this repository's noxfile with a stand-in for gen3bed.

Its packages build themselves (no build requirement), so no index is asked.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["ROOT", "NoxProject", "run_wrapper", "write_package"]

ROOT = Path(__file__).resolve().parents[2]

BACKEND = """
import pathlib, tomllib, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
    name = project["name"].replace("-", "_")
    info = f"{name}-1.0.dist-info"
    file = f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(directory, file), "w") as wheel:
        for path in pathlib.Path("src").rglob("*.py"):
            wheel.write(path, path.relative_to("src"))
        metadata = f"Metadata-Version: 2.1\\nName: {project['name']}\\nVersion: 1.0\\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        scripts = "".join(f"{k} = {v}\\n" for k, v in project.get("scripts", {}).items())
        wheel.writestr(f"{info}/entry_points.txt", f"[console_scripts]\\n{scripts}")
        wheel.writestr(f"{info}/RECORD", "")
    return file
"""

# It prints what the noxfile gave it, and answers with the exit code it is asked for.
COMMAND = """
import importlib.util, json, os, signal, sys, time

def interrupt(*_):
    # As gen3bed does: what follows cuts nothing short.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt

def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    checkout = importlib.util.find_spec("lsst_toy") and __import__("lsst_toy").MARK
    facts = {k: v for k, v in os.environ.items() if k.startswith("GEN3BED_")}
    answer = {"arguments": sys.argv[1:], "environment": facts, "checkout": checkout, "python": sys.version}
    if "--sleep" in sys.argv:
        try:
            print("ANSWER", json.dumps(answer), flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            time.sleep(1.5)
            print("CLEANED", flush=True)
            raise SystemExit(130)
    print("ANSWER", json.dumps(answer), flush=True)
    raise SystemExit(4 if "--fail" in sys.argv else 0)
"""


def write_package(folder: Path, name: str, module: str, source: str, *, scripts: str = "") -> None:
    """Write a package with one module that builds without any requirement."""
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "src" / f"{module}.py").write_text(source)
    (folder / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
        f"[project]\nname = '{name}'\nversion = '1.0'\n{scripts}"
    )


def run_wrapper(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run this repository's ``./nox``, whose environment is made if it is missing."""
    return subprocess.run(
        [str(ROOT / "nox"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment or _environment(),
        cwd=ROOT,
    )


def _environment(**changes: str) -> dict[str, str]:
    """Return the caller's environment without what a running nox or pytest put there."""
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("GEN3BED_", "NOX_", "UV_", "PYTEST_"))
    }
    inherited.pop("VIRTUAL_ENV", None)
    # The tests' own environment must not offer its Python to the project.
    own = str(Path(sys.prefix, "bin"))
    path = [p for p in inherited.get("PATH", os.defpath).split(os.pathsep) if p != own]
    return inherited | {"PATH": os.pathsep.join(path), "UV_OFFLINE": "1"} | changes


class NoxProject:
    """A project in ``folder`` with this repository's noxfile, ``ci`` and matrix.

    Parameters
    ----------
    folder : `~pathlib.Path`
        An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "noxfile.py", folder)
        shutil.copytree(ROOT / "ci", folder / "ci", ignore=shutil.ignore_patterns("__pycache__"))
        write_package(folder, "gen3bed", "toybed", COMMAND, scripts="scripts = {gen3bed = 'toybed:main'}\n")
        self.matrix = folder / "src/gen3bed/matrix.toml"
        self.matrix.parent.mkdir()
        shutil.copy(ROOT / "src/gen3bed/matrix.toml", self.matrix)
        (folder / "requirements").mkdir()
        for lock in ("run", "run-oracle", "build"):
            (folder / f"requirements/{lock}.txt").write_text("")

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs nox on the project."""
        python = ROOT / ".nox/.bootstrap/bin/python"
        return [str(python), "-I", "-m", "nox", "--noxfile", str(self.folder / "noxfile.py"), *arguments]

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment in which nox is run."""
        return _environment(**changes)

    def nox(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run nox and return its exit code and output."""
        return subprocess.run(
            self.command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env=self.environment(**changes),
            cwd=self.folder.parent,
        )
