"""Patches that are derived from a tract's region."""

from __future__ import annotations

import numpy as np
import pytest
from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d

from gen3bed.pipeline import RecordsError, read_records
from gen3bed.pipeline._geometry import derive_patches, overlaps

ARCSECOND = np.radians(1 / 3600)


def square(lon: float, lat: float, half: float) -> ConvexPolygon:
    """Return a square of ``2 * half`` degrees around a point near the equator."""
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    return ConvexPolygon([UnitVector3d(LonLat.fromDegrees(lon + x, lat + y)) for x, y in corners])


def gnomonic(region: ConvexPolygon, centre: np.ndarray) -> np.ndarray:
    """Return the vertices of a region in the tangent plane of ``centre``."""
    east = np.cross([0, 0, 1], centre)
    east /= np.linalg.norm(east)
    north = np.cross(centre, east)
    points = np.array([list(vertex) for vertex in region.getVertices()])
    points /= (points @ centre)[:, None]
    return np.stack([points @ east, points @ north], axis=1)


def separated(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether an edge of one of two convex polygons of the plane separates them."""
    for polygon in (a, b):
        for edge in np.roll(polygon, -1, axis=0) - polygon:
            normal = np.array([-edge[1], edge[0]])
            if (a @ normal).max() < (b @ normal).min() or (b @ normal).max() < (a @ normal).min():
                return True
    return False


def test_derivation_gives_the_recorded_patches() -> None:
    """The two patches that the records have come out of their tracts to a milliarcsecond."""
    elements = read_records().elements
    assert len(elements["patch"]) == 2
    for (skymap, tract, number), record in elements["patch"].items():
        cells = elements["skymap"][skymap,]
        region = elements["tract"][skymap, tract]["region"]
        derived = derive_patches(region, nx=cells["patch_nx_max"], ny=cells["patch_ny_max"])[number]
        assert (derived.cell_x, derived.cell_y) == (record["cell_x"], record["cell_y"])
        vertices = [np.array(list(vertex)) for vertex in derived.region.getVertices()]
        for vertex in record["region"].getVertices():
            nearest = min(np.linalg.norm(np.array(list(vertex)) - v) for v in vertices)
            assert nearest < 0.001 * ARCSECOND


def test_patches_cover_the_tract_and_overlap_their_neighbours() -> None:
    """Every patch lies in the tract and overlaps exactly its neighbours."""
    records = read_records()
    patches = records.patches
    assert len(patches) == 256
    middle = patches[5 * 16 + 5]
    neighbours = {(x, y) for x in (4, 5, 6) for y in (4, 5, 6)}
    assert {(p.cell_x, p.cell_y) for p in patches.values() if overlaps(p.region, middle.region)} == neighbours


def test_overlaps_agree_with_plane_geometry() -> None:
    """Which patches each real image overlaps is the same in the tangent plane, without sphgeom."""
    records = read_records()
    region = records.elements["tract"]["discrete/ci_hsc", records.tract]["region"]
    centre = np.sum([list(vertex) for vertex in region.getVertices()], axis=0)
    centre /= np.linalg.norm(centre)
    patches = {number: gnomonic(p.region, centre) for number, p in records.patches.items()}
    found = 0
    for image in records.regions.values():
        polygon = gnomonic(image, centre)
        for number, patch in patches.items():
            expected = not separated(polygon, patch)
            assert overlaps(image, records.patches[number].region) is expected
            found += expected
    assert found == 140


def test_every_real_image_overlaps_the_default_patch() -> None:
    """All 33 images overlap patch 69, the one that is processed by default."""
    records = read_records()
    assert len(records.regions) == 33
    assert all(overlaps(region, records.patches[69].region) for region in records.regions.values())


def test_a_region_that_is_no_square_is_refused() -> None:
    """A tract whose region is not a square in its tangent plane is an error, not a guess."""
    slanted = ConvexPolygon([UnitVector3d(LonLat.fromDegrees(*c)) for c in ((0, 0), (2, 0), (2, 1), (1, 1))])
    with pytest.raises(RecordsError, match="no north-up square"):
        derive_patches(slanted, nx=2, ny=2)
    triangle = ConvexPolygon([UnitVector3d(LonLat.fromDegrees(*c)) for c in ((0, 0), (2, 0), (1, 1))])
    with pytest.raises(RecordsError, match="no north-up square"):
        derive_patches(triangle, nx=2, ny=2)


def test_disjoint_and_touching_regions() -> None:
    """Regions apart do not overlap; regions that share an area do."""
    assert overlaps(square(10, 0, 1), square(11.5, 0, 1))
    assert not overlaps(square(10, 0, 1), square(13, 0, 1))
