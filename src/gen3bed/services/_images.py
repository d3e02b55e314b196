"""Our container images: found, pulled or built, under a content-hash tag.

The tag is a hash of the build context and the base image's name, so that an
image with the right tag has the right content, and a changed file means a
new image and never a stale one.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gen3bed.errors import ImageError, ServiceError, StorageFullError
from gen3bed.matrix import Image
from gen3bed.services._contexts import context_directory

if TYPE_CHECKING:
    import docker
    import docker.models.images

__all__ = [
    "REGISTRY_VARIABLE",
    "ReadyImage",
    "context_archive",
    "ensure_image",
    "find_image",
    "image_lacking",
    "image_tag",
]

REGISTRY_VARIABLE = "GEN3BED_IMAGE_REGISTRY"
"""Environment variable with the prefix of a registry that has our images."""

_HASH_DIGITS = 12
"""Digits of the content hash in a tag: 48 bits, of a handful of images."""
_LOG_TAIL = 30


@dataclass(frozen=True, kw_only=True)
class ReadyImage:
    """An image that the engine has.

    Attributes
    ----------
    tag : `str`
        Name and content-hash tag.
    digest : `str`
        The digest by which the engine identifies it.
    origin : `str`
        Whether it was present, pulled or built.
    """

    tag: str
    digest: str
    origin: Literal["present", "pulled", "built"]


def image_tag(image: Image) -> str:
    """Return the full name of an image, with its content hash as tag.

    Raises
    ------
    ImageError
        Raised if the installation does not carry the build context.
    """
    return tag_of(image, _context_files(image))


def tag_of(image: Image, files: Mapping[str, bytes]) -> str:
    """Return the full name that an image of these files has."""
    digest = hashlib.sha256(f"base {image.base}\n".encode())
    for name, content in sorted(files.items()):
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return f"{image.name}:{digest.hexdigest()[:_HASH_DIGITS]}"


def context_archive(files: Mapping[str, bytes]) -> bytes:
    """Return a build context as a tar file that depends on the content only.

    File modes, owners and times differ between a checkout and a wheel, and
    with the umask; the Dockerfile sets the modes that matter.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def image_lacking(client: docker.DockerClient, image: Image, environ: Mapping[str, str] = os.environ) -> str:
    """Return why an image is neither present nor to be had, or nothing.

    Nothing is pulled or built.
    """
    import docker.errors  # noqa: PLC0415

    try:
        tag = image_tag(image)
    except ImageError as err:
        return err.reason
    if find_image(client, tag) or environ.get(REGISTRY_VARIABLE) or find_image(client, image.base):
        return ""
    try:
        client.images.get_registry_data(image.base)
    except (docker.errors.DockerException, OSError):
        return (
            f"the image {tag} is not present, and its base {image.base} is neither present nor to be pulled"
        )
    return ""


def ensure_image(
    client: docker.DockerClient,
    image: Image,
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Callable[[str], None] = lambda _: None,
) -> ReadyImage:
    """Make sure that the engine has an image, and say which.

    A present image is taken; else it is pulled if ``GEN3BED_IMAGE_REGISTRY``
    names a registry that has it; else it is built.

    Parameters
    ----------
    client : `docker.DockerClient`
        Connection to the engine.
    image : `Image`
        Image from the matrix.
    environ : `~collections.abc.Mapping`, optional
        The environment.
    progress : `~collections.abc.Callable`, optional
        Is told in one line what takes long.

    Raises
    ------
    ImageError
        Raised if the image is not present and can be neither pulled nor
        built.
    StorageFullError
        Raised if the engine's disk has no room for it.
    """
    files = _context_files(image)
    tag = tag_of(image, files)
    if found := find_image(client, tag):
        return ReadyImage(tag=tag, digest=_digest(found), origin="present")
    if (registry := environ.get(REGISTRY_VARIABLE)) and (
        pulled := _pull_ours(client, registry, tag, progress)
    ):
        return ReadyImage(tag=tag, digest=_digest(pulled), origin="pulled")
    _ensure_base(client, image, progress)
    progress(f"Building {tag}; this happens once and takes about half a minute.")
    return ReadyImage(tag=tag, digest=_digest(_build(client, image, tag, files)), origin="built")


def _context_files(image: Image) -> dict[str, bytes]:
    directory = context_directory(Path(image.context).name)
    paths = (p for p in sorted(directory.rglob("*")) if p.is_file() and not p.name.startswith("."))
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in paths}


def find_image(client: docker.DockerClient, name: str) -> docker.models.images.Image | None:
    """Return the image that the engine has under a name, or `None`."""
    import docker.errors  # noqa: PLC0415

    try:
        return client.images.get(name)
    except docker.errors.ImageNotFound:
        return None


def _digest(image: docker.models.images.Image) -> str:
    # A pulled image has the digest that everybody sees; a built one has only
    # the engine's own.
    repository: list[str] = image.attrs.get("RepoDigests") or []
    return repository[0].partition("@")[2] if repository else str(image.id)


def _pull_ours(
    client: docker.DockerClient, registry: str, tag: str, progress: Callable[[str], None]
) -> docker.models.images.Image | None:
    import docker.errors  # noqa: PLC0415

    source = f"{registry.rstrip('/')}/{tag}"
    progress(f"Pulling {source}.")
    # A registry that does not have this content is no error: we build it.
    with contextlib.suppress(docker.errors.APIError):
        image = client.images.pull(source)
        image.tag(tag)
        return image
    return None


def _ensure_base(client: docker.DockerClient, image: Image, progress: Callable[[str], None]) -> None:
    import docker.errors  # noqa: PLC0415

    if find_image(client, image.base):
        return
    progress(f"Pulling {image.base}.")
    try:
        client.images.pull(image.base)
    except (docker.errors.DockerException, OSError) as err:
        raise ImageError(
            image.base,
            reason=f"this base image of {image.name} is not present and cannot be pulled",
            hint=(
                f"Pull it from a mirror and tag it {image.base}, "
                "or make it on this machine with `ci/base-image` of the gen3bed source."
            ),
            detail=str(err),
        ) from err


def _build(
    client: docker.DockerClient, image: Image, tag: str, files: Mapping[str, bytes]
) -> docker.models.images.Image:
    import docker.errors  # noqa: PLC0415

    log: list[str] = []
    try:
        stream = client.api.build(
            fileobj=io.BytesIO(context_archive(files)),
            custom_context=True,
            tag=tag,
            buildargs={"BASE": image.base},
            labels={"org.opencontainers.image.base.name": image.base},
            rm=True,
            forcerm=True,
            decode=True,
        )
        for line in stream:
            log += str(line.get("stream", "")).splitlines()
            if error := line.get("error"):
                raise _build_error(tag, str(error), log)
        return client.images.get(tag)
    except (docker.errors.DockerException, OSError) as err:
        raise _build_error(tag, str(err), log) from err


def _build_error(tag: str, error: str, log: list[str]) -> ServiceError:
    detail = "\n".join([*log[-_LOG_TAIL:], error])
    if "no space left" in detail.lower():
        return StorageFullError(
            f"image {tag}",
            reason="the engine's disk has no room to build it",
            hint="Remove what is not needed with `docker system prune`.",
            detail=detail,
        )
    return ImageError(
        f"image {tag}",
        reason="building it failed",
        hint="Its packages come from Debian's mirrors: check the network, or set GEN3BED_IMAGE_REGISTRY.",
        detail=detail,
    )
