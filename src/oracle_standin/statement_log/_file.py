"""Lines of JSON in a file that may become full."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import threading
from pathlib import Path
from typing import Any

from oracle_standin.errors import StandinError

__all__ = ["LogFile"]

_LOG = logging.getLogger("oracle_standin.statement_log")


class LogFile:
    """A file that lines are added to; readable by its owner alone.

    Parameters
    ----------
    path : `pathlib.Path`
        The file; what is in it stays.

    Attributes
    ----------
    trouble : `str`
        Why nothing is written any more; empty as long as all is well.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if it cannot be opened for writing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""
        self._lock = threading.Lock()
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StandinError(
                f"statement log {path}",
                reason=f"it cannot be written: {error.strerror}",
                hint="Give --log a file in a directory that exists and that you may write.",
            ) from None

    def write(self, record: dict[str, Any]) -> None:
        """Add a line; after one that could not be written, none is."""
        line = (json.dumps(record, ensure_ascii=False) + "\n").encode(errors="replace")
        with self._lock:
            if self.trouble or self._descriptor < 0:
                return
            try:
                self._write_whole(line)
            except OSError as error:
                self.trouble = f"{error.strerror}; lines are missing from here on"
                _LOG.error(
                    "statement log %s: %s. Sessions go on, and are still counted. "
                    "Hint: Make room and start the server again.",
                    self.path,
                    self.trouble,
                )

    def _write_whole(self, line: bytes) -> None:
        written = os.write(self._descriptor, line)
        if written < len(line):
            # Half a line is no JSON.
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close it; may be called again."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
