"""Move the weekly and rewrite everything that is pinned to it.

The lsst-* packages carry no bounds on each other, so an installer mixes
weeklies without a word.  ``constraints.txt`` holds each of them to one
weekly; ``requirements/*.txt`` are locked, with hashes, under it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["LOCKS", "PinError", "changes", "move_pin", "read_lock", "render_changes", "weekly_version"]

LOCKS: dict[str, tuple[str, ...]] = {
    "run": ("pyproject.toml",),
    "run-oracle": ("pyproject.toml", "--extra", "oracle", "--extra", "oracle-standin"),
    "tests": ("pyproject.toml", "--extra", "oracle-standin", "--group", "test"),
    "typing": ("pyproject.toml", "--extra", "oracle-standin", "--group", "test", "--group", "typing"),
    "standin": ("pyproject.toml", "--extra", "oracle-standin", "--group", "test", "--group", "standin"),
    "docs": ("pyproject.toml", "--group", "docs"),
    "lint": ("pyproject.toml", "--group", "lint"),
    "tox": ("--group", "tox"),
    "build": ("--group", "build"),
    "nox": ("--group", "nox"),
}
"""What each file in ``requirements/`` is made from."""

LOCK_PYTHON = {"nox": "3.11"}
"""Oldest Python of a lock; all others start at the matrix's oldest."""

LEADER = "lsst-daf-butler"
"""The package whose release is the weekly: it is released every week."""

WEEKLY = re.compile(r"(?P<major>\d+)\.(?P<year>\d{4})\.(?P<week>\d{1,2})00")


class PinError(Exception):
    """The pin cannot be moved; nothing was changed."""


def weekly_version(text: str, *, like: str) -> str:
    """Return the version that a weekly's tag or version means.

    Parameters
    ----------
    text : `str`
        A tag, such as ``w_2026_43``, or a version, such as ``30.2026.4300``.
    like : `str`
        The present version; a tag does not say the major release.

    Raises
    ------
    PinError
        Raised if the text is neither.
    """
    if tag := re.fullmatch(r"w[_.](\d{4})[_.](\d{1,2})", text):
        return f"{like.split('.', maxsplit=1)[0]}.{tag[1]}.{int(tag[2])}00"
    if WEEKLY.fullmatch(text):
        return text
    raise PinError(
        f"{text}: this is neither a weekly's tag nor its version\n"
        f"Hint: Give it as w_2026_43 or as {like}, or give nothing for the newest."
    )


def weekly_tag(version: str) -> str:
    """Return the tag of a weekly's version: ``w_2026_43`` for ``30.2026.4300``."""
    match = WEEKLY.fullmatch(version)
    if match is None:
        raise PinError(
            f"{version}: this is not the version of a weekly\nHint: Give one such as 30.2026.4300."
        )
    return f"w_{match['year']}_{int(match['week']):02d}"


