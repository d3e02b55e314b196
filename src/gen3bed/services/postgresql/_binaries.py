"""Find the PostgreSQL server programs of this machine."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gen3bed.errors import ProviderUnavailableError, ServiceError
from gen3bed.services._command import run_command

__all__ = [
    "Binaries",
    "candidate_directories",
    "find_binaries",
    "server_environment",
    "unprivileged_account",
]

_PROGRAMS = ("initdb", "postgres", "pg_ctl")
_DEBIAN = Path("/usr/lib/postgresql")
_HINT = (
    "Install PostgreSQL's server and contrib modules (Debian: postgresql, conda: postgresql), "
    "or use the container provider."
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
    account : `str` or `None`
        Account to run them as; `None` for the present one.
    """

    directory: Path
    version: str
    account: str | None = None

    def program(self, name: str) -> Path:
        """Return the path of a program."""
        return self.directory / name

    @property
    def owner(self) -> tuple[int, int] | None:
        """User and group that the server's files need (`tuple` or `None`)."""
        if self.account is None:
            return None
        entry = pwd.getpwnam(self.account)
        return entry.pw_uid, entry.pw_gid


def unprivileged_account() -> str | None:
    """Return the account that a server must run as.

    PostgreSQL refuses to run as root, so root drops to ``postgres``, or to
    ``nobody`` where that does not exist.  For anybody else this is `None`.

    Raises
    ------
    ProviderUnavailableError
        Raised if root finds neither account.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise ProviderUnavailableError(
        "local PostgreSQL",
        reason="PostgreSQL refuses to run as root, and there is no account postgres or nobody",
        hint="Make an account called postgres, or run as an ordinary user.",
    )


def server_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of server programs.

    Without libpq's variables, which would point them elsewhere, and with
    messages in English, which `classify` reads.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def candidate_directories(environ: Mapping[str, str] = os.environ, *, debian: Path = _DEBIAN) -> list[Path]:
    """Return the directories in which server programs may lie, once each.

    These are: what ``pg_config`` on the ``PATH`` names, the ``PATH``, the
    conda environment, the prefix of this Python, and Debian's directories,
    which are not on the ``PATH``.
    """
    path = environ.get("PATH", os.defpath)
    found: list[Path] = []
    if pg_config := shutil.which("pg_config", path=path):
        # Debian's libpq-dev installs a pg_config that fails without the
        # server: not a reason to stop looking.
        with contextlib.suppress(ServiceError):
            found.append(Path(run_command([pg_config, "--bindir"], timeout=10).strip()))
    if initdb := shutil.which("initdb", path=path):
        found.append(Path(initdb).resolve().parent)
    if conda := environ.get("CONDA_PREFIX"):
        found.append(Path(conda) / "bin")
    found.append(Path(sys.prefix) / "bin")
    found += sorted(debian.glob("*/bin"), key=_debian_order, reverse=True)
    return list(dict.fromkeys(found))


def find_binaries(
    *, minimum: str, account: str | None = None, directories: Iterable[Path] | None = None
) -> Binaries:
    """Return the newest usable server programs of this machine.

    Parameters
    ----------
    minimum : `str`
        Oldest accepted major version.
    account : `str`, optional
        Account that must be able to run them.
    directories : `~collections.abc.Iterable` [`pathlib.Path`], optional
        Where to look; `candidate_directories` if `None`.

    Raises
    ------
    ProviderUnavailableError
        Raised if there are none; the detail says what was wrong with each.
    """
    looked = list(candidate_directories() if directories is None else directories)
    usable: list[Binaries] = []
    rejected: list[str] = []
    for directory in looked:
        if not any((directory / name).exists() for name in _PROGRAMS):
            continue
        if missing := [name for name in _PROGRAMS if not os.access(directory / name, os.X_OK)]:
            rejected.append(f"{directory}: {', '.join(missing)} is missing or may not be run")
            continue
        try:
            version = _version(directory, account)
        except ServiceError as err:
            rejected.append(f"{directory}: {err.reason}")
            continue
        if int(version.partition(".")[0]) < int(minimum):
            rejected.append(f"{directory}: version {version} is older than {minimum}")
        elif not _has_btree_gist(directory, version):
            rejected.append(f"{directory}: the extension btree_gist is not installed (contrib modules)")
        else:
            usable.append(Binaries(directory=directory, version=version, account=account))
    if not usable:
        raise ProviderUnavailableError(
            "local PostgreSQL",
            reason="no usable server programs (initdb, postgres, pg_ctl) were found on this machine",
            hint=_HINT,
            detail="\n".join(rejected),
        )
    return max(usable, key=lambda b: tuple(int(n) for n in re.findall(r"\d+", b.version)))


def _version(directory: Path, account: str | None) -> str:
    said = run_command(
        [directory / "postgres", "--version"],
        timeout=10,
        user=account,
        env=server_environment(),
        cwd=Path("/"),
    )
    match = re.search(r"\b(\d+(?:\.\d+)?)", said)
    if match is None:
        raise ServiceError(
            str(directory / "postgres"),
            reason=f"it calls itself {said.strip()!r}, without a version",
            hint=_HINT,
        )
    return match[1]


def _has_btree_gist(directory: Path, version: str) -> bool:
    major = version.partition(".")[0]
    places = [
        directory.parent / "share" / "extension",
        directory.parent / "share" / "postgresql" / "extension",
        Path("/usr/share/postgresql") / major / "extension",
    ]
    pg_config = directory / "pg_config"
    if os.access(pg_config, os.X_OK):
        # The usual places are looked at in any case.
        with contextlib.suppress(ServiceError):
            places.insert(0, Path(run_command([pg_config, "--sharedir"], timeout=10).strip()) / "extension")
    return any((place / "btree_gist.control").is_file() for place in places)


def _debian_order(path: Path) -> int:
    return int(path.parent.name) if path.parent.name.isdigit() else 0
