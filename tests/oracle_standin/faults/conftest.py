"""A server with faults on H2, and what connects to it."""

from __future__ import annotations

from collections.abc import Iterator

import oracledb
import pytest
import sqlalchemy as sa

from oracle_standin.faults import Faults
from oracle_standin.h2 import open_database
from oracle_standin.interface import Database
from oracle_standin.profiles import PROFILES
from oracle_standin.server import Server
from tests.oracle_standin.connections import Connect, connections


@pytest.fixture(scope="package")
def database() -> Iterator[Database]:
    """Return a database with the users SCOTT and ADAMS, and a table of SCOTT's."""
    database = open_database(PROFILES["19"])
    with Server(database) as server, oracledb.connect(user="system", password="system", dsn=server.dsn) as it:
        cursor = it.cursor()
        for user in ("scott", "adams"):
            cursor.execute(f"create user {user} identified by tiger quota unlimited on users")
            cursor.execute(f"grant connect, resource to {user}")
        cursor.execute("create table scott.t (n number(10) primary key, c clob)")
    yield database
    database.close()


@pytest.fixture
def faults() -> Faults:
    """Return the faults of the server."""
    return Faults()


@pytest.fixture
def server(database: Database, faults: Faults) -> Iterator[Server]:
    """Return a server whose table is empty."""
    with Server(database, observer=faults) as server:
        with oracledb.connect(user="scott", password="tiger", dsn=server.dsn) as connection:
            connection.cursor().execute("truncate table t")
        yield server


@pytest.fixture
def connect(server: Server) -> Iterator[Connect]:
    """Return what connects to the server."""
    with connections(server.dsn) as function:
        yield function


@pytest.fixture
def bystander(connect: Connect) -> Iterator[oracledb.Connection]:
    """Return another user's session, in a transaction, which must be as it was when the test is over."""
    connection = connect(user="adams")
    cursor = connection.cursor()
    cursor.execute(
        "begin execute immediate 'create table kept (n number)'; exception when others then null; end;"
    )
    cursor.execute("insert into kept values (1)")
    yield connection
    assert connection.transaction_in_progress
    assert cursor.execute("select count(*) from kept").fetchone() == (1,)
    connection.rollback()
    assert connection.is_healthy()


@pytest.fixture
def url(server: Server) -> sa.URL:
    """Return the URL for SQLAlchemy."""
    return sa.URL.create(
        "oracle+oracledb", "scott", "tiger", server.host, server.port, query={"service_name": "FREEPDB1"}
    )
