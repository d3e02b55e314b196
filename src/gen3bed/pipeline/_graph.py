"""The quantum graph of the pipeline over the repository."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lsst.daf.butler import Butler
from lsst.pipe.base import Pipeline
from lsst.pipe.base.all_dimensions_quantum_graph_builder import AllDimensionsQuantumGraphBuilder
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph
from lsst.pipe.base.quantum_graph_builder import OutputExistsError

from gen3bed.errors import UsageError
from gen3bed.pipeline._datasets import INPUT_COLLECTION, INSTRUMENT, SKYMAP

__all__ = ["PIPELINE_URI", "Selection", "build_graph", "load_pipeline"]

PIPELINE_URI = "resource://gen3bed.pipeline/pipeline.yaml"
"""Where ``pipetask --pipeline`` finds the pipeline too."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which of the real data to process.

    Attributes
    ----------
    patches : `tuple` [`int`, ...]
        Patches of the tract; empty for all.  The default is the patch that
        ``ci_hsc_gen3`` processes, and all 33 images overlap it.
    visits : `tuple` [`int`, ...]
        Visits; empty for all.
    """

    patches: tuple[int, ...] = (69,)
    visits: tuple[int, ...] = ()

    @property
    def where(self) -> str:
        """The selection as the user writes it for ``pipetask`` (`str`)."""
        terms = [f"instrument = '{INSTRUMENT}'", f"skymap = '{SKYMAP}'"]
        for name, values in (("patch", self.patches), ("visit", self.visits)):
            if values:
                terms.append(f"{name} IN ({', '.join(map(str, values))})")
        return " AND ".join(terms)


def load_pipeline(*, subset: str = "", fail_for: Mapping[str, str] | None = None) -> Pipeline:
    """Load the pipeline from its YAML file.

    Parameters
    ----------
    subset : `str`, optional
        Name of a labeled subset; the whole pipeline by default.
    fail_for : `~collections.abc.Mapping` [`str`, `str`], optional
        Data ID, such as ``visit:903334 detector:22``, for which the task of a
        label shall fail.

    Raises
    ------
    UsageError
        Raised if there is no such subset or label.
    """
    pipeline = Pipeline.from_uri(PIPELINE_URI)
    if subset:
        if subset not in pipeline.subsets:
            raise UsageError(
                subset,
                reason="the pipeline has no such subset",
                hint=f"Choose one of {', '.join(sorted(pipeline.subsets))}.",
            )
        pipeline = Pipeline.from_uri(f"{PIPELINE_URI}#{subset}")
    for label, data_id in (fail_for or {}).items():
        if label not in pipeline.task_labels:
            raise UsageError(
                label,
                reason="the pipeline has no such task",
                hint=f"Choose one of {', '.join(pipeline.task_labels)}.",
            )
        pipeline.addConfigOverride(label, "failFor", data_id)
    return pipeline


def build_graph(
    butler: Butler,
    *,
    output_run: str,
    selection: Selection | None = None,
    pipeline: Pipeline | None = None,
    inputs: Sequence[str] = (INPUT_COLLECTION,),
    skip_existing: bool = False,
    datastore_records: bool = False,
) -> PredictedQuantumGraph:
    """Build the quantum graph.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Client of the repository.
    output_run : `str`
        Run that the outputs will go to.
    selection : `Selection`, optional
        What to process; one patch by default.
    pipeline : `lsst.pipe.base.Pipeline`, optional
        The pipeline, if it is not the default of `load_pipeline`.
    inputs : `~collections.abc.Sequence` [`str`], optional
        Collections to look for inputs in.
    skip_existing : `bool`, optional
        Leave out quanta that ``output_run`` already has the metadata of.
    datastore_records : `bool`, optional
        Attach what execution without a registry needs.

    Raises
    ------
    UsageError
        Raised if ``output_run`` has outputs already and ``skip_existing`` is
        false.
    """
    builder = AllDimensionsQuantumGraphBuilder(
        (pipeline or load_pipeline()).to_graph(),
        butler,
        where=(selection or Selection()).where,
        input_collections=list(inputs),
        output_run=output_run,
        skip_existing_in=[output_run] if skip_existing else [],
        # A failed quantum left its log, which the next attempt replaces.
        clobber=skip_existing,
    )
    try:
        with _paused_garbage_collection():
            return builder.finish(attach_datastore_records=datastore_records).assemble()
    except OutputExistsError as err:
        raise UsageError(
            output_run,
            reason="the run has outputs of these quanta already",
            hint="Name another output run, or skip what exists.",
            detail=str(err),
        ) from err


@contextmanager
def _paused_garbage_collection() -> Iterator[None]:
    # Building makes many long-lived objects and no garbage in cycles to speak
    # of; collections then cost about a quarter of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
