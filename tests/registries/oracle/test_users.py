"""Tests of namespaces that are users of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oracledb
import pytest
import sqlalchemy
from lsst.daf.butler import Butler, Config

from gen3bed.errors import Gen3bedError, NamespaceError, ServerUnreachableError
from gen3bed.ledger import Entry, Ledger
from gen3bed.reap import reap_run
from gen3bed.registries import Lease, Namespace, Provisioner, RegistryAddress, Step
from gen3bed.registries.oracle import backend
from gen3bed.registries.oracle._admin import Administrator
from gen3bed.registries.oracle._users import default_tablespace
from gen3bed.services import Service
from gen3bed.services.oracle import connect

pytestmark = pytest.mark.h2


@pytest.fixture
def provisioner(server: Service, ledger: Ledger) -> Iterator[Provisioner]:
    """Yield the controller's side, closed at the end."""
    with backend.provisioner("url", server, ledger) as made:
        yield made


@pytest.fixture
def lease(provisioner: Provisioner) -> Lease:
    """Return the lease of a worker."""
    return provisioner.provision("gw0")


@pytest.fixture
def namespace(lease: Lease, directory: Path) -> Iterator[Namespace]:
    """Yield the worker's side, closed at the end."""
    made = backend.namespace(lease, directory)
    yield made
    made.close()


def _connect(lease: Lease, address: Any) -> oracledb.Connection:
    return connect(sqlalchemy.make_url(address.url).set(password=lease.facts["password"]))


def _users(server: Service, ledger: Ledger) -> list[str]:
    admin = Administrator(server.url)
    rows = admin.execute(
        "SELECT username FROM all_users WHERE username LIKE :name", name=f"GEN3BED_{ledger.run}_%".upper()
    )
    admin.close()
    return [name for (name,) in rows]


def test_a_user_may_make_tables_and_nothing_else(lease: Lease, namespace: Namespace) -> None:
    """A worker's user has three privileges, a quota, and sees no session of others."""
    address = namespace.empty()
    assert address.namespace == sqlalchemy.make_url(address.url).username.lower()  # type: ignore[union-attr]
    with _connect(lease, address) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT privilege FROM session_privs ORDER BY 1")
        assert cursor.fetchall() == [("CREATE SEQUENCE",), ("CREATE SESSION",), ("CREATE TABLE",)]
        cursor.execute("SELECT tablespace_name, max_bytes FROM user_ts_quotas")
        assert cursor.fetchall() == [("USERS", 1024**3)]
        for forbidden in ("CREATE USER x IDENTIFIED BY x", "SELECT * FROM v$session", "DROP USER system"):
            with pytest.raises(oracledb.DatabaseError):
                cursor.execute(forbidden)
    assert set(lease.facts) == {"mode", "url", "password", "broker", "key"}
    assert "nobody" in lease.facts["url"]


def test_a_user_is_in_the_ledger_before_it_is_made_and_gone_at_the_end(
    server: Service, ledger: Ledger, tmp_path: Path
) -> None:
    """Every user of the run is written down, and none is left after the provisioner was closed."""
    with backend.provisioner("url", server, ledger) as provisioner:
        namespace = backend.namespace(provisioner.provision("gw0"), tmp_path)
        names = [namespace.empty().namespace for _ in range(2)]
        recorded = [e.name.lower() for e in ledger.outstanding() if e.kind == "user"]
        assert sorted(recorded) == sorted(map(str, names))
        assert len(_users(server, ledger)) == 2
    assert _users(server, ledger) == []
    assert ledger.outstanding() == []


def test_a_butler_lives_there(namespace: Namespace, tmp_path: Path) -> None:
    """A repository is made and opened with the address alone: the password comes from db-auth."""
    config = Config()
    config["registry"] = namespace.empty().settings
    Butler.makeRepo(str(tmp_path / "repository"), config=config, forceConfigRoot=False)
    text = (tmp_path / "repository" / "butler.yaml").read_text()
    assert "gen3bed.oracle.OracleDatabase" in text
    with Butler.from_config(str(tmp_path / "repository"), writeable=True) as butler:
        assert butler.collections.register("mine")
    with Butler.from_config(str(tmp_path / "repository")) as butler:
        assert butler.collections.query("*") == ["mine"]


def test_an_unfinished_transaction_is_a_leak(lease: Lease, namespace: Namespace) -> None:
    """A session in a transaction is reported, and so is one that outlives the test."""
    address = namespace.empty()
    with _connect(lease, address) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a NUMBER)")
        assert namespace.leaks() == []
        cursor.execute("INSERT INTO t VALUES (1)")
        (leak,) = namespace.leaks()
        assert leak.startswith("transaction: session ")
        connection.rollback()
        assert namespace.leaks() == []
    assert namespace.open_sessions() == []


