"""Tasks of the pipeline from calibrated images to coadds and detections."""

from __future__ import annotations

from typing import Any

import lsst.pipe.base.connectionTypes as ct  # noqa: N813
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pipe.base import PipelineTaskConfig, PipelineTaskConnections, Struct

from gen3bed.pipeline.tasks import STORAGE, HscTask, HscTaskConfig

__all__ = ["AssembleCoaddTask", "DetectCoaddSourcesTask", "MakeWarpTask", "MergeDetectionsTask"]


class MakeWarpConnections(
    PipelineTaskConnections, dimensions=("tract", "patch", "skymap", "instrument", "visit")
):
    """Connections of `MakeWarpTask`."""

    calExpList = ct.Input(  # noqa: N815
        doc="Calibrated images of the visit that overlap the patch.",
        name="calexp",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
        deferLoad=True,
    )
    visitSummary = ct.Input(  # noqa: N815
        doc="Summary of the whole visit.",
        name="visitSummary",
        storageClass=STORAGE,
        dimensions=("instrument", "visit"),
    )
    skyMap = ct.Input(  # noqa: N815
        doc="Geometry of the tracts and patches.",
        name="skyMap",
        storageClass=STORAGE,
        dimensions=("skymap",),
    )
    direct = ct.Output(
        doc="Images of the visit, resampled to the patch.",
        name="deepCoadd_directWarp",
        storageClass=STORAGE,
        dimensions=("tract", "patch", "skymap", "instrument", "visit"),
    )


class MakeWarpConfig(PipelineTaskConfig, HscTaskConfig, pipelineConnections=MakeWarpConnections):
    """Configuration of `MakeWarpTask`."""


class MakeWarpTask(HscTask):
    """Add up the images of a visit that overlap a patch."""

    ConfigClass = MakeWarpConfig
    _DefaultName = "makeWarp"
    repeated = ("visit", "patch")

    def run(
        self,
        calExpList: list[DeferredDatasetHandle],  # noqa: N803
        visitSummary: dict[str, Any],  # noqa: N803
        skyMap: dict[str, Any],  # noqa: N803
        visit: int,
        patch: int,
    ) -> Struct:
        """Make one warp."""
        images = sorted((handle.get() for handle in calExpList), key=lambda i: int(i["detector"]))
        return Struct(
            direct={
                "visit": visit,
                "cell": skyMap["cells"][str(patch)],
                "detectors": [i["detector"] for i in images],
                "pixels": [sum(column) for column in zip(*(i["pixels"] for i in images), strict=True)],
                "visit_sum": sum(visitSummary["sums"].values()),
            }
        )


class AssembleCoaddConnections(PipelineTaskConnections, dimensions=("tract", "patch", "band", "skymap")):
    """Connections of `AssembleCoaddTask`."""

    inputWarps = ct.Input(  # noqa: N815
        doc="Warps of all visits in the band.",
        name="deepCoadd_directWarp",
        storageClass=STORAGE,
        dimensions=("tract", "patch", "skymap", "instrument", "visit"),
        multiple=True,
        deferLoad=True,
    )
    coaddExposure = ct.Output(  # noqa: N815
        doc="Coadded image.",
        name="deepCoadd",
        storageClass=STORAGE,
        dimensions=("tract", "patch", "skymap", "band"),
    )


class AssembleCoaddConfig(PipelineTaskConfig, HscTaskConfig, pipelineConnections=AssembleCoaddConnections):
    """Configuration of `AssembleCoaddTask`."""


class AssembleCoaddTask(HscTask):
    """Add up all warps of a patch in a band."""

    ConfigClass = AssembleCoaddConfig
    _DefaultName = "assembleCoadd"

    def run(self, inputWarps: list[DeferredDatasetHandle]) -> Struct:  # noqa: N803
        """Make one coadd."""
        warps = sorted((handle.get() for handle in inputWarps), key=lambda w: int(w["visit"]))
        return Struct(
            coaddExposure={
                "visits": [w["visit"] for w in warps],
                "pixels": [sum(column) for column in zip(*(w["pixels"] for w in warps), strict=True)],
            }
        )


