"""The making of a schema, and what an administrator is asked for, on the stand-in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.registry.interfaces import Database, SchemaAlreadyDefinedError

from gen3bed.oracle import HalfMadeSchemaError, NamespaceMissingError, OracleDatabase
from gen3bed.oracle.__main__ import main
from oracle_standin.server import CallKind
from tests.oracle.conftest import MakeDatabase

pytestmark = pytest.mark.h2

_KEY = ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True)
_COUNTED = ddl.TableSpec(
    fields=[ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True, autoincrement=True)]
)
_INDEXED = ddl.TableSpec(
    fields=[_KEY, ddl.FieldSpec("a", dtype=sqlalchemy.BigInteger)], indexes=[ddl.IndexSpec("a")]
)


@contextlib.contextmanager
def _opened(user: Any, **options: Any) -> Iterator[Database]:
    options.setdefault("namespace", user.name)
    database = OracleDatabase.fromUri(user.url, origin=0, **options)
    try:
        yield database
    finally:
        database.dispose()


def _declare(database: Database, *, create: bool = True) -> None:
    with database.declareStaticTables(create=create) as context:
        context.addTable("first", _COUNTED)
        context.addTable("second", _INDEXED)


def test_a_schema_that_was_not_made_to_its_end_is_named(oracle_user: Any, oracle_faults: Any) -> None:
    """When a statement fails, the schema can neither be opened nor made again, until it is removed."""
    oracle_faults.at(CallKind.EXECUTE, matching="CREATE INDEX").answer(1652)
    with _opened(oracle_user) as database, pytest.raises(sqlalchemy.exc.DatabaseError, match="ORA-01652"):
        _declare(database)
    for create in (False, True):
        with (
            _opened(oracle_user) as database,
            pytest.raises(HalfMadeSchemaError, match=r"2 tables.*remove-half-made"),
        ):
            _declare(database, create=create)


def test_a_half_made_schema_is_removed_by_one_command(
    oracle_user: Any, oracle_faults: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command drops tables and sequences; then the schema can be made."""
    oracle_faults.at(CallKind.EXECUTE, matching="CREATE INDEX").answer(1652)
    with _opened(oracle_user) as database, pytest.raises(sqlalchemy.exc.DatabaseError, match="ORA-01652"):
        _declare(database)
    assert main(["remove-half-made", oracle_user.url]) == 0
    assert "Removed 2 tables" in capsys.readouterr().out
    with _opened(oracle_user) as database:
        _declare(database)
    assert main(["remove-half-made", oracle_user.url, "--namespace", oracle_user.name]) == 1
    assert "not half made" in capsys.readouterr().err
    with _opened(oracle_user) as database:
        _declare(database, create=False)


@pytest.mark.parametrize(
    ("form", "code", "reason", "hint"),
    [
        ("oracle://{name}:{password}@{server}/NOSUCH", 3, "NOSUCH", "no SID"),
        ("oracle://{name}:Wrong_1@{server}/{service}", 3, "ORA-01017", "db-auth file"),
        ("oracle://{name}@{server}/{service}", 3, "DPY-4001", "no entry for the server"),
        ("sqlite:///a.sqlite3", 2, "not the URL of an Oracle database", "repository's configuration"),
        ("nonsense Wrong_1", 2, "not the URL of a database", "repository's configuration"),
    ],
)
def test_the_command_says_why_it_cannot(  # noqa: PLR0917 - one column each
    oracle_user: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    code: int,
    reason: str,
    hint: str,
) -> None:
    """What is wrong with a URL, a service or a password is one message with the next step."""
    monkeypatch.setenv("LSST_DB_AUTH", "/nowhere")
    url = sqlalchemy.make_url(oracle_user.url)
    server, service = f"{url.host}:{url.port}", url.database or url.query["service_name"]
    given = form.format(name=url.username, password=url.password, server=server, service=service)
    assert main(["remove-half-made", given]) == code
    told, _, step = capsys.readouterr().err.partition("next step: ")
    assert reason in told
    assert hint in step
    assert "Wrong_1" not in told + step


def test_a_missing_user_is_asked_for(oracle_user: Any) -> None:
    """A namespace that is no user is refused with what a database administrator has to do."""
    with (
        _opened(oracle_user, namespace="nobody") as database,
        pytest.raises(NamespaceMissingError, match=r"CREATE USER NOBODY [\s\S]*GRANT CREATE SESSION"),
    ):
        _declare(database)


