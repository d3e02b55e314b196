"""Reach the container engine, and remove containers of ours."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gen3bed.errors import ProviderUnavailableError, ServiceError
from gen3bed.ledger import Entry

if TYPE_CHECKING:
    # Importing the SDK takes a fifth of a second that other providers save.
    import docker

__all__ = [
    "DEFAULT_HOST",
    "RUN_LABEL",
    "SERVICE_LABEL",
    "container_entry",
    "engine",
    "engine_errors",
    "engine_host",
    "explain_unreachable",
    "reap_container",
    "remove_container",
]

RUN_LABEL = "gen3bed.run"
"""Label with the identity of the run that made a container."""
SERVICE_LABEL = "gen3bed.service"
"""Label with the kind of service in a container."""

_SOCKET = Path("/var/run/docker.sock")
DEFAULT_HOST = f"unix://{_SOCKET}"
"""Where Docker listens if nobody says otherwise."""
_TIMEOUT = 60
"""Seconds to wait for one answer of the engine; creating a container on a
busy machine takes a few."""
_REMOVAL = 30.0
"""Seconds to wait while somebody else removes the same container."""
_CREATION = 60.0
"""Seconds after which a container that the engine was asked for is there, or
never will be: on a busy machine it took one second, and our own requests give
up after `_TIMEOUT`."""


def engine_host(environ: Mapping[str, str] = os.environ, *, default: Path = _SOCKET) -> str:
    """Return where the engine listens, as a URL.

    ``DOCKER_HOST`` comes first, then the current context of the Docker
    client, Docker's socket, and the socket of this user's Podman.
    """
    if host := environ.get("DOCKER_HOST"):
        return host
    from docker.context import ContextAPI  # noqa: PLC0415

    with contextlib.suppress(Exception):  # an unreadable context file is the same as none
        context = ContextAPI.get_current_context()
        if context.Name != "default" and context.Host:
            return str(context.Host)
    podman = Path(environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")) / "podman" / "podman.sock"
    if not default.exists() and podman.exists():
        return f"unix://{podman}"
    return f"unix://{default}"


@contextlib.contextmanager
def engine(*, timeout: int = _TIMEOUT) -> Iterator[docker.DockerClient]:
    """Connect to the engine for the duration of a block.

    Parameters
    ----------
    timeout : `int`, optional
        Seconds to wait for each answer.

    Raises
    ------
    ProviderUnavailableError
        Raised on entering if there is no engine, or it may not be used; and
        if it fails in the block in a way that the block does not expect.
    """
    import docker  # noqa: PLC0415

    host = engine_host()
    try:
        _knock(host)
        client = docker.DockerClient(base_url=host, timeout=timeout)
    except (docker.errors.DockerException, OSError) as err:
        raise explain_unreachable(host, str(err)) from err
    try:
        client.ping()
    except (docker.errors.DockerException, OSError) as err:
        client.close()
        raise explain_unreachable(host, str(err)) from err
    try:
        yield client
    except engine_errors() as err:
        raise ProviderUnavailableError(
            "Docker",
            reason=f"the container engine at {host} failed while it was in use",
            hint="Look at its answer below, and check it with `docker version`.",
            detail=str(err),
        ) from err
    finally:
        client.close()


def engine_errors() -> tuple[type[Exception], ...]:
    """Return what a container engine that fails or refuses makes the client raise."""
    import docker.errors  # noqa: PLC0415
    import requests  # noqa: PLC0415

    return docker.errors.DockerException, requests.RequestException


def _knock(host: str) -> None:
    """Connect to a local engine's socket, and hang up.

    The SDK wraps the operating system's error in text, and leaves its own
    socket open when the connection fails.
    """
    scheme, _, path = host.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)


def explain_unreachable(host: str, message: str) -> ProviderUnavailableError:
    """Return the error for an engine that cannot be used.

    Parameters
    ----------
    host : `str`
        Where it was looked for.
    message : `str`
        What the attempt to connect said.
    """
    if "Permission denied" in message or "PermissionError" in message:
        reason = f"the container engine at {host} is there, but you may not use it"
        hint = "Have yourself added to the group docker and log in again, or use rootless Docker or Podman."
    elif "FileNotFoundError" in message or "No such file" in message:
        reason = f"there is no container engine at {host}"
        hint = "Install and start Docker (Debian: docker.io) or Podman, or set DOCKER_HOST."
    elif "refused" in message:
        reason = f"the container engine at {host} does not run"
        hint = "Start it, for example with `systemctl start docker`."
    elif "too old" in message or "client version" in message:
        reason = f"the container engine at {host} is too old"
        hint = "Install Docker Engine 20.10 or newer."
    else:
        reason = f"the container engine at {host} cannot be reached"
        hint = "Check it with `docker version`."
    return ProviderUnavailableError("Docker", reason=reason, hint=hint, detail=message)


def container_entry(name: str) -> Entry:
    """Return the entry of a container that the engine is to be asked for now."""
    return Entry(kind="container", name=name, facts={"asked": str(time.time())})


def reap_container(entry: Entry, run: str) -> None:
    """Remove the container of a run that died, which may not be there yet.

    The engine goes on with what a process that was killed has asked it for.

    Raises
    ------
    ServiceError
        Raised as by `remove_container`, or if the container may still appear.
    """
    since = time.time() - float(entry.facts.get("asked", 0))
    if not remove_container(entry, run) and since < _CREATION:
        raise ServiceError(
            f"container {entry.name}",
            reason="it is not there, but the engine may still be about to make it",
            hint="Run `gen3bed reap` in a minute; the next run does so by itself.",
        )


def remove_container(entry: Entry, run: str) -> bool:
    """Remove the container of ``entry`` with its anonymous volumes.

    Returns
    -------
    found : `bool`
        Whether it was there.

    Raises
    ------
    ServiceError
        Raised if it does not carry the run's label, cannot be removed, or
        the engine is not reachable.
    """
    import docker.errors  # noqa: PLC0415

    found = False
    with engine() as client:
        deadline = time.monotonic() + _REMOVAL
        while True:
            try:
                container = client.containers.get(entry.name)
                if container.labels.get(RUN_LABEL) != run:
                    raise ServiceError(
                        f"container {entry.name}",
                        reason=f"it does not carry the label {RUN_LABEL}={run}, so it is not ours",
                        hint="Look at it, and remove it by hand if nobody needs it.",
                    )
                found = True
                container.remove(force=True, v=True)
            except docker.errors.NotFound:
                return found
            except docker.errors.APIError as err:
                # Two reapers, or a reaper and the run itself, may meet here.
                if "already in progress" not in str(err) or time.monotonic() > deadline:
                    raise ServiceError(
                        f"container {entry.name}",
                        reason=f"it cannot be removed: {err.explanation or err}",
                        hint=f"Try `docker rm --force --volumes {entry.name}`.",
                    ) from err
                time.sleep(0.05)