def test_an_open_session_is_a_leak(
    lease: Lease, namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that nobody closed is reported after a while."""
    monkeypatch.setattr("gen3bed.registries.oracle._namespace._SESSION_GRACE", 0.1)
    with _connect(lease, namespace.empty()):
        (leak,) = namespace.open_sessions()
    assert leak.startswith("session: ")
    assert namespace.open_sessions() == []


def test_workers_cannot_have_other_peoples_users_dropped(lease: Lease, namespace: Namespace) -> None:
    """The controller drops and looks at users of its own run only."""
    del lease
    with pytest.raises(NamespaceError, match="this run did not make it"):
        namespace._broker.drop("SYSTEM")  # type: ignore[attr-defined]
    with pytest.raises(NamespaceError, match="this run did not make it"):
        namespace._broker.sessions("SYSTEM")  # type: ignore[attr-defined]


def test_a_session_that_the_server_ended_is_opened_anew(own_schema: Service, oracle_standin: Any) -> None:
    """A lasting session survives being killed between two statements."""
    session = Administrator(own_schema.url)
    session.execute("SELECT 1 FROM dual")
    assert oracle_standin.control.kill_sessions(user=str(own_schema.url.username)) == 1
    assert session.execute("SELECT 1 FROM dual") == [(1,)]
    session.close()


def test_a_crash_is_reaped(server: Service, ledger: Ledger, directory: Path, auth: Any) -> None:
    """What a killed run left is dropped by its ledger alone."""
    provisioner = backend.provisioner("url", server, ledger)
    namespace = backend.namespace(provisioner.provision("gw0"), directory)
    namespace.empty()
    auth(server)
    reaped = reap_run(ledger)
    assert {r.kind for r in reaped if r.gone} == {"user", "directory"}
    assert _users(server, ledger) == []
    with contextlib.suppress(Gen3bedError, OSError):
        provisioner.close()


def test_a_reaper_without_a_server_says_so(ledger: Ledger) -> None:
    """A server that is not there is unreachable, and its users stay in the ledger."""
    assert backend.remove is not None
    entry = Entry(
        kind="user",
        name=f"GEN3BED_{ledger.run}_GW0_1".upper(),
        facts={"server": "oracle://x@127.0.0.1:1/s"},
    )
    with pytest.raises(ServerUnreachableError):
        backend.remove(entry, ledger.run)


def test_a_reaper_drops_no_name_that_is_not_ours(ledger: Ledger) -> None:
    """A user without the run's number in its name is left alone."""
    assert backend.remove is not None
    entry = Entry(kind="user", name="SCOTT", facts={"server": "oracle://x@127.0.0.1:1/s"})
    with pytest.raises(NamespaceError, match="does not say"):
        backend.remove(entry, ledger.run)


def test_a_taken_name_is_not_ours(server: Service, ledger: Ledger, tmp_path: Path) -> None:
    """A user that exists already is refused, stays, and is not in the ledger."""
    admin = Administrator(server.url)
    name = f"GEN3BED_{ledger.run}_GW0_1".upper()
    admin.execute(f'CREATE USER "{name}" IDENTIFIED BY "x"')
    with backend.provisioner("url", server, ledger) as provisioner:
        namespace = backend.namespace(provisioner.provision("gw0"), tmp_path)
        with pytest.raises(NamespaceError, match="exists already"):
            namespace.empty()
        assert [e.kind for e in ledger.outstanding()] == ["directory"]
    assert _users(server, ledger) == [name]
    admin.execute(f'DROP USER "{name}"')
    admin.close()


def test_new_users_do_not_go_to_the_databases_own_tablespace(
    server: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the default tablespace is SYSTEM nothing is made, and the cure is named."""
    admin = Administrator(server.url)
    monkeypatch.setattr(admin, "execute", lambda _: [("SYSTEM",)])
    with pytest.raises(NamespaceError, match="the database's own") as caught:
        default_tablespace(admin, "database")
    assert "ALTER DATABASE DEFAULT TABLESPACE" in caught.value.hint
    admin.close()


def test_people_get_an_ordinary_user(server: Service) -> None:
    """``gen3bed up`` hands over a user for repositories, and not the administrator."""
    assert backend.hand_over is not None
    url = backend.hand_over(server)
    try:
        with connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM session_privs")
            assert cursor.fetchone() == (3,)
    finally:
        admin = Administrator(server.url)
        admin.execute("DROP USER butler CASCADE")
        admin.close()


def _step(key: str, *statements: str, lease: Lease, log: list[str]) -> Step:
    def apply(address: RegistryAddress) -> None:
        log.append(key)
        with _connect(lease, address) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    return Step(key=key, apply=apply)


def _tables(lease: Lease, address: RegistryAddress) -> dict[str, int]:
    with _connect(lease, address) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM user_tables")
        names = [name for (name,) in cursor.fetchall()]
        return {n: cursor.execute(f"SELECT COUNT(*) FROM {n}").fetchone()[0] for n in names}  # noqa: S608 - our own text


def test_a_schema_is_used_again_and_as_good_as_new(lease: Lease, namespace: Namespace) -> None:
    """Tables are made once, other steps are done each time, and nothing of a test is there in the next."""
    log: list[str] = []
    create = _step("create", "CREATE TABLE t (a NUMBER)", "INSERT INTO t VALUES (1)", lease=lease, log=log)
    fill = _step("fill", "INSERT INTO t VALUES (2)", "CREATE TABLE u (a NUMBER)", lease=lease, log=log)
    first = namespace.copy(create, fill)
    assert _tables(lease, first) == {"T": 2, "U": 0}
    _step("test", "INSERT INTO t VALUES (3)", "CREATE TABLE v (a NUMBER)", lease=lease, log=log).apply(first)
    namespace.release(first)
    second = namespace.copy(create)
    assert second == first
    assert _tables(lease, second) == {"T": 1}
    namespace.refill(second, create, fill)
    assert _tables(lease, second) == {"T": 2, "U": 0}
    # One that is in use is nobody else's.
    assert namespace.copy(create) != second
    assert log == ["create", "fill", "test", "fill", "create"]


def test_a_schema_that_was_damaged_is_replaced(lease: Lease, namespace: Namespace) -> None:
    """Where a test dropped a table that is the schema's own, the next one gets another user."""
    log: list[str] = []
    create = _step("create", "CREATE TABLE t (a NUMBER)", lease=lease, log=log)
    first = namespace.copy(create)
    _step("test", "DROP TABLE t", lease=lease, log=log).apply(first)
    namespace.release(first)
    second = namespace.copy(create)
    assert second != first
    assert _tables(lease, second) == {"T": 0}
