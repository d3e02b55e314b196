"""The suite ``pipeline``: the real HSC records from repository to removal.

Run by ``pytest --pyargs gen3bed.pipeline.test_pipeline``; the fixture
``empty_registry`` of gen3bed's pytest plugin says on which registry.
"""

# ruff: noqa: S101 - assert is how pytest works

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest
from lsst.daf.butler import Butler, MissingCollectionError

from gen3bed.errors import NamespaceError, UsageError
from gen3bed.pipeline import _content
from gen3bed.pipeline._checks import check_graph, check_outputs, check_provenance, require
from gen3bed.pipeline._datasets import CALEXP_RUN, INPUT_COLLECTION, INSTRUMENT, SKYMAP
from gen3bed.pipeline._execution import execute_graph
from gen3bed.pipeline._expectation import dataset_key, expect
from gen3bed.pipeline._graph import Selection, build_graph, load_pipeline
from gen3bed.pipeline._records import HscRecords, read_records
from gen3bed.pipeline._repository import create_repository, open_repository
from gen3bed.registries import RegistryAddress

__all__ = ["TestPipeline"]

BATCH_RUN = "u/gen3bed/batch"
FAULT_RUN = "u/gen3bed/fault"
RETRY_RUN = "u/gen3bed/retry"

TWO_VISITS = Selection(visits=(903334, 903986))
"""One visit in each band and season."""

ONE_VISIT = Selection(visits=(903336,))
"""The smallest visit: two detectors."""

FAILING = {"visit": 903334, "detector": 22}


@dataclass
class _Bench:
    """What the tests of the class share: the repository, and what is done."""

    root: Path
    address: RegistryAddress
    records: HscRecords
    tasks: tuple[str, ...]
    done: set[str] = field(default_factory=set)

    def needs(self, *steps: str) -> None:
        """Fail a test whose preparation was not done in this process."""
        if missing := set(steps) - self.done:
            pytest.fail(
                f"{', '.join(sorted(missing))} did not succeed, or in another process: run the tests of "
                "this suite in order and in one process (-n 0)",
                pytrace=False,
            )


@pytest.fixture(scope="class")
def bench(empty_registry: RegistryAddress, tmp_path_factory: pytest.TempPathFactory) -> _Bench:
    """Return the state that the tests share."""
    return _Bench(
        root=tmp_path_factory.mktemp("pipeline") / "repository",
        address=empty_registry,
        records=read_records(),
        tasks=tuple(load_pipeline().task_labels),
    )


@pytest.fixture
def butler(bench: _Bench) -> Iterator[Butler]:
    """Open the repository, for one test."""
    bench.needs("repository")
    with closing(open_repository(bench.root)) as butler:
        yield butler


