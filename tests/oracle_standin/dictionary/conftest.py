"""Databases for the dictionary's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oracle_standin.postgresql._server import PrivateServer
from oracle_standin.profiles import PROFILES
from tests.support.standin_harness import StandinHarness


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give a server for the databases of many tests."""
    server = PrivateServer()
    yield server.conninfo
    server.close()


@pytest.fixture(
    params=[
        pytest.param("h2", marks=pytest.mark.h2),
        pytest.param("postgresql", marks=pytest.mark.local_postgresql),
    ]
)
def harness(request: pytest.FixtureRequest) -> Iterator[StandinHarness]:
    """Give a database with SCOTT, who may do what a developer may, and BOB, who may only connect."""
    url = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
    found = StandinHarness(PROFILES["19"], engine=request.param, url=url)
    found.run(
        "SYSTEM",
        "create user scott identified by tiger quota unlimited on users",
        "grant connect, resource, create view, create materialized view, create synonym to scott",
        "create user bob identified by builder quota 1M on users",
        "grant create session to bob",
    )
    yield found
    found.close()
