"""Temporary directories that carry their run's name and are in its ledger."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from gen3bed.errors import ServiceError, StorageFullError
from gen3bed.ledger import Entry, Ledger

__all__ = ["directory_entry", "make_directory", "remove_directory"]

_PREFIX = "gen3bed"


def directory_entry(ledger: Ledger, *, base: Path | None = None) -> Entry:
    """Return the ledger entry of a new directory that is not made yet.

    Parameters
    ----------
    ledger : `Ledger`
        Ledger of the run; the run's identity becomes part of the name, by
        which a reaper knows the directory for ours.
    base : `pathlib.Path`, optional
        Where to make it; the system's temporary directory if `None`.
    """
    base = Path(tempfile.gettempdir()) if base is None else base
    return Entry(kind="directory", name=str(base / f"{_PREFIX}-{ledger.run}-{secrets.token_hex(4)}"))


def make_directory(entry: Entry, *, owner: tuple[int, int] | None = None) -> Path:
    """Make the directory of ``entry``, accessible to its owner alone.

    Parameters
    ----------
    entry : `Entry`
        What `directory_entry` returned, recorded already.
    owner : `tuple` [`int`, `int`], optional
        User and group to give it to; needs root.

    Raises
    ------
    StorageFullError
        Raised if there is no room for it.
    ServiceError
        Raised if it may not be made.
    """
    path = Path(entry.name)
    try:
        path.mkdir(mode=0o700)
        if owner is not None:
            os.chown(path, *owner)
    except OSError as err:
        kind = StorageFullError if err.errno in {28, 122} else ServiceError
        raise kind(
            str(path),
            reason=f"the directory cannot be made: {err.strerror}",
            hint="Make room there, or set TMPDIR to a directory that you can write.",
        ) from err
    return path


def remove_directory(entry: Entry, run: str) -> None:
    """Remove the directory of ``entry`` and all in it.

    Does nothing if it is gone already.

    Raises
    ------
    ServiceError
        Raised if it does not carry the run's name, is not a directory, or
        cannot be removed.
    """
    path = Path(entry.name)
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not path.name.startswith(f"{_PREFIX}-{run}-") or not stat.S_ISDIR(mode):
        raise ServiceError(
            str(path),
            reason=f"it is not a directory that run {run} made",
            hint="Look at it, and remove it by hand if nobody needs it.",
        )
    # A server that is ending can still write a last file while we remove.
    for _ in range(3):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
    left = _first(str(p) for p in path.rglob("*"))
    raise ServiceError(
        str(path),
        reason="it could not be removed" + (f"; {left} is still there" if left else ""),
        hint="Remove it by hand, as its owner.",
    )


def _first(items: Iterable[str]) -> str:
    return next(iter(items), "")
