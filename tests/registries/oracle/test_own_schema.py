"""Tests of namespaces in the one schema that an account has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler, Config

from gen3bed.errors import NamespaceError
from gen3bed.ledger import Entry, Ledger
from gen3bed.matrix import load_matrix
from gen3bed.reap import reap_run
from gen3bed.registries import RegistryAddress, Step
from gen3bed.registries.oracle import backend
from gen3bed.services import Service, without_password
from gen3bed.services.oracle import connect

pytestmark = pytest.mark.h2


def _run(service: Service, *statements: str) -> list[Any]:
    with connect(service.url) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
        connection.commit()
        return rows


def _objects(service: Service) -> list[str]:
    kinds = "object_type IN ('TABLE', 'VIEW', 'SEQUENCE')"
    return [n for (n,) in _run(service, f"SELECT object_name FROM user_objects WHERE {kinds} ORDER BY 1")]  # noqa: S608


def test_one_registry_at_a_time_and_nothing_is_left(
    own_schema: Service, ledger: Ledger, directory: Path
) -> None:
    """Tables of a test are dropped after it, all is gone at the end, and nothing is made outside."""
    with backend.provisioner("url", own_schema, ledger) as provisioner:
        namespace = backend.namespace(provisioner.provision("gw0"), directory)
        address = namespace.empty()
        assert address.namespace == str(own_schema.url.username).lower()
        with pytest.raises(NamespaceError, match="a registry already"):
            namespace.empty()
        _run(
            own_schema,
            "CREATE TABLE parent (a NUMBER GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
            "CREATE TABLE child (a NUMBER REFERENCES parent)",
            "CREATE SEQUENCE s",
        )
        namespace.release(address)
        assert _objects(own_schema) == [f"GEN3BED_{ledger.run}".upper()]
        namespace.release(namespace.empty())
        namespace.close()
    assert _objects(own_schema) == []
    assert ledger.outstanding() == []


def test_a_butler_lives_there(own_schema: Service, ledger: Ledger, directory: Path, tmp_path: Path) -> None:
    """What marks the schema as the run's does not keep the Butler from making a repository in it."""
    with backend.provisioner("url", own_schema, ledger) as provisioner:
        namespace = backend.namespace(provisioner.provision("gw0"), directory)
        config = Config()
        config["registry"] = namespace.empty().settings
        Butler.makeRepo(str(tmp_path / "repository"), config=config, forceConfigRoot=False)
        with Butler.from_config(str(tmp_path / "repository"), writeable=True) as butler:
            assert butler.collections.register("mine")
        namespace.close()
    assert _objects(own_schema) == []


def test_the_floor_leaves_room_for_what_one_schema_cannot_run() -> None:
    """A run in an account's own schema, of which tests are skipped, can be green."""
    matrix = load_matrix()
    skipped = sum(known.mode == "schema" and not known.runs for known in backend.known)
    assert matrix.floor(matrix.cell("oracle-url"), "database") == matrix.suites["database"].floor - skipped


def test_a_schema_that_is_not_empty_is_refused(own_schema: Service, ledger: Ledger) -> None:
    """Somebody's tables are named and stay as they are."""
    _run(own_schema, "CREATE TABLE precious (a NUMBER)")
    with backend.provisioner("url", own_schema, ledger) as provisioner:
        with pytest.raises(NamespaceError, match=r"not empty: 1 objects, such as the table PRECIOUS"):
            provisioner.provision("gw0")
        assert ledger.outstanding() == []
    assert _objects(own_schema) == ["PRECIOUS"]


def test_a_second_worker_is_refused(own_schema: Service, ledger: Ledger) -> None:
    """There is room for one worker, and the error says what to do."""
    with backend.provisioner("url", own_schema, ledger) as provisioner:
        provisioner.provision("gw0")
        with pytest.raises(NamespaceError, match="room for one worker") as caught:
            provisioner.provision("gw1")
    assert "-n 1" in caught.value.hint


def test_a_crash_is_reaped_by_its_marker(own_schema: Service, ledger: Ledger, auth: Any) -> None:
    """A reaper empties the schema that the killed run had marked."""
    auth(own_schema)
    provisioner = backend.provisioner("url", own_schema, ledger)
    provisioner.provision("gw0")
    _run(own_schema, "CREATE TABLE left_behind (a NUMBER)")
    assert [str(r) for r in reap_run(ledger) if not r.gone] == []
    assert _objects(own_schema) == []


def test_a_schema_without_the_marker_is_left_alone(own_schema: Service, ledger: Ledger, auth: Any) -> None:
    """What somebody made there since is not dropped: without the run's marker nothing is."""
    auth(own_schema)
    assert backend.remove is not None
    _run(own_schema, "CREATE TABLE precious (a NUMBER)")
    facts = {"server": without_password(own_schema.url)}
    entry = Entry(kind="schema", name=str(own_schema.url.username), facts=facts)
    ledger.record(entry)
    backend.remove(entry, ledger.run)
    assert _objects(own_schema) == ["PRECIOUS"]


def test_the_schema_is_used_again_and_emptied_for_others(
    own_schema: Service, ledger: Ledger, directory: Path
) -> None:
    """A template's tables stay for the next copy, and go when an empty schema is asked for."""

    def create(_: RegistryAddress) -> None:
        _run(own_schema, "CREATE TABLE t (a NUMBER)")

    step = Step(key="create", apply=create)
    with backend.provisioner("url", own_schema, ledger) as provisioner:
        namespace = backend.namespace(provisioner.provision("gw0"), directory)
        for _ in range(2):
            address = namespace.copy(step)
            _run(own_schema, "INSERT INTO t VALUES (1)", "CREATE TABLE more (a NUMBER)")
            namespace.release(address)
        assert "T" in _objects(own_schema)
        namespace.empty()
        assert _objects(own_schema) == [f"GEN3BED_{ledger.run}".upper()]
        namespace.close()
    assert _objects(own_schema) == []
