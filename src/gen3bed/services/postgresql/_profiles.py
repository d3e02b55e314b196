"""The two sets of server parameters, as data that lies beside the image."""

from __future__ import annotations

from gen3bed.services._contexts import context_directory
from gen3bed.services._service import Profile

__all__ = ["parse_parameters", "profile_parameters"]


def profile_parameters(profile: Profile) -> dict[str, str]:
    """Return the server parameters of a profile, in the order of its file.

    The same file is inside the container image.

    Raises
    ------
    ImageError
        Raised if the installation does not carry the file.
    """
    path = context_directory("postgresql") / "profiles" / f"{profile}.conf"
    return parse_parameters(path.read_text())


def parse_parameters(text: str) -> dict[str, str]:
    """Parse the ``name = value`` lines of a PostgreSQL configuration file.

    Only what our own files use is understood: no quotes, no includes.
    """
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line)
    return {name.strip(): value.strip() for name, _, value in pairs}