@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_a_namespace_may_be_written_in_any_case(oracle_user: Any, case: Any) -> None:
    """The user BUTLER is the same as butler, in the repository's configuration too."""
    with _opened(oracle_user, namespace=case(oracle_user.name)) as database:
        _declare(database)
    with _opened(oracle_user, namespace=None) as database:
        _declare(database, create=False)
        assert database.namespace == oracle_user.name.lower()


def test_tables_in_the_tablespace_system_are_seen(oracle_user: Any, oracle_standin: Any) -> None:
    """A user whose default tablespace is SYSTEM has a registry like others, and it is not made twice."""
    oracle_standin.execute(
        f"ALTER USER {oracle_user.name} DEFAULT TABLESPACE system QUOTA UNLIMITED ON system"
    )
    with _opened(oracle_user) as database:
        _declare(database)
    with _opened(oracle_user) as database, pytest.raises(SchemaAlreadyDefinedError):
        _declare(database)


@pytest.mark.parametrize("grant", ["CREATE TABLE", "CREATE SEQUENCE"])
def test_a_missing_privilege_is_named(oracle_standin: Any, grant: str) -> None:
    """Somebody who may not make a table or a sequence learns which grant to ask for."""
    with oracle_standin.user() as user:
        others = {"CREATE SESSION", "CREATE TABLE", "CREATE SEQUENCE"} - {grant}
        _leave(oracle_standin, user, *sorted(others))
        with (
            _opened(user) as database,
            pytest.raises(sqlalchemy.exc.DatabaseError, match=rf"GRANT {grant} TO {user.name}"),
        ):
            _declare(database)


def test_a_missing_session_privilege_is_named(oracle_standin: Any) -> None:
    """Somebody who may not log in learns which grant to ask for."""
    with oracle_standin.user() as user:
        _leave(oracle_standin, user)
        with pytest.raises(sqlalchemy.exc.DatabaseError, match=f"GRANT CREATE SESSION TO {user.name}"):
            OracleDatabase.fromUri(user.url, origin=0)


def test_a_missing_quota_is_named(oracle_standin: Any) -> None:
    """Somebody who may not store anything learns what to ask for."""
    with oracle_standin.user() as user:
        oracle_standin.execute(f"ALTER USER {user.name} QUOTA 0 ON users")
        _leave(oracle_standin, user, "CREATE SESSION", "CREATE TABLE", "CREATE SEQUENCE")
        asked = rf"ALTER USER {user.name} QUOTA .* ON USERS"
        with _opened(user) as database, pytest.raises(sqlalchemy.exc.DatabaseError, match=asked):
            _store(database)


def _store(database: Database) -> None:
    """Make a table with a row: a server may ask for room when it is made, or when it is first used."""
    with database.declareStaticTables(create=True) as context:
        table = context.addTable("second", _INDEXED)
    database.insert(table, {"id": 1})


def test_a_reader_learns_what_to_be_granted(make_database: MakeDatabase, oracle_user: Any) -> None:
    """Somebody else's registry cannot be read without SELECT on its tables; the error names it."""
    database = make_database()
    _declare(database)
    owner = str(database.namespace)
    with _opened(oracle_user, namespace=owner, writeable=False) as other:
        with other.declareStaticTables(create=False) as context:
            table = context.addTable("second", _INDEXED)
        with (
            pytest.raises(
                sqlalchemy.exc.DatabaseError, match=rf"GRANT SELECT ON {owner}.* TO {oracle_user.name}"
            ),
            other.query(table.select()),
        ):
            pass


def test_a_missing_privilege_is_named_on_the_newest_server(
    make_database: MakeDatabase, oracle_faults: Any
) -> None:
    """23ai has another number for the lack of a privilege on somebody's table."""
    database = make_database()
    oracle_faults.at(CallKind.EXECUTE, matching="SELECT 5").answer(41900)
    statement: sqlalchemy.Select[Any] = sqlalchemy.select(sqlalchemy.literal_column("5")).select_from(
        sqlalchemy.text("other.t")
    )
    with (
        pytest.raises(sqlalchemy.exc.DatabaseError, match=r"GRANT SELECT ON other\.t TO"),
        database.query(statement),
    ):
        pass


def _leave(oracle_standin: Any, user: Any, *privileges: str) -> None:
    """Leave a user these privileges alone."""
    grants = (f"GRANT {privilege} TO {user.name}" for privilege in privileges)
    oracle_standin.execute(f"REVOKE connect, resource FROM {user.name}", *grants)
