"""What this machine has, what it lacks, and the line that mends it."""

from __future__ import annotations

import platform
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gen3bed.errors import Gen3bedError, LedgerError, LedgerGoneError
from gen3bed.ledger import Ledger, ledger_directory, open_ledgers
from gen3bed.matrix import load_matrix
from gen3bed.services._docker import engine
from gen3bed.services._images import image_lacking
from gen3bed.services._memory import available_memory
from gen3bed.services.postgresql import find_local_binaries

__all__ = ["EngineSeen", "Finding", "Level", "Probes", "diagnose"]

Level = Literal["ok", "warn", "fail"]
"""``warn``: some cells cannot run here.  ``fail``: what is there is broken."""

_GB = 10**9
_DISK_FAIL, _DISK_WARN = 1 * _GB, 5 * _GB
"""A PostgreSQL image takes 0.5 GB and a run's databases a few tenths; below
the second figure a build of all images may not fit."""
_MEMORY_FAIL, _MEMORY_WARN = 1 * _GB, 3 * _GB
"""A worker takes about 0.25 GB; the container's limit is 3 GB."""
_OLDEST_DOCKER = (20, 10)
_OLDEST_PODMAN = (4, 0)
_ARCHITECTURES = frozenset({"x86_64", "aarch64", "arm64"})
"""Those for which the stack's compiled packages are published."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : `str`
        What was looked at.
    level : `str`
        How it is: see `Level`.
    seen : `str`
        What was seen, in one line.
    fix : `str`
        The next step, or one in each line; empty if all is well.
    """

    name: str
    level: Level
    seen: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class EngineSeen:
    """A container engine that answers."""

    name: Literal["Docker", "Podman"]
    version: str
    images: str = ""
    """What the images lack, or nothing."""
    root: str = ""
    """Where it keeps images, if that is on this machine."""


@dataclass(frozen=True, kw_only=True)
class Probes:
    """How the machine is looked at; tests put other values here.

    Attributes
    ----------
    engine : `~collections.abc.Callable`
        Returns the `EngineSeen`, or raises `Gen3bedError`.
    binaries : `~collections.abc.Callable`
        Returns version and directory of local PostgreSQL programs, or raises
        `Gen3bedError`.
    free : `~collections.abc.Callable`
        Returns the free bytes of the file system that a path is on.
    memory : `~collections.abc.Callable`
        Returns the available bytes of memory.
    python, machine : `~collections.abc.Callable`
        Return the version of Python and the name of the architecture.
    ledgers : `~collections.abc.Callable`
        Returns the ledgers of all runs that have not ended.
    """

    engine: Callable[[], EngineSeen]
    binaries: Callable[[], tuple[str, Path]]
    free: Callable[[Path], int]
    memory: Callable[[], int]
    python: Callable[[], str]
    machine: Callable[[], str]
    ledgers: Callable[[], list[Ledger]]


def diagnose(probes: Probes | None = None) -> list[Finding]:
    """Look at everything that gen3bed needs, and change nothing.

    Parameters
    ----------
    probes : `Probes`, optional
        How the machine is looked at; the real ones if `None`.
    """
    probes = probes or _real_probes()
    seen, engine_finding = _check_engine(probes)
    return [
        _check_python(probes),
        _check_architecture(probes),
        engine_finding,
        _check_images(seen),
        _check_binaries(probes),
        _check_disk(probes, seen),
        _check_memory(probes),
        _check_leftovers(probes),
    ]


def _check_engine(probes: Probes) -> tuple[EngineSeen | None, Finding]:
    name = "container engine"
    try:
        seen = probes.engine()
    except Gen3bedError as err:
        # Absent is a choice; there and not usable is a fault.
        level: Level = "warn" if "there is no" in err.reason else "fail"
        return None, Finding(name=name, level=level, seen=err.reason, fix=err.hint)
    oldest = _OLDEST_PODMAN if seen.name == "Podman" else _OLDEST_DOCKER
    if _numbers(seen.version) < oldest:
        wanted = ".".join(str(n) for n in oldest)
        return seen, Finding(
            name=name,
            level="fail",
            seen=f"{seen.name} {seen.version} is old",
            fix=f"Install {seen.name} {wanted} or newer.",
        )
    return seen, Finding(name=name, level="ok", seen=f"{seen.name} {seen.version}")


