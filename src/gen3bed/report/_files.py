"""Files of the report directory: written whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from gen3bed.errors import ExitCode, Gen3bedError

__all__ = ["ReportNotWrittenError", "write_whole", "writing"]


class ReportNotWrittenError(Gen3bedError):
    """A file of the report cannot be written, as on a full disk."""

    # What ran is not undone by it, so it is no error of usage.
    exit_code = ExitCode.SERVICE


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, making its directory if that does not exist.

    A reader, or a process killed in here, finds the old content or the new.

    Parameters
    ----------
    path : `pathlib.Path`
        The file.
    content : `bytes`
        All of its content.

    Raises
    ------
    ReportNotWrittenError
        Raised if it cannot be written; what was there before still is.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with writing(path.parent, "made"):
        path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path):
        try:
            draft.write_bytes(content)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def writing(path: Path, what: Literal["written", "made"] = "written") -> Iterator[None]:
    """Turn what the system says about ``path`` into one error.

    Raises
    ------
    ReportNotWrittenError
        Raised if the block raises `OSError`.
    """
    try:
        yield
    except OSError as err:
        raise ReportNotWrittenError(
            str(path),
            reason=f"it cannot be {what}: {err.strerror}",
            hint="Make room there or choose another directory, and run it again.",
        ) from err
