"""Names that the server refuses to make are neither dropped nor left in the ledger."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import psycopg
import pytest

from gen3bed.errors import NamespaceError, ServiceError
from gen3bed.ledger import Ledger
from gen3bed.registries.postgresql._admin import connect, when_refused
from gen3bed.registries.postgresql._provisioner import DatabaseProvisioner
from gen3bed.services import Service


@pytest.fixture
def foreign(postgresql: Service) -> Service:
    """Return a server that counts as somebody else's."""
    return dataclasses.replace(postgresql, holder="", provider="url")


@pytest.fixture
def admin(postgresql: Service) -> Iterator[psycopg.Connection]:
    """Return an administrator's session."""
    with connect(postgresql.url) as connection:
        yield connection


def _recorded(ledger: Ledger) -> set[str]:
    return {entry.name for entry in ledger.outstanding()}


@pytest.mark.local_postgresql
def test_role_of_somebody_else(foreign: Service, ledger: Ledger, admin: psycopg.Connection) -> None:
    """A role whose name is taken is struck at once, and is there when the run has ended."""
    name = f"gen3bed_{ledger.run}_gw0"
    admin.execute(f"CREATE ROLE {name}")
    try:
        with DatabaseProvisioner("url", foreign, ledger) as provisioner:
            with pytest.raises(NamespaceError, match="not ours"):
                provisioner.provision("gw0")
            assert name not in _recorded(ledger)
            provisioner.provision("gw1")
    finally:
        admin.execute(f"DROP ROLE {name}")  # not IF EXISTS: it must be there
    assert ledger.outstanding() == []


@pytest.mark.local_postgresql
def test_database_of_somebody_else(foreign: Service, ledger: Ledger, admin: psycopg.Connection) -> None:
    """A worker's database whose name is taken is struck at once, and is there when the run has ended."""
    name = f"gen3bed_{ledger.run}_gw0_1"
    admin.execute(f"CREATE DATABASE {name}")
    try:
        with DatabaseProvisioner("url", foreign, ledger) as provisioner:
            with pytest.raises(NamespaceError, match="not ours"):
                provisioner.provision("gw0")
            assert name not in _recorded(ledger)
    finally:
        admin.execute(f"DROP DATABASE {name}")
    assert ledger.outstanding() == []


@pytest.mark.local_postgresql
def test_base_of_somebody_else(foreign: Service, ledger: Ledger, admin: psycopg.Connection) -> None:
    """If the first database cannot be made, nothing is left in the ledger, and what had its name stays."""
    name = f"gen3bed_{ledger.run}_base"
    admin.execute(f"CREATE DATABASE {name}")
    try:
        with pytest.raises(NamespaceError, match="not ours"):
            DatabaseProvisioner("url", foreign, ledger)
    finally:
        admin.execute(f"DROP DATABASE {name}")
    assert ledger.outstanding() == []


@pytest.mark.local_postgresql
def test_lost_connection_leaves_the_entry(
    foreign: Service, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role of which nobody knows whether it was made stays in the ledger until it is dropped."""

    def lose(*_: object) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with DatabaseProvisioner("url", foreign, ledger) as provisioner:
        monkeypatch.setattr("gen3bed.registries.postgresql._provisioner.create_role", lose)
        with pytest.raises(ServiceError):
            provisioner.provision("gw0")
        assert f"gen3bed_{ledger.run}_gw0" in _recorded(ledger)
    assert ledger.outstanding() == []


@pytest.mark.parametrize(
    ("error", "forgotten"),
    [
        (psycopg.errors.DuplicateObject, True),
        (psycopg.errors.InsufficientPrivilege, True),
        (psycopg.errors.DiskFull, True),
        (psycopg.errors.AdminShutdown, False),
        (psycopg.errors.ConnectionFailure, False),
        (psycopg.OperationalError, False),
    ],
)
def test_only_a_clear_refusal_is_forgotten(error: type[psycopg.Error], *, forgotten: bool) -> None:
    """What the server says that it did not make is forgotten; what may exist is not."""
    done: list[int] = []
    with pytest.raises(error), when_refused(lambda: done.append(1)):
        raise error
    assert bool(done) is forgotten
