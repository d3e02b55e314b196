"""Tests of reaching the container engine."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import docker
import docker.errors
import pytest
import requests

from gen3bed.errors import ProviderUnavailableError
from gen3bed.services import _docker
from gen3bed.services._docker import engine, engine_host, explain_unreachable


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("[Errno 2] No such file or directory", "there is no container engine"),
        ("[Errno 13] Permission denied", "you may not use it"),
        ("[Errno 111] Connection refused", "does not run"),
        ("client version 1.44 is too new. Maximum supported API version is 1.40", "too old"),
        ("something else", "cannot be reached"),
    ],
)
def test_each_reason_has_its_next_step(message: str, reason: str) -> None:
    """An engine that is absent, forbidden, stopped or old is told apart, each with a hint."""
    error = explain_unreachable("unix:///x", message)
    assert reason in error.reason
    assert error.hint
    assert error.detail == message


def test_absent_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A socket that does not exist is an engine that is not installed or started."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(ProviderUnavailableError, match="there is no container engine"), engine():
        pytest.fail("the block must not be entered")


def test_stopped_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A socket that nobody listens on is an engine that does not run."""
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with pytest.raises(ProviderUnavailableError, match="does not run"), engine():
        pytest.fail("the block must not be entered")


def test_forbidden_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that may not be used is told apart from one that is absent."""

    def refuse(host: str) -> None:
        # Root, as whom tests may run, is refused by no real socket.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), host)

    monkeypatch.setattr(_docker, "_knock", refuse)
    with pytest.raises(ProviderUnavailableError, match="you may not use it"), engine():
        pytest.fail("the block must not be entered")


def test_engine_that_fails_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that breaks after it answered is a typed error with its answer, not a traceback."""

    class Client:
        def __init__(self, **_: object) -> None:
            self.closed = False

        def ping(self) -> None:
            pass

        def close(self) -> None:
            self.closed = True

    monkeypatch.setattr(_docker, "_knock", lambda _: None)
    monkeypatch.setattr(docker, "DockerClient", Client)
    for error in (docker.errors.APIError("disk on fire"), requests.ReadTimeout("disk on fire")):
        with (
            pytest.raises(ProviderUnavailableError, match="while it was in use") as caught,
            engine() as client,
        ):
            raise error
        assert caught.value.detail == "disk on fire"
        assert client.closed


def test_host_of_the_environment_comes_first() -> None:
    """DOCKER_HOST is believed."""
    assert engine_host({"DOCKER_HOST": "tcp://engine.example:2376"}) == "tcp://engine.example:2376"


def test_podman_stands_in(tmp_path: Path) -> None:
    """Where Docker has no socket, that of this user's Podman is taken."""
    (tmp_path / "podman").mkdir()
    (tmp_path / "podman" / "podman.sock").touch()
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    found = engine_host(environ, default=tmp_path / "docker.sock")
    assert found == f"unix://{tmp_path}/podman/podman.sock"
    (tmp_path / "docker.sock").touch()
    assert engine_host(environ, default=tmp_path / "docker.sock") == f"unix://{tmp_path}/docker.sock"
