"""Databases and sessions on each engine, without the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from oracle_standin.engines import ENGINES, open_database
from oracle_standin.interface import Database
from oracle_standin.profiles import PROFILES
from tests.oracle_standin.engine.client import Client

_MARKS = {"h2": pytest.mark.h2, "postgresql": pytest.mark.local_postgresql}


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=_MARKS[engine]) for engine in ENGINES])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give a database with the users SCOTT and ADAMS, who may do all."""
    found = open_database(request.param, PROFILES["19"])
    system = Client(found.open_session("SYSTEM"))
    for user in ("scott", "adams"):
        system.run(f"create user {user} identified by tiger")
        system.run(f"grant dba, unlimited tablespace to {user}")
    system.close()
    yield found
    found.close()


@pytest.fixture
def connect(database: Database) -> Iterator[Callable[[], Client]]:
    """Give a function that opens sessions of SCOTT, which are closed and their tables dropped at the end."""
    clients: list[Client] = []

    def opened() -> Client:
        clients.append(Client(database.open_session("SCOTT")))
        return clients[-1]

    yield opened
    for client in clients:
        client.close()
    cleaner = Client(database.open_session("SCOTT"))
    for kind, name in cleaner.rows(
        "select object_type, object_name from user_objects where object_type in"
        " ('TABLE', 'VIEW', 'SEQUENCE', 'SYNONYM') and object_name not like 'ISEQ$$%' order by"
        " decode(object_type, 'VIEW', 0, 1)"
    ):
        cleaner.run(f'drop {kind} "{name}"' + (" cascade constraints" if kind == "TABLE" else ""))
    cleaner.close()


@pytest.fixture
def scott(connect: Callable[[], Client]) -> Client:
    """Give a session of SCOTT, without objects."""
    return connect()
