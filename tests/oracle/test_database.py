"""What is Oracle's own in a registry database, on the stand-in."""

from __future__ import annotations

import math
import threading
from typing import Any

import pytest
import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.registry.interfaces import Database

from oracle_standin.testing import Counted
from tests.oracle.conftest import MakeDatabase

pytestmark = pytest.mark.h2

_SPEC = ddl.TableSpec(
    fields=[
        ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True),
        ddl.FieldSpec("name", dtype=sqlalchemy.String, length=1024),
        ddl.FieldSpec("size", dtype=sqlalchemy.Float),
        ddl.FieldSpec("group", dtype=sqlalchemy.String, length=64),
    ],
    unique={("group",)},
)


def _declared(database: Database, *, create: bool = True) -> sqlalchemy.Table:
    with database.declareStaticTables(create=create) as context:
        return context.addTable("thing", _SPEC)


def _column(database: Database, statement: sqlalchemy.Select[Any]) -> list[Any]:
    with database.query(statement) as result:
        return [row[0] for row in result.fetchall()]


def test_not_equal_to_empty_finds_what_is_not_empty(make_database: MakeDatabase) -> None:
    """A comparison with '' means what it means on other databases, though '' is NULL."""
    database = make_database()
    table = _declared(database)
    database.insert(table, {"id": 1, "name": "one"}, {"id": 2, "name": ""}, {"id": 3, "name": None})
    assert _column(database, table.select().where(table.c.name != "")) == [1]
    assert _column(database, table.select().where(table.c.name != "two")) == [1]


def test_lists_may_be_long(make_database: MakeDatabase) -> None:
    """A search for 2500 values, which Oracle does not take in one list, finds all of them."""
    database = make_database()
    table = _declared(database)
    database.insert(table, *({"id": n, "group": str(n)} for n in range(2500)))
    wanted = database.make_in_array_constraint(table.c.id, range(2500))
    count = sqlalchemy.select(sqlalchemy.func.count()).select_from(table).where(wanted)
    assert _column(database, count) == [2500]
    # As upstream has an expression with a list in it.
    listed = [sqlalchemy.literal(n) for n in range(1, 2500)]
    assert _column(database, count.where(table.c.id.in_(listed))) == [2499]
    assert _column(database, sqlalchemy.select(table.c.id).where(table.c.id.not_in(listed))) == [0]
    # As it may come to have the values themselves; compiled once, for lists of all lengths.
    for number in (1, 1000, 1001, 2500):
        assert _column(database, count.where(table.c.id.in_(range(number)))) == [number]
        assert _column(database, count.where(table.c.id.not_in(range(number)))) == [2500 - number]
    nothing = database.make_in_array_constraint(table.c.id, [])
    assert _column(database, table.select().where(nothing)) == []


def test_floats_keep_what_is_not_a_number(make_database: MakeDatabase) -> None:
    """NaN and infinity come back as they went."""
    database = make_database()
    table = _declared(database)
    database.insert(table, {"id": 1, "size": math.inf}, {"id": 2, "size": math.nan, "group": "b"})
    first, second = _column(database, sqlalchemy.select(table.c.size).order_by(table.c.id))
    assert first == math.inf
    assert math.isnan(second)


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        ("*", ["a%b", "a_b", "axb", r"a\b"]),
        ("a%b", ["a%b"]),
        ("a_b", ["a_b"]),
        ("a?b", ["a%b", "a_b", "axb", r"a\b"]),
        (r"a\\b", [r"a\b"]),
        (r"a\b", [r"a\b"]),
        (r"a\*b", []),
        ("*x*", ["axb"]),
    ],
)
def test_globs(make_database: MakeDatabase, glob: str, found: list[str]) -> None:
    """A glob finds its names, whatever LIKE takes for special."""
    database = make_database()
    table = _declared(database)
    names = ["a%b", "a_b", "axb", r"a\b"]
    database.insert(table, *({"id": n, "name": name, "group": str(n)} for n, name in enumerate(names)))
    condition = database.glob_expression(table.c.name, glob)
    assert sorted(_column(database, sqlalchemy.select(table.c.name).where(condition))) == sorted(found)


