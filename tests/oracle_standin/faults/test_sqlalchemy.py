"""What SQLAlchemy's Oracle dialect and its pool make of faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from oracle_standin.faults import Faults
from oracle_standin.server import CallKind, Server

pytestmark = [pytest.mark.h2, pytest.mark.usefixtures("bystander")]


@pytest.fixture
def engine(url: sa.URL) -> Iterator[sa.Engine]:
    """Return an engine that looks after its connections."""
    engine = sa.create_engine(url, pool_pre_ping=True)
    with engine.connect():
        pass
    yield engine
    engine.dispose()


@pytest.mark.parametrize("how", ["cut", "kill"])
def test_pre_ping_replaces_a_lost_session(engine: sa.Engine, server: Server, how: str) -> None:
    """A session that was lost in the pool is replaced unseen."""
    lost = next(c for c in server.connections() if c.user == "SCOTT")
    getattr(lost, how)()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select 1 from dual")) == 1


def test_pre_ping_that_is_cut_itself(engine: sa.Engine, faults: Faults) -> None:
    """A connection that is lost by the ping, a query, is replaced as well."""
    fault = faults.at(CallKind.EXECUTE, matching="^select 1 from dual$").cut()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select 1 from dual")) == 1
    assert fault.struck == 1


def test_without_pre_ping_the_first_statement_fails(url: sa.URL, server: Server) -> None:
    """Without pre-ping a lost session is an error that invalidates the pool's connections."""
    engine = sa.create_engine(url)
    with engine.connect():
        pass
    next(c for c in server.connections() if c.user == "SCOTT").cut()
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
        connection.scalar(sa.text("select 1 from dual"))
    assert caught.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select 1 from dual")) == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("number", "lost"), [(60, False), (1013, False), (3113, True), (2396, True), (28, True)]
)
def test_disconnects_are_told_from_errors(
    engine: sa.Engine, faults: Faults, number: int, *, lost: bool
) -> None:
    """SQLAlchemy drops the connection for a number that ends a session, and keeps it for others."""
    faults.at(CallKind.EXECUTE, matching="into t ").answer(number)
    with pytest.raises(sa.exc.DBAPIError) as caught, engine.begin() as connection:
        connection.execute(sa.text("insert into t (n) values (1)"))
    assert caught.value.connection_invalidated is lost
    with engine.begin() as connection:
        connection.execute(sa.text("insert into t (n) values (1)"))


def test_a_commit_of_unknown_outcome(engine: sa.Engine, faults: Faults) -> None:
    """A lost answer of a commit is a lost connection, and the row is there; a lost commit leaves none."""
    for lose, expected in ((faults.lose_answer_of_commit, 1), (faults.lose_commit, 1)):
        lose(user="scott")
        with pytest.raises(sa.exc.DatabaseError, match="DPY-4011"), engine.begin() as connection:
            connection.execute(sa.text("insert into t (n) select nvl(max(n), 0) + 1 from t"))
        with engine.connect() as connection:
            assert connection.scalar(sa.text("select count(*) from t")) == expected


def test_a_login_during_start_up(url: sa.URL, faults: Faults) -> None:
    """A database that is not open yet is an OperationalError of SQLAlchemy's."""
    faults.open_database_slowly()
    engine = sa.create_engine(url)
    with pytest.raises(sa.exc.OperationalError, match="ORA-01033"), engine.connect():
        pass
    with engine.connect():
        pass
    engine.dispose()