def read_lock(path: Path) -> dict[str, str]:
    """Return the version of each package in a lock or constraints file; empty if there is none."""
    if not path.is_file():
        return {}
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", path.read_text(), re.MULTILINE))


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return package, old and new version of everything that differs, sorted by package."""
    return [(n, old.get(n, "-"), new.get(n, "-")) for n in sorted({*old, *new}) if old.get(n) != new.get(n)]


def render_changes(rows: Sequence[tuple[str, str, str]]) -> str:
    """Return the rows of `changes` as a table for a terminal."""
    if not rows:
        return "No version changed."
    table = [("package", "old", "new"), *rows]
    widths = [max(len(row[i]) for row in table) for i in range(2)]
    return "\n".join(f"{name:<{widths[0]}}  {old:<{widths[1]}}  {new}" for name, old, new in table)


def move_pin(
    root: Path, weekly: str, *, python: str, oldest: str, uv: str = "uv"
) -> list[tuple[str, str, str]]:
    """Pin ``root`` to a weekly: matrix, constraints and locks.

    Everything is resolved in a copy first and moved into place at the end,
    so that a failure changes nothing.

    Parameters
    ----------
    root : `~pathlib.Path`
        The checkout.
    weekly : `str`
        Tag or version of the weekly; empty means the newest there is.
    python : `str`
        Executable for uv to ask about.
    oldest : `str`
        Oldest Python version of the matrix, such as ``3.12``.
    uv : `str`, optional
        Executable of uv.

    Returns
    -------
    rows : `list` [ `tuple` [ `str`, `str`, `str` ] ]
        Package, old and new version of everything that changed.

    Raises
    ------
    PinError
        Raised if there is no such weekly or the packages do not resolve.
    """
    matrix = root / "src/gen3bed/matrix.toml"
    present: str = tomllib.loads(matrix.read_text())["weekly"]["version"]
    before = _all_versions(root)
    compiler = [uv, "pip", "compile", "--python", python]
    with tempfile.TemporaryDirectory(prefix="gen3bed-pin-") as name:
        work = Path(name)
        shutil.copy(root / "pyproject.toml", work)
        (work / "requirements").mkdir()
        wanted = weekly_version(weekly, like=present) if weekly else ""
        versions = _resolve_weekly(work, wanted, compiler, minimum=oldest)
        wanted = versions[LEADER]
        (work / "constraints.txt").write_text(render_constraints(versions))
        for lock, sources in LOCKS.items():
            # Start from the present locks: only what must move moves.
            if (old := root / f"requirements/{lock}.txt").is_file():
                shutil.copy(old, work / "requirements")
            minimum = LOCK_PYTHON.get(lock, oldest)
            _compile(work, f"requirements/{lock}.txt", sources, compiler, minimum=minimum)
        shutil.copy(work / "constraints.txt", root)
        (root / "requirements").mkdir(exist_ok=True)
        for lock in LOCKS:
            shutil.copy(work / f"requirements/{lock}.txt", root / "requirements")
    head, table, tail = matrix.read_text().partition("[weekly]")
    tail = re.sub(r'^tag = ".*"', f'tag = "{weekly_tag(wanted)}"', tail, count=1, flags=re.MULTILINE)
    tail = re.sub(r'^version = ".*"', f'version = "{wanted}"', tail, count=1, flags=re.MULTILINE)
    matrix.write_text(head + table + tail)
    return changes(before, _all_versions(root))


def _all_versions(root: Path) -> dict[str, str]:
    """Return every pinned version; ``nox`` has its own, older Python, hence its own names."""
    versions: dict[str, str] = {}
    for lock in LOCKS:
        suffix = f" ({lock})" if lock in LOCK_PYTHON else ""
        versions |= {n + suffix: v for n, v in read_lock(root / f"requirements/{lock}.txt").items()}
    return versions


def _resolve_weekly(work: Path, weekly: str, compiler: Sequence[str], *, minimum: str) -> dict[str, str]:
    """Return the newest version of each lsst-* package that is not newer than the weekly."""
    bound = work / "constraints.txt"
    bound.write_text(f"{LEADER}=={weekly}\n" if weekly else "")
    target = "resolved.txt"
    # The first round finds which lsst-* packages there are, the second holds
    # all of them to the weekly.
    for _ in range(2):
        _compile(work, target, LOCKS["run"], compiler, minimum=minimum, hashes=False)
        versions = {n: v for n, v in read_lock(work / target).items() if n.startswith("lsst-")}
        lines = [f"{n}<={versions[LEADER]}" for n in versions if n != LEADER]
        bound.write_text("\n".join([f"{LEADER}=={versions[LEADER]}", *lines]) + "\n")
        (work / target).unlink()
    return versions


def render_constraints(versions: Mapping[str, str]) -> str:
    """Return the text of ``constraints.txt``, with a reason where a package is not of the weekly."""
    weekly = versions[LEADER]
    lines = [
        f"# All lsst-* packages of the weekly {weekly_tag(weekly)}; written by `nox -s pin`.",
        "# They carry no bounds on each other: without this file weeklies are mixed.",
    ]
    for name, version in sorted(versions.items()):
        if version == weekly:
            lines.append(f"{name}=={version}")
        elif WEEKLY.fullmatch(version):
            reason = f"not released since {weekly_tag(version)}: each release is made only after a change"
            lines.append(f"{name}=={version}  # {reason}")
        else:
            lines.append(f"{name}=={version}  # follows no weekly")
    return "\n".join(lines) + "\n"


def _compile(
    work: Path,
    output: str,
    sources: Sequence[str],
    compiler: Sequence[str],
    *,
    minimum: str,
    hashes: bool = True,
) -> None:
    # --no-config and the --no-emit options keep this machine's indexes out of
    # the file; which index is asked is still the user's business.
    command = [
        *compiler,
        *("--quiet", "--no-config", "--universal"),
        *("--no-emit-index-url", "--no-emit-find-links"),
        *("--custom-compile-command", "nox -s pin"),
        *("--python-version", minimum, "--constraints", "constraints.txt", "--output-file", output),
        *sources,
    ]
    if hashes:
        command.append("--generate-hashes")
    answer = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise PinError(
            f"{output}: uv cannot resolve it; nothing was changed\n"
            "Hint: Give a weekly that has been released, and check the index with `uv pip compile`.\n"
            f"{answer.stderr.strip()}"
        )
