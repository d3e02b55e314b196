"""Find a Python that works, where `python3` may be too old and shims may fail.

A file called ``python3.13`` on ``PATH`` proves nothing: a version manager's
shim exits with an error when its version is not selected.  Candidates are
therefore executed, and only those that answer count.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

__all__ = ["candidates", "explain_missing", "find_pythons", "works"]

ANSWER_SECONDS = 20.0
"""How long a candidate may take to say its version; a cold network file system is slow."""


def works(executable: str, version: str) -> bool:
    """Return whether ``executable`` runs, is Python ``version`` and can make virtual environments.

    Parameters
    ----------
    executable : `str`
        Path of the candidate.
    version : `str`
        Major and minor version, such as ``3.13``.
    """
    program = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
    try:
        answer = subprocess.run(
            [executable, "-I", "-S", "-c", program],
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return False
    return answer.returncode == 0 and answer.stdout.split() == [version, "cpython"]


def candidates(version: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield paths that may be Python ``version``: the running one, ``PATH``, pyenv, uv, conda.

    Parameters
    ----------
    version : `str`
        Major and minor version, such as ``3.13``.
    environment : `~collections.abc.Mapping` [ `str`, `str` ]
        Environment variables of the caller.
    """
    name = f"python{version}"
    for folder in environment.get("PATH", "").split(os.pathsep):
        if folder and (path := shutil.which(name, path=folder)):
            yield path
    home = Path(environment.get("HOME") or Path.home())
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    roots = [
        pyenv / "versions",
        Path(environment.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python"),
        home / ".conda/envs",
        home / "miniforge3/envs",
        home / "miniconda3/envs",
    ]
    prefixes = [p for root in roots for p in _newest_first(root)]
    if conda := environment.get("CONDA_PREFIX"):
        prefixes.insert(0, Path(conda))
    for prefix in prefixes:
        if found := shutil.which(name, path=prefix / "bin"):
            yield found


def _newest_first(root: Path) -> list[Path]:
    """Return the folders in ``root``, ``3.12.10`` before ``3.12.9``."""
    try:
        folders = [p for p in root.iterdir() if p.is_dir()]
    except OSError:
        return []
    return sorted(folders, key=lambda p: (_numbers(p.name), p.name), reverse=True)


def find_pythons(
    versions: Sequence[str], environment: Mapping[str, str], memory: Path | None = None
) -> dict[str, str]:
    """Return an executable that works for each of ``versions`` that there is, newest first.

    Parameters
    ----------
    versions : `~collections.abc.Sequence` [ `str` ]
        Acceptable versions, such as ``["3.12", "3.13"]``.
    environment : `~collections.abc.Mapping` [ `str`, `str` ]
        Environment variables of the caller.
    memory : `~pathlib.Path`, optional
        File that remembers the answer: asking a shim takes 0.2 s, which
        every warm start would pay.

    Returns
    -------
    found : `dict` [ `str`, `str` ]
        From version to path; empty if nothing works.
    """
    question = [*versions, *(environment.get(n, "") for n in ("PATH", "PYENV_ROOT", "CONDA_PREFIX"))]
    if memory is not None and (remembered := _recall(memory, question)):
        return remembered
    found: dict[str, str] = {}
    for version in sorted(versions, key=_numbers, reverse=True):
        # The Python of nox itself is the last resort: it may be in a virtual
        # environment of somebody's, which can vanish.
        paths = itertools.chain(candidates(version, environment), [sys.executable])
        if path := next((p for p in paths if works(p, version)), None):
            found[version] = path
    if memory is not None and found:
        memory.parent.mkdir(exist_ok=True)
        memory.write_text(json.dumps({"question": question, "found": found, "modified": _times(found)}))
    return found


def _recall(memory: Path, question: list[str]) -> dict[str, str]:
    """Return the remembered answer, or nothing if it is of another question or out of date."""
    try:
        stored = json.loads(memory.read_text())
        found: dict[str, str] = stored["found"]
        if stored["question"] == question and stored["modified"] == _times(found):
            return found
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return {}


def _times(found: Mapping[str, str]) -> list[int]:
    return [Path(path).stat().st_mtime_ns for path in found.values()]


def _numbers(version: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", version)]


def explain_missing(versions: Sequence[str]) -> str:
    """Return the error to show when no Python works: what is missing, and four ways to get it."""
    newest = max(versions, key=_numbers)
    return (
        f"Python {' or '.join(versions)}: none was found that runs, so uv is asked to download one.\n"
        "Hint: If that fails, get one in any of these ways and repeat the command:\n"
        f"  uv python install {newest}\n"
        f"  apt-get install python{newest} python{newest}-venv    (Debian 13, Ubuntu 25.04 or newer)\n"
        f"  pyenv install {newest}\n"
        f"  conda create -n gen3bed python={newest} && conda activate gen3bed"
    )
