"""Removing what a crashed run left on somebody's PostgreSQL server."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml

from gen3bed.errors import NamespaceError, ServerUnreachableError
from gen3bed.ledger import Entry, Kind, Ledger
from gen3bed.registries import remove_from_server
from gen3bed.registries.postgresql._admin import connect
from gen3bed.registries.postgresql._provisioner import DatabaseProvisioner
from gen3bed.services import Service, without_password

NOWHERE = "postgresql+psycopg://me@127.0.0.1:1/db"


def _entry(kind: Kind, name: str, server: str = NOWHERE) -> Entry:
    return Entry(kind=kind, name=name, facts={"server": server})


def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: str, password: str) -> None:
    path = tmp_path / "db-auth.yaml"
    path.write_text(
        yaml.safe_dump([{"url": "postgresql://127.0.0.1/*", "username": user, "password": password}])
    )
    path.chmod(0o600)
    monkeypatch.setenv("LSST_DB_AUTH", str(path))


def test_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without an answer the error is the server's and not the entry's, and holds no password."""
    _credentials(monkeypatch, tmp_path, "me", "s3cret")
    with pytest.raises(ServerUnreachableError, match=r"127\.0\.0\.1:1/db") as caught:
        remove_from_server(_entry("role", "gen3bed_r_gw0"), "r")
    assert "s3cret" not in str(caught.value)


def test_server_without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without credentials nothing of the server can be removed, and the next step is to write them down."""
    monkeypatch.setenv("LSST_DB_AUTH", str(tmp_path / "absent.yaml"))
    with pytest.raises(ServerUnreachableError, match=r"(?s)no credentials were found.*Hint: .*LSST_DB_AUTH"):
        remove_from_server(_entry("role", "gen3bed_r_gw0"), "r")


def test_name_that_is_not_the_runs_is_spared() -> None:
    """A recorded name without the run's number is refused before the server is asked."""
    with pytest.raises(NamespaceError, match="does not say that run r made it"):
        remove_from_server(_entry("database", "precious"), "r")


@pytest.mark.local_postgresql
def test_each_kind_is_removed_from_a_real_server(
    postgresql: Service, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a killed run left on somebody's server goes entry by entry, also if it is gone already."""
    foreign = dataclasses.replace(postgresql, holder="", provider="url")
    provisioner = DatabaseProvisioner("url", foreign, ledger)
    provisioner.provision("gw0")
    server = without_password(postgresql.url)
    schema = _entry("schema", f"gen3bed_{ledger.run}_gw0_0", server)
    with connect(postgresql.url) as admin:
        admin.execute(f"CREATE SCHEMA {schema.name}")
        admin.execute(f"CREATE SCHEMA {schema.name}1")  # somebody else's
    left = [*ledger.outstanding(), schema]
    assert provisioner._broker is not None
    provisioner._broker._admin.close()
    provisioner._admin.close()  # as by a kill, nothing is dropped
    assert postgresql.url.username is not None
    _credentials(monkeypatch, tmp_path, postgresql.url.username, str(postgresql.url.password))
    order = {"schema": 0, "database": 1, "role": 2}
    for entry in sorted((e for e in left if e.kind in order), key=lambda e: order[e.kind]):
        for _ in range(2):
            remove_from_server(entry, ledger.run)
    with connect(postgresql.url) as admin:
        rows = admin.execute(
            "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles "
            "UNION ALL SELECT nspname FROM pg_namespace"
        ).fetchall()
        admin.execute(f"DROP SCHEMA {schema.name}1")
    provisioner._stop_broker()
    provisioner._remove_directory()  # which is on this machine
    assert [name for (name,) in rows if ledger.run in name] == [f"{schema.name}1"]
    assert left[-2].facts["server"] == server
