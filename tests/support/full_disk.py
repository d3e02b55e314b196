"""A disk without room, as the kernel shows it to one process."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["limit_files", "no_room"]


def limit_files(size: int, pid: int = 0) -> None:
    """Let every later write of a process beyond ``size`` bytes of a file fail.

    Writing fails in the middle of a file, as on a disk that fills up; what
    is there stays, and other processes are not affected.
    """
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """Limit the files of this process for a while."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit_files(size)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
