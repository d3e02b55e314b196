"""Patches of a tract, derived from the tract's region.

A tract is a square in the tangent (gnomonic) plane of its centre, and its
recorded region has the square's corners as vertices.  Great circles are
straight lines in that plane, so a patch is an exact part of the square.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians

import numpy as np
from lsst.sphgeom import DISJOINT, ConvexPolygon, Region, UnitVector3d

from gen3bed.pipeline._errors import RecordsError

__all__ = ["BORDER_FRACTION", "Patch", "derive_patches", "overlaps"]

BORDER_FRACTION = 100 / 4000
"""Border of a patch over its inner width.

100 of 4000 pixels of 0.168 arcseconds, the values of both skymaps: the
tract's recorded width is exactly 16 x 4000 x 0.168 arcseconds, and with this
border the two patches that are recorded, of ``hsc_rings_v1``, come out right.
"""

_TOLERANCE = radians(0.001 / 3600.0)


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A patch: its sequential number, cell and outer region."""

    id: int
    cell_x: int
    cell_y: int
    region: ConvexPolygon


def derive_patches(tract: ConvexPolygon, *, nx: int, ny: int) -> dict[int, Patch]:
    """Divide a tract into its patches.

    Parameters
    ----------
    tract : `lsst.sphgeom.ConvexPolygon`
        Region of the tract, a north-up square in its tangent plane.
    nx, ny : `int`
        Number of patches along right ascension (decreasing) and declination.

    Returns
    -------
    patches : `dict` [`int`, `Patch`]
        The patches, with the outer region (border included) that the
        middleware records, by their sequential number.

    Raises
    ------
    RecordsError
        Raised if the region is not such a square.
    """
    corners = np.array([list(vertex) for vertex in tract.getVertices()])
    centre = corners.sum(axis=0)
    centre /= np.linalg.norm(centre)
    east = np.cross([0.0, 0.0, 1.0], centre)
    east /= np.linalg.norm(east)
    north = np.cross(centre, east)
    plane = corners / (corners @ centre)[:, None]
    offsets = np.abs(np.concatenate([plane @ east, plane @ north]))
    half = float(offsets.mean())
    if len(corners) != 4 or float(np.abs(offsets - half).max()) > _TOLERANCE:  # noqa: PLR2004
        raise RecordsError(
            "region of the tract",
            reason="it is no north-up square in the tangent plane of its centre",
            hint="Install the lsst-daf-butler that gen3bed's constraints name.",
        )

    def interval(cell: int, count: int) -> tuple[float, float]:
        # The border ends where the tract ends.
        width = 2.0 * half / count
        border = BORDER_FRACTION * width
        return max(-half, -half + cell * width - border), min(half, -half + (cell + 1) * width + border)

    def vertex(x: float, y: float) -> UnitVector3d:
        # Pixel columns grow towards the west.
        return UnitVector3d(*(centre - x * east + y * north))

    patches = {}
    for cell_y in range(ny):
        y0, y1 = interval(cell_y, ny)
        for cell_x in range(nx):
            x0, x1 = interval(cell_x, nx)
            region = ConvexPolygon([vertex(x1, y0), vertex(x1, y1), vertex(x0, y1), vertex(x0, y0)])
            number = cell_y * nx + cell_x
            patches[number] = Patch(id=number, cell_x=cell_x, cell_y=cell_y, region=region)
    return patches


def overlaps(a: Region, b: Region) -> bool:
    """Return whether two regions have a point in common."""
    return not a.relate(b) & DISJOINT
