"""Aggregates of regions that are longer than a VARCHAR2 can be, on the stand-in."""

from __future__ import annotations

import math
from base64 import b64encode
from typing import Any

import pytest
import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.registry.interfaces import Database
from lsst.sphgeom import Angle, Circle, ConvexPolygon, Region, UnionRegion, UnitVector3d

from tests.oracle.conftest import MakeDatabase

pytestmark = pytest.mark.h2

_SPEC = ddl.TableSpec(
    fields=[
        ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger, primaryKey=True),
        ddl.FieldSpec("visit", dtype=sqlalchemy.BigInteger),
        ddl.FieldSpec.for_region(),
    ],
)
_PARTS = 200


def _circle(n: int) -> Circle:
    return Circle(UnitVector3d(1.0, 0.01 * n, 0.0), Angle(0.001))


_FAR = Circle(UnitVector3d(-1.0, 0.0, 0.0), Angle(0.001))
_FAR_TEXT = b64encode(_FAR.encode())


def _filled(database: Database) -> sqlalchemy.Table:
    """Return a table in which visit 0 has one region, 1 has 200 and 2 has none."""
    with database.declareStaticTables(create=True) as context:
        table = context.addTable("area", _SPEC)
    rows = [{"id": n, "visit": 1, "region": _circle(n)} for n in range(_PARTS)]
    single = {"id": _PARTS, "visit": 0, "region": _circle(0)}
    database.insert(table, *rows, single, {"id": _PARTS + 1, "visit": 2, "region": None})
    return table


def _union(table: Any, by: str = "visit") -> sqlalchemy.Select[Any]:
    region = ddl.Base64Region.union_aggregate(table.c.region)
    return sqlalchemy.select(table.c[by], region.label("region")).group_by(table.c[by])


def _overlap(table: Any) -> sqlalchemy.ColumnElement[Any]:
    """Return the overlap with a region far away, as upstream's queries have it."""
    text = sqlalchemy.cast(table.c.region, sqlalchemy.String)
    far = sqlalchemy.literal(f"&{_FAR_TEXT.decode()}", sqlalchemy.String)
    return sqlalchemy.cast(text + far, sqlalchemy.LargeBinary)


def _overlaps(expression: Any) -> sqlalchemy.ColumnElement[Any]:
    return sqlalchemy.cast(sqlalchemy.func.aggregate_strings(expression, "|"), sqlalchemy.LargeBinary)


def _parts(region: Region) -> set[bytes]:
    if isinstance(region, UnionRegion):
        return {region.cloneOperand(n).encode() for n in range(region.nOperands())}
    return {region.encode()}


def _rows(database: Database, query: Any) -> dict[Any, Any]:
    with database.query(query) as result:
        return {row[0]: row[1] for row in result.fetchall()}


_ALL = {_circle(n).encode() for n in range(_PARTS)}


def test_a_union_of_regions_may_be_long(make_database: MakeDatabase) -> None:
    """200 regions, some 13 000 bytes, become one union; LISTAGG would fail with ORA-01489."""
    database = make_database()
    regions = _rows(database, _union(_filled(database)))
    assert _parts(regions[1]) == _ALL
    assert regions[0] == _circle(0)
    assert regions[2] is None


def test_overlaps_may_be_long(make_database: MakeDatabase) -> None:
    """The overlaps of 200 pairs come back in the form that sphgeom decides."""
    database = make_database()
    table = _filled(database)
    query = sqlalchemy.select(table.c.visit, _overlaps(_overlap(table))).group_by(table.c.visit)
    found = _rows(database, query.where(table.c.region.is_not(None)))
    assert found[1].count(b"|") == _PARTS - 1
    assert Region.decodeOverlapsBase64(found[1].decode()) is False


def test_two_regions_may_be_long_together(make_database: MakeDatabase) -> None:
    """The overlap of two polygons, each of which fits into its column, has over 4000 bytes and comes back."""
    database = make_database()
    table = _filled(database)
    corners = [UnitVector3d(math.cos(a), math.sin(a), 5.0) for a in (2 * math.pi * n / 80 for n in range(80))]
    polygon = ConvexPolygon(corners)
    database.insert(table, *({"id": 1000 + n, "visit": 3, "region": polygon} for n in range(3)))
    pair = sqlalchemy.cast(
        sqlalchemy.cast(table.c.region, sqlalchemy.String)
        + sqlalchemy.literal("&", sqlalchemy.String)
        + sqlalchemy.cast(table.c.region, sqlalchemy.String),
        sqlalchemy.LargeBinary,
    )
    found = _rows(database, sqlalchemy.select(table.c.visit, pair).where(table.c.visit == 3))
    assert len(found[3]) > 5000
    assert Region.decodeOverlapsBase64(found[3].decode()) is True
    query = sqlalchemy.select(table.c.visit, _overlaps(pair)).group_by(table.c.visit)
    found = _rows(database, query.where(table.c.visit == 3))
    assert Region.decodeOverlapsBase64(found[3].decode()) is True


