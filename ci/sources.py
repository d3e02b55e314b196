"""Which files a folder's package is made from, a fingerprint of them, and a copy of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["GitError", "ask_git", "copy", "fingerprint", "git", "list_files"]

# Where there is no git to say what is ignored (an unpacked sdist), these are.
NOT_SOURCE = frozenset({".git", ".nox", ".tox", ".venv", "__pycache__", "build", "dist", "node_modules"})


class GitError(Exception):
    """git is missing or refuses; the message is the reason, without the folder's path."""


def ask_git(folder: Path, *arguments: str) -> str:
    """Return what git prints about ``folder``.

    Raises
    ------
    GitError
        Raised if git is missing or refuses.
    """
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
        )
    except OSError as error:
        raise GitError("git is not installed") from error
    if answer.returncode:
        said = next(iter(answer.stderr.splitlines()), f"exit code {answer.returncode}")
        said = said.removeprefix("fatal: ").replace(str(folder), folder.name)
        raise GitError(f"git refuses: {said}")
    return answer.stdout


def git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints about ``folder``, or `None` if git is missing or refuses."""
    try:
        return ask_git(folder, *arguments)
    except GitError:
        return None


def list_files(folder: Path, parts: Sequence[str] = ()) -> list[str]:
    """Return the files below ``folder`` that git does not ignore, committed or not.

    Parameters
    ----------
    folder : `~pathlib.Path`
        Folder of a package.
    parts : `~collections.abc.Sequence` [ `str` ], optional
        Files and folders in it to which the answer is limited.

    Returns
    -------
    files : `list` [ `str` ]
        Paths relative to ``folder``, sorted.
    """
    listing = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *parts)
    if listing is not None:
        found: Iterable[str] = listing.split("\0")
    else:
        found = (f for part in parts or ["."] for f in _walk(folder, folder / part))
    # git still lists a file that was deleted and not committed.
    return sorted(f for f in set(found) if f and (folder / f).is_file())


def _walk(folder: Path, part: Path) -> Iterable[str]:
    if part.is_file():
        yield os.path.relpath(part, folder)
    for path, folders, files in os.walk(part):
        folders[:] = [f for f in folders if f not in NOT_SOURCE]
        yield from (os.path.relpath(Path(path, f), folder) for f in files)


def fingerprint(folder: Path, files: Iterable[str]) -> str:
    """Return a hash (`str`) of the names and contents of ``files``."""
    total = hashlib.sha256()
    for name in files:
        total.update(f"{name}\0".encode())
        total.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return total.hexdigest()[:16]


def copy(folder: Path, files: Iterable[str], target: Path) -> None:
    """Copy ``files`` to ``target``, which still finds its version in the history of ``folder``.

    A build in place would leave ``build/`` and version files behind, and an
    old ``build/`` brings deleted modules back.
    """
    for name in files:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, place)
    top = git(folder, "rev-parse", "--show-toplevel", "--absolute-git-dir")
    if top is not None and Path((lines := top.splitlines())[0]) == folder.resolve():
        (target / ".git").write_text(f"gitdir: {lines[1]}\n")
