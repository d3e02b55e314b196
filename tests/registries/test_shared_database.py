"""Temporary tables in a database that others use as well, on a server that can tell them apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen3bed.ledger import Ledger
from gen3bed.registries.postgresql import backend
from gen3bed.registries.postgresql._admin import connect
from gen3bed.registries.postgresql._provisioner import SchemaProvisioner
from gen3bed.services.postgresql import provide
from tests.support.schema_account import limited_account, session_of_a_test


@pytest.mark.docker
def test_temporary_table_of_a_raw_session_is_a_leak_of_its_worker(ledger: Ledger, tmp_path: Path) -> None:
    """Since PostgreSQL 16, that holds for sessions that SQLAlchemy knows nothing of, and for idle ones."""
    with provide("container", ledger=ledger) as server, limited_account(server) as limited:
        provisioner = SchemaProvisioner("url", limited, ledger)
        (tmp_path / "gw0").mkdir()
        namespace = backend.namespace(provisioner.provision("gw0"), tmp_path / "gw0")
        with connect(limited.url) as somebody, session_of_a_test(namespace) as connection:
            somebody.execute("CREATE TEMPORARY TABLE somebodys (a int)")
            connection.execute("CREATE TEMPORARY TABLE t (a int)")
            connection.commit()
            assert [leak.partition(".")[2] for leak in namespace.leaks()] == ["t is not in the baseline"]
        assert namespace.open_sessions() == namespace.leaks() == []
        namespace.close()
        provisioner.close()
