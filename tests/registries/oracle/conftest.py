"""Accounts on the stand-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gen3bed.services import Service
from gen3bed.services.oracle import look_at
from tests.support.standin_urls import service_url


@pytest.fixture
def server(oracle_standin: Any) -> Service:
    """Return the stand-in as somebody's server, with an account that may make users."""
    return look_at(service_url(oracle_standin.url, name="system", password="system"))


@pytest.fixture
def own_schema(oracle_standin: Any) -> Iterator[Service]:
    """Yield the stand-in as an account sees it that has its own schema and nothing else."""
    with oracle_standin.user() as user:
        yield replace(look_at(service_url(user.url, name=user.name, password=user.password)), provider="url")


@pytest.fixture
def auth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Service], None]:
    """Return a function that writes a db-auth file for a server's account, as a reaper would find it."""

    def write(service: Service) -> None:
        path = tmp_path / "db-auth.yaml"
        url = service.url
        path.write_text(f"- url: oracle://{url.host}:{url.port}/*\n  password: {url.password}\n")
        path.chmod(0o600)
        monkeypatch.setenv("LSST_DB_AUTH", str(path))

    return write
