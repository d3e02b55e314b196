"""Servers on a database in memory, and connections of the real driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import oracledb
import pytest

from oracle_standin.profiles import PROFILES
from oracle_standin.server import CallObserver, Server, Settings
from tests.oracle_standin.connections import Connect, connections
from tests.support.fake_oracle import FakeDatabase

Serve = Callable[..., Server]
WAYS = {
    "19": ("19", Settings()),
    "21": ("21", Settings()),
    "23": ("23", Settings()),
    "23-response": ("23", Settings(end_of_response=True)),
    "23-fast": ("23", Settings(fast_auth=True, end_of_response=True)),
    "19-fast": ("19", Settings(fast_auth=True)),
    "small packets": ("23", Settings(largest_sdu=600)),
}


@pytest.fixture(params=["19"])
def way(request: pytest.FixtureRequest) -> tuple[str, Settings]:
    """Name of the profile and settings; other ways by indirect parameters."""
    return WAYS[request.param]


@pytest.fixture
def database(way: tuple[str, Settings]) -> FakeDatabase:
    """Return a database of the profile."""
    return FakeDatabase(profile=PROFILES[way[0]])


@pytest.fixture
def serve(database: FakeDatabase, way: tuple[str, Settings]) -> Iterator[Serve]:
    """Return what starts a server."""
    servers = []

    def start(*, observer: CallObserver | None = None, **options: Any) -> Server:
        server = Server(database, observer=observer, settings=way[1], **options)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def server(serve: Serve) -> Server:
    """Return a server that runs."""
    return serve()


@pytest.fixture
def connect(server: Server) -> Iterator[Connect]:
    """Return what connects to it."""
    with connections(server.dsn) as function:
        yield function


@pytest.fixture
def connection(connect: Connect) -> oracledb.Connection:
    """Return a connection."""
    return connect()
