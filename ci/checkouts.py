"""``--with PATH``: a developer's own checkout of an lsst-* package in place of the pinned one."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ci import sources

__all__ = ["Checkout", "CheckoutError", "announcement", "read_checkouts", "split_arguments"]


class CheckoutError(Exception):
    """A ``--with`` path cannot be used; nothing was changed."""


@dataclass(frozen=True)
class Checkout:
    """What the report says about a checkout.

    Attributes
    ----------
    package : `str`
        Name of the distribution.
    path : `str`
        Absolute path.
    commit : `str` or `None`
        Full hash; `None` if it is not known.
    dirty : `bool` or `None`
        Whether tracked files differ from the commit or untracked ones were
        added; `None` if it is not known.
    reason : `str`
        Why one of the two is not known; holds no path of the machine.
    """

    package: str
    path: str
    commit: str | None
    dirty: bool | None
    reason: str = ""


def split_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the paths of ``--with PATH`` and ``--with=PATH``, and all other arguments.

    Raises
    ------
    CheckoutError
        Raised if ``--with`` has no path.
    """
    paths, rest = [], []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--with" or argument.startswith("--with="):
            path = argument.partition("=")[2] or next(remaining, "")
            if not path or path.startswith("--"):
                raise CheckoutError("--with: no path was given\nHint: Write --with PATH, once per checkout.")
            paths.append(path)
        else:
            rest.append(argument)
    return paths, rest


def read_checkouts(paths: Sequence[str], relative_to: Path) -> list[Checkout]:
    """Check the paths and return what there is at each of them.

    Parameters
    ----------
    paths : `~collections.abc.Sequence` [ `str` ]
        As the user gave them.
    relative_to : `~pathlib.Path`
        Folder that the user stood in.

    Raises
    ------
    CheckoutError
        Raised if a path is no checkout of an lsst-* package, or two are of
        the same package.
    """
    found: dict[str, Checkout] = {}
    for path in paths:
        checkout = _read(path, (relative_to / Path(path).expanduser()).resolve())
        if other := found.get(checkout.package):
            raise CheckoutError(
                f"--with {path}: {other.path} is a checkout of {checkout.package} too\n"
                "Hint: Give one of the two."
            )
        found[checkout.package] = checkout
    return list(found.values())


def _read(given: str, folder: Path) -> Checkout:
    def refuse(reason: str, hint: str) -> CheckoutError:
        return CheckoutError(f"--with {given}: {reason}\nHint: {hint}")

    if not folder.is_dir():
        raise refuse("there is no such folder", "Give the path of a checkout, such as ../daf_butler.")
    project = folder / "pyproject.toml"
    if not project.is_file():
        raise refuse("it has no pyproject.toml", "Give the top folder of a checkout of an lsst-* package.")
    try:
        name = tomllib.loads(project.read_text())["project"]["name"]
        package = re.sub(r"[-_.]+", "-", name).lower()
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise refuse(
            f"its pyproject.toml names no project ({error})",
            "Give a checkout of a package that pip can install.",
        ) from error
    if not package.startswith("lsst-"):
        raise refuse(
            f"it is a checkout of {package}, and only lsst-* packages can be replaced",
            "Give a checkout such as daf_butler, pipe_base or resources.",
        )
    return Checkout(package, str(folder), *_state(folder))


def _state(folder: Path) -> tuple[str | None, bool | None, str]:
    """Return commit, whether the folder is dirty, and why one of them is not known."""
    commit = None
    try:
        commit = sources.ask_git(folder, "rev-parse", "--verify", "HEAD").strip()
        return commit, bool(sources.ask_git(folder, "status", "--porcelain", "--", ".").strip()), ""
    except sources.GitError as error:
        if not any((place / ".git").exists() for place in (folder, *folder.parents)):
            return None, None, "it is no git checkout"
        return commit, None, str(error)


def announcement(checkouts: Sequence[Checkout]) -> str:
    """Return the value of ``GEN3BED_WITH`` for gen3bed's report (`str`, JSON)."""
    return json.dumps([asdict(c) for c in checkouts])
