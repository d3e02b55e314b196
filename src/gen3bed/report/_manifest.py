"""The environment that a run was made in: versions, machine, checkouts."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Mapping
from importlib import metadata
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil

from gen3bed.errors import UsageError
from gen3bed.matrix import load_matrix

__all__ = ["WITH_VARIABLE", "collect_manifest"]

WITH_VARIABLE = "GEN3BED_WITH"
"""Environment variable by which the noxfile says what ``--with`` installed.

JSON: ``[{"package": ..., "path": ..., "commit": ..., "dirty": ...,
"reason": ...}]``, the state of each checkout when it was installed, and why
that is not known; it may change afterwards.
"""

# Besides lsst-*: what a difference between two runs is most often due to.
_PACKAGES = frozenset(
    {
        "docker",
        "oracledb",
        "psycopg",
        "psycopg-binary",
        "psycopg2",
        "psycopg2-binary",
        "pydantic",
        "pytest",
        "pytest-rerunfailures",
        "pytest-xdist",
        "sqlalchemy",
        "testcontainers",
    }
)


def collect_manifest(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the facts about this environment that belong into a report.

    Parameters
    ----------
    environ : `~collections.abc.Mapping`, optional
        Where ``GEN3BED_WITH`` is looked up.

    Returns
    -------
    manifest : `dict` [`str`, `object`]
        Plain JSON values: ``gen3bed`` and ``weekly`` (`str`), ``python`` and
        ``host`` (`dict`; memory in bytes), ``packages`` (versions by name)
        and ``checkouts`` (`list` of `dict` with ``package``, ``version``,
        ``name``, ``commit``, ``state``, one of ``clean``, ``dirty`` and
        ``unknown``, and ``reason``, why one of the two is not known).  No
        path of the machine is in it.

    Raises
    ------
    UsageError
        Raised if ``GEN3BED_WITH`` is not what the noxfile writes.
    """
    announced = _announced(environ.get(WITH_VARIABLE, ""))
    packages: dict[str, str] = {}
    checkouts: dict[str, dict[str, str]] = {}
    for distribution in metadata.distributions():
        name = _canonical(distribution.name)
        # The first on sys.path is the one that is imported.
        if name in packages or name in checkouts:
            continue
        if name.startswith("lsst-") or name in _PACKAGES:
            packages[name] = distribution.version
        checkout = announced.pop(name, None) or _direct(name, distribution.read_text("direct_url.json"))
        if checkout:
            checkouts[name] = {"package": name, "version": distribution.version} | checkout
    for name, checkout in announced.items():
        checkouts[name] = {"package": name, "version": "not installed"} | checkout
    return {
        "gen3bed": metadata.version("gen3bed"),
        "weekly": load_matrix().weekly_tag,
        "python": {
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "sqlite": sqlite3.sqlite_version,
        },
        "host": {
            "platform": platform.platform(),
            "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "memory": psutil.virtual_memory().total,
        },
        "packages": dict(sorted(packages.items())),
        "checkouts": [checkouts[name] for name in sorted(checkouts)],
    }


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _announced(text: str) -> dict[str, dict[str, str]]:
    """Return what ``GEN3BED_WITH`` says, by canonical name of the package."""
    try:
        return {
            _canonical(entry["package"]): {
                "name": PurePosixPath(entry["path"]).name,
                "commit": entry["commit"] or "",
                "state": {True: "dirty", False: "clean", None: "unknown"}[entry["dirty"]],
                "reason": entry.get("reason", ""),
            }
            for entry in json.loads(text or "[]")
        }
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        raise UsageError(
            WITH_VARIABLE,
            reason=f"its value is not a list of checkouts: {err!r}",
            hint="Unset it; `nox -s sqlite -- --with PATH` sets it.",
        ) from err


def _direct(name: str, text: str | None) -> dict[str, str] | None:
    """Return the origin of a distribution that came from no index (PEP 610)."""
    if not text:
        return None
    direct = json.loads(text)
    # The noxfile installs gen3bed itself from the wheel it has just built.
    if name == "gen3bed" and "archive_info" in direct:
        return None
    origin = PurePosixPath(unquote(urlsplit(direct["url"]).path)).name
    commit = direct.get("vcs_info", {}).get("commit_id", "")
    # An installation from a repository's URL is of a commit by construction;
    # what a directory held when it was installed cannot be known any more.
    state, reason = ("clean", "") if commit else ("unknown", "the installation did not record it")
    return {"name": origin, "commit": commit, "state": state, "reason": reason}