def test_conditions_are_selected(make_database: MakeDatabase) -> None:
    """A condition in a SELECT list comes back as true, false or unknown."""
    database = make_database()
    table = _declared(database)
    rows = [{"id": n, "name": name, "group": str(n)} for n, name in enumerate(("a", "b", None))]
    database.insert(table, *rows)
    condition = (table.c.name == "a").label("is_a")
    assert _column(database, sqlalchemy.select(condition).order_by(table.c.id)) == [True, False, None]


def test_ensure_tells_which_key_is_there(make_database: MakeDatabase) -> None:
    """`ensure` skips rows that are there, and with ``primary_key_only`` fails on another key."""
    database = make_database()
    table = _declared(database)
    assert database.ensure(table, {"id": 1, "group": "a"}, {"id": 2, "group": "b"}) == 2
    assert (
        database.ensure(table, {"id": 1, "group": "x"}, {"id": 3, "group": "a"}, {"id": 4, "group": "d"}) == 1
    )
    assert database.ensure(table, {"id": 1, "group": "x"}, primary_key_only=True) == 0
    with pytest.raises(sqlalchemy.exc.IntegrityError, match="ORA-00001"):
        database.ensure(table, {"id": 9, "group": "a"}, primary_key_only=True)
    assert sorted(_column(database, table.select())) == [1, 2, 4]


def test_ensure_has_no_races(make_database: MakeDatabase) -> None:
    """Several sessions that ensure the same rows at once make each of them once."""
    database = make_database()
    _declared(database)
    others = [make_database(like=database) for _ in range(4)]
    counts: list[int] = []

    def ensure(other: Database) -> None:
        table = _declared(other, create=False)
        rows = [{"id": n, "group": str(n)} for n in range(100)]
        counts.append(sum(other.ensure(table, *rows[start : start + 10]) for start in range(0, 100, 10)))

    threads = [threading.Thread(target=ensure, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 4
    assert sum(counts) == 100


def test_replace_changes_and_adds(make_database: MakeDatabase) -> None:
    """`replace` overwrites rows that are there, unnamed columns with NULL, and adds the others."""
    database = make_database()
    table = _declared(database)
    database.insert(table, {"id": 1, "name": "old", "group": "a"})
    database.replace(table, {"id": 1, "group": "b"}, {"id": 2, "name": "new", "group": "c"})
    with database.query(table.select().order_by(table.c.id)) as result:
        assert [tuple(row) for row in result.fetchall()] == [(1, None, None, "b"), (2, "new", None, "c")]


def test_replace_takes_few_round_trips(make_database: MakeDatabase, oracle_standin: Any) -> None:
    """A thousand rows are replaced by two arrays, whether they are there or not."""
    database = make_database()
    table = _declared(database)
    rows = [{"id": n, "group": str(n)} for n in range(1000)]
    database.replace(table, *rows[:500])
    with Counted(oracle_standin.control, str(database.namespace).upper()) as counted:
        database.replace(table, *rows)
    assert counted.summary.totals.executions == 2
    assert len(_column(database, table.select())) == 1000


def test_ensure_raises_what_the_driver_would(make_database: MakeDatabase) -> None:
    """A row that is not a duplicate and fails is no violated key, and nothing of its batch stays."""
    database = make_database()
    table = _declared(database)
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="ORA-12899") as caught:
        database.ensure(table, {"id": 1, "group": "a"}, {"id": 2, "group": "x" * 100})
    assert not isinstance(caught.value, sqlalchemy.exc.IntegrityError)
    assert _column(database, table.select()) == []


def test_a_password_is_in_no_text(make_database: MakeDatabase) -> None:
    """Neither the database nor its engine shows a password."""
    database = make_database()
    password = database._engine.url.password
    assert password
    assert str(password) not in f"{database} {database._engine} {database._engine.url!r}"
