"""Tasks of the pipeline up to calibrated images, with the field's labels.

They do arithmetic on integers, so that their outputs can be computed again
exactly; the connections are those that make the middleware work: temporal
calibration lookups, sky-pixel prerequisites, spatial joins, gathers over
detectors, visits and bands, and schemas made at initialization.
"""

from __future__ import annotations

from typing import Any, ClassVar

import lsst.pipe.base.connectionTypes as ct  # noqa: N813
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pex.config import Config, Field
from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
)

__all__ = [
    "STORAGE",
    "CalibrateTask",
    "ConsolidateVisitSummaryTask",
    "HscTask",
    "HscTaskConfig",
    "IsrTask",
    "RequestedFailureError",
]

STORAGE = "StructuredDataDict"
"""Storage class of all datasets of the pipeline."""


class RequestedFailureError(RuntimeError):
    """A quantum failed because its task's configuration asked for it."""


class HscTaskConfig(Config):
    """Configuration that all tasks have in common."""

    failFor: Field[str] = Field[str](  # type: ignore[no-untyped-call]  # noqa: N815
        doc="Data ID for which to fail, such as 'visit:903334 detector:22'; empty to fail for none.",
        default="",
    )


class HscTask(PipelineTask):
    """A task that can be told to fail for one data ID."""

    config: Any

    repeated: ClassVar[tuple[str, ...]] = ()
    """Parts of the data ID that ``run`` takes besides the inputs, since the
    content of the outputs repeats them."""

    def runQuantum(  # noqa: N802
        self,
        butlerQC: QuantumContext,  # noqa: N803
        inputRefs: InputQuantizedConnection,  # noqa: N803
        outputRefs: OutputQuantizedConnection,  # noqa: N803
    ) -> None:
        """Read all inputs, run, and write all outputs of one quantum."""
        data_id = butlerQC.quantum.dataId
        if data_id is None:
            raise TypeError("a quantum of a graph has a data ID")
        wanted = dict(pair.split(":") for pair in self.config.failFor.split())
        if wanted and all(str(data_id[name]) == value for name, value in wanted.items()):
            raise RequestedFailureError(f"{self.config.failFor} was to fail")
        outputs = self.run(**butlerQC.get(inputRefs), **{name: data_id[name] for name in self.repeated})
        butlerQC.put(outputs, outputRefs)
        self.log.info("Wrote the outputs of %s.", data_id)


class IsrConnections(PipelineTaskConnections, dimensions=("instrument", "exposure", "detector")):
    """Connections of `IsrTask`."""

    ccdExposure = ct.Input(  # noqa: N815
        doc="Raw image.", name="raw", storageClass=STORAGE, dimensions=("instrument", "exposure", "detector")
    )
    bias = ct.PrerequisiteInput(
        doc="Bias frame valid at the time of the exposure.",
        name="bias",
        storageClass=STORAGE,
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )
    flat = ct.PrerequisiteInput(
        doc="Flat field of the filter.",
        name="flat",
        storageClass=STORAGE,
        dimensions=("instrument", "physical_filter", "detector"),
        isCalibration=True,
    )
    outputExposure = ct.Output(  # noqa: N815
        doc="Image without the instrument's signature.",
        name="postISRCCD",
        storageClass=STORAGE,
        dimensions=("instrument", "exposure", "detector"),
    )


class IsrConfig(PipelineTaskConfig, HscTaskConfig, pipelineConnections=IsrConnections):
    """Configuration of `IsrTask`."""


class IsrTask(HscTask):
    """Subtract the bias level and multiply by the flat's gain."""

    ConfigClass = IsrConfig
    _DefaultName = "isr"

    def run(self, ccdExposure: dict[str, Any], bias: dict[str, Any], flat: dict[str, Any]) -> Struct:  # noqa: N803
        """Correct one image."""
        pixels = [(p - bias["level"]) * flat["gain"] for p in ccdExposure["pixels"]]
        return Struct(outputExposure={**ccdExposure, "pixels": pixels, "bias_epoch": bias["epoch"]})


class CalibrateConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    """Connections of `CalibrateTask`."""

    exposure = ct.Input(
        doc="Image without the instrument's signature.",
        name="postISRCCD",
        storageClass=STORAGE,
        dimensions=("instrument", "exposure", "detector"),
    )
    refCat = ct.PrerequisiteInput(  # noqa: N815
        doc="Shards of the reference catalog that the image may overlap.",
        name="ps1_pv3_3pi_20170110",
        storageClass=STORAGE,
        dimensions=("htm7",),
        multiple=True,
        deferLoad=True,
    )
    outputSchema = ct.InitOutput(doc="Fields of a source.", name="src_schema", storageClass=STORAGE)  # noqa: N815
    outputExposure = ct.Output(  # noqa: N815
        doc="Calibrated image.",
        name="calexp",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
    )
    outputCat = ct.Output(  # noqa: N815
        doc="Sources of the image.",
        name="src",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
    )


class CalibrateConfig(PipelineTaskConfig, HscTaskConfig, pipelineConnections=CalibrateConnections):
    """Configuration of `CalibrateTask`."""


class CalibrateTask(HscTask):
    """Add a zero point that the reference catalog gives, and find sources."""

    ConfigClass = CalibrateConfig
    _DefaultName = "calibrate"
    repeated = ("visit",)

    def __init__(self, initInputs: Any = None, **kwargs: Any) -> None:  # noqa: N803
        super().__init__(initInputs=initInputs, **kwargs)
        self.outputSchema = {"fields": ["detector", "flux"]}

    def run(self, exposure: dict[str, Any], refCat: list[DeferredDatasetHandle], visit: int) -> Struct:  # noqa: N803
        """Calibrate one image."""
        zero_point = sum(shard.get()["flux"] for shard in refCat)
        pixels = [p + zero_point for p in exposure["pixels"]]
        detector = exposure["detector"]
        shards = sorted(shard.dataId["htm7"] for shard in refCat)
        return Struct(
            outputExposure={"visit": visit, "detector": detector, "pixels": pixels, "shards": shards},
            outputCat={
                "columns": self.outputSchema["fields"],
                "rows": [[detector, f] for f in sorted(pixels)[-3:]],
            },
        )


class ConsolidateVisitSummaryConnections(PipelineTaskConnections, dimensions=("instrument", "visit")):
    """Connections of `ConsolidateVisitSummaryTask`."""

    calexp = ct.Input(
        doc="Calibrated images of the visit.",
        name="calexp",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
        deferLoad=True,
    )
    visitSummary = ct.Output(  # noqa: N815
        doc="One number for each detector.",
        name="visitSummary",
        storageClass=STORAGE,
        dimensions=("instrument", "visit"),
    )


class ConsolidateVisitSummaryConfig(
    PipelineTaskConfig, HscTaskConfig, pipelineConnections=ConsolidateVisitSummaryConnections
):
    """Configuration of `ConsolidateVisitSummaryTask`."""


class ConsolidateVisitSummaryTask(HscTask):
    """Sum up each calibrated image of a visit."""

    ConfigClass = ConsolidateVisitSummaryConfig
    _DefaultName = "consolidateVisitSummary"

    def run(self, calexp: list[DeferredDatasetHandle]) -> Struct:
        """Make the summary of one visit."""
        images = [handle.get() for handle in calexp]
        return Struct(visitSummary={"sums": {str(i["detector"]): sum(i["pixels"]) for i in images}})
