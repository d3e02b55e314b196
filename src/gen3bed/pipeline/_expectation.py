"""What a run must produce, computed without a Butler.

Geometry is `lsst.sphgeom` in plain Python over the records as they stand in
the YAML files; values are computed from the inputs' contents by formulas
written down a second time here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lsst.sphgeom import DISJOINT, HtmPixelization

from gen3bed.pipeline import _content
from gen3bed.pipeline._datasets import INSTRUMENT, REFERENCE_LEVEL, SKYMAP, reference_shards
from gen3bed.pipeline._geometry import overlaps
from gen3bed.pipeline._graph import Selection
from gen3bed.pipeline._records import HscRecords

__all__ = ["INIT_OUTPUTS", "DatasetKey", "Expectation", "ExpectedQuantum", "dataset_key", "expect"]

INIT_OUTPUTS: dict[str, dict[str, Any]] = {
    "src_schema": {"fields": ["detector", "flux"]},
    "deepCoadd_det_schema": {"fields": ["pixel"]},
    "deepCoadd_mergeDet_schema": {"fields": ["pixel", "bands"]},
}
"""Schemas that are written before any quantum runs."""

_FIRST_DAY_OF_2013B = 20130801

type DatasetKey = tuple[str, tuple[tuple[str, int | str], ...]]
"""Name of a dataset type or task, and the sorted items of the data ID."""


def dataset_key(name: str, data_id: Mapping[str, Any]) -> DatasetKey:
    """Return the key of a dataset or quantum."""
    return name, tuple(sorted(data_id.items()))


@dataclass(frozen=True, kw_only=True)
class ExpectedQuantum:
    """A quantum that must be there.

    Attributes
    ----------
    key : `tuple`
        Label of the task and data ID.
    inputs, outputs : `frozenset` [`tuple`]
        Datasets that it reads and writes.
    """

    key: DatasetKey
    inputs: frozenset[DatasetKey]
    outputs: frozenset[DatasetKey]


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """All quanta and the content of all their outputs.

    Attributes
    ----------
    quanta : `dict` [`tuple`, `ExpectedQuantum`]
        By label and data ID.
    contents : `dict` [`tuple`, `dict`]
        By dataset type and data ID.
    """

    quanta: dict[DatasetKey, ExpectedQuantum]
    contents: dict[DatasetKey, dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        """Number of quanta of each task (`dict` [`str`, `int`])."""
        return dict(Counter(label for label, _ in self.quanta))

    def after_failures(self, failed: Iterable[DatasetKey]) -> tuple[Expectation, set[DatasetKey]]:
        """Return what is left when some quanta fail.

        Returns
        -------
        remaining : `Expectation`
            The quanta that can still run.
        blocked : `set` [`tuple`]
            The quanta that need, directly or not, an output of a failed one.
        """
        gone = set(failed)
        lost = {output for key in gone for output in self.quanta[key].outputs}
        blocked: set[DatasetKey] = set()
        # The quanta are in the order of the pipeline, so one pass suffices.
        for key, quantum in self.quanta.items():
            if quantum.inputs & lost:
                blocked.add(key)
                lost |= quantum.outputs
        gone |= blocked
        return self._of({k: q for k, q in self.quanta.items() if k not in gone}), blocked

    def _of(self, quanta: dict[DatasetKey, ExpectedQuantum]) -> Expectation:
        outputs = {key for quantum in quanta.values() for key in quantum.outputs}
        return Expectation(quanta=quanta, contents={k: c for k, c in self.contents.items() if k in outputs})


def expect(
    records: HscRecords, selection: Selection | None = None, *, from_calexps: bool = False
) -> Expectation:
    """Compute what a run over a selection must produce.

    Parameters
    ----------
    records : `HscRecords`
        The real records.
    selection : `Selection`, optional
        What is processed; one patch by default.
    from_calexps : `bool`, optional
        Whether the subset ``coaddition`` starts from the real ``calexp``
        datasets.
    """
    builder = _Builder(records, selection or Selection())
    images = builder.read_calexps() if from_calexps else builder.single_frame()
    builder.coaddition(images)
    return Expectation(quanta=builder.quanta, contents=builder.contents)


class _Builder:
    def __init__(self, records: HscRecords, selection: Selection) -> None:
        self.records = records
        self.quanta: dict[DatasetKey, ExpectedQuantum] = {}
        self.contents: dict[DatasetKey, dict[str, Any]] = {}
        patches = [p for p in records.patches.values() if not selection.patches or p.id in selection.patches]
        # (visit, detector) -> patches that the image overlaps; none, no work.
        self.overlaps = {}
        for visit, detector in sorted(records.calexps):
            if selection.visits and visit not in selection.visits:
                continue
            region = records.regions[visit, detector]
            if touched := [p.id for p in patches if overlaps(region, p.region)]:
                self.overlaps[visit, detector] = touched
        self.shards = _shards(records)

    def add(
        self, task: DatasetKey, inputs: Iterable[DatasetKey], outputs: Mapping[DatasetKey, dict[str, Any]]
    ) -> None:
        self.quanta[task] = ExpectedQuantum(key=task, inputs=frozenset(inputs), outputs=frozenset(outputs))
        self.contents.update(outputs)

    def read_calexps(self) -> dict[tuple[int, int], list[int]]:
        return {key: _content.calexp(*key)["pixels"] for key in self.overlaps}

    def single_frame(self) -> dict[tuple[int, int], list[int]]:
        corrected = {key: self.isr(*key) for key in self.overlaps}
        return {key: self.calibrate(*key, pixels) for key, pixels in corrected.items()}

    def isr(self, visit: int, detector: int) -> list[int]:
        record = self.records.visits[visit]
        epoch = "2013a" if record.day_obs < _FIRST_DAY_OF_2013B else "2013b"
        level = _content.bias(detector, epoch)["level"]
        gain = _content.flat(detector, record.physical_filter)["gain"]
        pixels = [gain * value - gain * level for value in _content.raw(visit, detector)["pixels"]]
        data_id = {"instrument": INSTRUMENT, "exposure": visit, "detector": detector}
        by_detector = {"instrument": INSTRUMENT, "detector": detector}
        self.add(
            dataset_key("isr", data_id),
            [
                dataset_key("raw", data_id),
                dataset_key("bias", by_detector),
                dataset_key("flat", {**by_detector, "physical_filter": record.physical_filter}),
            ],
            {
                dataset_key("postISRCCD", data_id): {
                    "exposure": visit,
                    "detector": detector,
                    "pixels": pixels,
                    "bias_epoch": epoch,
                }
            },
        )
        return pixels

    def calibrate(self, visit: int, detector: int, corrected: list[int]) -> list[int]:
        shards = self.shards[visit, detector]
        zero_point = 0
        for shard in shards:
            zero_point += _content.reference_shard(shard)["flux"]
        pixels = [zero_point + value for value in corrected]
        data_id = {"instrument": INSTRUMENT, "visit": visit, "detector": detector}
        exposure = {"instrument": INSTRUMENT, "exposure": visit, "detector": detector}
        brightest = sorted(pixels, reverse=True)[:3]
        self.add(
            dataset_key("calibrate", data_id),
            [
                dataset_key("postISRCCD", exposure),
                *(dataset_key("ps1_pv3_3pi_20170110", {"htm7": shard}) for shard in shards),
            ],
            {
                dataset_key("calexp", data_id): {
                    "visit": visit,
                    "detector": detector,
                    "pixels": pixels,
                    "shards": shards,
                },
                dataset_key("src", data_id): {
                    "columns": INIT_OUTPUTS["src_schema"]["fields"],
                    "rows": [[detector, flux] for flux in reversed(brightest)],
                },
            },
        )
        return pixels

    def coaddition(self, images: dict[tuple[int, int], list[int]]) -> None:
        totals: dict[int, dict[str, int]] = {}
        for (visit, detector), pixels in images.items():
            totals.setdefault(visit, {})[str(detector)] = sum(pixels)
        for visit, sums in totals.items():
            data_id = {"instrument": INSTRUMENT, "visit": visit}
            inputs = [dataset_key("calexp", {**data_id, "detector": int(detector)}) for detector in sums]
            self.add(
                dataset_key("consolidateVisitSummary", data_id),
                inputs,
                {dataset_key("visitSummary", data_id): {"sums": sums}},
            )
        members: dict[tuple[int, int], list[int]] = {}
        for (visit, detector), touched in self.overlaps.items():
            for patch in touched:
                members.setdefault((visit, patch), []).append(detector)
        warps = {
            (visit, patch): self.make_warp(visit, patch, sorted(detectors), images, totals[visit])
            for (visit, patch), detectors in members.items()
        }
        visits: dict[tuple[str, int], list[int]] = {}
        for visit, patch in sorted(warps):
            visits.setdefault((self.records.visits[visit].band, patch), []).append(visit)
        coadds = {
            (band, patch): self.assemble(band, patch, chosen, warps)
            for (band, patch), chosen in visits.items()
        }
        detected = {key: self.detect(*key, pixels) for key, pixels in coadds.items()}
        for patch in sorted({patch for _, patch in detected}):
            self.merge(patch, {band: rows for (band, p), rows in detected.items() if p == patch})

    def make_warp(
        self,
        visit: int,
        patch: int,
        detectors: list[int],
        images: dict[tuple[int, int], list[int]],
        sums: dict[str, int],
    ) -> list[int]:
        pixels = [0] * _content.N_PIXELS
        for detector in detectors:
            for i, value in enumerate(images[visit, detector]):
                pixels[i] += value
        of_visit = {"instrument": INSTRUMENT, "visit": visit}
        data_id = {**self.patch_id(patch), **of_visit}
        cell = self.records.patches[patch]
        self.add(
            dataset_key("makeWarp", data_id),
            [
                *(dataset_key("calexp", {**of_visit, "detector": detector}) for detector in detectors),
                dataset_key("visitSummary", of_visit),
                dataset_key("skyMap", {"skymap": SKYMAP}),
            ],
            {
                dataset_key("deepCoadd_directWarp", data_id): {
                    "visit": visit,
                    "cell": [cell.cell_x, cell.cell_y],
                    "detectors": detectors,
                    "pixels": pixels,
                    "visit_sum": sum(sums.values()),
                }
            },
        )
        return pixels

    def assemble(
        self, band: str, patch: int, visits: list[int], warps: dict[tuple[int, int], list[int]]
    ) -> list[int]:
        pixels = [sum(warps[visit, patch][i] for visit in visits) for i in range(_content.N_PIXELS)]
        data_id = {**self.patch_id(patch), "band": band}
        inputs = [
            dataset_key(
                "deepCoadd_directWarp", {**self.patch_id(patch), "instrument": INSTRUMENT, "visit": visit}
            )
            for visit in visits
        ]
        self.add(
            dataset_key("assembleCoadd", data_id),
            inputs,
            {dataset_key("deepCoadd", data_id): {"visits": visits, "pixels": pixels}},
        )
        return pixels

    def detect(self, band: str, patch: int, pixels: list[int]) -> list[int]:
        data_id = {**self.patch_id(patch), "band": band}
        rows = [i for i in range(len(pixels)) if pixels[i] > sum(pixels) / len(pixels)]
        content = {"band": band, "columns": INIT_OUTPUTS["deepCoadd_det_schema"]["fields"], "rows": rows}
        self.add(
            dataset_key("detectCoaddSources", data_id),
            [dataset_key("deepCoadd", data_id)],
            {dataset_key("deepCoadd_det", data_id): content},
        )
        return rows

    def merge(self, patch: int, rows_of: dict[str, list[int]]) -> None:
        data_id = self.patch_id(patch)
        rows = [
            [pixel, bands]
            for pixel in range(_content.N_PIXELS)
            if (bands := [band for band in sorted(rows_of) if pixel in rows_of[band]])
        ]
        content = {"columns": INIT_OUTPUTS["deepCoadd_mergeDet_schema"]["fields"], "rows": rows}
        self.add(
            dataset_key("mergeDetections", data_id),
            [dataset_key("deepCoadd_det", {**data_id, "band": band}) for band in rows_of],
            {dataset_key("deepCoadd_mergeDet", data_id): content},
        )

    def patch_id(self, patch: int) -> dict[str, Any]:
        return {"skymap": SKYMAP, "tract": self.records.tract, "patch": patch}


def _shards(records: HscRecords) -> dict[tuple[int, int], list[int]]:
    """Return the triangles of the reference catalog that each image overlaps.

    The middleware asks for the envelope of the region, which may hold a
    triangle more; for these images it does not.
    """
    pixelization = HtmPixelization(REFERENCE_LEVEL)
    triangles = {index: pixelization.triangle(index) for index in reference_shards(records)}
    return {
        key: sorted(i for i, triangle in triangles.items() if not triangle.relate(region) & DISJOINT)
        for key, region in records.regions.items()
    }
