"""The engine: Oracle's SQL on H2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.h2._runtime import H2_VERSION, JAR_VARIABLE, fetch_jar, jar_path, start_java
from oracle_standin.profiles import Profile

if TYPE_CHECKING:
    from oracle_standin.h2._database import H2Database

__all__ = ["H2_VERSION", "JAR_VARIABLE", "fetch_jar", "jar_path", "open_database"]


def open_database(profile: Profile, *, service: str = "FREEPDB1") -> H2Database:
    """Start Java unless it runs, and return a new database in memory.

    It has the users SYS and SYSTEM, with the passwords ``sys`` and
    ``system``; more by ``CREATE USER``.

    Parameters
    ----------
    profile : `~oracle_standin.profiles.Profile`
        The version to pretend to be.
    service : `str`, optional
        Service name.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if Java or the H2 library cannot be had.
    """
    start_java()
    # It imports JPype, whose absence `start_java` has its own words for.
    from oracle_standin.h2._database import H2Database  # noqa: PLC0415 - it needs Java, which is started first

    return H2Database(profile, service=service)
