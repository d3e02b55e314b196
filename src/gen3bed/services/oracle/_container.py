"""A throw-away database in a container: Oracle Free 23ai, or XE 21c."""

from __future__ import annotations

import contextlib
import logging
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gen3bed.errors import Gen3bedError, ProviderUnavailableError, StorageFullError
from gen3bed.matrix import PulledImage, load_matrix
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
from gen3bed.services._memory import available_memory
from gen3bed.services._provider import Provider, Wanted, service_name
from gen3bed.services._pulled import ensure_pulled, is_present, pulled_lacking
from gen3bed.services._service import Service
from gen3bed.services._signs import Evidence
from gen3bed.services.oracle._connection import driver_lacking, require_driver
from gen3bed.services.oracle._provider import WAYS_OUT, admin_url, describe, minimum_version
from gen3bed.services.oracle._readiness import classify, wait_until_ready
from gen3bed.services.oracle._server import check_server
from gen3bed.services.oracle._tablespace import make_tablespace

if TYPE_CHECKING:
    import docker
    from testcontainers.core.container import DockerContainer

__all__ = ["container_provider"]

_LOG = logging.getLogger(__name__)
_PORT = 1521
_SECRET_FILE = "/opt/oracle/gen3bed-password"  # noqa: S105
"""In the home of the image's own user."""
_MEMORY = "4g"
"""Limit: the editions take 2 GB for themselves, and a worker's session some MB."""
_NEEDED_MEMORY = 3 * 1024**3
"""Bytes; below it the instance does not start (ORA-27104, ORA-56752)."""
_NEEDED_DISK = 8 * 10**9
"""Bytes for the image with its expanded database (4.9 GB), and the data of a run."""
_SHARED_MEMORY = "1g"
_PROCESSES = 2048
_MOST_WORKERS = 4
"""Oracle Free has two processors and 200 processes, of which the instance
itself takes a third; a worker opens several connections."""
_START = 300.0
"""Seconds: a start was reported to take from 8 s to some minutes."""


@dataclass(frozen=True, kw_only=True)
class _Edition:
    """A row of the table of images."""

    variant: str
    image: str
    service: str


def container_provider(variant: str, *, image: str, service: str) -> Provider:
    """Return the provider that runs one of the images of the matrix.

    Parameters
    ----------
    variant : `str`
        What the provider is called.
    image : `str`
        Key of the image in the matrix.
    service : `str`
        Name of the service of its pluggable database.
    """
    edition = _Edition(variant=variant, image=image, service=service)

    @contextlib.contextmanager
    def provide(wanted: Wanted) -> Iterator[Service]:
        with _running(edition, wanted) as running:
            yield running

    def lacking() -> str:
        if reason := driver_lacking():
            return reason
        try:
            with engine(timeout=15) as client:
                return pulled_lacking(client, _image(edition))
        except Gen3bedError as err:
            return err.reason

    return Provider(provide=provide, lacking=lacking)


@contextlib.contextmanager
def _running(edition: _Edition, wanted: Wanted) -> Iterator[Service]:
    """Run the database in a container, on an ephemeral port of the loopback.

    Raises
    ------
    ProviderUnavailableError
        Raised if there is no container engine, or too little memory.
    ImageError
        Raised if the image is neither present nor to be pulled.
    StorageFullError
        Raised if there is too little room.
    ServiceError
        Raised, in the subclass that fits, if the database does not open;
        nothing is left then.
    """
    require_driver()
    ledger = wanted.ledger
    with engine() as client:
        _check_room(client, _image(edition))
        image = ensure_pulled(client, _image(edition), hint=WAYS_OUT)
        engine_version = str(client.version()["Version"])
    name = service_name(ledger, "oracle")
    # Complex enough for a password verification function.
    password = f"Aa1_{secrets.token_hex(12)}"
    box = _box(image.tag, name=name, run=ledger.run, password=password)
    entry = container_entry(name)
    subject = f"container {name}"

    def remove() -> None:
        remove_container(entry, ledger.run)
        ledger.strike(entry)

    with removing(remove, keep=wanted.keep):
        ledger.record(entry)
        with starting(box) as container:
            _LOG.info("Starting %s; the database takes from ten seconds to some minutes to open.", image.tag)
            uninterrupted(container.start)
            host, port = _address(container, subject)
            url = admin_url(host=host, port=port, service=edition.service, password=password)
            state = wait_until_ready(
                url,
                subject=subject,
                timeout=max(wanted.timeout, _START),
                ended=lambda: how_it_ended(container, memory=_MEMORY),
                log=lambda: container_log(container),
            )
        check_server(subject, state, minimum=minimum_version())
        yield Service(
            registry="oracle",
            provider=edition.variant,
            url=url,
            version=state.version,
            holder=name,
            most_workers=_MOST_WORKERS,
            facts={
                "image": image.tag,
                "image_digest": image.digest,
                "image_origin": image.origin,
                "engine": engine_version,
                **describe(state),
                **make_tablespace(url),
            },
        )


def _image(edition: _Edition) -> PulledImage:
    return load_matrix().pulled[edition.image]


def _check_room(client: docker.DockerClient, image: PulledImage) -> None:
    """Refuse a machine on which the database could not start, before 5 GB are pulled."""
    information = client.info()
    total = int(information.get("MemTotal") or 0)
    free = min(available_memory(), total) if total else available_memory()
    if free < _NEEDED_MEMORY:
        raise ProviderUnavailableError(
            "oracle container",
            reason=f"{free / 1e9:.1f} GB of memory are available, and the database needs"
            f" {_NEEDED_MEMORY / 1e9:.1f} GB",
            hint="End other programs, or give the engine's virtual machine more memory.",
        )
    root = Path(information.get("DockerRootDir") or "/nowhere")
    if not is_present(client, image) and root.exists() and shutil.disk_usage(root).free < _NEEDED_DISK:
        raise StorageFullError(
            str(root),
            reason=f"it has less than {_NEEDED_DISK / 1e9:.0f} GB free, which image and data need",
            hint="Make room there, for example with `docker system prune`.",
        )


def _box(image: str, *, name: str, run: str, password: str) -> ContainerWanted:
    return ContainerWanted(
        image=image,
        name=name,
        run=run,
        service="oracle",
        port=_PORT,
        memory=_MEMORY,
        processes=_PROCESSES,
        shared_memory=_SHARED_MEMORY,
        environment={"ORACLE_PASSWORD_FILE": _SECRET_FILE},
        secrets={_SECRET_FILE: password},
    )


def _address(container: DockerContainer, subject: str) -> tuple[str, int]:
    try:
        return container_address(container, _PORT)
    except ConnectionError as err:
        ended = how_it_ended(container, memory=_MEMORY) or str(err)
        evidence = Evidence(ended=ended, log=container_log(container), waited=1)
        raise classify(subject, evidence) or err from err
