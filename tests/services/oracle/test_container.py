"""Tests of the provider that runs a container, with the stand-in's image in Oracle's place.

Oracle's own image cannot be had where these tests run: what its start does is
not proven here, only what we do around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gen3bed.errors import ServiceNotReadyError
from gen3bed.ledger import Ledger
from gen3bed.services._docker import RUN_LABEL, SERVICE_LABEL, engine
from gen3bed.services._images import ReadyImage
from gen3bed.services.oracle import _container, provide, why_silent
from gen3bed.services.oracle._connection import connect
from gen3bed.services.oracle._provider import admin_url
from tests.support.standin_image import built_image

pytestmark = [
    pytest.mark.docker,
    # python-oracledb leaves the socket of an attempt that meets no server yet to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """Return the name of the stand-in's image."""
    with built_image() as tag:
        yield tag


@pytest.fixture(autouse=True)
def _in_its_place(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the provider take the stand-in's image, whose SYSTEM has a password of its own."""
    make_url = admin_url
    ready = ReadyImage(tag=image, digest="sha256:none", origin="present")
    monkeypatch.setattr(_container, "ensure_pulled", lambda *_, **__: ready)
    monkeypatch.setattr(_container, "is_present", lambda *_: True)
    monkeypatch.setattr(_container, "admin_url", lambda **given: make_url(**given | {"password": "system"}))
    monkeypatch.setattr(_container, "_SECRET_FILE", "/tmp/password")  # noqa: S108 - in the container


def _containers(run: str) -> list[str]:
    with engine() as client:
        found = client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run}"})
        return [container.name or "" for container in found]


def test_gives_a_database_locked_up_and_leaves_nothing(ledger: Ledger) -> None:
    """A server answers inside the block, with limits and without a visible password; then it is gone."""
    with provide("container", ledger=ledger) as service:
        with connect(service.url) as connection, connection.cursor() as cursor:
            assert cursor.execute("SELECT 1 FROM dual").fetchone() == (1,)
        assert service.most_workers > 0
        assert service.facts["tablespace"] == "GEN3BED"
        assert why_silent(service) == ""
        with engine() as client:
            attributes: Any = client.containers.get(service.holder).attrs
        host, configuration = attributes["HostConfig"], attributes["Config"]
        assert host["CapDrop"] == ["ALL"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert not host["Binds"]
        assert host["Memory"] == 4 * 1024**3
        assert host["PidsLimit"] > 0
        ports = attributes["NetworkSettings"]["Ports"]["1521/tcp"]
        assert [port["HostIp"] for port in ports] == ["127.0.0.1"]
        assert configuration["Labels"].items() >= {RUN_LABEL: ledger.run, SERVICE_LABEL: "oracle"}.items()
        assert "ORACLE_PASSWORD_FILE=/tmp/password" in configuration["Env"]
        assert "Aa1_" not in json.dumps(attributes)
        assert [entry.name for entry in ledger.outstanding()] == [service.holder]
    assert _containers(ledger.run) == []
    assert ledger.outstanding() == []


@pytest.mark.parametrize("step", ["_box", "_address", "wait_until_ready", "check_server", "make_tablespace"])
def test_nothing_left_when_the_start_is_interrupted(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Ctrl-C at any step of the start leaves nothing."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_container, step, interrupt)
    with pytest.raises(KeyboardInterrupt), provide("container", ledger=ledger):
        pytest.fail("the block must not be entered")
    assert _containers(ledger.run) == []
    assert ledger.outstanding() == []


def test_a_database_without_enough_memory_says_so(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that is ended for its memory is one error that names it, and leaves nothing."""
    monkeypatch.setattr(_container, "_MEMORY", "48m")
    with (
        pytest.raises(ServiceNotReadyError, match="the memory it needs"),
        provide("container", ledger=ledger),
    ):
        pytest.fail("the block must not be entered")
    assert _containers(ledger.run) == []
    assert ledger.outstanding() == []
