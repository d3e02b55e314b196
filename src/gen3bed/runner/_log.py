"""pytest's output, kept as far as there is room for it."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from gen3bed.report import ReportNotWrittenError, writing

__all__ = ["PytestLog"]

_BLOCK = 1 << 16
_PATIENCE = 5.0
"""Seconds for the last lines of a pytest that has ended; a process that a test
left behind may hold its output open for ever."""


class PytestLog:
    """The file that takes pytest's output.

    Given the file itself, pytest would end without its numbers where the disk
    fills up: here it writes into a pipe, and only its output is lost.

    Parameters
    ----------
    path : `pathlib.Path`
        The file; what was in it is lost.

    Raises
    ------
    gen3bed.report.ReportNotWrittenError
        Raised if it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._trouble: ReportNotWrittenError | None = None
        with writing(path):
            path.write_bytes(b"")

    @contextlib.contextmanager
    def taking(self) -> Iterator[int]:
        """Yield a descriptor to write to in the block."""
        reader, writer = os.pipe()
        copying = threading.Thread(target=self._copy, args=(reader,), daemon=True)
        copying.start()
        try:
            yield writer
        finally:
            os.close(writer)
            copying.join(_PATIENCE)

    def check(self) -> None:
        """Tell whether the file has everything.

        Raises
        ------
        gen3bed.report.ReportNotWrittenError
            Raised if a part of the output is lost.
        """
        if self._trouble is not None:
            raise self._trouble

    def _copy(self, reader: int) -> None:
        with os.fdopen(reader, "rb", buffering=0) as source:
            try:
                with writing(self._path), self._path.open("ab", buffering=0) as file:
                    while block := source.read(_BLOCK):
                        _write_all(file.fileno(), block)
            except ReportNotWrittenError as err:
                self._trouble = err
                # Nobody must wait for a pipe that is full.
                while source.read(_BLOCK):
                    pass


def _write_all(descriptor: int, block: bytes) -> None:
    """Write all of a block: a disk that is nearly full takes the beginning first."""
    while block:
        block = block[os.write(descriptor, block) :]
