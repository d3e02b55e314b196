"""Databases on an engine, and sessions that leave nothing in them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from oracle_standin.engines import open_database
from oracle_standin.interface import Database
from oracle_standin.profiles import PROFILES
from tests.oracle_standin.engine.client import Client

__all__ = ["opened", "sessions"]


@contextlib.contextmanager
def opened(engine: str, *users: str) -> Iterator[Database]:
    """Open a database with users who may do all, and close it."""
    database = open_database(engine, PROFILES["19"])
    system = Client(database.open_session("SYSTEM"))
    for user in users:
        system.run(f"create user {user} identified by tiger")
        system.run(f"grant dba, unlimited tablespace to {user}")
    system.close()
    yield database
    database.close()


@contextlib.contextmanager
def sessions(database: Database) -> Iterator[Callable[[], Client]]:
    """Give a function that opens sessions of SCOTT, which are closed and their objects dropped at the end."""
    clients: list[Client] = []

    def connect() -> Client:
        clients.append(Client(database.open_session("SCOTT")))
        return clients[-1]

    yield connect
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
