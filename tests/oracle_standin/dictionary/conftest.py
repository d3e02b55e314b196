"""Databases for the dictionary's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oracle_standin.profiles import PROFILES
from tests.support.h2_harness import H2Harness


@pytest.fixture
def harness() -> Iterator[H2Harness]:
    """Give a database with SCOTT, who may do what a developer may, and BOB, who may only connect."""
    found = H2Harness(PROFILES["19"])
    found.run(
        "SYSTEM",
        "create user scott identified by tiger quota unlimited on users",
        "grant connect, resource, create view, create materialized view, create synonym to scott",
        "create user bob identified by builder quota 1M on users",
        "grant create session to bob",
    )
    yield found
    found.close()