def test_long_texts_are_materialized(make_database: MakeDatabase) -> None:
    """Unions and overlaps go through a temporary table, which has no LOBs, and through another aggregate."""
    database = make_database()
    table = _filled(database)
    spec = ddl.TableSpec(
        fields=[
            ddl.FieldSpec("visit", dtype=sqlalchemy.BigInteger),
            ddl.FieldSpec.for_region(),
            ddl.FieldSpec("overlaps", dtype=sqlalchemy.LargeBinary, nullable=True),
        ]
    )
    whole = _union(table).add_columns(_overlaps(_overlap(table)).label("overlaps"))
    with database.session(), database.temporary_table(spec) as temporary:
        database.insert(temporary, select=whole)
        regions = _rows(database, sqlalchemy.select(temporary.c.visit, temporary.c.region))
        assert _parts(regions[1]) == _ALL
        assert regions[0] == _circle(0)
        assert regions[2] is None
        overlaps = _rows(database, sqlalchemy.select(temporary.c.visit, temporary.c.overlaps))
        assert overlaps[1].count(b"|") == _PARTS - 1
        again = sqlalchemy.select(
            sqlalchemy.literal(0).label("x"), ddl.Base64Region.union_aggregate(temporary.c.region)
        )
        assert _parts(_rows(database, again)[0]) == _ALL
        again = sqlalchemy.select(sqlalchemy.literal(0).label("x"), _overlaps(temporary.c.overlaps))
        # Those of visit 1 and those of visit 0; visit 2 has the far region alone.
        assert _rows(database, again)[0].count(_FAR_TEXT) == _PARTS + 2
        any_region = database.apply_any_aggregate(temporary.c.region)
        grouped = sqlalchemy.select(temporary.c.visit, any_region).group_by(temporary.c.visit)
        assert _parts(_rows(database, grouped)[1]) == _ALL


def test_rows_with_long_texts_are_put_into_temporary_tables(make_database: MakeDatabase) -> None:
    """Regions and bytes of rows that a client inserts are cut as those of a query are."""
    database = make_database()
    _filled(database)
    spec = ddl.TableSpec(
        fields=[
            ddl.FieldSpec("id", dtype=sqlalchemy.BigInteger),
            ddl.FieldSpec.for_region(),
            ddl.FieldSpec("b", dtype=sqlalchemy.LargeBinary),
        ]
    )
    with database.session(), database.temporary_table(spec) as temporary:
        rows: list[dict[str, Any]] = [
            {"id": 1, "region": _circle(1), "b": b"x" * 9000},
            {"id": 2, "region": None, "b": None},
        ]
        database.insert(temporary, *rows)
        assert _rows(database, sqlalchemy.select(temporary.c.id, temporary.c.region)) == {
            1: _circle(1),
            2: None,
        }
        assert _rows(database, sqlalchemy.select(temporary.c.id, temporary.c.b)) == {1: b"x" * 9000, 2: None}


def test_a_text_that_is_longer_than_all_pieces_is_refused(make_database: MakeDatabase) -> None:
    """More than 256 000 bytes in one row of a temporary table are an error, and nothing is cut off."""
    database = make_database()
    table = _filled(database)
    spec = ddl.TableSpec(
        fields=[
            ddl.FieldSpec("visit", dtype=sqlalchemy.BigInteger),
            ddl.FieldSpec("overlaps", dtype=sqlalchemy.LargeBinary),
        ]
    )
    first, second = table.alias("first_area"), table.alias("second_area")
    joined = first.join(second, first.c.visit == second.c.visit)
    query = sqlalchemy.select(first.c.visit, _overlaps(_overlap(first)).label("overlaps"))
    query = query.select_from(joined).where(first.c.visit == 1).group_by(first.c.visit)
    with database.session(), database.temporary_table(spec) as temporary:
        with pytest.raises(sqlalchemy.exc.DatabaseError):
            database.insert(temporary, select=query)
        assert _rows(database, sqlalchemy.select(temporary.c.visit, temporary.c.overlaps)) == {}
