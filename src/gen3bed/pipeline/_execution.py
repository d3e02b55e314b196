"""Execution of a quantum graph by the middleware's own executors."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lsst.daf.butler import (
    DataCoordinate,
    DatasetRef,
    DatasetType,
    DimensionUniverse,
    LimitedButler,
    Quantum,
    QuantumBackedButler,
)
from lsst.daf.butler.datastore.record_data import DatastoreRecordData
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import automatic_connection_constants as acc
from lsst.pipe.base.mp_graph_executor import MPGraphExecutor, MPGraphExecutorError
from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult, QuantumExecutor
from lsst.pipe.base.quantum_reports import ExecutionStatus, Report
from lsst.pipe.base.separable_pipeline_executor import SeparablePipelineExecutor
from lsst.pipe.base.single_quantum_executor import SingleQuantumExecutor
from lsst.pipe.base.taskFactory import TaskFactory

from gen3bed.pipeline._expectation import DatasetKey, dataset_key
from gen3bed.pipeline._repository import open_repository

__all__ = ["Execution", "Mode", "QuantumOutcome", "execute_graph"]

Mode = Literal["direct", "quantum-backed"]
"""How quanta reach data.

``direct``: through the registry, as ``pipetask run`` does; ``quantum-backed``:
without it, as batch jobs do, and the outputs are transferred afterwards.
"""

_LOG = logging.getLogger(__name__)

_TIMEOUT = 3600.0
"""Seconds for one quantum in a process of its own; they take a second or two."""

Progress = Callable[[str, str, bool], None]
"""Called after each quantum with its label, data ID and whether it succeeded."""


@dataclass(frozen=True, kw_only=True)
class QuantumOutcome:
    """What became of one quantum that did not succeed.

    Attributes
    ----------
    label : `str`
        Label of the task.
    data_id : `dict` [`str`, `int` or `str`]
        Data ID of the quantum.
    error : `str`
        Type and message of the exception; empty for a blocked quantum.
    """

    label: str
    data_id: dict[str, Any]
    error: str = ""

    @property
    def key(self) -> DatasetKey:
        """Label and data ID, as an expectation has them (`tuple`)."""
        return dataset_key(self.label, self.data_id)

    def __str__(self) -> str:
        return f"{self.label} ({_data_id(self.data_id)})" + (f": {self.error}" if self.error else "")


@dataclass(frozen=True, kw_only=True)
class Execution:
    """Result of an execution.

    Attributes
    ----------
    succeeded : `dict` [`str`, `int`]
        Number of quanta that succeeded, by task label.
    failed : `tuple` [`QuantumOutcome`, ...]
        Quanta whose task raised.
    blocked : `tuple` [`QuantumOutcome`, ...]
        Quanta that could not run because one of these failed.
    """

    succeeded: dict[str, int]
    failed: tuple[QuantumOutcome, ...] = ()
    blocked: tuple[QuantumOutcome, ...] = ()


def execute_graph(
    repository: Path,
    graph: PredictedQuantumGraph,
    *,
    mode: Mode = "direct",
    processes: int = 1,
    skip_existing: bool = False,
    progress: Progress | None = None,
) -> Execution:
    """Execute all quanta of a graph.

    Parameters
    ----------
    repository : `pathlib.Path`
        Root of the repository.
    graph : `lsst.pipe.base.quantum_graph.PredictedQuantumGraph`
        The graph; built with datastore records for ``quantum-backed``.
    mode : `str`, optional
        See `Mode`.
    processes : `int`, optional
        Number of processes.
    skip_existing : `bool`, optional
        Go on with a run that has outputs already.
    progress : callable, optional
        Called after each quantum that ran.  With more than one process the
        calls come at the end.

    Returns
    -------
    execution : `Execution`
        What succeeded and what did not; a failing quantum does not raise.

    Notes
    -----
    With one process in direct mode, and into a new run, the run's provenance
    graph is written too.
    """
    if not len(graph):
        return Execution(succeeded={})
    run_quanta = _run_direct if mode == "direct" else _run_quantum_backed
    report = run_quanta(repository, graph, processes, skip_existing, progress)
    if progress is not None and processes > 1:
        for quantum in report.quantaReports:
            if quantum.status is not ExecutionStatus.SKIPPED:
                succeeded = quantum.status is ExecutionStatus.SUCCESS
                progress(str(quantum.taskLabel), _data_id(quantum.dataId), succeeded)
    return _summarize(report)


def _run_direct(
    repository: Path,
    graph: PredictedQuantumGraph,
    processes: int,
    skip_existing: bool,  # noqa: FBT001
    progress: Progress | None,
) -> Report:
    run = graph.header.output_run
    skip = [run] if skip_existing else []
    with open_repository(repository, collections=[run, *graph.header.inputs], run=run) as butler:
        separable = SeparablePipelineExecutor(butler, clobber_output=skip_existing, skip_existing_in=skip)
        separable.pre_execute_qgraph(graph, register_dataset_types=True)
        provenance = None
        if processes == 1 and not skip_existing:
            # The middleware writes provenance from a single process only.
            provenance_type = DatasetType(
                acc.PROVENANCE_DATASET_TYPE_NAME, butler.dimensions.empty, acc.PROVENANCE_STORAGE_CLASS
            )
            butler.registry.registerDatasetType(provenance_type)
            provenance = DatasetRef(provenance_type, DataCoordinate.make_empty(butler.dimensions), run)
        inner = SingleQuantumExecutor(
            butler=butler,
            task_factory=TaskFactory(),
            skip_existing_in=skip,
            clobber_outputs=skip_existing,
        )
        executor = _graph_executor(inner, processes, progress)
        # Connections must not be shared with the executor's processes.
        butler.registry.resetConnectionPool()
        with _tolerate_failed_quanta():
            separable.run_pipeline(graph, graph_executor=executor, provenance_dataset_ref=provenance)
        return _report_of(executor)


def _run_quantum_backed(
    repository: Path,
    graph: PredictedQuantumGraph,
    processes: int,
    skip_existing: bool,  # noqa: FBT001
    progress: Progress | None,
) -> Report:
    graph.build_execution_quanta()
    quanta: list[Quantum] = [info["quantum"] for _, info in graph.quantum_only_xgraph.nodes(data=True)]
    dataset_types = {node.name: node.dataset_type for node in graph.pipeline_graph.dataset_types.values()}
    universe = graph.pipeline_graph.universe
    with graph.make_init_qbb(str(repository)) as init_butler:
        graph.init_output_run(init_butler, existing=skip_existing)
    with ExitStack() as stack:
        options: dict[str, Any] = {"task_factory": TaskFactory(), "skip_existing": skip_existing}
        if processes == 1:
            # One client for all quanta: making one for each of them costs
            # more than the quantum itself.
            options["butler"] = stack.enter_context(_whole_graph_butler(repository, graph, quanta))
        else:
            options["limited_butler_factory"] = _QuantumButlerFactory(
                str(repository), dimensions=universe, dataset_types=dataset_types
            )
        inner = SingleQuantumExecutor(clobber_outputs=skip_existing, **options)
        executor = _graph_executor(inner, processes, progress)
        with _tolerate_failed_quanta():
            executor.execute(graph)
    _transfer(repository, graph, quanta)
    return _report_of(executor)


class _QuantumButlerFactory:
    """Makes the limited client of one quantum; can be pickled."""

    def __init__(
        self, repository: str, *, dimensions: DimensionUniverse, dataset_types: Mapping[str, DatasetType]
    ) -> None:
        self._repository = repository
        self._dimensions = dimensions
        self._dataset_types = dataset_types

    def __call__(self, quantum: Quantum) -> LimitedButler:
        return QuantumBackedButler.initialize(
            config=self._repository,
            quantum=quantum,
            dimensions=self._dimensions,
            dataset_types=self._dataset_types,
        )


def _whole_graph_butler(
    repository: Path, graph: PredictedQuantumGraph, quanta: Iterable[Quantum]
) -> QuantumBackedButler:
    inputs: set[uuid.UUID] = set()
    outputs = {ref.id for ref in _init_outputs(graph)}
    records = []
    for quantum in quanta:
        inputs.update(ref.id for refs in quantum.inputs.values() for ref in refs)
        outputs.update(ref.id for refs in quantum.outputs.values() for ref in refs)
        records.append(quantum.datastore_records)
    return QuantumBackedButler.from_predicted(
        config=str(repository),
        predicted_inputs=inputs - outputs,
        predicted_outputs=outputs,
        dimensions=graph.pipeline_graph.universe,
        datastore_records=DatastoreRecordData.merge_mappings(*records),
        dataset_types={n.name: n.dataset_type for n in graph.pipeline_graph.dataset_types.values()},
    )


def _transfer(repository: Path, graph: PredictedQuantumGraph, quanta: Iterable[Quantum]) -> None:
    """Register the outputs that were written, as ``transfer-from-graph``."""
    refs = [*_init_outputs(graph)]
    refs.extend(ref for quantum in quanta for refs in quantum.outputs.values() for ref in refs)
    with (
        QuantumBackedButler.from_predicted(
            config=str(repository),
            predicted_inputs=[ref.id for ref in refs],
            predicted_outputs=[],
            dimensions=graph.pipeline_graph.universe,
            datastore_records={},
            dataset_types={n.name: n.dataset_type for n in graph.pipeline_graph.dataset_types.values()},
        ) as source,
        open_repository(repository) as target,
    ):
        target.transfer_from(source, refs, transfer="auto", register_dataset_types=True)


def _init_outputs(graph: PredictedQuantumGraph) -> Iterator[DatasetRef]:
    # The empty label holds what belongs to no task, such as `packages`.
    for label in ("", *graph.pipeline_graph.tasks):
        yield from graph.get_init_outputs(label).values()


class _TaskExecutor(QuantumExecutor):
    """Lets another executor execute, with the tasks' logs on."""

    def __init__(self, inner: QuantumExecutor, progress: Progress | None) -> None:
        self._inner = inner
        self._progress = progress

    def execute(
        self,
        task_node: TaskNode,
        /,
        quantum: Quantum,
        quantum_id: uuid.UUID | None = None,
        *,
        log_records: ButlerLogRecords | None = None,
    ) -> QuantumExecutionResult:
        succeeded = False
        # Here, because a process of its own starts with logging as Python has it.
        with _logging_at(logging.INFO):
            try:
                result = self._inner.execute(task_node, quantum, quantum_id, log_records=log_records)
                succeeded = True
            finally:
                if self._progress is not None:
                    self._progress(task_node.label, _data_id(_data_id_of(quantum).required), succeeded)
        return result


