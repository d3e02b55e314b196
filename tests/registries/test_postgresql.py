"""PostgreSQL namespaces: least privilege, copies, leaks, and nothing left."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from gen3bed.errors import MissingExtensionError, NamespaceError, ReadOnlyServerError, ServiceError
from gen3bed.ledger import Ledger
from gen3bed.registries import Namespace, RegistryAddress, Step
from gen3bed.registries.postgresql import backend
from gen3bed.registries.postgresql._admin import connect
from gen3bed.registries.postgresql._namespace import DatabaseNamespace, SchemaNamespace
from gen3bed.registries.postgresql._provisioner import DatabaseProvisioner, SchemaProvisioner
from gen3bed.services import Service
from tests.support.schema_account import limited_account, session_of_a_test

pytestmark = pytest.mark.local_postgresql


@pytest.fixture
def provisioner(postgresql: Service, ledger: Ledger) -> Iterator[DatabaseProvisioner]:
    """Return a provisioner with administrator's rights."""
    with DatabaseProvisioner("local", postgresql, ledger) as provisioner:
        yield provisioner


@pytest.fixture
def namespace(provisioner: DatabaseProvisioner, directory: Path) -> Iterator[Namespace]:
    """Return the namespace of a worker."""
    namespace = backend.namespace(provisioner.provision("gw0"), directory)
    assert isinstance(namespace, DatabaseNamespace)
    yield namespace
    namespace.close()


def _names(service: Service) -> set[str]:
    """Return all our databases and roles in the server."""
    with connect(service.url) as admin:
        rows = admin.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'gen3bed%' "
            "UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'gen3bed%'"
        ).fetchall()
    return {name for (name,) in rows}


def _as_worker(namespace: Namespace, address: RegistryAddress) -> psycopg.Connection:
    url = sqlalchemy.make_url(address.url)
    return connect(url.set(password=namespace.lease.facts["password"]))


def _build(namespace: Namespace, address: RegistryAddress) -> None:
    with _as_worker(namespace, address) as connection:
        connection.execute("CREATE SCHEMA registry")
        connection.execute("CREATE TABLE registry.template AS SELECT 42 AS answer")


def _template(namespace: Namespace) -> Step:
    return Step(key="template", apply=lambda address: _build(namespace, address))


def test_nothing_is_left_after_closing(postgresql: Service, ledger: Ledger, directory: Path) -> None:
    """Roles, databases, templates and spare copies are gone, and the ledger is empty."""
    before = _names(postgresql)
    with DatabaseProvisioner("local", postgresql, ledger) as provisioner:
        namespace = backend.namespace(provisioner.provision("gw0"), directory)
        namespace.copy(_template(namespace))
        assert len(_names(postgresql) - before) >= 4
        namespace.close()
    assert _names(postgresql) == before
    assert ledger.outstanding() == []


def test_nothing_is_left_when_the_block_raises(postgresql: Service, ledger: Ledger) -> None:
    """An error in the middle of a run does not leave a namespace behind."""
    before = _names(postgresql)

    def run() -> None:
        with DatabaseProvisioner("local", postgresql, ledger) as provisioner:
            provisioner.provision("gw0")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert _names(postgresql) == before


