"""A server in a container: locked up, reachable, and looked at when it does not answer."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gen3bed.errors import ServiceNotReadyError
from gen3bed.services._docker import DEFAULT_HOST, RUN_LABEL, SERVICE_LABEL, engine_errors, engine_host

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

__all__ = [
    "ContainerWanted",
    "container_address",
    "container_log",
    "how_it_ended",
    "starting",
    "uninterrupted",
]

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class ContainerWanted:
    """What a server's container is to be.

    Attributes
    ----------
    image : `str`
        Name by which the engine has it.
    name : `str`
        The container's own name.
    run : `str`
        The run that makes it.
    service : `str`
        The kind of service, for the label.
    port : `int`
        The port in the container that clients connect to.
    memory : `str`
        Limit, such as ``3g``.
    processes : `int`
        Most processes and threads.
    shared_memory : `str`
        Size of ``/dev/shm``.
    environment : `dict` [`str`, `str`]
        Environment variables; anybody who may use the engine reads them, so
        they hold no secret.
    secrets : `dict` [`str`, `str`]
        From path in the container to content.
    in_memory : `dict` [`str`, `str`]
        From path to the options of the tmpfs that is mounted there.
    volumes : `tuple` [`str`, ...]
        Paths that get an anonymous volume.
    capabilities : `tuple` [`str`, ...]
        Capabilities that it keeps.
    """

    image: str
    name: str
    run: str
    service: str
    port: int
    memory: str
    processes: int
    shared_memory: str
    environment: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    in_memory: dict[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()


@contextlib.contextmanager
def starting(wanted: ContainerWanted) -> Iterator[DockerContainer]:
    """Give a container that the block shall start and wait for.

    It has no bind mounts, no capabilities but those that were asked for, an
    ephemeral port, and limits on memory and processes.  The block's end
    closes the connection to the engine, and leaves the container as it is.

    Raises
    ------
    ServiceNotReadyError
        Raised if the engine fails or refuses, with its answer.
    """
    try:
        container = _new_container(wanted)
        with contextlib.closing(container.get_docker_client().client):
            yield container
    except engine_errors() as err:
        raise ServiceNotReadyError(
            f"container {wanted.name}",
            reason="the container engine could not start it",
            hint="Look at the engine's answer below, and try `gen3bed doctor`.",
            detail=str(err),
        ) from err


def _new_container(wanted: ContainerWanted) -> DockerContainer:
    # Importing testcontainers takes 0.4 s, which other providers save.
    if (host := engine_host()) != DEFAULT_HOST:
        os.environ.setdefault("DOCKER_HOST", host)
    from docker.types import Mount  # noqa: PLC0415
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415

    # The ledger does what ryuk would do, without another image to pull and
    # without a container that is tied to this process.
    testcontainers_config.ryuk_disabled = True
    container = DockerContainer(wanted.image, name=wanted.name, env=wanted.environment)
    # testcontainers puts its registry prefix before every name; ours is local.
    container.image = wanted.image
    # An engine on another host, or outside the container that we run in, is
    # not reached through its loopback: there the password has to do.
    address = _LOOPBACK if _shares_loopback(container) else ""
    container.ports = {f"{wanted.port}/tcp": (address, None)}  # type: ignore[dict-item]
    container.tmpfs = dict(wanted.in_memory)
    for path, content in wanted.secrets.items():
        # In a directory that only the server's own account can enter.
        container.with_copy_into_container(content.encode(), path, 0o444)
    return container.with_kwargs(
        labels={RUN_LABEL: wanted.run, SERVICE_LABEL: wanted.service},
        mounts=[Mount(target=path, source=None, type="volume") for path in wanted.volumes],
        # Not read_only: the engine copies no file into such a container, and
        # a password must not be in its environment, which anybody reads.
        cap_drop=["ALL"],
        cap_add=list(wanted.capabilities),
        security_opt=["no-new-privileges:true"],
        mem_limit=wanted.memory,
        memswap_limit=wanted.memory,
        pids_limit=wanted.processes,
        shm_size=wanted.shared_memory,
        # We ask the server ourselves; a probe every few seconds costs a process.
        healthcheck={"test": ["NONE"]},
    )


def container_address(container: DockerContainer, port: int) -> tuple[str, int]:
    """Return host and port at which this machine reaches a port of a container.

    Raises
    ------
    ConnectionError
        Raised if the port is not published, as when the container has ended.
    """
    client = container.get_docker_client()
    # Not "localhost", which may mean ::1 first, where nothing is published.
    here = _shares_loopback(container)
    host = _LOOPBACK if here else container.get_container_host_ip()
    mapped = here or client.get_connection_mode().use_mapped_port
    return host, int(client.port(container.get_container_id(), port)) if mapped else port


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


def how_it_ended(container: DockerContainer, *, memory: str) -> str:
    """Return how a container ended, or nothing while it runs.

    Parameters
    ----------
    container : `testcontainers.core.container.DockerContainer`
        A container that was started.
    memory : `str`
        Its limit, for the message.
    """
    import docker.errors  # noqa: PLC0415

    try:
        container.reload()
    except docker.errors.NotFound:
        return "somebody removed the container"
    state: dict[str, Any] = container.get_wrapped_container().attrs["State"]
    if state["Running"]:
        return ""
    if state.get("OOMKilled"):
        return f"out of memory: the container reached its limit of {memory}"
    return f"exit code {state['ExitCode']}{': ' + state['Error'] if state.get('Error') else ''}"


def container_log(container: DockerContainer) -> str:
    """Return the end of a container's log, or why it cannot be read."""
    try:
        return container.get_wrapped_container().logs(tail=100).decode(errors="replace")
    except engine_errors() as err:
        return f"(the log cannot be read: {err})"


def uninterrupted(function: Callable[[], object]) -> None:
    """Run a function to its end even if Ctrl-C arrives meanwhile.

    An interrupted request would leave the engine at work on a container that
    we have looked for already and not found.  The interrupt is raised after
    the function has ended.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(function).result()
