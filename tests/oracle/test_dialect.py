"""How a session is opened and spoken to, on the stand-in."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import oracledb
import pytest
import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.registry.interfaces import Database
from sqlalchemy.dialects.oracle import CLOB
from sqlalchemy.engine import Engine

from gen3bed.oracle import OldServerError, OracleDatabase
from gen3bed.oracle._dialect import ButlerOracleDialect
from oracle_standin.testing import Counted
from tests.oracle.conftest import MakeDatabase

pytestmark = pytest.mark.h2

# Words that Oracle reserves; not ROWID, which no column may be called.
_RESERVED = """
    access add all alter and any as asc audit between by char check cluster column column_value
    comment compress connect create current date decimal default delete desc distinct drop else
    exclusive exists file float for from grant group having identified immediate in increment index
    initial insert integer intersect into is level like lock long maxextents minus mlslabel mode
    modify nested_table_id noaudit nocompress not nowait null number of offline on online option or
    order pctfree prior public raw rename resource revoke row rownum rows select session set share
    size smallint start successful synonym sysdate table then to trigger uid union unique update
    user validate values varchar varchar2 view whenever where with
""".split()  # noqa: SIM905 - a list of words


@pytest.fixture
def engine(oracle_user: Any) -> Iterator[Engine]:
    """Return an engine of a new user."""
    made = OracleDatabase.makeEngine(oracle_user.url)
    yield made
    made.dispose()


@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        ("oracle+butler://u:p@h/S", {"host": "h", "port": 1521, "service_name": "S"}),
        ("oracle+butler://u:p@h:1/?service_name=S", {"host": "h", "port": 1, "service_name": "S"}),
        ("oracle+butler://u:p@alias", {"dsn": "alias"}),
        (
            "oracle+butler://u:p@h/S?protocol=tcps&wallet_location=/w",
            {"host": "h", "port": 1521, "service_name": "S", "protocol": "tcps", "wallet_location": "/w"},
        ),
    ],
)
def test_urls(url: str, arguments: dict[str, Any]) -> None:
    """What stands behind the host is a service name, and the query goes to the driver."""
    dialect = ButlerOracleDialect()  # type: ignore[no-untyped-call]
    assert dialect.create_connect_args(sqlalchemy.make_url(url)) == (
        [],
        arguments | {"user": "u", "password": "p"},
    )


def test_a_service_name_is_reached(oracle_user: Any, oracle_standin: Any) -> None:
    """A URL with the service name behind the host connects; SQLAlchemy's dialect takes it for a SID."""
    url = sqlalchemy.make_url(oracle_user.url)
    url = url.set(database=oracle_standin.ready.service, query={})
    database = OracleDatabase.fromUri(url, origin=0)
    assert database.namespace == oracle_user.name.lower()
    database.dispose()


