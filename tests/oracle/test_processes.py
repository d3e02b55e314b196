"""Several processes that write one registry at once, on the stand-in."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from lsst.daf.butler import ButlerConfig, StorageClassFactory
from lsst.daf.butler.datastore import NullDatastore
from lsst.daf.butler.direct_butler import DirectButler
from lsst.daf.butler.registry.sql_registry import SqlRegistry

from tests.oracle.writer import DETECTORS, ROUNDS, config, define, write

pytestmark = pytest.mark.h2

_PROCESSES = 8


def test_processes_lose_and_double_nothing(oracle_user: Any) -> None:
    """Eight processes sync, ensure, replace and certify in one registry: each row is there once."""
    url, namespace = oracle_user.url, oracle_user.name.lower()
    registry = SqlRegistry.createFromConfig(config(url, namespace))
    define(registry)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.oracle.writer"])
    with context.Manager() as manager, ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
        barrier = manager.Barrier(_PROCESSES)
        futures = [pool.submit(write, url, namespace, n, barrier) for n in range(_PROCESSES)]
        found = [future.result() for future in futures]
    assert sum(result["new"]["instrument"] for result in found) == 1
    assert sum(result["new"]["runs"] for result in found) == 5
    assert sum(result["won"] for result in found) == 1
    registry._db.dispose()
    _check(_opened(url, namespace))


def _opened(url: str, namespace: str) -> DirectButler:
    """Return a Butler that has just been opened, and so remembers nothing."""
    given = ButlerConfig()
    given["registry"] = config(url, namespace)
    return DirectButler(
        config=given,
        registry=SqlRegistry.fromConfig(config(url, namespace)),
        datastore=NullDatastore(None, None),
        storageClasses=StorageClassFactory(),
    )


def _check(butler: DirectButler) -> None:
    runs = {name for name in butler.collections.query("*") if name.startswith(("shared", "own"))}
    own = {f"own/{n}" for n in range(_PROCESSES)}
    own |= {f"own/{n}/{k}" for n in range(_PROCESSES) for k in range(ROUNDS)}
    assert runs == own | {f"shared/{n}" for n in range(5)}
    detectors = butler.query_dimension_records("detector", instrument="Cam")
    assert sorted(record.id for record in detectors) == list(range(DETECTORS))
    for record in detectors:
        # Both columns are of the same process.
        assert record.full_name == f"{record.id} of {record.purpose.removeprefix('by ')}"
    made = butler.query_datasets("bias", collections="own/*", find_first=False, limit=None)
    assert len(made) == len(set(made)) == _PROCESSES * ROUNDS * DETECTORS
    certified = list(butler.registry.queryDatasetAssociations("bias", collections=["calibs"]))
    assert len(certified) == (_PROCESSES * ROUNDS + 1) * DETECTORS
    spans = {(found.ref.dataId["detector"], str(found.timespan)) for found in certified}
    assert len(spans) == len(certified)
    butler._registry._db.dispose()