class DetectCoaddSourcesConnections(PipelineTaskConnections, dimensions=("tract", "patch", "band", "skymap")):
    """Connections of `DetectCoaddSourcesTask`."""

    exposure = ct.Input(
        doc="Coadded image.",
        name="deepCoadd",
        storageClass=STORAGE,
        dimensions=("tract", "patch", "band", "skymap"),
    )
    detectionSchema = ct.InitOutput(  # noqa: N815
        doc="Fields of a detection.", name="deepCoadd_det_schema", storageClass=STORAGE
    )
    outputSources = ct.Output(  # noqa: N815
        doc="Pixels above the mean.",
        name="deepCoadd_det",
        storageClass=STORAGE,
        dimensions=("tract", "patch", "band", "skymap"),
    )


class DetectCoaddSourcesConfig(
    PipelineTaskConfig, HscTaskConfig, pipelineConnections=DetectCoaddSourcesConnections
):
    """Configuration of `DetectCoaddSourcesTask`."""


class DetectCoaddSourcesTask(HscTask):
    """Find the pixels of a coadd that are above its mean."""

    ConfigClass = DetectCoaddSourcesConfig
    _DefaultName = "detectCoaddSources"
    repeated = ("band",)

    def __init__(self, initInputs: Any = None, **kwargs: Any) -> None:  # noqa: N803
        super().__init__(initInputs=initInputs, **kwargs)
        self.detectionSchema = {"fields": ["pixel"]}

    def run(self, exposure: dict[str, Any], band: str) -> Struct:
        """Detect in one coadd."""
        pixels = exposure["pixels"]
        found = [n for n, p in enumerate(pixels) if p * len(pixels) > sum(pixels)]
        return Struct(outputSources={"band": band, "columns": self.detectionSchema["fields"], "rows": found})


class MergeDetectionsConnections(PipelineTaskConnections, dimensions=("tract", "patch", "skymap")):
    """Connections of `MergeDetectionsTask`."""

    schema = ct.InitInput(doc="Fields of a detection.", name="deepCoadd_det_schema", storageClass=STORAGE)
    catalogs = ct.Input(
        doc="Detections in each band.",
        name="deepCoadd_det",
        storageClass=STORAGE,
        dimensions=("tract", "patch", "skymap", "band"),
        multiple=True,
    )
    outputSchema = ct.InitOutput(  # noqa: N815
        doc="Fields of a merged detection.", name="deepCoadd_mergeDet_schema", storageClass=STORAGE
    )
    outputCatalog = ct.Output(  # noqa: N815
        doc="Detections in any band.",
        name="deepCoadd_mergeDet",
        storageClass=STORAGE,
        dimensions=("tract", "patch", "skymap"),
    )


class MergeDetectionsConfig(
    PipelineTaskConfig, HscTaskConfig, pipelineConnections=MergeDetectionsConnections
):
    """Configuration of `MergeDetectionsTask`."""


class MergeDetectionsTask(HscTask):
    """Unite the detections of all bands."""

    ConfigClass = MergeDetectionsConfig
    _DefaultName = "mergeDetections"

    def __init__(self, initInputs: Any = None, **kwargs: Any) -> None:  # noqa: N803
        super().__init__(initInputs=initInputs, **kwargs)
        self.outputSchema = {"fields": [*initInputs["schema"]["fields"], "bands"]}

    def run(self, catalogs: list[dict[str, Any]]) -> Struct:
        """Merge the detections of one patch."""
        rows = [
            [pixel, sorted(c["band"] for c in catalogs if pixel in c["rows"])]
            for pixel in sorted({pixel for c in catalogs for pixel in c["rows"]})
        ]
        return Struct(outputCatalog={"columns": self.outputSchema["fields"], "rows": rows})
