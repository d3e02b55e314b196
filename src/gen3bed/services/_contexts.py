"""Where the build contexts of our images lie, installed or in a checkout."""

from __future__ import annotations

from pathlib import Path

from gen3bed.errors import ImageError

__all__ = ["context_directory"]

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "_containers", _PACKAGE.parents[1] / "containers")
"""In a wheel (see ``force-include`` in pyproject.toml), and in a checkout."""


def context_directory(name: str) -> Path:
    """Return the build context of an image.

    Parameters
    ----------
    name : `str`
        Folder of the image under ``containers``, such as ``postgresql``.

    Returns
    -------
    directory : `pathlib.Path`
        Directory with the image's ``Dockerfile`` and what that copies.

    Raises
    ------
    ImageError
        Raised if the installation does not carry the context.
    """
    for place in _PLACES:
        if (place / name).is_dir():
            return place / name
    raise ImageError(
        f"containers/{name}",
        reason="this installation of gen3bed does not carry the image's build context",
        hint="Install gen3bed again from a wheel, or run it from a complete checkout.",
    )