def test_everything_is_in_the_ledger_of_somebodys_server(postgresql: Service, ledger: Ledger) -> None:
    """On a server that is not ours, every role and database is written down while it exists."""
    foreign = dataclasses.replace(postgresql, holder="", provider="url")
    before = _names(postgresql)
    with DatabaseProvisioner("url", foreign, ledger) as provisioner:
        provisioner.provision("gw0")
        made = {e.name for e in ledger.outstanding() if e.kind in {"database", "role"}}
        assert made == _names(postgresql) - before
        assert not any(str(postgresql.url.password) in str(e) for e in ledger.outstanding())
    assert ledger.outstanding() == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE DATABASE mine",
        "CREATE ROLE friend",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_authid",
    ],
)
def test_worker_has_no_rights_beyond_its_database(namespace: Namespace, statement: str) -> None:
    """A worker's role can do nothing that needs an administrator."""
    with (
        _as_worker(namespace, namespace.empty()) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_worker_cannot_enter_another_workers_database(
    provisioner: DatabaseProvisioner, namespace: Namespace
) -> None:
    """A worker's role is refused by every database but its own."""
    other = provisioner.provision("gw1")
    url = sqlalchemy.make_url(namespace.empty().url).set(password=namespace.lease.facts["password"])
    for database in (other.facts["database"], "postgres", "template1"):
        with pytest.raises(ServiceError, match="permission denied"):
            connect(url, database)


def test_copies_hold_what_the_template_holds_and_are_apart(namespace: Namespace) -> None:
    """Two copies of a template hold its rows, and what is written to one is not in the other."""
    built: list[RegistryAddress] = []

    def build(address: RegistryAddress) -> None:
        built.append(address)
        _build(namespace, address)

    first, second = (namespace.copy(Step(key="k", apply=build)) for _ in range(2))
    with _as_worker(namespace, first) as connection:
        connection.execute("DELETE FROM registry.template")
    with _as_worker(namespace, second) as connection:
        assert connection.execute("SELECT answer FROM registry.template").fetchall() == [(42,)]
    assert len(built) == 1


def test_refilled_database_has_the_new_content(namespace: DatabaseNamespace) -> None:
    """An unchanged copy gets another template's rows at its own address, and is itself used again."""

    def change(address: RegistryAddress) -> None:
        with _as_worker(namespace, address) as connection:
            connection.execute("UPDATE registry.template SET answer = 43")

    def answer(address: RegistryAddress) -> int:
        with _as_worker(namespace, address) as connection:
            (row,) = connection.execute("SELECT answer FROM registry.template").fetchall()
        return int(row[0])

    first = namespace.copy(_template(namespace))
    namespace.refill(first, _template(namespace), Step(key="change", apply=change))
    second = namespace.copy(_template(namespace))
    assert (answer(first), answer(second)) == (43, 42)
    assert namespace.leaks() == []


def test_database_in_use_is_not_refilled(
    namespace: DatabaseNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that is still open in a database keeps its content and gets an error."""
    monkeypatch.setattr("gen3bed.registries.postgresql._namespace._SESSION_GRACE", 0.05)
    address = namespace.copy(_template(namespace))
    changed = Step(key="changed", apply=lambda _: None)
    with _as_worker(namespace, address) as connection:
        with pytest.raises(ServiceError, match="being accessed by other users"):
            namespace.refill(address, _template(namespace), changed)
        assert connection.execute("SELECT answer FROM registry.template").fetchone() == (42,)


def test_refused_refill_leaves_no_copy(
    postgresql: Service,
    provisioner: DatabaseProvisioner,
    namespace: DatabaseNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The copy that could not take a database's name is dropped at once, and the next refill works."""
    monkeypatch.setattr("gen3bed.registries.postgresql._namespace._SESSION_GRACE", 0.05)
    address = namespace.copy(_template(namespace))
    changed = (_template(namespace), Step(key="changed", apply=lambda _: None))
    with _as_worker(namespace, address):
        with pytest.raises(ServiceError, match="being accessed by other users"):
            namespace.refill(address, *changed)
        _wait_for_spares(provisioner)
        after_one = len(_names(postgresql))
        with pytest.raises(ServiceError, match="being accessed by other users"):
            namespace.refill(address, *changed)
        _wait_for_spares(provisioner)
        assert len(_names(postgresql)) == after_one
    namespace.refill(address, *changed)
    assert namespace.leaks() == []


def test_spare_that_could_not_be_made_is_no_error_of_a_later_test(
    provisioner: DatabaseProvisioner, namespace: DatabaseNamespace
) -> None:
    """A copy that failed while another test ran is made anew for the test that needs it."""
    first = namespace.copy(_template(namespace))
    _wait_for_spares(provisioner)
    broker = provisioner._broker
    assert broker is not None
    (shelf,) = (shelf for shelf in broker._spares.values() if shelf)
    failed: Future[str] = Future()
    failed.set_exception(ServiceError("spare", reason="the server refused", hint="Wait."))
    shelf[0] = failed
    second = namespace.copy(_template(namespace))
    assert second != first
    with _as_worker(namespace, second) as connection:
        assert connection.execute("SELECT answer FROM registry.template").fetchone() == (42,)


def test_copy_that_cannot_be_made_is_an_error_of_its_test(
    provisioner: DatabaseProvisioner, namespace: DatabaseNamespace
) -> None:
    """A template in use cannot be copied: the test that asks is told why, and the next one gets its copy."""
    template = namespace._templates.find((_template(namespace),))
    with _as_worker(namespace, template):
        for _ in range(2):
            with pytest.raises(ServiceError, match="being accessed by other users"):
                namespace.copy(_template(namespace))
    _wait_for_spares(provisioner)
    assert namespace.copy(_template(namespace)) != template


def test_worker_can_drop_only_what_the_run_made(namespace: DatabaseNamespace) -> None:
    """The broker refuses to drop or copy a database that is not of its run."""
    with pytest.raises(LookupError, match="not a database of this run"):
        namespace._broker.drop("postgres")
    with pytest.raises(LookupError, match="not a database of this run"):
        namespace._broker.copy("gw0", "template1")


def test_open_transaction_is_a_leak(namespace: DatabaseNamespace) -> None:
    """A session that a test left in a transaction is named with its last statement."""
    connection = session_of_a_test(namespace)
    connection.execute("CREATE TABLE t (a int)")
    assert any("idle in transaction" in leak and "CREATE TABLE t" in leak for leak in namespace.leaks())
    connection.close()
    assert namespace.open_sessions() == []
    assert namespace.leaks() == []


def test_session_that_stays_is_a_leak(namespace: DatabaseNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that outlives the engines of its test is found."""
    monkeypatch.setattr("gen3bed.registries.postgresql._namespace._SESSION_GRACE", 0.05)
    connection = session_of_a_test(namespace)
    assert len(namespace.open_sessions()) == 1
    connection.close()
    assert namespace.open_sessions() == []


@pytest.mark.parametrize(
    ("statement", "leak"),
    [
        ("CREATE TABLE public.stray (a int)", "table or view: public.stray is not in the baseline"),
        ("CREATE SEQUENCE public.numbers", "sequence: public.numbers is not in the baseline"),
    ],
)
@pytest.mark.parametrize("copied", [False, True])
def test_stray_relation_is_a_leak(
    namespace: DatabaseNamespace, statement: str, leak: str, *, copied: bool
) -> None:
    """A table or sequence outside the registry's schema is found, in a schema's and a copy's database."""
    address = namespace.copy(_template(namespace)) if copied else namespace.empty()
    with _as_worker(namespace, address) as connection:
        connection.execute(statement)
    assert namespace.leaks() == [leak]


def test_temporary_table_is_a_leak(namespace: DatabaseNamespace) -> None:
    """A temporary table in a session that a pool still holds is found."""
    address = namespace.copy(_template(namespace))
    with _as_worker(namespace, address) as connection:
        connection.execute("CREATE TEMPORARY TABLE t (a int)")
        assert any(".t is not in the baseline" in leak for leak in namespace.leaks())


def test_released_schema_is_gone(namespace: DatabaseNamespace) -> None:
    """Releasing an address drops its schema with all that is in it."""
    with namespace.borrowing():
        address = namespace.empty()
        with _as_worker(namespace, address) as connection:
            connection.execute(f"CREATE SCHEMA {address.namespace}")
            connection.execute(f"CREATE TABLE {address.namespace}.t (a int)")
    assert namespace.leaks() == []


def test_password_is_in_the_db_auth_file_only(namespace: DatabaseNamespace, directory: Path) -> None:
    """The Butler finds the password in a private file, and no address holds it."""
    password = namespace.lease.facts["password"]
    file = directory / "db-auth.yaml"
    assert password in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert password not in namespace.empty().url
    assert password not in repr(namespace.lease)


def test_namespace_that_exists_and_is_not_ours_is_refused(postgresql: Service, ledger: Ledger) -> None:
    """A role of the same name that somebody else made is neither used nor dropped."""
    name = f"gen3bed_{ledger.run}_gw0"
    with connect(postgresql.url) as admin:
        admin.execute(f"CREATE ROLE {name}")
        try:
            with (
                DatabaseProvisioner("local", postgresql, ledger) as provisioner,
                pytest.raises(NamespaceError, match="not ours"),
            ):
                provisioner.provision("gw0")
            assert name in _names(postgresql)
        finally:
            admin.execute(f"DROP ROLE {name}")


@pytest.fixture
def limited(postgresql: Service) -> Iterator[Service]:
    """Return a service whose account may create schemas in one database."""
    with limited_account(postgresql) as service:
        yield service


def _schemas(service: Service) -> list[str]:
    with connect(service.url) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'gen3bed%'").fetchall()
    return [name for (name,) in rows]


def test_limited_account_works_in_schemas_and_leaves_none(
    limited: Service, ledger: Ledger, directory: Path
) -> None:
    """With the right to create schemas only, schemas with the run's prefix are made and dropped."""
    provisioner = backend.provisioner("url", limited, ledger)
    assert isinstance(provisioner, SchemaProvisioner)
    with provisioner, connect(limited.url) as somebody:
        somebody.execute("CREATE SCHEMA gen3bed_of_somebody_else")
        namespace = backend.namespace(provisioner.provision("gw0"), directory)
        assert isinstance(namespace, SchemaNamespace)
        address = namespace.empty()
        assert str(address.namespace).startswith(f"gen3bed_{ledger.run}_gw0_")
        somebody.execute(f"CREATE SCHEMA {address.namespace}")
        assert namespace.leaks() == []
        assert [(e.kind, e.name) for e in ledger.outstanding()] == [("schema", address.namespace)]
        namespace._session.close()  # as when the worker dies
    assert _schemas(limited) == ["gen3bed_of_somebody_else"]
    assert ledger.outstanding() == []


def test_schema_that_exists_and_is_not_ours_is_refused_and_spared(limited: Service, ledger: Ledger) -> None:
    """A schema that has a worker's prefix before the worker does is neither used nor dropped."""
    name = f"gen3bed_{ledger.run}_gw0_3"
    with connect(limited.url) as somebody:
        somebody.execute(f"CREATE SCHEMA {name}")
    with (
        SchemaProvisioner("url", limited, ledger) as provisioner,
        pytest.raises(NamespaceError, match=f"{name} .*exists already and is not ours"),
    ):
        provisioner.provision("gw0")
    assert _schemas(limited) == [name]
    assert ledger.outstanding() == []


def test_schema_that_somebody_makes_meanwhile_is_spared(
    limited: Service, ledger: Ledger, directory: Path
) -> None:
    """Of the schemas with a worker's prefix only those are dropped that the worker was given."""
    name = f"gen3bed_{ledger.run}_gw0_3"
    with SchemaProvisioner("url", limited, ledger) as provisioner, connect(limited.url) as somebody:
        namespace = backend.namespace(provisioner.provision("gw0"), directory)
        for schema in (namespace.empty().namespace, name):
            somebody.execute(f"CREATE SCHEMA {schema}")
        namespace.close()
        assert _schemas(limited) == [name]
    assert _schemas(limited) == [name]


def test_limited_account_needs_the_extension_to_be_there(
    limited: Service, postgresql: Service, ledger: Ledger
) -> None:
    """Where only schemas may be made, a missing btree_gist is one error, and none is left behind."""
    with connect(postgresql.url, "shared") as admin:
        admin.execute("DROP EXTENSION btree_gist")
    with pytest.raises(MissingExtensionError, match="CREATE EXTENSION btree_gist"):
        SchemaProvisioner("url", limited, ledger)
    assert ledger.outstanding() == []


def test_two_runs_of_one_account_do_not_see_each_others_sessions(limited: Service, tmp_path: Path) -> None:
    """A session of another run, or of a worker whose name begins alike, is no leak of ours."""
    namespaces = []
    for worker in ("gw1", "gw10"):
        provisioner = SchemaProvisioner("url", limited, Ledger.create())
        directory = tmp_path / worker
        directory.mkdir()
        namespaces.append(backend.namespace(provisioner.provision(worker), directory))
        provisioner._admin.close()
    ours, other = namespaces
    with connect(limited.url) as somebody:
        somebody.execute(f"CREATE SCHEMA {other.lease.facts['prefix']}_0")
        somebody.execute(f"CREATE TABLE {other.lease.facts['prefix']}_0.t (a int)")
        assert ours.leaks() == ours.open_sessions() == []
        somebody.execute(f"DROP SCHEMA {other.lease.facts['prefix']}_0 CASCADE")
    for namespace in namespaces:
        namespace.close()


def test_temporary_table_in_a_shared_database_is_a_leak_of_its_worker(
    limited: Service, tmp_path: Path
) -> None:
    """Where an account has schemas only, a temporary table is a leak of the worker whose session it is."""
    namespaces = []
    for worker in ("gw1", "gw0"):  # sessions of this process carry the name of the last
        provisioner = SchemaProvisioner("url", limited, Ledger.create())
        (tmp_path / worker).mkdir()
        namespaces.append(backend.namespace(provisioner.provision(worker), tmp_path / worker))
        provisioner._admin.close()
    other, ours = namespaces
    engine = sqlalchemy.create_engine(limited.url.set(drivername="postgresql+psycopg"))
    with connect(limited.url) as somebody, engine.begin() as connection:
        somebody.execute("CREATE TEMPORARY TABLE somebodys (a int)")
        connection.exec_driver_sql("CREATE TEMPORARY TABLE t (a int)")
    assert [leak.partition(".")[2] for leak in ours.leaks()] == ["t is not in the baseline"]
    assert other.leaks() == []
    engine.dispose()
    assert ours.open_sessions() == ours.leaks() == []
    for namespace in namespaces:
        namespace.close()


def test_url_without_a_port_has_a_db_auth_entry_without_one(
    namespace: DatabaseNamespace, directory: Path
) -> None:
    """A server on the default port gets a db-auth entry that upstream can read."""
    namespace._url = sqlalchemy.make_url("postgresql+psycopg://me@db.example.org/x")
    namespace._give_credentials()
    assert "url: postgresql://db.example.org/*" in (directory / "db-auth.yaml").read_text()


def test_account_without_rights_is_told_what_to_ask_for(limited: Service, ledger: Ledger) -> None:
    """An account that may not create databases gets the names of the rights to ask for."""
    with pytest.raises(NamespaceError, match="CREATEDB and CREATEROLE"):
        DatabaseProvisioner("url", limited, ledger)


def test_read_only_account_is_refused(limited: Service, postgresql: Service, ledger: Ledger) -> None:
    """An account whose transactions are read-only is told so before anything is made."""
    with connect(postgresql.url) as admin:
        admin.execute("ALTER ROLE shared_user SET default_transaction_read_only = on")
    with pytest.raises(ReadOnlyServerError, match="primary"):
        DatabaseProvisioner("url", limited, ledger)


def _wait_for_spares(provisioner: DatabaseProvisioner) -> None:
    """Wait until everything that the broker does behind the tests is done."""
    assert provisioner._broker is not None
    provisioner._broker._ahead.submit(lambda: None).result(timeout=60)
