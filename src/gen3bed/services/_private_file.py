"""Files with passwords: readable by this user alone, and never half a file."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from gen3bed.errors import ServiceError, StorageFullError

__all__ = ["write_private"]

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read.

    A reader, or a process that is killed in here, finds the old content or
    the new, and nothing in between.

    Parameters
    ----------
    path : `pathlib.Path`
        The file; what it holds is replaced.
    text : `str`
        All of its content.

    Raises
    ------
    StorageFullError
        Raised if there is no room for it.
    ServiceError
        Raised if it may not be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # Exclusively, so that nobody can have put another file there.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as err:
        kind = StorageFullError if err.errno in _NO_ROOM else ServiceError
        raise kind(
            str(path),
            reason=f"the file cannot be written: {err.strerror}",
            hint="Make room there, or choose a directory that you can write.",
        ) from err
