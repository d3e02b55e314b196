"""A throw-away server in a container of our own image."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy

from gen3bed.errors import Gen3bedError
from gen3bed.matrix import Image, load_matrix
from gen3bed.services._cleanup import removing
from gen3bed.services._container import (
    ContainerWanted,
    container_address,
    container_log,
    how_it_ended,
    starting,
    uninterrupted,
)
from gen3bed.services._docker import container_entry, engine, remove_container
from gen3bed.services._images import ensure_image, image_lacking
from gen3bed.services._provider import Provider, Wanted, service_name
from gen3bed.services._service import Profile, Service
from gen3bed.services._signs import Evidence
from gen3bed.services.postgresql._provider import (
    admin_url,
    describe,
    minimum_version,
)
from gen3bed.services.postgresql._readiness import classify, wait_until_ready
from gen3bed.services.postgresql._server import check_server

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

__all__ = ["lacking", "provide", "provider"]

_LOG = logging.getLogger(__name__)
_PORT = 5432
_DATA = "/var/lib/postgresql/data"
_SECRET_FILE = "/run/secrets/postgresql-password"  # noqa: S105

_MEMORY = "3g"
"""Limit, not reservation: data in memory, shared buffers, and up to 200
connections of about 5 MB."""
_DATA_SIZE = "2g"
"""Limit of the data in memory: a conformance run was seen to need less than
a tenth of it."""
_PROCESSES = 512
_SHARED_MEMORY = "256m"
"""Parallel queries outgrow Docker's default of 64 MB."""


def lacking() -> str:
    """Return what the machine lacks for this provider, or nothing."""
    try:
        with engine(timeout=15) as client:
            return image_lacking(client, _image())
    except Gen3bedError as err:
        return err.reason


@contextlib.contextmanager
def provide(wanted: Wanted) -> Iterator[Service]:
    """Run a server in a container, on an ephemeral port of the loopback.

    The container has no capabilities, no bind mounts, and limits on memory
    and processes.  In the fast profile its data lies in memory.

    Raises
    ------
    ProviderUnavailableError
        Raised if there is no container engine to be used.
    ImageError
        Raised if the image is neither present nor to be had.
    ServiceError
        Raised, in the subclass that fits, if the server does not get ready;
        nothing is left then.
    """
    ledger = wanted.ledger
    with engine() as client:
        image = ensure_image(client, _image(), progress=_LOG.info)
        engine_version = str(client.version()["Version"])
    name = service_name(ledger, "postgresql")
    password = secrets.token_hex(16)
    box = _box(image.tag, name=name, run=ledger.run, profile=wanted.profile, password=password)
    entry = container_entry(name)

    def remove() -> None:
        remove_container(entry, ledger.run)
        ledger.strike(entry)

    with removing(remove, keep=wanted.keep):
        ledger.record(entry)
        with starting(box) as container:
            uninterrupted(container.start)
            server_url = _address(container, name, password)
            state = wait_until_ready(
                server_url,
                subject=f"container {name}",
                timeout=wanted.timeout,
                ended=lambda: how_it_ended(container, memory=_MEMORY),
                log=lambda: container_log(container),
            )
        check_server(f"container {name}", state, minimum=minimum_version())
        yield Service(
            registry="postgresql",
            provider="container",
            url=server_url,
            version=state.version,
            holder=name,
            facts={
                "profile": wanted.profile,
                "image": image.tag,
                "image_digest": image.digest,
                "image_origin": image.origin,
                "engine": engine_version,
                **describe(state),
            },
        )


provider = Provider(provide=provide, lacking=lacking)
"""This provider's row in the table (`Provider`)."""


def _image() -> Image:
    return load_matrix().images["postgresql"]


def _box(image: str, *, name: str, run: str, profile: Profile, password: str) -> ContainerWanted:
    in_memory = {"/run/postgresql": "size=1m", "/tmp": "size=64m"}  # noqa: S108
    if profile == "fast":
        in_memory[_DATA] = f"size={_DATA_SIZE}"
    return ContainerWanted(
        image=image,
        name=name,
        run=run,
        service="postgresql",
        port=_PORT,
        memory=_MEMORY,
        processes=_PROCESSES,
        shared_memory=_SHARED_MEMORY,
        environment={"GEN3BED_PROFILE": profile},
        secrets={_SECRET_FILE: password},
        in_memory=in_memory,
        volumes=() if profile == "fast" else (_DATA,),
    )


def _address(container: DockerContainer, name: str, password: str) -> sqlalchemy.URL:
    try:
        host, port = container_address(container, _PORT)
    except ConnectionError as err:
        ended = how_it_ended(container, memory=_MEMORY) or str(err)
        evidence = Evidence(ended=ended, log=container_log(container), waited=1)
        raise classify(f"container {name}", evidence) or err from err
    return admin_url(host=host, port=port, password=password)
