"""SQLAlchemy's source distribution, which holds its suites, at the locked version and hash."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from ci.suites._errors import SuitesError

__all__ = ["locked_requirement", "unpack"]


def locked_requirement(lock: str) -> tuple[str, frozenset[str]]:
    """Return SQLAlchemy's version and hashes in the text of a lock.

    Parameters
    ----------
    lock : `str`
        Text of a file in ``requirements/``.

    Returns
    -------
    version : `str`
        Such as ``2.1.9``.
    hashes : `frozenset` [ `str` ]
        SHA-256 of each of its files, the source distribution among them.

    Raises
    ------
    SuitesError
        Raised if the lock does not name it.
    """
    found = re.search(r"^sqlalchemy==(\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", lock, re.MULTILINE)
    if found is None:
        raise SuitesError("requirements: sqlalchemy is not locked\nHint: Run nox -s pin.")
    return found[1], frozenset(re.findall(r"sha256:([0-9a-f]{64})", found[2]))


def unpack(lock: Path, folder: Path) -> Path:
    """Unpack the suites anew, so that nobody has edited them.

    Parameters
    ----------
    lock : `~pathlib.Path`
        The file in ``requirements/`` that pins SQLAlchemy.
    folder : `~pathlib.Path`
        Where the archive is kept and unpacked.

    Returns
    -------
    source : `~pathlib.Path`
        Top folder of the source distribution.

    Raises
    ------
    SuitesError
        Raised if it cannot be downloaded or is not the locked one.
    """
    version, hashes = locked_requirement(lock.read_text())
    archive = folder / f"sqlalchemy-{version}.tar.gz"
    if not _is_locked(archive, hashes):
        archive.unlink(missing_ok=True)
        _download(version, hashes, folder)
        if not _is_locked(archive, hashes):
            raise SuitesError(f"{archive}: this is not the locked file\nHint: Remove it and try again.")
    source = folder / archive.name.removesuffix(".tar.gz")
    shutil.rmtree(source, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return source


def _is_locked(archive: Path, hashes: frozenset[str]) -> bool:
    return archive.is_file() and hashlib.sha256(archive.read_bytes()).hexdigest() in hashes


def _download(version: str, hashes: frozenset[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / "requirement.txt"
    lines = [f"sqlalchemy=={version}", *(f"--hash=sha256:{each}" for each in sorted(hashes))]
    wanted.write_text(" \\\n    ".join(lines) + "\n")
    # pip asks the package's own build for its metadata; setuptools and Cython are in the environment.
    command = (
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
        *("--no-build-isolation", "--no-binary", "sqlalchemy", "--require-hashes"),
        *("--dest", str(folder), "--requirement", str(wanted)),
    )
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SuitesError(
            f"sqlalchemy {version}: its source distribution cannot be had: "
            f"{answer.stderr.strip() or answer.stdout.strip()}\n"
            f"Hint: Check the package index that pip uses, or put the archive into {folder}."
        )
