"""Container images of others, which can only be pulled, by digest."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gen3bed.errors import ImageError, StorageFullError
from gen3bed.matrix import PulledImage
from gen3bed.services._images import REGISTRY_VARIABLE, ReadyImage, find_image

if TYPE_CHECKING:
    import docker

__all__ = ["ensure_pulled", "is_present", "pulled_lacking"]

_LOG = logging.getLogger(__name__)
_STEP = 10
"""Percent of a pull between two lines about it."""


def is_present(
    client: docker.DockerClient, image: PulledImage, environ: Mapping[str, str] = os.environ
) -> bool:
    """Return whether the engine has an image already."""
    return find_image(client, _source(image, environ)) is not None


def pulled_lacking(
    client: docker.DockerClient, image: PulledImage, environ: Mapping[str, str] = os.environ
) -> str:
    """Return why an image is neither present nor to be had, or nothing; nothing is pulled."""
    import docker.errors  # noqa: PLC0415

    source = _source(image, environ)
    if find_image(client, source):
        return ""
    try:
        client.images.get_registry_data(source)
    except (docker.errors.DockerException, OSError):
        return f"the image {source} is neither present nor to be pulled"
    return ""


def ensure_pulled(
    client: docker.DockerClient,
    image: PulledImage,
    *,
    hint: str,
    environ: Mapping[str, str] = os.environ,
    progress: Callable[[str], None] = _LOG.info,
) -> ReadyImage:
    """Make sure that the engine has an image, and say which.

    Parameters
    ----------
    client : `docker.DockerClient`
        Connection to the engine.
    image : `gen3bed.matrix.PulledImage`
        Image from the matrix.
    hint : `str`
        What to do if it is not to be had.
    environ : `~collections.abc.Mapping`, optional
        The environment; ``GEN3BED_IMAGE_REGISTRY`` names a mirror.
    progress : `~collections.abc.Callable`, optional
        Is told in one line how far a pull is.

    Raises
    ------
    ImageError
        Raised if the image is neither present nor to be pulled.
    StorageFullError
        Raised if the engine's disk has no room for it.
    """
    import docker.errors  # noqa: PLC0415

    source = _source(image, environ)
    if find_image(client, source):
        return ReadyImage(tag=source, digest=image.digest, origin="present")
    progress(f"Pulling {source}; this happens once.")
    try:
        _pull(client, source, progress)
    except (docker.errors.DockerException, OSError) as err:
        if "no space left" in str(err).lower():
            raise StorageFullError(
                source,
                reason="the engine's disk has no room for this image",
                hint="Remove what is not needed with `docker system prune`.",
                detail=str(err),
            ) from err
        raise ImageError(
            source, reason="this image is not present and cannot be pulled", hint=hint, detail=str(err)
        ) from err
    return ReadyImage(tag=source, digest=image.digest, origin="pulled")


def _source(image: PulledImage, environ: Mapping[str, str]) -> str:
    # With a digest the engine takes no tag; the name before it is for people.
    name = image.name.rpartition(":")[0]
    registry = environ.get(REGISTRY_VARIABLE, "").rstrip("/")
    return f"{registry}/{name}@{image.digest}" if registry else f"{name}@{image.digest}"


def _pull(client: docker.DockerClient, source: str, progress: Callable[[str], None]) -> None:
    import docker.errors  # noqa: PLC0415

    done: dict[str, int] = {}
    totals: dict[str, int] = {}
    told = 0
    for line in client.api.pull(source, stream=True, decode=True):
        if error := line.get("error"):
            raise docker.errors.DockerException(error)
        if line.get("status") == "Downloading" and (detail := line.get("progressDetail")):
            done[line["id"]], totals[line["id"]] = detail["current"], detail.get("total", detail["current"])
            percent = 100 * sum(done.values()) // max(sum(totals.values()), 1)
            if percent >= told + _STEP:
                told = percent
                size = sum(totals.values()) / 1e9
                progress(f"Pulling {source}: {percent} % of {size:.1f} GB so far known.")
