"""The datasets that the pipeline starts from, and where they go."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from astropy.time import Time  # type: ignore[import-untyped]
from lsst.daf.butler import Butler, DataCoordinate, DatasetRef, DatasetType, FileDataset, Timespan
from lsst.daf.butler.formatters.json import JsonFormatter
from lsst.daf.butler.registry import CollectionType  # type: ignore[attr-defined]
from lsst.daf.butler.transfers import YamlRepoImportBackend
from lsst.sphgeom import HtmPixelization

from gen3bed.pipeline import _content
from gen3bed.pipeline._records import HscRecords

__all__ = [
    "BIAS_EPOCHS",
    "CALEXP_RUN",
    "CALIB",
    "INPUT_COLLECTION",
    "INSTRUMENT",
    "REFERENCE_LEVEL",
    "SKYMAP",
    "STORAGE",
    "certify",
    "dataset_types",
    "ingest",
    "made_up_datasets",
    "real_datasets",
    "reference_shards",
]

INSTRUMENT = "HSC"
SKYMAP = "discrete/ci_hsc"

INPUT_COLLECTION = "HSC/defaults"
"""Chain of everything that the pipeline starts from."""

CALEXP_RUN = "HSC/runs/ci_hsc/20240806T180642Z"
"""Run of the real ``calexp`` datasets; not part of `INPUT_COLLECTION`."""

BIAS_EPOCHS = {"2013a": (None, "2013-08-01T00:00:00"), "2013b": ("2013-08-01T00:00:00", None)}
"""Validity ranges (TAI) of the two bias frames of each detector.

The visits were taken in 2013-06 and 2013-11, so that a calibration lookup
that ignores time finds the wrong one for half of them.
"""

REFERENCE_LEVEL = 7
"""Level of the HTM pixelization of the reference catalog, as the field's."""

CALIB = "HSC/calib"
"""Calibration collection, and first part of its runs' names."""
STORAGE = "StructuredDataDict"


def reference_shards(records: HscRecords) -> set[int]:
    """Return the shards of the reference catalog that the tract may overlap.

    More than the images overlap, so that a lookup has something to leave out.
    """
    region = records.elements["tract"][SKYMAP, records.tract]["region"]
    ranges = HtmPixelization(REFERENCE_LEVEL).envelope(region)
    return {index for begin, end in ranges for index in range(begin, end)}


def dataset_types(butler: Butler) -> Iterator[DatasetType]:
    """Yield the dataset types of everything that the pipeline starts from."""
    dimensions = {
        "raw": ("instrument", "exposure", "detector"),
        "bias": ("instrument", "detector"),
        "flat": ("instrument", "physical_filter", "detector"),
        "ps1_pv3_3pi_20170110": (f"htm{REFERENCE_LEVEL}",),
        "skyMap": ("skymap",),
        "calexp": ("instrument", "visit", "detector"),
    }
    for name, required in dimensions.items():
        yield DatasetType(
            name, butler.dimensions.conform(required), STORAGE, isCalibration=name in {"bias", "flat"}
        )


type _Content = tuple[DatasetRef, dict[str, Any]]


def real_datasets(
    files: list[YamlRepoImportBackend],
    types: dict[str, DatasetType],
    records: HscRecords,
) -> list[_Content]:
    """Return the recorded datasets with their own runs and UUIDs."""
    result = []
    for file in files:
        for (name, run), datasets in file.datasets.items():
            for ref in (ref for dataset in datasets for ref in dataset.refs):
                values = ref.dataId
                if name == "calexp":
                    content = _content.calexp(int(values["visit"]), int(values["detector"]))
                else:
                    content = _content.sky_map(records.tract, records.patches)
                # Without the implied dimensions, which the registry adds.
                required = DataCoordinate.standardize(values.required, dimensions=types[name].dimensions)
                result.append((DatasetRef(types[name], required, run, id=ref.id), content))
    return result


def made_up_datasets(types: dict[str, DatasetType], records: HscRecords) -> Iterator[_Content]:
    """Yield raws, calibrations and reference catalog shards."""

    def ref(name: str, run: str, **values: Any) -> DatasetRef:
        data_id = DataCoordinate.standardize(values, dimensions=types[name].dimensions)
        return DatasetRef(types[name], data_id, run)

    for visit, detector in sorted(records.calexps):
        yield (
            ref("raw", "HSC/raw/all", instrument=INSTRUMENT, exposure=visit, detector=detector),
            _content.raw(visit, detector),
        )
    for detector in sorted({detector for _, detector in records.calexps}):
        for epoch in BIAS_EPOCHS:
            yield (
                ref("bias", f"{CALIB}/bias/{epoch}", instrument=INSTRUMENT, detector=detector),
                _content.bias(detector, epoch),
            )
        for name in sorted({visit.physical_filter for visit in records.visits.values()}):
            yield (
                ref(
                    "flat",
                    f"{CALIB}/flat",
                    instrument=INSTRUMENT,
                    detector=detector,
                    physical_filter=name,
                ),
                _content.flat(detector, name),
            )
    for shard in sorted(reference_shards(records)):
        yield (
            ref("ps1_pv3_3pi_20170110", "refcats/gen3bed", **{f"htm{REFERENCE_LEVEL}": shard}),
            _content.reference_shard(shard),
        )


def ingest(butler: Butler, root: Path, datasets: list[_Content]) -> None:
    """Write the artifacts and ingest them, all in one call."""
    with tempfile.TemporaryDirectory(dir=root, prefix=".staging-") as staging:
        files = []
        for ref, content in datasets:
            path = Path(staging) / f"{ref.id}.json"
            path.write_text(json.dumps(content))
            files.append(FileDataset(str(path), [ref], formatter=JsonFormatter))
        butler.ingest(*files, transfer="move", record_validation_info=False)


def certify(butler: Butler, refs: list[DatasetRef]) -> None:
    """Give the calibrations among the datasets their validity ranges."""
    butler.collections.register(CALIB, CollectionType.CALIBRATION)
    with butler.transaction():
        for epoch, (begin, end) in BIAS_EPOCHS.items():
            run = f"{CALIB}/bias/{epoch}"
            chosen = [r for r in refs if r.run == run]
            butler.registry.certify(CALIB, chosen, Timespan(_time(begin), _time(end)))
        flats = [r for r in refs if r.run == f"{CALIB}/flat"]
        butler.registry.certify(CALIB, flats, Timespan(None, None))


def _time(value: str | None) -> Time | None:
    return None if value is None else Time(value, format="isot", scale="tai")
