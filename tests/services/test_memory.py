"""What is left of the machine's memory, and of a batch job's."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from gen3bed.services._memory import available_memory

GIB = 1024**3


class _Kernel:
    """The files of control groups, in a directory of the test's own."""

    def __init__(self, directory: Path) -> None:
        self.memberships = directory / "cgroup"
        self.memberships.write_text("")
        self.root = directory / "fs"

    def join(self, line: str) -> None:
        with self.memberships.open("a") as stream:
            stream.write(f"{line}\n")

    def group(self, path: str, **files: str | int) -> None:
        directory = self.root / path
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (directory / f"memory.{name}").write_text(f"{content}\n")

    def available(self) -> int:
        return available_memory(memberships=self.memberships, root=self.root)


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Kernel:
    """Return a kernel of a machine with 100 GiB available and no groups."""
    real = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: real._replace(available=100 * GIB))
    return _Kernel(tmp_path)


def test_machine_without_groups_has_what_the_machine_has(kernel: _Kernel) -> None:
    """Where no group limits the process, or there are none, the machine's memory counts."""
    assert kernel.available() == 100 * GIB
    kernel.memberships.unlink()
    assert kernel.available() == 100 * GIB


def test_job_under_version_2_has_what_its_limit_leaves(kernel: _Kernel) -> None:
    """A job of 4 GiB that uses 3, one of it cache that is given back, has 2 left."""
    kernel.join("0::/slurm/job")
    kernel.group(
        "slurm/job", max=4 * GIB, current=3 * GIB, stat=f"anon {2 * GIB}\ninactive_file {GIB}\nshmem {GIB}"
    )
    kernel.group("slurm", max="max", current=50 * GIB, stat="inactive_file 0")
    assert kernel.available() == 2 * GIB


def test_limit_around_the_job_counts(kernel: _Kernel) -> None:
    """A step without a limit of its own has what the job around it has left."""
    kernel.join("0::/job/step")
    kernel.group("job/step", max="max", current=GIB, stat="inactive_file 0")
    kernel.group("job", max=4 * GIB, current=GIB, stat="inactive_file 0")
    assert kernel.available() == 3 * GIB


def test_job_under_version_1_has_what_its_limit_leaves(kernel: _Kernel) -> None:
    """The older version's files, beside a group of the newer one without memory, are read too."""
    kernel.join("5:cpu,cpuacct:/job")
    kernel.join("4:memory:/job")
    kernel.join("0::/")
    kernel.group(
        "memory/job",
        limit_in_bytes=4 * GIB,
        usage_in_bytes=3 * GIB,
        stat=f"inactive_file 1\ntotal_inactive_file {GIB}",
    )
    kernel.group("memory", limit_in_bytes=2**63 - 4096, usage_in_bytes=GIB, stat="total_inactive_file 0")
    assert kernel.available() == 2 * GIB


def test_container_sees_its_own_group_at_the_top(kernel: _Kernel) -> None:
    """In a container that is told its path on the host, the mounted top is its group."""
    kernel.join("4:memory:/docker/0a1b")
    kernel.group("memory", limit_in_bytes=GIB, usage_in_bytes=0, stat="total_inactive_file 0")
    assert kernel.available() == GIB


def test_group_beyond_its_limit_has_nothing_left(kernel: _Kernel) -> None:
    """A group that uses more than it may, for a moment, has no negative memory."""
    kernel.join("0::/job")
    kernel.group("job", max=GIB, current=2 * GIB, stat="inactive_file 0")
    assert kernel.available() == 0
