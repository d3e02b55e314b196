"""Connections of the real driver that are closed in the end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import oracledb

__all__ = ["Connect", "connections"]

Connect = Callable[..., oracledb.Connection]


@contextlib.contextmanager
def connections(dsn: str) -> Iterator[Connect]:
    """Give a function that connects as SCOTT, or with other options of the driver's."""
    opened: list[oracledb.Connection] = []

    def connect(**options: Any) -> oracledb.Connection:
        opened.append(oracledb.connect(**{"user": "scott", "password": "tiger", "dsn": dsn, **options}))
        return opened[-1]

    yield connect
    for connection in opened:
        with contextlib.suppress(oracledb.Error):
            connection.close()
