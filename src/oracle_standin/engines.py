"""The engines that run the SQL, by name."""

from __future__ import annotations

from oracle_standin.errors import StandinError
from oracle_standin.interface import Database
from oracle_standin.profiles import Profile

__all__ = ["ENGINES", "open_database"]

ENGINES = ("h2", "postgresql")
"""Names of the engines; the first is the default."""


def open_database(
    engine: str, profile: Profile, *, service: str = "FREEPDB1", postgresql_url: str | None = None
) -> Database:
    """Return a new database on an engine.

    Parameters
    ----------
    engine : `str`
        One of `ENGINES`.
    profile : `~oracle_standin.profiles.Profile`
        The version to pretend to be.
    service : `str`, optional
        Service name.
    postgresql_url : `str`, optional
        A server for the engine ``postgresql``, in place of one of its own.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if there is no such engine, or it cannot be had.
    """
    if postgresql_url is not None and engine != "postgresql":
        raise StandinError(
            "--postgresql-url", reason=f"the engine is {engine}", hint="Add --engine postgresql."
        )
    # Each with its own packages and programs, which the other does without.
    if engine == "h2":
        from oracle_standin import h2  # noqa: PLC0415

        return h2.open_database(profile, service=service)
    if engine == "postgresql":
        from oracle_standin import postgresql  # noqa: PLC0415

        return postgresql.open_database(profile, service=service, url=postgresql_url)
    raise StandinError(
        f"engine {engine}", reason="there is no such engine", hint=f"Use one of {', '.join(ENGINES)}."
    )
