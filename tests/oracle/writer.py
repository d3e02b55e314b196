"""What each of several processes writes into one registry."""

from __future__ import annotations

from typing import Any

from lsst.daf.butler import DatasetType, StorageClassFactory, Timespan
from lsst.daf.butler.registry import (  # type: ignore[attr-defined]
    CollectionType,
    ConflictingDefinitionError,
    RegistryConfig,
)
from lsst.daf.butler.registry.sql_registry import SqlRegistry

__all__ = ["DETECTORS", "ROUNDS", "config", "dataset_type", "define", "write"]

DETECTORS = 6
ROUNDS = 3
"""Calibrations that each process makes of each detector."""
_DAY = 86_400 * 10**9
"""Nanoseconds."""


def config(url: str, namespace: str) -> RegistryConfig:
    """Return the configuration of a registry in the schema of a user."""
    made = RegistryConfig()
    made["db"] = url
    made["namespace"] = namespace
    made["engines", "oracle"] = "gen3bed.oracle.OracleDatabase"
    return made


def dataset_type(registry: SqlRegistry) -> DatasetType:
    """Return the type of the calibrations."""
    dimensions = registry.dimensions.conform(["instrument", "detector"])
    storage = StorageClassFactory().getStorageClass("StructuredDataDict")
    return DatasetType("bias", dimensions, storage, isCalibration=True)


def define(registry: SqlRegistry) -> None:
    """Make what all processes share before they begin."""
    registry.registerCollection("calibs", CollectionType.CALIBRATION)
    registry.registerDatasetType(dataset_type(registry))


def write(url: str, namespace: str, number: int, barrier: Any) -> dict[str, Any]:
    """Write one process's share; return what was new to it and what it lost to others.

    Parameters
    ----------
    url, namespace : `str`
        The registry.
    number : `int`
        Which process it is.
    barrier : `multiprocessing.synchronize.Barrier`
        All begin at once, and meet before they fight for the same thing.
    """
    registry = SqlRegistry.fromConfig(config(url, namespace))
    barrier.wait(120)
    new = {"instrument": 0, "runs": 0}
    # sync: all make the same rows, and each its own.
    record = {"name": "Cam", "detector_max": 100, "visit_max": 10, "exposure_max": 10, "class_name": "x.Cam"}
    new["instrument"] += bool(registry.syncDimensionData("instrument", record))
    for n in range(5):
        new["runs"] += registry.registerRun(f"shared/{n}")
    registry.registerRun(f"own/{number}")
    # ensure: the same rows in another order each.
    rows = [_detector(n) for n in range(DETECTORS)]
    rows = rows[number % DETECTORS :] + rows[: number % DETECTORS]
    registry.insertDimensionData("detector", *rows, skip_existing=True)
    # replace: whoever comes last has all of a row.
    for n in range(DETECTORS):
        changed = _detector(n) | {"full_name": f"{n} of {number}", "purpose": f"by {number}"}
        registry.insertDimensionData("detector", changed, replace=True)
    # certify: each has its own days.
    kind = dataset_type(registry)
    for n in range(ROUNDS):
        registry.registerRun(f"own/{number}/{n}")
        data_ids = [{"instrument": "Cam", "detector": d} for d in range(DETECTORS)]
        refs = registry.insertDatasets(kind, data_ids, run=f"own/{number}/{n}")
        day = number * ROUNDS + n
        registry.certify("calibs", refs, _day(day))
    barrier.wait(120)
    # All want the same days: one gets them.
    try:
        registry.certify("calibs", refs, _day(900))
        won = True
    except ConflictingDefinitionError:
        won = False
    registry._db.dispose()
    return {"new": new, "won": won}


def _day(number: int) -> Timespan:
    return Timespan(None, None, _nsec=(number * _DAY, (number + 1) * _DAY))


def _detector(number: int) -> dict[str, Any]:
    return {"instrument": "Cam", "id": number, "full_name": str(number), "purpose": "none"}
