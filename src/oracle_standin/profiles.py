"""The server versions that the stand-in can pretend to be."""

from __future__ import annotations

from dataclasses import dataclass

from oracle_standin.errors import StandinError

__all__ = ["PROFILES", "Profile", "profile_named"]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One version of Oracle Database, as far as clients and SQL can tell.

    Attributes
    ----------
    name : `str`
        What the command line calls it: ``19``, ``21`` or ``23``.
    version : `tuple` [`int`, ...]
        Five numbers, as ``Connection.version`` shows them.
    field_version : `int`
        The TTC field version that the server offers.
    compatible : `str`
        The ``compatible`` parameter.
    in_list_limit : `int`
        Most expressions in an IN list (ORA-01795 beyond).
    """

    name: str
    version: tuple[int, int, int, int, int]
    field_version: int
    compatible: str
    in_list_limit: int

    @property
    def major(self) -> int:
        """First number of the version (`int`)."""
        return self.version[0]

    @property
    def version_text(self) -> str:
        """Version with points (`str`)."""
        return ".".join(map(str, self.version))

    @property
    def banner(self) -> str:
        """First line of ``v$version`` (`str`); says that it is a stand-in."""
        return f"oracle_standin (not an Oracle Database), profile {self.version_text}"


PROFILES = {
    p.name: p
    for p in (
        Profile(
            name="19", version=(19, 21, 0, 0, 0), field_version=12, compatible="19.0.0", in_list_limit=1000
        ),
        Profile(
            name="21", version=(21, 3, 0, 0, 0), field_version=16, compatible="21.0.0", in_list_limit=1000
        ),
        Profile(
            name="23", version=(23, 9, 0, 25, 7), field_version=24, compatible="23.6.0", in_list_limit=65535
        ),
    )
}


def profile_named(name: str) -> Profile:
    """Return a profile by its name.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if there is none of that name.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise StandinError(
            f"profile {name}", reason="there is no such profile", hint=f"Use one of {', '.join(PROFILES)}."
        ) from None
