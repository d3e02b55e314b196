"""Databases and sessions on each engine, without the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from oracle_standin.engines import ENGINES
from oracle_standin.interface import Database
from tests.oracle_standin.engine.client import Client
from tests.oracle_standin.engine.databases import opened, sessions

_MARKS = {"h2": pytest.mark.h2, "postgresql": pytest.mark.local_postgresql}


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=_MARKS[engine]) for engine in ENGINES])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give a database with the users SCOTT and ADAMS, who may do all."""
    with opened(request.param, "scott", "adams") as found:
        yield found


@pytest.fixture
def connect(database: Database) -> Iterator[Callable[[], Client]]:
    """Give a function that opens sessions of SCOTT, which are closed and their objects dropped at the end."""
    with sessions(database) as function:
        yield function


@pytest.fixture
def scott(connect: Callable[[], Client]) -> Client:
    """Give a session of SCOTT, without objects."""
    return connect()
