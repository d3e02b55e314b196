"""Dropping on somebody's server while the ledger's disk is full."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gen3bed.errors import LedgerError, ServiceError
from gen3bed.ledger import Entry, Ledger
from gen3bed.registries.postgresql._admin import connect
from gen3bed.registries.postgresql._provisioner import DatabaseProvisioner, SchemaProvisioner
from gen3bed.services import Service
from tests.support.full_disk import no_room

pytestmark = pytest.mark.local_postgresql


@pytest.fixture
def foreign(postgresql: Service) -> Service:
    """Return a server that counts as somebody else's."""
    return dataclasses.replace(postgresql, holder="", provider="url")


@pytest.fixture
def admin(postgresql: Service) -> Iterator[psycopg.Connection]:
    """Return a session that sees everything on the server."""
    with connect(postgresql.url) as connection:
        yield connection


def _left_of(run: str, admin: psycopg.Connection) -> list[str]:
    rows = admin.execute(
        "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles"
        " UNION ALL SELECT nspname FROM pg_namespace"
    ).fetchall()
    return [name for (name,) in rows if run in name]


def test_all_databases_and_roles_are_dropped(
    foreign: Service, ledger: Ledger, admin: psycopg.Connection
) -> None:
    """A ledger that refuses writes is an error after everything was dropped, and stays for a reaping."""
    provisioner = DatabaseProvisioner("url", foreign, ledger)
    for worker in ("gw0", "gw1"):
        provisioner.provision(worker)
    (directory,) = (e.name for e in ledger.outstanding() if e.kind == "directory")
    recorded = ledger.outstanding()
    with no_room(ledger.path.stat().st_size), pytest.raises(LedgerError, match="cannot be written"):
        provisioner.close()
    assert _left_of(ledger.run, admin) == []
    assert not Path(directory).exists()
    assert ledger.outstanding() == recorded


def test_database_that_was_not_struck_is_struck_later(foreign: Service, ledger: Ledger) -> None:
    """A database that a worker gave back while the disk was full is struck when there is room again."""
    with DatabaseProvisioner("url", foreign, ledger) as provisioner:
        lease = provisioner.provision("gw0")
        broker = provisioner._broker
        assert broker is not None
        with no_room(ledger.path.stat().st_size), pytest.raises(LedgerError):
            broker._drop(lease.facts["database"])
        assert lease.facts["database"] in {e.name for e in ledger.outstanding()}
    assert ledger.outstanding() == []


def test_database_that_the_server_keeps_does_not_save_the_others(
    foreign: Service, ledger: Ledger, admin: psycopg.Connection
) -> None:
    """A database that cannot be dropped is the error that is raised, and stays recorded; the others go."""
    provisioner = DatabaseProvisioner("url", foreign, ledger)
    first, second = (provisioner.provision(f"gw{n}").facts["database"] for n in range(2))
    # A server does not drop a template.
    admin.execute(f"ALTER DATABASE {first} IS_TEMPLATE true")
    try:
        with pytest.raises(ServiceError, match=first):
            provisioner.close()
        left = set(_left_of(ledger.run, admin))
        assert first in left
        assert second not in left
        assert f"gen3bed_{ledger.run}_base" not in left
        assert left == {e.name for e in ledger.outstanding()}
    finally:
        admin.execute(f"ALTER DATABASE {first} IS_TEMPLATE false")
        admin.execute(f"DROP DATABASE {first}")
        admin.execute(f"DROP ROLE gen3bed_{ledger.run}_gw0")


def test_all_schemas_are_dropped(foreign: Service, ledger: Ledger, admin: psycopg.Connection) -> None:
    """Schemas of every worker are dropped though the ledger refuses each strike."""
    admin.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    provisioner = SchemaProvisioner("url", foreign, ledger)
    for worker in ("gw0", "gw1"):
        lease = provisioner.provision(worker)
        name = f"{lease.facts['prefix']}_0"
        ledger.record(Entry(kind="schema", name=name, facts={"server": lease.facts["server"]}))
        admin.execute(f"CREATE SCHEMA {name}")
    with no_room(ledger.path.stat().st_size), pytest.raises(LedgerError):
        provisioner.close()
    assert _left_of(ledger.run, admin) == []
    assert len(ledger.outstanding()) == 2
