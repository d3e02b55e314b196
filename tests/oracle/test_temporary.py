"""Private temporary tables, on the stand-in."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.registry.interfaces import Database

from oracle_standin.testing import Counted
from tests.oracle.conftest import MakeDatabase

pytestmark = pytest.mark.h2

_STATIC = ddl.TableSpec(fields=[ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True)])


def _spec(column: str = "a", kind: Any = sqlalchemy.BigInteger) -> ddl.TableSpec:
    # A key and an index, which a private temporary table cannot have.
    key = ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True)
    return ddl.TableSpec(fields=[key, ddl.FieldSpec(column, dtype=kind)], indexes=[ddl.IndexSpec(column)])


def _declared(database: Database) -> sqlalchemy.Table:
    with database.declareStaticTables(create=True) as context:
        return context.addTable("static", _STATIC)


def _count(database: Database, table: sqlalchemy.Table) -> int:
    with database.query(sqlalchemy.select(sqlalchemy.func.count()).select_from(table)) as result:
        return int(result.scalar_one())


def test_a_temporary_table_commits_nothing(make_database: MakeDatabase) -> None:
    """What was changed before a temporary table was made is undone with the transaction."""
    database = make_database()
    table = _declared(database)

    def fail() -> None:
        with database.transaction():
            database.insert(table, {"id": 1})
            with database.temporary_table(_spec()) as temporary:
                database.insert(temporary, {"id": 1, "a": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _count(database, table) == 0


def test_many_temporary_tables_one_after_another(make_database: MakeDatabase, oracle_standin: Any) -> None:
    """A transaction may use 40 of the same columns, though a session has 16: one is used again."""
    database = make_database()
    table = _declared(database)
    with Counted(oracle_standin.control, str(database.namespace).upper()) as counted, database.transaction():
        for n in range(40):
            with database.temporary_table(_spec()) as temporary:
                assert _count(database, temporary) == 0
                database.insert(temporary, {"id": n, "a": n})
                chosen = sqlalchemy.select(temporary.c.id).where(temporary.c.a == n)
                database.insert(table, select=chosen)
    assert _count(database, table) == 40
    made = [text for text in counted.summary.statements if "CREATE PRIVATE" in text]
    assert len(made) == 1


def test_temporary_tables_within_each_other(make_database: MakeDatabase) -> None:
    """Those in use at once are different ones, also with the same columns."""
    database = make_database()
    _declared(database)
    with contextlib.ExitStack() as stack:
        tables = [stack.enter_context(database.temporary_table(_spec())) for _ in range(3)]
        for n, table in enumerate(tables):
            database.insert(table, *({"id": i, "a": n} for i in range(n)))
        assert [_count(database, table) for table in tables] == [0, 1, 2]


def test_too_many_temporary_tables_say_what_to_do(make_database: MakeDatabase) -> None:
    """The 17th that is used at once fails with a plain error; the next transaction can make some again."""
    database = make_database()
    _declared(database)

    def make() -> None:
        with contextlib.ExitStack() as stack:
            for n in range(17):
                stack.enter_context(database.temporary_table(_spec(f"c{n}")))

    with pytest.raises(sqlalchemy.exc.DatabaseError, match="as many temporary tables as a session") as caught:
        make()
    assert "ORA-32460" in str(caught.value)
    with database.temporary_table(_spec()) as temporary:
        assert _count(database, temporary) == 0


def test_a_table_that_a_savepoint_undid_is_not_used_again(make_database: MakeDatabase) -> None:
    """After a part of a transaction was undone, a temporary table is made anew and has no rows."""
    database = make_database()
    _declared(database)
    with database.transaction():
        with contextlib.suppress(ZeroDivisionError), database.transaction(savepoint=True):
            with database.temporary_table(_spec()) as temporary:
                database.insert(temporary, {"id": 1, "a": 1})
            raise ZeroDivisionError
        with database.temporary_table(_spec()) as temporary:
            assert _count(database, temporary) == 0
