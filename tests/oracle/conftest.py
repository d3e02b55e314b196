"""Registries of Oracle users on the stand-in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lsst.daf.butler.registry.interfaces import Database

from gen3bed.oracle import OracleDatabase

MakeDatabase = Callable[..., Database]


@pytest.fixture
def make_database(oracle_standin: Any) -> Iterator[MakeDatabase]:
    """Return a function that opens a registry database of a new user, or again that of another one."""
    with contextlib.ExitStack() as exit_stack:
        users: dict[str, Any] = {}

        def make(*, origin: int = 0, like: Database | None = None, writeable: bool = True) -> Database:
            if like is None:
                user = exit_stack.enter_context(oracle_standin.user())
                users[user.name.lower()] = user
            else:
                user = users[str(like.namespace)]
            database = OracleDatabase.fromUri(
                user.url, origin=origin, namespace=user.name.lower(), writeable=writeable
            )
            # Before the user is dropped, which must not be connected then.
            exit_stack.callback(database.dispose)
            return database

        yield make
