"""How much memory this process may still use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["available_memory"]


@dataclass(frozen=True, kw_only=True)
class _Files:
    """What one version of control groups calls its files."""

    limit: str
    usage: str
    cache: str
    """Line of ``memory.stat`` with what the kernel takes back before it ends
    anything.  A file system in memory is not in it."""


_VERSION_1 = _Files(limit="memory.limit_in_bytes", usage="memory.usage_in_bytes", cache="total_inactive_file")
_VERSION_2 = _Files(limit="memory.max", usage="memory.current", cache="inactive_file")


def available_memory(
    *, memberships: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")
) -> int:
    """Return the bytes that the machine and the job of this process have left.

    A batch system limits a job by a control group: a job that goes beyond is
    ended, however much the machine has.  What is written to a file system in
    memory counts as the job's.

    Parameters
    ----------
    memberships : `pathlib.Path`, optional
        The kernel's list of this process's groups, see ``cgroups(7)``.
    root : `pathlib.Path`, optional
        Where the groups' file systems are mounted.

    Returns
    -------
    available : `int`
        The least of what the machine and each group has left, not below 0.
    """
    room = [psutil.virtual_memory().available]
    for group, files in _groups(memberships, root):
        left = _left_in(group, files)
        if left is not None:
            room.append(left)
    return max(min(room), 0)


def _groups(memberships: Path, root: Path) -> Iterator[tuple[Path, _Files]]:
    """Yield the groups that may limit this process's memory, and those around them.

    https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
    https://docs.kernel.org/admin-guide/cgroup-v2.html
    """
    try:
        lines = memberships.read_text().splitlines()
    except OSError:  # no Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            mount, files = root, _VERSION_2
        elif "memory" in controllers.split(","):
            mount, files = root / "memory", _VERSION_1
        else:
            continue
        # In a container the path may be that on the host, where the
        # container's own group is mounted as the top.
        group = Path(path.lstrip("/"))
        for part in (group, *group.parents):
            yield mount / part, files


def _left_in(group: Path, files: _Files) -> int | None:
    """Return the bytes that a group has left; `None` without a limit."""
    try:
        limit = int((group / files.limit).read_text())
        usage = int((group / files.usage).read_text())
        lines = (group / "memory.stat").read_text().splitlines()
    except (OSError, ValueError):  # no such group, or the word "max"
        return None
    cache = next((int(line.split()[1]) for line in lines if line.split()[0] == files.cache), 0)
    return limit - usage + cache
