"""Tests of the provider that runs a container of ours."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import docker.errors
import psycopg
import pytest
from docker.models.containers import Container
from testcontainers.core.container import DockerContainer

from gen3bed.errors import ImageError, ServiceNotReadyError, StorageFullError
from gen3bed.ledger import Ledger
from gen3bed.matrix import load_matrix
from gen3bed.services import Service
from gen3bed.services import _container as services_container
from gen3bed.services._container import ContainerWanted
from gen3bed.services._docker import RUN_LABEL, SERVICE_LABEL, engine, remove_container
from gen3bed.services._images import ensure_image
from gen3bed.services.postgresql import _container, provide
from gen3bed.services.postgresql._server import connect_arguments

pytestmark = pytest.mark.docker


def _containers(run: str) -> list[str]:
    with engine() as client:
        return [
            c.name or "" for c in client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run}"})
        ]


def _volumes() -> set[str]:
    with engine() as client:
        return {str(v.id) for v in client.volumes.list()}


def _ask(service: Service, *statements: str) -> object:
    with psycopg.connect(**connect_arguments(service.url), autocommit=True) as connection:
        for statement in statements[:-1]:
            connection.execute(statement)
        row = connection.execute(statements[-1]).fetchone()
        return row[0] if row else None


def _assert_nothing_left(ledger: Ledger) -> None:
    assert _containers(ledger.run) == []
    assert ledger.outstanding() == []


@pytest.mark.parametrize(("profile", "fsync"), [("fast", "off"), ("durable", "on")])
def test_gives_a_server_and_leaves_nothing(ledger: Ledger, profile: str, fsync: str) -> None:
    """A server with both extensions answers inside the block; after it there is no container or volume."""
    before = _volumes()
    with provide("container", ledger=ledger, profile=profile) as service:  # type: ignore[arg-type]
        assert (
            _ask(service, "CREATE EXTENSION btree_gist", "CREATE EXTENSION pg_sphere", "SHOW fsync") == fsync
        )
        assert service.holder == ledger.outstanding()[0].name
        assert service.holder.startswith(f"gen3bed-{ledger.run}-postgresql-")
        assert service.facts["image_digest"].startswith("sha256:")
        assert f"fsync={fsync}" in service.facts["parameters"]
    _assert_nothing_left(ledger)
    assert _volumes() <= before


def test_container_is_locked_up(ledger: Ledger) -> None:
    """The container has limits, and no capabilities, host mounts, open ports or visible password."""
    with provide("container", ledger=ledger) as service, engine() as client:
        attributes = client.containers.get(service.holder).attrs
        assert str(service.url.password) not in json.dumps(attributes)
    host = attributes["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert not host["Binds"]
    assert attributes["Mounts"] == []
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    assert attributes["Config"]["User"] == "1000:1000"
    assert (
        attributes["Config"]["Labels"].items() >= {RUN_LABEL: ledger.run, SERVICE_LABEL: "postgresql"}.items()
    )
    bindings = [b["HostIp"] for b in attributes["NetworkSettings"]["Ports"]["5432/tcp"]]
    assert bindings == ["127.0.0.1"]


def test_password_is_needed(ledger: Ledger) -> None:
    """The server refuses whoever does not know the password."""
    with (
        provide("container", ledger=ledger) as service,
        pytest.raises(psycopg.OperationalError, match="password authentication failed"),
    ):
        psycopg.connect(**connect_arguments(service.url.set(password="wrong")))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_left_when_the_block_raises(ledger: Ledger, error: type[BaseException]) -> None:
    """An error or Ctrl-C inside the block takes the container down."""
    with pytest.raises(error), provide("container", ledger=ledger):
        raise error
    _assert_nothing_left(ledger)


def _interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["_box", "_address", "wait_until_ready", "check_server"])
def test_nothing_left_when_the_start_is_interrupted(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Ctrl-C at any step of the start leaves nothing."""
    monkeypatch.setattr(_container, step, _interrupt)
    with pytest.raises(KeyboardInterrupt), provide("container", ledger=ledger):
        pytest.fail("the block must not be entered")
    _assert_nothing_left(ledger)