def test_old_servers_are_refused(oracle_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server before 19c is refused with its version and the oldest one, without a password."""
    monkeypatch.setattr(ButlerOracleDialect, "_get_server_version_info", lambda *_: (18, 4, 0, 0, 0))
    with pytest.raises(OldServerError, match=r"Oracle 18\.4\.0\.0\.0 .* 19c is the oldest") as caught:
        OracleDatabase.fromUri(oracle_user.url, origin=0)
    assert oracle_user.password not in str(caught.value)


def test_reflection_has_one_form(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked about the tables of a 23ai server is taken by one of 19c as well."""
    monkeypatch.setattr(ButlerOracleDialect, "_get_server_version_info", lambda *_: (23, 4, 0, 0, 0))
    assert sqlalchemy.inspect(engine).get_table_names() == []


def test_connections_are_tried_without_a_statement(
    engine: Engine, oracle_user: Any, oracle_standin: Any
) -> None:
    """A connection that comes out of the pool is pinged; nothing is parsed or executed for it."""
    with engine.connect():
        pass
    with Counted(oracle_standin.control, oracle_user.name) as counted, engine.connect():
        pass
    assert counted.summary.totals.pings == 1
    assert counted.summary.totals.executions == 0


def test_times_are_utc(make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that the server puts into a row is UTC, wherever the client is."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        database = make_database()
        table = _declared(
            database,
            ddl.FieldSpec("at", dtype=sqlalchemy.TIMESTAMP, default=sqlalchemy.func.current_timestamp()),
        )
        database.insert(table, {"id": 1})
        with database.query(sqlalchemy.select(table.c.at)) as result:
            found = result.scalar_one()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert abs(found - dt.datetime.now(dt.UTC).replace(tzinfo=None)) < dt.timedelta(minutes=5)


def test_a_session_depends_on_no_locale(oracle_user: Any, oracle_standin: Any) -> None:
    """Each session is told its time zone, order and comparison, and how long DDL waits, in one statement."""
    with Counted(oracle_standin.control, oracle_user.name) as counted:
        OracleDatabase.fromUri(oracle_user.url, origin=0).dispose()
    (text,) = [text for text in counted.summary.statements if text.startswith("ALTER SESSION")]
    for setting in (
        "TIME_ZONE = '+00:00'",
        "NLS_SORT = BINARY",
        "NLS_COMP = BINARY",
        "DDL_LOCK_TIMEOUT = 10",
    ):
        assert setting in text


def test_reserved_words_are_names(make_database: MakeDatabase) -> None:
    """Columns may be called by any word that Oracle reserves, in each kind of statement."""
    database = make_database()
    table = _declared(database, *(ddl.FieldSpec(word, dtype=sqlalchemy.BigInteger) for word in _RESERVED))
    row = {"id": 1} | {word: n for n, word in enumerate(_RESERVED)}
    database.insert(table, row)
    database.replace(table, row)
    assert database.ensure(table, row) == 0
    assert database.update(table, {"id": "k"}, {"k": 1} | dict.fromkeys(_RESERVED, 7)) == 1
    with database.query(table.select().where(*(table.c[word] == 7 for word in _RESERVED))) as result:
        assert result.one()._mapping["group"] == 7


def test_names_may_be_long(make_database: MakeDatabase) -> None:
    """Names of tables and columns have up to 128 bytes; those made of them are shrunk and expanded."""
    database = make_database()
    long = "t" * 120
    with database.declareStaticTables(create=True) as context:
        parent = context.addTable(
            long, ddl.TableSpec([ddl.FieldSpec("c" * 128, dtype=sqlalchemy.BigInteger, primaryKey=True)])
        )
        key = ddl.FieldSpec("k" * 128, dtype=sqlalchemy.BigInteger, primaryKey=True)
        child = ddl.TableSpec([key, ddl.FieldSpec("u" * 128, dtype=sqlalchemy.BigInteger)])
        child.unique.add((key.name, "u" * 128))
        child.indexes.add(ddl.IndexSpec("u" * 128))
        child.foreignKeys.append(
            ddl.ForeignKeySpec(long, source=(key.name,), target=("c" * 128,), addIndex=True)
        )
        table = context.addTable("child", child)
    database.insert(parent, {"c" * 128: 1})
    database.insert(table, {key.name: 1, "u" * 128: 2})
    shrunk = database.shrinkDatabaseEntityName("x" * 200)
    assert len(shrunk) <= 128
    assert database.expandDatabaseEntityName(shrunk) == "x" * 200


@pytest.mark.parametrize("kind", [sqlalchemy.Text(), sqlalchemy.String(20), sqlalchemy.String(65535), CLOB()])
def test_texts_are_bound_as_varchar2(kind: sqlalchemy.String) -> None:
    """No text is bound in the national character set: a server would not use an index on it."""
    driver: Any = oracledb
    dialect = ButlerOracleDialect(dbapi=driver)  # type: ignore[no-untyped-call]
    bound = kind.dialect_impl(dialect).get_dbapi_type(driver)
    assert bound is None or bound not in (dialect.include_set_input_sizes or ())


def _declared(database: Database, *fields: ddl.FieldSpec) -> sqlalchemy.Table:
    key = ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True)
    with database.declareStaticTables(create=True) as context:
        return context.addTable("thing", ddl.TableSpec([key, *fields]))
