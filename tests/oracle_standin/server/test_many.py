"""Pools, asyncio and many clients of the real driver."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import oracledb
import pytest

from oracle_standin.server import Server
from oracle_standin.values import DataType, Value
from tests.oracle_standin.server.conftest import WAYS
from tests.support.fake_oracle import FakeDatabase, FakeLob, FakeSession, Query, column

every_way = pytest.mark.parametrize("way", WAYS, indirect=True)
LOGIN = {"user": "scott", "password": "tiger"}


@every_way
def test_pool(server: Server, database: FakeDatabase) -> None:
    """A pool's sessions are used by several threads and rolled back when they are given back."""
    pool = oracledb.create_pool(**LOGIN, dsn=server.dsn, min=1, max=4, increment=1)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                with pool.acquire() as connection:
                    value = number * 100 + turn
                    row = connection.cursor().execute("select :1 from dual", [value]).fetchone()
                    assert row == (value,)
                    connection.cursor().execute("insert into t values (:1)", [value])
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(database.rows) == 160
    assert sum(session.rollbacks for session in database.sessions) == 160
    pool.close()


def test_pool_replaces_dead_sessions(server: Server) -> None:
    """A session that was cut while it was idle is replaced by the pool unseen."""
    pool = oracledb.create_pool(**LOGIN, dsn=server.dsn, min=1, max=1, ping_interval=0)
    with pool.acquire() as connection:
        assert connection.is_healthy()
    server.connections()[0].cut()
    with pool.acquire() as connection:
        assert connection.cursor().execute("select 1 from dual").fetchone() == (1,)
    pool.close()


def test_pooled_server(server: Server) -> None:
    """A connection of Oracle's own pool works, and gives its session back."""
    pool = oracledb.create_pool(**LOGIN, dsn=f"{server.dsn}:pooled", cclass="X", purity=oracledb.PURITY_SELF)
    for _ in range(3):
        with pool.acquire() as connection:
            assert connection.cursor().execute("select 1 from dual").fetchone() == (1,)
    pool.close()


@every_way
def test_asyncio(server: Server, database: FakeDatabase) -> None:
    """The asyncio driver executes, fetches, reads LOBs, cancels and ends transactions."""
    clob = column("C", DataType.CLOB)
    database.queries["select c from t"] = Query(
        [clob], [(FakeLob(clob.spec, "text" * 9000, temporary=False),)]
    )

    def sleep(session: FakeSession, values: Sequence[Value]) -> dict[int, Value]:
        session.wait(60)
        return {}

    database.blocks["begin sleep; end;"] = sleep

    async def work(number: int) -> None:
        async with oracledb.connect_async(**LOGIN, dsn=server.dsn) as connection:
            with connection.cursor() as cursor:
                rows = [(number * 10_000 + n, "x" * 300) for n in range(300)]
                await cursor.executemany("insert into t values (:1, :2)", rows)
                await cursor.execute("select c from t")
                ((lob,),) = await cursor.fetchall()
                assert await lob.read() == "text" * 9000
            await connection.commit()
            connection.call_timeout = 200
            with pytest.raises(oracledb.DatabaseError, match="DPY-4024"):
                await connection.execute("begin sleep; end;")
            connection.call_timeout = 0
            assert await connection.fetchone("select 1 from dual") == (1,)

    async def all_of_them() -> None:
        await asyncio.gather(*(work(number) for number in range(5)))

    asyncio.run(all_of_them())
    assert len(database.rows) == 1500


@every_way
def test_pipelines(server: Server, database: FakeDatabase) -> None:
    """The operations of a pipeline run in order, and each has its own result or error."""
    database.queries["select n from t"] = Query([column("N")], [(n,) for n in range(500)])

    async def work() -> list[oracledb.PipelineOpResult]:
        async with oracledb.connect_async(**LOGIN, dsn=server.dsn) as connection:
            pipeline = oracledb.create_pipeline()
            pipeline.add_execute("create table t (n number)")
            pipeline.add_executemany("insert into t values (:1)", [(1,), (2,)])
            pipeline.add_fetchall("select n from t")
            pipeline.add_fetchone("select nothing from t")
            pipeline.add_fetchone("select :1 from dual", ["x"])
            pipeline.add_commit()
            results: list[oracledb.PipelineOpResult] = await connection.run_pipeline(
                pipeline, continue_on_error=True
            )
            return results

    results = asyncio.run(work())
    assert results[2].rows == [(n,) for n in range(500)]
    assert "ORA-00942" in str(results[3].error)
    assert results[4].rows == [("x",)]
    assert database.rows == [(1,), (2,)]
    assert database.sessions[0].commits == 1


def test_many_clients(server: Server) -> None:
    """Sixty clients at once are served."""
    connections = [oracledb.connect(**LOGIN, dsn=server.dsn) for _ in range(60)]
    for number, connection in enumerate(connections):
        assert connection.cursor().execute("select :1 from dual", [number]).fetchone() == (number,)
    for connection in connections:
        connection.close()