def _check_images(seen: EngineSeen | None) -> Finding:
    if seen is None:
        return Finding(
            name="images",
            level="warn",
            seen="not looked at, for want of a container engine",
            fix="See above.",
        )
    if seen.images:
        return Finding(
            name="images",
            level="fail",
            seen=seen.images,
            fix="Pull the base image from a mirror, make it with `ci/base-image`, "
            "or set GEN3BED_IMAGE_REGISTRY.",
        )
    return Finding(name="images", level="ok", seen="present or buildable")


def _check_binaries(probes: Probes) -> Finding:
    name = "local PostgreSQL"
    try:
        version, directory = probes.binaries()
    except Gen3bedError as err:
        seen = "; ".join([err.reason, *err.detail.splitlines()])
        return Finding(name=name, level="warn", seen=seen, fix=err.hint)
    return Finding(name=name, level="ok", seen=f"version {version} in {directory}")


def _check_disk(probes: Probes, seen: EngineSeen | None) -> Finding:
    places = [Path(tempfile.gettempdir()), _existing(ledger_directory())]
    if seen is not None and seen.root and Path(seen.root).exists():
        places.append(Path(seen.root))
    free, place = min((probes.free(place), place) for place in places)
    level: Level = "fail" if free < _DISK_FAIL else "warn" if free < _DISK_WARN else "ok"
    return Finding(
        name="disk",
        level=level,
        seen=f"{free / _GB:.1f} GB free at {place}",
        fix="" if level == "ok" else f"Make room at {place}; for images, `docker system prune`.",
    )


def _check_memory(probes: Probes) -> Finding:
    free = probes.memory()
    level: Level = "fail" if free < _MEMORY_FAIL else "warn" if free < _MEMORY_WARN else "ok"
    return Finding(
        name="memory",
        level=level,
        seen=f"{free / _GB:.1f} GB available",
        fix=""
        if level == "ok"
        else "End other programs, ask the batch system for more, or use fewer workers with -n.",
    )


def _check_python(probes: Probes) -> Finding:
    version = probes.python()
    tested = load_matrix().python_versions
    if ".".join(version.split(".")[:2]) in tested:
        return Finding(name="Python", level="ok", seen=version)
    return Finding(
        name="Python",
        level="warn",
        seen=f"{version}, which the matrix does not test",
        fix=f"Use Python {' or '.join(tested)}.",
    )


def _check_architecture(probes: Probes) -> Finding:
    machine = probes.machine()
    if machine in _ARCHITECTURES:
        return Finding(name="architecture", level="ok", seen=machine)
    return Finding(
        name="architecture",
        level="warn",
        seen=f"{machine}, for which no compiled packages of the stack are published",
        fix="Use an x86-64 or 64-bit ARM machine.",
    )


def _check_leftovers(probes: Probes) -> Finding:
    crashed, kept = 0, 0
    damaged: list[LedgerError] = []
    for ledger in probes.ledgers():
        try:
            if ledger.keep:
                kept += 1
            elif not ledger.owner.is_alive:
                crashed += 1
        except LedgerGoneError:
            continue
        except LedgerError as err:
            damaged.append(err)
    parts = [
        _counted(crashed, "crashed run") if crashed else "",
        _counted(len(damaged), "damaged ledger") if damaged else "",
        f"{kept} kept on purpose" if kept else "",
    ]
    fixes = ["Run `gen3bed reap`."] if crashed else []
    # Of a ledger that nobody can read, no reaping knows what to remove.
    fixes += [f"{err.subject}: {err.hint}" for err in damaged]
    return Finding(
        name="leftovers",
        level="warn" if fixes else "ok",
        seen=", ".join(filter(None, parts)) or "none",
        fix="\n".join(fixes),
    )


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def _real_probes() -> Probes:
    return Probes(
        engine=_see_engine,
        binaries=find_local_binaries,
        free=lambda path: shutil.disk_usage(path).free,
        memory=available_memory,
        python=platform.python_version,
        machine=platform.machine,
        ledgers=open_ledgers,
    )


def _see_engine() -> EngineSeen:
    # A registry that does not answer must not hold the doctor up.
    with engine(timeout=15) as client:
        version = client.version()
        components = [str(c.get("Name", "")) for c in version.get("Components") or []]
        lacking = [image_lacking(client, image) for image in load_matrix().images.values()]
        return EngineSeen(
            name="Podman" if any("podman" in c.lower() for c in components) else "Docker",
            version=str(version["Version"]),
            images="; ".join(reason for reason in lacking if reason),
            root=str(client.info().get("DockerRootDir") or ""),
        )