@contextmanager
def _logging_at(level: int) -> Iterator[None]:
    # The middleware names a task's logger after its package and label.
    logger = logging.getLogger("gen3bed")
    before = logger.level
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)


def _graph_executor(
    inner: SingleQuantumExecutor, processes: int, progress: Progress | None
) -> MPGraphExecutor:
    # The progress function cannot go along into other processes.
    executor = _TaskExecutor(inner, progress if processes == 1 else None)
    return MPGraphExecutor(num_proc=processes, timeout=_TIMEOUT, quantum_executor=executor)


@contextmanager
def _tolerate_failed_quanta() -> Iterator[None]:
    try:
        yield
    except MPGraphExecutorError:
        # The executor's report says which, and more than the exception does.
        _LOG.debug("Some quanta failed.", exc_info=True)


def _report_of(executor: MPGraphExecutor) -> Report:
    report = executor.getReport()
    if report is None:
        raise RuntimeError("the graph executor made no report")
    return report


def _summarize(report: Report) -> Execution:
    succeeded: Counter[str] = Counter()
    failed, blocked = [], []
    for quantum in report.quantaReports:
        label, data_id = str(quantum.taskLabel), dict(quantum.dataId)
        if quantum.status is ExecutionStatus.SUCCESS:
            succeeded[label] += 1
        elif quantum.status is ExecutionStatus.SKIPPED:
            blocked.append(QuantumOutcome(label=label, data_id=data_id))
        else:
            info = quantum.exceptionInfo
            error = f"{info.className}: {info.message}" if info else f"exit code {quantum.exitCode}"
            failed.append(QuantumOutcome(label=label, data_id=data_id, error=error))
    return Execution(succeeded=dict(succeeded), failed=tuple(failed), blocked=tuple(blocked))


def _data_id_of(quantum: Quantum) -> DataCoordinate:
    if quantum.dataId is None:
        raise TypeError("a quantum of a graph has a data ID")
    return quantum.dataId


def _data_id(data_id: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in data_id.items())