def test_interrupt_while_the_engine_creates(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the engine still works on the container waits for it, and then removes it."""
    start, interrupted = DockerContainer.start, threading.Event()

    def slow_start(self: DockerContainer) -> DockerContainer:
        # The engine gets to work only after the main thread was interrupted.
        assert interrupted.wait(30)
        return start(self)

    class InterruptedFuture:
        def result(self) -> None:
            interrupted.set()
            raise KeyboardInterrupt

    class InterruptedPool(ThreadPoolExecutor):
        def submit(self, function: Callable[..., object], /, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            super().submit(function, *args, **kwargs)
            return InterruptedFuture()

    monkeypatch.setattr(DockerContainer, "start", slow_start)
    monkeypatch.setattr(services_container, "ThreadPoolExecutor", InterruptedPool)
    with pytest.raises(KeyboardInterrupt), provide("container", ledger=ledger):
        pytest.fail("the block must not be entered")
    _assert_nothing_left(ledger)


def test_keep_leaves_it_running_and_recorded(ledger: Ledger) -> None:
    """With ``keep`` the server outlives the block and stays in the ledger."""
    with provide("container", ledger=ledger, keep=True) as service:
        pass
    (entry,) = ledger.outstanding()
    try:
        assert _ask(service, "SELECT 1") == 1
    finally:
        remove_container(entry, ledger.run)
    assert _containers(ledger.run) == []


def test_container_that_dies_shows_its_log(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that ends during the start is an error with its exit code and last words."""
    make = _container._box

    def broken(image: str, **arguments: object) -> ContainerWanted:
        box = make(image, **arguments)  # type: ignore[arg-type]
        return replace(box, environment={"GEN3BED_PROFILE": "sideways"})

    monkeypatch.setattr(_container, "_box", broken)
    with pytest.raises(ServiceNotReadyError) as caught, provide("container", ledger=ledger):
        pytest.fail("the block must not be entered")
    assert "exit code 64" in caught.value.reason
    assert "there is no profile sideways" in caught.value.detail
    _assert_nothing_left(ledger)


def test_container_that_is_removed_by_others(ledger: Ledger) -> None:
    """A container that somebody removed meanwhile does not make the end of the block fail."""
    with provide("container", ledger=ledger) as service, engine() as client:
        client.containers.get(service.holder).remove(force=True)
    _assert_nothing_left(ledger)


def test_engine_that_cannot_start_it(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine answers when it cannot start a container becomes a typed error."""
    monkeypatch.setattr(_container, "_MEMORY", "1k")
    with (
        pytest.raises(ServiceNotReadyError, match="could not start") as caught,
        provide("container", ledger=ledger),
    ):
        pytest.fail("the block must not be entered")
    assert "memory" in caught.value.detail.lower()
    _assert_nothing_left(ledger)


def test_engine_that_fails_before_the_start(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that breaks while the container is put together is a typed error, and nothing is left."""

    def fail(_: object) -> bool:
        raise docker.errors.APIError("disk on fire")

    monkeypatch.setattr(services_container, "_shares_loopback", fail)
    with (
        pytest.raises(ServiceNotReadyError, match="could not start") as caught,
        provide("container", ledger=ledger),
    ):
        pytest.fail("the block must not be entered")
    assert caught.value.detail == "disk on fire"
    _assert_nothing_left(ledger)


def test_no_room_in_the_container(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data that does not fit is reported as a full disk."""
    monkeypatch.setattr(_container, "_DATA_SIZE", "8m")
    with pytest.raises(StorageFullError, match="no room left"), provide("container", ledger=ledger):
        pytest.fail("the block must not be entered")
    _assert_nothing_left(ledger)


def test_missing_image_is_said_before_anything_is_made(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an image nothing is recorded or made."""

    def missing(*_: object, **__: object) -> None:
        raise ImageError("base", reason="it is missing", hint="Pull it.")

    monkeypatch.setattr(_container, "ensure_image", missing)
    with pytest.raises(ImageError), provide("container", ledger=ledger):
        pytest.fail("the block must not be entered")
    assert ledger.outstanding() == []


def test_two_at_once(ledger: Ledger) -> None:
    """Two containers started at the same moment do not get in each other's way."""

    def use(_: int) -> int | None:
        with provide("container", ledger=ledger) as service:
            _ask(service, "SELECT 1")
            return service.url.port

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(use, range(2)))) == 2
    _assert_nothing_left(ledger)


def test_registry_prefix_of_testcontainers_does_not_matter(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prefix that testcontainers puts before other people's images does not reach ours."""
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415

    monkeypatch.setattr(testcontainers_config, "hub_image_name_prefix", "registry.example/")
    with provide("container", ledger=ledger) as service:
        assert _ask(service, "SELECT 1") == 1


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["fast", "durable"])
def test_image_as_a_cluster_runs_it(profile: str) -> None:
    """With a read-only root, no capabilities and data in a volume, the server starts, and starts again."""
    with engine() as client:
        image = ensure_image(client, load_matrix().images["postgresql"])
        volume, secret = client.volumes.create(), client.volumes.create()
        options: Any = {
            "environment": {"GEN3BED_PROFILE": profile},
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "tmpfs": {"/run/postgresql": "", "/tmp": ""},  # noqa: S108
            "volumes": [f"{volume.id}:/var/lib/postgresql/data", f"{secret.id}:/run/secrets"],
        }
        write = 'umask 077; printf "it\'s" > /run/secrets/postgresql-password'
        try:
            client.containers.run(
                image.tag, entrypoint=["sh", "-c", write], volumes=options["volumes"], remove=True
            )
            told = []
            for statement in ("CREATE TABLE t AS SELECT 42 AS n", "SELECT n FROM t"):
                container: Container = client.containers.run(image.tag, detach=True, **options)
                try:
                    _wait_until_ready(container)
                    output = container.exec_run(["psql", "-tAqc", statement]).output
                    assert isinstance(output, bytes)
                    told.append(output.decode().strip())
                    container.stop(timeout=20)
                    assert container.wait()["StatusCode"] == 0
                finally:
                    container.remove(force=True, v=True)
            assert told == ["", "42"]
        finally:
            volume.remove(force=True)
            secret.remove(force=True)


def _wait_until_ready(container: Container) -> None:
    deadline = time.monotonic() + 60
    while container.exec_run("pg_isready -q -h /run/postgresql").exit_code != 0:
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.1)
