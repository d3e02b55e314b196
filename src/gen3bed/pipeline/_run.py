"""The whole way: repository, quantum graph, execution, checks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lsst.daf.butler import Butler
from lsst.daf.butler.registry import CollectionType  # type: ignore[attr-defined]

from gen3bed.pipeline._checks import check_graph, check_outputs, check_provenance, count_outputs, require
from gen3bed.pipeline._execution import Mode, QuantumOutcome, execute_graph
from gen3bed.pipeline._expectation import expect
from gen3bed.pipeline._graph import Selection, build_graph, load_pipeline
from gen3bed.pipeline._records import read_records
from gen3bed.pipeline._repository import create_repository

__all__ = ["OUTPUT_RUN", "PipelineResult", "Step", "run_pipeline"]

OUTPUT_RUN = "u/gen3bed/pipeline"
"""Run that the outputs go to if no other is named."""


@dataclass(kw_only=True)
class Step:
    """One step of the way.

    Attributes
    ----------
    name : `str`
        ``repository``, ``graph``, ``execution`` or ``checks``.
    count : `int`
        Number of ``unit`` that the step made or checked.
    unit : `str`
        What was counted, such as ``quanta``.
    wall_seconds, cpu_seconds : `float`
        Time of the step; CPU of this process and of those it started.
    """

    name: str
    count: int = 0
    unit: str = ""
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PipelineResult:
    """What `run_pipeline` did.

    Attributes
    ----------
    repository : `pathlib.Path`
        Root of the repository.
    run : `str`
        Run that holds the outputs.
    steps : `tuple` [`Step`, ...]
        The steps, in order.
    quanta : `dict` [`str`, `int`]
        Number of quanta that succeeded, by task label.
    failed, blocked : `tuple` [`QuantumOutcome`, ...]
        Quanta that failed, and those that could not run because of it.
    """

    repository: Path
    run: str
    steps: tuple[Step, ...]
    quanta: dict[str, int]
    failed: tuple[QuantumOutcome, ...] = field(default=())
    blocked: tuple[QuantumOutcome, ...] = field(default=())

    @property
    def succeeded(self) -> bool:
        """Whether every quantum succeeded (`bool`)."""
        return not self.failed and not self.blocked


def run_pipeline(
    root: Path,
    *,
    registry_url: str,
    namespace: str | None = None,
    selection: Selection | None = None,
    mode: Mode = "direct",
    processes: int = 1,
    output_run: str = OUTPUT_RUN,
    progress: Callable[[Step], None] | None = None,
) -> PipelineResult:
    """Make a repository of the real records, and run the pipeline over it.

    Parameters
    ----------
    root : `pathlib.Path`
        New directory for the repository.  It and the registry's tables are
        left as they are, also after an error: removing them is for whoever
        made the namespace.
    registry_url : `str`
        URL of the registry database, without password.
    namespace : `str`, optional
        Schema in that database.
    selection : `Selection`, optional
        What to process; one patch by default.
    mode : `str`, optional
        ``direct`` or ``quantum-backed``.
    processes : `int`, optional
        Number of processes that execute quanta.
    output_run : `str`, optional
        Run for the outputs.
    progress : callable, optional
        Called with each step as it ends.

    Raises
    ------
    OutputCheckError
        Raised if the graph or an output is not what was computed
        independently.  A quantum that fails does not raise, it is in the
        result; what it leaves undone is then not expected.
    Gen3bedError
        Raised as by `create_repository` and `build_graph`.
    """
    steps: list[Step] = []
    records = read_records()
    pipeline = load_pipeline()
    expectation = expect(records, selection)

    @contextmanager
    def step(name: str, unit: str) -> Iterator[Step]:
        this = Step(name=name, unit=unit)
        wall, cpu = time.monotonic(), _cpu_seconds()
        yield this
        this.wall_seconds, this.cpu_seconds = time.monotonic() - wall, _cpu_seconds() - cpu
        steps.append(this)
        if progress is not None:
            progress(this)

    with step("repository", "input datasets") as this:
        butler = create_repository(root, registry_url=registry_url, namespace=namespace)
        this.count = sum(count_outputs(butler, run) for run in _input_runs(butler))
    with closing(butler):
        with step("graph", "quanta") as this:
            graph = build_graph(
                butler,
                output_run=output_run,
                selection=selection,
                pipeline=pipeline,
                datastore_records=mode == "quantum-backed",
            )
            this.count = len(graph)
        with step("execution", "quanta") as this:
            execution = execute_graph(root, graph, mode=mode, processes=processes)
            this.count = sum(execution.succeeded.values())
        with step("checks", "datasets") as this:
            failed = tuple(outcome.key for outcome in execution.failed)
            remaining, blocked = expectation.after_failures(failed)
            problems = check_graph(graph, expectation)
            problems += check_outputs(
                butler, output_run, remaining, tasks=tuple(pipeline.task_labels), failed=failed
            )
            if mode == "direct" and processes == 1:
                problems += check_provenance(
                    butler, output_run, expectation, failed=failed, blocked=tuple(blocked)
                )
            require(output_run, problems)
            this.count = count_outputs(butler, output_run)
    return PipelineResult(
        repository=root,
        run=output_run,
        steps=tuple(steps),
        quanta=execution.succeeded,
        failed=execution.failed,
        blocked=execution.blocked,
    )


def _input_runs(butler: Butler) -> list[str]:
    return list(butler.collections.query("*", collection_types=CollectionType.RUN))


def _cpu_seconds() -> float:
    return sum(os.times()[:4])
