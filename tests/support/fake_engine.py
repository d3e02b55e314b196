"""A container engine that has images and registries in dictionaries."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import docker.errors

__all__ = ["FakeEngine", "FakeImage"]


class FakeImage:
    """An image of the fake engine."""

    def __init__(self, engine: FakeEngine, digest: str) -> None:
        self.id = digest
        self.attrs: dict[str, Any] = {"RepoDigests": []}
        self._engine = engine

    def tag(self, name: str) -> None:
        """Give the image another name."""
        self._engine.present[name] = self


class FakeEngine:
    """Stand for `docker.DockerClient`, as far as images go.

    Attributes
    ----------
    present : `dict` [`str`, `FakeImage`]
        Images that it has.
    registry : `set` [`str`]
        Names that it can pull.
    built : `list` [`dict`]
        Arguments of all builds.
    build_log : `list` [`dict`]
        What a build answers; without an error in it, the build succeeds.
    """

    def __init__(self, *, present: tuple[str, ...] = (), registry: tuple[str, ...] = ()) -> None:
        self.present = {name: FakeImage(self, f"sha256:{name}") for name in present}
        self.registry = set(registry)
        self.built: list[dict[str, Any]] = []
        self.build_log: list[dict[str, str]] = [{"stream": "Step 1/2\n"}]
        self.images = self
        self.api = self

    def get(self, name: str) -> FakeImage:
        """Return a present image."""
        try:
            return self.present[name]
        except KeyError:
            raise docker.errors.ImageNotFound(f"No such image: {name}") from None

    def pull(self, name: str, *, stream: bool = False, decode: bool = False) -> Any:
        """Fetch an image from the registry; as a stream of lines if asked so."""
        assert stream is decode
        if stream:
            return self._pull_in_steps(name)
        self.get_registry_data(name)
        self.present[name] = FakeImage(self, f"sha256:{name}")
        self.present[name].attrs["RepoDigests"] = [f"{name}@sha256:published"]
        return self.present[name]

    def _pull_in_steps(self, name: str) -> Iterator[dict[str, Any]]:
        if name not in self.registry:
            yield {"error": f"manifest for {name} not found"}
            return
        for done in (0, 50, 100):
            yield {"id": "layer", "status": "Downloading", "progressDetail": {"current": done, "total": 100}}
        self.present[name] = FakeImage(self, "sha256:pulled")

    def get_registry_data(self, name: str) -> None:
        """Ask the registry whether it has an image."""
        if name not in self.registry:
            raise docker.errors.NotFound(f"manifest for {name} not found")

    def build(self, **arguments: Any) -> Iterator[dict[str, str]]:
        """Build an image, unless the log that was prepared has an error."""
        with tarfile.open(fileobj=io.BytesIO(arguments["fileobj"].read())) as archive:
            arguments["files"] = archive.getnames()
        self.built.append(arguments)
        if not any("error" in line for line in self.build_log):
            self.present[arguments["tag"]] = FakeImage(self, "sha256:built")
        yield from self.build_log
