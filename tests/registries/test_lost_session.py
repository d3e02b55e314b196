"""Sessions of ours that the server ends while a run goes on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gen3bed.errors import ServiceError
from gen3bed.ledger import Ledger
from gen3bed.registries import RegistryAddress, Step
from gen3bed.registries.postgresql import backend
from gen3bed.registries.postgresql._admin import connect
from gen3bed.registries.postgresql._provisioner import DatabaseProvisioner, SchemaProvisioner
from gen3bed.registries.postgresql._session import LastingSession
from gen3bed.services import Service
from tests.support.schema_account import limited_account

pytestmark = pytest.mark.local_postgresql


_END = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE application_name = 'gen3bed administrator' AND pid <> pg_backend_pid() AND usename LIKE %s
"""


def _end_sessions(server: Service, account: str = "%") -> int:
    """End every session that we hold for long, and wait until they are gone."""
    with connect(server.url) as admin:
        ended = admin.execute(_END, (account,)).fetchall()
    return sum(gone for (gone,) in ended)


def _names(server: Service, run: str) -> list[str]:
    with connect(server.url) as admin:
        rows = admin.execute(
            "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles"
        ).fetchall()
    return [name for (name,) in rows if run in name]


def test_databases_are_made_and_dropped_over_a_new_session(
    postgresql: Service, ledger: Ledger, directory: Path
) -> None:
    """After somebody's server ended all our sessions, work goes on, and nothing is left at the end."""
    foreign = dataclasses.replace(postgresql, holder="", provider="url")

    def build(address: RegistryAddress) -> None:
        del address

    with DatabaseProvisioner("url", foreign, ledger) as provisioner:
        namespace = backend.namespace(provisioner.provision("gw0"), directory)
        assert _end_sessions(postgresql) == 3  # of the provisioner, its broker, and the worker
        namespace.copy(Step(key="template", apply=build))
        assert namespace.leaks() == []
        provisioner.provision("gw1")
        namespace.close()
        assert provisioner._broker is not None
        provisioner._broker._ahead.shutdown(wait=True)
        assert _end_sessions(postgresql) >= 2
    assert _names(postgresql, ledger.run) == []
    assert ledger.outstanding() == []


def test_schemas_are_dropped_over_a_new_session(postgresql: Service, ledger: Ledger, directory: Path) -> None:
    """Where an account has schemas only, they are dropped though the server ended our sessions."""
    with limited_account(postgresql) as limited:
        with SchemaProvisioner("url", limited, ledger) as provisioner:
            namespace = backend.namespace(provisioner.provision("gw0"), directory)
            address = namespace.empty()
            with connect(limited.url) as somebody:
                somebody.execute(f"CREATE SCHEMA {address.namespace}")
            assert _end_sessions(postgresql, "shared_user") == 2
        with connect(limited.url) as somebody:
            left = somebody.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'gen3bed%'")
            assert left.fetchall() == []
        namespace.close()
    assert ledger.outstanding() == []


def test_session_that_the_server_gives_no_more_is_an_error_before_anything_is_recorded(
    postgresql: Service, ledger: Ledger
) -> None:
    """If no new session is to be had, nothing is written to the ledger that was never asked for."""
    foreign = dataclasses.replace(postgresql, holder="", provider="url")
    with DatabaseProvisioner("url", foreign, ledger) as provisioner:
        recorded = ledger.outstanding()
        good = provisioner._admin._url
        _end_sessions(postgresql)
        for session in _sessions(provisioner):
            session._url = good.set(port=1)
        with pytest.raises(ServiceError, match="refused"):
            provisioner.provision("gw0")
        assert provisioner._broker is not None
        for _ in range(3):
            with pytest.raises(ServiceError, match="refused"):
                provisioner._broker.create("gw0")
        assert ledger.outstanding() == recorded
        for session in _sessions(provisioner):
            session._url = good
    assert ledger.outstanding() == []


def _sessions(provisioner: DatabaseProvisioner) -> list[LastingSession]:
    assert provisioner._broker is not None
    return [provisioner._admin, provisioner._broker._admin]
