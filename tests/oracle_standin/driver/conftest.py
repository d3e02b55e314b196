"""The real driver on a server with H2."""

from __future__ import annotations

from collections.abc import Iterator

import oracledb
import pytest

from oracle_standin.h2 import open_database
from oracle_standin.profiles import PROFILES
from oracle_standin.server import Server
from tests.oracle_standin.connections import Connect, connections

USERS = (
    "CREATE USER scott IDENTIFIED BY tiger QUOTA UNLIMITED ON users",
    "GRANT connect, resource, dba TO scott",
    "CREATE USER adams IDENTIFIED BY wood QUOTA UNLIMITED ON users",
    "GRANT create session TO adams",
)


@pytest.fixture(scope="session", params=["19"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Run a server with the users SCOTT, a DBA, and ADAMS, who may log in."""
    database = open_database(PROFILES[request.param])
    with Server(database) as running:
        with oracledb.connect(user="system", password="system", dsn=running.dsn) as system:
            for statement in USERS:
                system.cursor().execute(statement)
        yield running
    database.close()


@pytest.fixture
def connect(server: Server) -> Iterator[Connect]:
    """Return a function that connects as SCOTT."""
    with connections(server.dsn) as function:
        yield function


@pytest.fixture
def connection(connect: Connect) -> oracledb.Connection:
    """Return a connection as SCOTT."""
    return connect()


@pytest.fixture
def cursor(connection: oracledb.Connection) -> oracledb.Cursor:
    """Return a cursor of `connection`."""
    return connection.cursor()