# The tests are steps that build on one another, so one worker runs them all.
@pytest.mark.xdist_group("gen3bed-pipeline")
class TestPipeline:
    """The real records, from the making of a repository to its removal."""

    suite: ClassVar[str] = "pipeline"

    def test_repository_is_made(self, bench: _Bench) -> None:
        """The repository holds the real records of all files and the artifacts."""
        address = bench.address
        made = create_repository(bench.root, registry_url=address.url, namespace=address.namespace)
        with closing(made) as butler:
            for element, wanted in {
                "instrument": 1,
                "detector": 18,
                "physical_filter": 3,
                "visit": 13,
                "visit_detector_region": 33,
                "exposure": 11,
                "visit_definition": 11,
                "tract": 3,
                "patch": 258,
            }.items():
                assert len(butler.query_dimension_records(element, limit=None)) == wanted, element
            calexps = butler.query_datasets("calexp", CALEXP_RUN, limit=None)
            assert {(r.dataId["visit"], r.dataId["detector"]) for r in calexps} == bench.records.calexps
            data_id = {"instrument": INSTRUMENT, **FAILING}
            content = butler.get("calexp", data_id, collections=CALEXP_RUN)
            assert content == _content.calexp(FAILING["visit"], FAILING["detector"])
            assert butler.get("skyMap", skymap=SKYMAP, collections=INPUT_COLLECTION)["cells"]["69"] == [5, 4]
        bench.done.add("repository")

    def test_a_second_repository_is_refused(self, bench: _Bench, tmp_path: Path) -> None:
        """A registry that holds a repository is not written to again."""
        bench.needs("repository")
        address = bench.address
        with pytest.raises(NamespaceError, match="holds tables already"):
            create_repository(tmp_path / "second", registry_url=address.url, namespace=address.namespace)
        assert not (tmp_path / "second").exists()

    def test_graph_of_the_whole_tract(self, bench: _Bench, butler: Butler) -> None:
        """Quanta and their inputs over all patches are those of plain geometry."""
        selection = Selection(patches=())
        graph = build_graph(butler, output_run="u/gen3bed/tract", selection=selection)
        expectation = expect(bench.records, selection)
        assert dict(graph.header.n_task_quanta) == expectation.counts
        require("the tract's graph", check_graph(graph, expectation))

    def test_graph_over_the_real_calexps(self, bench: _Bench, butler: Butler) -> None:
        """The coaddition alone starts from the recorded calexps and their run."""
        graph = build_graph(
            butler,
            output_run="u/gen3bed/coaddition",
            pipeline=load_pipeline(subset="coaddition"),
            inputs=[CALEXP_RUN, INPUT_COLLECTION],
        )
        require("the coaddition's graph", check_graph(graph, expect(bench.records, from_calexps=True)))

    def test_quantum_backed_execution(self, bench: _Bench, butler: Butler) -> None:
        """All quanta of a patch run without the registry, and every output is transferred and right."""
        graph = build_graph(butler, output_run=BATCH_RUN, datastore_records=True)
        expectation = expect(bench.records)
        execution = execute_graph(bench.root, graph, mode="quantum-backed")
        assert not execution.failed
        assert execution.succeeded == expectation.counts
        require(BATCH_RUN, check_outputs(butler, BATCH_RUN, expectation, tasks=bench.tasks))
        bench.done.add(BATCH_RUN)

    def test_existing_outputs_are_refused(self, bench: _Bench, butler: Butler) -> None:
        """A graph into a run that has the outputs already is refused."""
        bench.needs(BATCH_RUN)
        with pytest.raises(UsageError, match="has outputs of these quanta already"):
            build_graph(butler, output_run=BATCH_RUN)

    def test_failed_quantum(self, bench: _Bench, butler: Butler) -> None:
        """A failing quantum and those that need it are reported, and all others are done."""
        wanted = " ".join(f"{name}:{value}" for name, value in FAILING.items())
        graph = build_graph(
            butler,
            output_run=FAULT_RUN,
            selection=TWO_VISITS,
            pipeline=load_pipeline(fail_for={"calibrate": wanted}),
        )
        execution = execute_graph(bench.root, graph)
        (failed,) = execution.failed
        assert failed.key == dataset_key("calibrate", {"instrument": INSTRUMENT, **FAILING})
        assert "RequestedFailureError" in failed.error
        remaining, blocked = expect(bench.records, TWO_VISITS).after_failures([failed.key])
        assert {outcome.key for outcome in execution.blocked} == blocked
        assert execution.succeeded == remaining.counts
        require(
            FAULT_RUN,
            check_outputs(butler, FAULT_RUN, remaining, tasks=bench.tasks, failed=(failed.key,)),
        )
        bench.done.add(FAULT_RUN)

    def test_provenance(self, bench: _Bench, butler: Butler) -> None:
        """The provenance graph has the status and the parents of each quantum."""
        bench.needs(FAULT_RUN)
        expectation = expect(bench.records, TWO_VISITS)
        failed = dataset_key("calibrate", {"instrument": INSTRUMENT, **FAILING})
        _, blocked = expectation.after_failures([failed])
        problems = check_provenance(butler, FAULT_RUN, expectation, failed=(failed,), blocked=tuple(blocked))
        require(FAULT_RUN, problems)

    def test_retry_skips_what_exists(self, bench: _Bench, butler: Butler) -> None:
        """After a damaged raw is mended, only its quantum and those that need it run again."""
        expectation = expect(bench.records, ONE_VISIT)
        raw = {"instrument": INSTRUMENT, "exposure": 903336, "detector": 17}
        uri = butler.getURI("raw", raw, collections=INPUT_COLLECTION)
        content = uri.read()
        uri.write(content[: len(content) // 2], overwrite=True)
        try:
            graph = build_graph(butler, output_run=RETRY_RUN, selection=ONE_VISIT)
            first = execute_graph(bench.root, graph)
        finally:
            uri.write(content, overwrite=True)
        assert [outcome.key for outcome in first.failed] == [dataset_key("isr", raw)]
        remaining, blocked = expectation.after_failures([dataset_key("isr", raw)])
        assert first.succeeded == remaining.counts
        graph = build_graph(butler, output_run=RETRY_RUN, selection=ONE_VISIT, skip_existing=True)
        assert len(graph) == 1 + len(blocked)
        second = execute_graph(bench.root, graph, skip_existing=True)
        assert not second.failed
        require(RETRY_RUN, check_outputs(butler, RETRY_RUN, expectation, tasks=bench.tasks))
        bench.done.add(RETRY_RUN)

    def test_removal(self, bench: _Bench, butler: Butler) -> None:
        """Removing the runs leaves no row and no file of theirs, and every input."""
        bench.needs(BATCH_RUN, FAULT_RUN, RETRY_RUN)
        runs = [BATCH_RUN, FAULT_RUN, RETRY_RUN]
        butler.removeRuns(runs)
        for run in runs:
            with pytest.raises(MissingCollectionError):
                butler.query_all_datasets(run)
            assert not [p for p in (bench.root / run).rglob("*") if not p.is_dir()]
        assert len(butler.query_datasets("raw", INPUT_COLLECTION, limit=None)) == len(bench.records.calexps)
        assert len(butler.query_datasets("calexp", CALEXP_RUN, limit=None)) == len(bench.records.calexps)
