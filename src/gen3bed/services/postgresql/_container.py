"""A throw-away server in a container of our own image."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import sqlalchemy

from gen3bed.errors import Gen3bedError, ServiceNotReadyError
from gen3bed.matrix import Image, load_matrix
from gen3bed.services._cleanup import removing
from gen3bed.services._docker import (
    DEFAULT_HOST,
    RUN_LABEL,
    SERVICE_LABEL,
    container_entry,
    engine,
    engine_host,
    remove_container,
)
from gen3bed.services._images import ensure_image, image_lacking
from gen3bed.services._service import Profile, Service
from gen3bed.services.postgresql._provider import (
    Provider,
    Wanted,
    admin_url,
    describe,
    minimum_version,
    service_name,
)
from gen3bed.services.postgresql._readiness import Evidence, classify, wait_until_ready
from gen3bed.services.postgresql._server import check_server

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

__all__ = ["lacking", "provide", "provider"]

_LOG = logging.getLogger(__name__)
_LOOPBACK = "127.0.0.1"
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
    name = service_name(ledger)
    password = secrets.token_hex(16)
    container = _container(image.tag, name=name, run=ledger.run, profile=wanted.profile, password=password)
    entry = container_entry(name)

    def remove() -> None:
        remove_container(entry, ledger.run)
        ledger.strike(entry)

    with removing(remove, keep=wanted.keep):
        ledger.record(entry)
        try:
            _uninterrupted(container.start)
            server_url = _address(container, name, password)
            state = wait_until_ready(
                server_url,
                subject=f"container {name}",
                timeout=wanted.timeout,
                ended=lambda: _ended(container),
                log=lambda: _log(container),
            )
        except _engine_errors() as err:
            raise ServiceNotReadyError(
                f"container {name}",
                reason="the container engine could not start it",
                hint="Look at the engine's answer below, and try `gen3bed doctor`.",
                detail=str(err),
            ) from err
        finally:
            container.get_docker_client().client.close()
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


def _container(image: str, *, name: str, run: str, profile: Profile, password: str) -> DockerContainer:
    # Importing testcontainers takes 0.4 s, which other providers save.
    if (host := engine_host()) != DEFAULT_HOST:
        os.environ.setdefault("DOCKER_HOST", host)
    from docker.types import Mount  # noqa: PLC0415
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415

    # The ledger does what ryuk would do, without another image to pull and
    # without a container that is tied to this process.
    testcontainers_config.ryuk_disabled = True
    container = DockerContainer(image, name=name, env={"GEN3BED_PROFILE": profile})
    # testcontainers puts its registry prefix before every name; ours is local.
    container.image = image
    # An engine on another host, or outside the container that we run in, is
    # not reached through its loopback: there the password has to do.
    address = _LOOPBACK if _shares_loopback(container) else ""
    container.ports = {f"{_PORT}/tcp": (address, None)}  # type: ignore[dict-item]
    mounts = []
    container.tmpfs = {"/run/postgresql": "size=1m", "/tmp": "size=64m"}  # noqa: S108
    if profile == "fast":
        container.tmpfs[_DATA] = f"size={_DATA_SIZE}"
    else:
        mounts.append(Mount(target=_DATA, source=None, type="volume"))
    # Only user 1000 can enter the directory of the file.
    container.with_copy_into_container(password.encode(), _SECRET_FILE, 0o444)
    return container.with_kwargs(
        labels={RUN_LABEL: run, SERVICE_LABEL: "postgresql"},
        mounts=mounts,
        # Not read_only: the engine copies no file into such a container, and
        # the password must not be in its environment, which anybody reads.
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true"],
        mem_limit=_MEMORY,
        memswap_limit=_MEMORY,
        pids_limit=_PROCESSES,
        shm_size=_SHARED_MEMORY,
        # We ask the server ourselves; a probe every few seconds costs a process.
        healthcheck={"test": ["NONE"]},
    )


def _shares_loopback(container: DockerContainer) -> bool:
    """Whether the engine's loopback is ours (`bool`)."""
    from testcontainers.core.config import ConnectionMode, testcontainers_config  # noqa: PLC0415

    if testcontainers_config.tc_host_override:
        return False
    client = container.get_docker_client()
    # testcontainers takes a virtual machine that was made from a container
    # image for a container; but then the engine has the machine's own name.
    if client.client.info().get("Name") == socket.gethostname():
        return True
    return client.get_connection_mode() == ConnectionMode.docker_host and client.host() == "localhost"


def _address(container: DockerContainer, name: str, password: str) -> sqlalchemy.URL:
    client = container.get_docker_client()
    try:
        # Not "localhost", which may mean ::1 first, where nothing is published.
        here = _shares_loopback(container)
        host = _LOOPBACK if here else container.get_container_host_ip()
        mapped = here or client.get_connection_mode().use_mapped_port
        port = int(client.port(container.get_container_id(), _PORT)) if mapped else _PORT
    except ConnectionError as err:
        # The port is unmapped when the container has ended.
        evidence = Evidence(ended=_ended(container) or str(err), log=_log(container), waited=1)
        raise classify(f"container {name}", evidence) or err from err
    return admin_url(host=host, port=port, password=password)


def _ended(container: DockerContainer) -> str:
    import docker.errors  # noqa: PLC0415

    try:
        container.reload()
    except docker.errors.NotFound:
        return "somebody removed the container"
    state: dict[str, Any] = container.get_wrapped_container().attrs["State"]
    if state["Running"]:
        return ""
    if state.get("OOMKilled"):
        return f"out of memory: the container reached its limit of {_MEMORY}"
    return f"exit code {state['ExitCode']}{': ' + state['Error'] if state.get('Error') else ''}"


def _log(container: DockerContainer) -> str:
    import docker.errors  # noqa: PLC0415

    try:
        return container.get_wrapped_container().logs(tail=100).decode(errors="replace")
    except docker.errors.DockerException as err:
        return f"(the log cannot be read: {err})"


def _uninterrupted(function: Callable[[], object]) -> None:
    """Run a function to its end even if Ctrl-C arrives meanwhile.

    An interrupted request would leave the engine at work on a container that
    we have looked for already and not found.  The interrupt is raised after
    the function has ended.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(function).result()


def _engine_errors() -> tuple[type[Exception], ...]:
    import docker.errors  # noqa: PLC0415
    import requests  # noqa: PLC0415

    return docker.errors.DockerException, requests.RequestException
