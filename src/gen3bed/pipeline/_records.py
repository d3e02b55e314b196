"""The real HSC records that ship with lsst-daf-butler, read as plain YAML.

Nothing here goes through a registry, so that what a registry answers can be
held against it.  The three files share the instrument, and each knows only
some of its records; `read_records` checks that they do not contradict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

# Loading this package registers the YAML tags of regions, times and UUIDs.
import lsst.daf.butler  # noqa: F401
import yaml
from lsst.resources import ResourcePath
from lsst.sphgeom import ConvexPolygon

from gen3bed.pipeline._errors import RecordsError
from gen3bed.pipeline._geometry import Patch, derive_patches

__all__ = ["RECORD_FILES", "HscRecords", "VisitRecord", "merge_elements", "read_records"]

RECORD_FILES = (
    "resource://lsst.daf.butler/tests/registry_data/ci_hsc-subset.yaml",
    "resource://lsst.daf.butler/tests/registry_data/ci_hsc-subset-skymap.yaml",
    "resource://lsst.daf.butler/tests/registry_data/hsc-rc2-subset-v0.yaml",
)
"""The files, in the order in which they are imported.

The first one that has a record wins: ``ci_hsc-subset.yaml`` comes first
because ``hsc-rc2-subset-v0.yaml`` is of an older dimension universe and has
fewer fields.
"""

_SKYMAP = "discrete/ci_hsc"
_REQUIRED = {
    "instrument": ("name",),
    "skymap": ("name",),
    "day_obs": ("instrument", "id"),
    "detector": ("instrument", "id"),
    "physical_filter": ("instrument", "name"),
    "visit": ("instrument", "id"),
    "visit_detector_region": ("instrument", "visit", "detector"),
    "visit_system": ("instrument", "id"),
    "exposure": ("instrument", "id"),
    "tract": ("skymap", "id"),
    "patch": ("skymap", "tract", "id"),
}


@dataclass(frozen=True, kw_only=True)
class VisitRecord:
    """The fields of a real visit that the checks need."""

    id: int
    physical_filter: str
    band: str
    day_obs: int


@dataclass(frozen=True, kw_only=True)
class HscRecords:
    """The real records that the pipeline runs over.

    Attributes
    ----------
    visits : `dict` [`int`, `VisitRecord`]
        The 11 visits of ``ci_hsc``.
    regions : `dict` [`tuple` [`int`, `int`], `lsst.sphgeom.ConvexPolygon`]
        Region of each (visit, detector), of ``visit_detector_region``.
    calexps : `frozenset` [`tuple` [`int`, `int`]]
        (visit, detector) of each real ``calexp``.
    tract : `int`
        The tract of the skymap ``discrete/ci_hsc``.
    patches : `dict` [`int`, `Patch`]
        The patches of that tract, derived from its region: no file has them.
    elements : `dict` [`str`, `dict`]
        All records of all files, by dimension element and required values.
    """

    visits: dict[int, VisitRecord]
    regions: dict[tuple[int, int], ConvexPolygon]
    calexps: frozenset[tuple[int, int]]
    tract: int
    patches: dict[int, Patch]
    elements: dict[str, dict[tuple[Any, ...], dict[str, Any]]]


@cache
def read_records() -> HscRecords:
    """Read the files and check that they agree.

    Raises
    ------
    RecordsError
        Raised if a file is missing, or if two files give a record different
        values for the same field.
    """
    files = {uri: _read(uri) for uri in RECORD_FILES}
    elements = merge_elements(files)
    bands = {key[1]: f["band"] for key, f in elements["physical_filter"].items()}
    subset = files[RECORD_FILES[0]]
    visits = {
        record["id"]: VisitRecord(
            id=record["id"],
            physical_filter=record["physical_filter"],
            band=bands[record["physical_filter"]],
            day_obs=record["day_obs"],
        )
        for record in _of_element(subset, "visit")
    }
    regions = {
        (record["visit"], record["detector"]): record["region"]
        for record in _of_element(subset, "visit_detector_region")
    }
    calexps = frozenset(
        (data_id["visit"], data_id["detector"])
        for part in subset
        if part["type"] == "dataset" and part["dataset_type"] == "calexp"
        for record in part["records"]
        for data_id in record["data_id"]
    )
    skymap = elements["skymap"][_SKYMAP,]
    ((tract, record),) = [(k[1], t) for k, t in elements["tract"].items() if k[0] == _SKYMAP]
    patches = derive_patches(record["region"], nx=skymap["patch_nx_max"], ny=skymap["patch_ny_max"])
    return HscRecords(
        visits=visits, regions=regions, calexps=calexps, tract=tract, patches=patches, elements=elements
    )


def merge_elements(
    files: Mapping[str, list[dict[str, Any]]],
) -> dict[str, dict[tuple[Any, ...], dict[str, Any]]]:
    """Merge the dimension records of several files, the first one winning.

    Parameters
    ----------
    files : `~collections.abc.Mapping`
        The ``data`` list of each export file, by its URI.

    Raises
    ------
    RecordsError
        Raised if two files give one record different values for a field.
    """
    merged: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for uri, parts in files.items():
        for part in parts:
            if part["type"] != "dimension":
                continue
            element = part["element"]
            known = merged.setdefault(element, {})
            for record in part["records"]:
                key = tuple(record[name] for name in _REQUIRED[element])
                earlier = known.setdefault(key, record)
                for name in record.keys() & earlier.keys():
                    if record[name] != earlier[name]:
                        raise RecordsError(
                            f"{element} {key} in {uri}",
                            reason=f"{name} is {record[name]!r}, an earlier file says {earlier[name]!r}",
                            hint="Install the lsst-daf-butler that gen3bed's constraints name.",
                        )
    return merged


def _read(uri: str) -> list[dict[str, Any]]:
    try:
        text = ResourcePath(uri).read()
    except (OSError, ModuleNotFoundError) as err:
        raise RecordsError(
            uri,
            reason="the installed lsst-daf-butler does not carry it",
            hint="Install the lsst-daf-butler that gen3bed's constraints name.",
        ) from err
    content: list[dict[str, Any]] = yaml.safe_load(text)["data"]
    return content


def _of_element(parts: list[dict[str, Any]], element: str) -> list[dict[str, Any]]:
    return [
        record
        for part in parts
        if part["type"] == "dimension" and part["element"] == element
        for record in part["records"]
    ]
