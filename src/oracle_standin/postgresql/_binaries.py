"""Find the PostgreSQL server programs of this machine."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from oracle_standin.errors import StandinError

__all__ = ["MINIMUM", "Binaries", "find_binaries", "server_account", "server_environment"]

MINIMUM = 15
"""Oldest major version that serves: the first with MERGE and NULLS NOT DISTINCT."""

_PROGRAMS = ("initdb", "postgres")
_DEBIAN = Path("/usr/lib/postgresql")
_SECONDS = 20
_HINT = (
    "Install PostgreSQL's server (Debian: postgresql, conda: postgresql), "
    "or name a server of yours by --postgresql-url."
)


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """A usable set of server programs.

    Attributes
    ----------
    directory : `pathlib.Path`
        Where they lie.
    version : `str`
        Their version, such as ``15.18``.
    """

    directory: Path
    version: str


def server_account() -> pwd.struct_passwd | None:
    """Return the account that a server must run as; `None` is the present one.

    PostgreSQL refuses to run as root, so root drops to ``postgres``, or to
    ``nobody`` where that does not exist.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if root finds neither account.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return known[name]
    raise StandinError(
        "PostgreSQL",
        reason="it refuses to run as root, and there is no account postgres or nobody",
        hint="Make an account called postgres, or run as an ordinary user.",
    )


def server_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of server programs: without libpq's variables, with English messages."""
    kept = {name: value for name, value in environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def find_binaries(directories: Iterable[Path] | None = None) -> Binaries:
    """Return the newest usable server programs.

    Parameters
    ----------
    directories : `~collections.abc.Iterable` [`pathlib.Path`], optional
        Where to look.  By default: what ``pg_config`` on the ``PATH`` names,
        the ``PATH``, the conda environment, the prefix of this Python, and
        Debian's directories, which are not on the ``PATH``.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if there are none; it says what was wrong with each.
    """
    usable: list[Binaries] = []
    rejected: list[str] = []
    for directory in _candidates() if directories is None else directories:
        if not all(os.access(directory / name, os.X_OK) for name in _PROGRAMS):
            continue
        version = _version(directory / "postgres")
        if version is None:
            rejected.append(f"{directory} does not say its version")
        elif int(version.partition(".")[0]) < MINIMUM:
            rejected.append(f"{directory} has version {version}, older than {MINIMUM}")
        else:
            usable.append(Binaries(directory=directory, version=version))
    if not usable:
        reason = "no usable server programs (initdb, postgres) were found on this machine"
        raise StandinError("PostgreSQL", reason="; ".join([reason, *rejected]), hint=_HINT)
    return max(usable, key=lambda found: [int(n) for n in re.findall(r"\d+", found.version)])


def _candidates() -> list[Path]:
    found: list[Path] = []
    pg_config = shutil.which("pg_config")
    if pg_config is not None:
        # Debian's libpq-dev installs a pg_config that fails without the server.
        said = _said([pg_config, "--bindir"])
        if said:
            found.append(Path(said))
    initdb = shutil.which("initdb")
    if initdb is not None:
        found.append(Path(initdb).resolve().parent)
    if "CONDA_PREFIX" in os.environ:
        found.append(Path(os.environ["CONDA_PREFIX"]) / "bin")
    found.append(Path(sys.prefix) / "bin")
    found += _DEBIAN.glob("*/bin")
    return list(dict.fromkeys(found))


def _version(postgres: Path) -> str | None:
    match = re.search(r"\b(\d+(?:\.\d+)?)", _said([str(postgres), "--version"]))
    return match[1] if match else None


def _said(command: list[str]) -> str:
    """Return what a program prints; nothing if it fails."""
    try:
        done = subprocess.run(  # noqa: S603  (programs of this machine, without a shell)
            command, capture_output=True, text=True, timeout=_SECONDS, check=True, env=server_environment()
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
