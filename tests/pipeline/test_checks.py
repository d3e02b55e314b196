"""The checks find what is injected: nothing wrong in a run goes unseen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from gen3bed.pipeline import (
    OutputCheckError,
    Selection,
    build_graph,
    check_graph,
    check_outputs,
    execute_graph,
    expect,
    load_pipeline,
    open_repository,
    read_records,
    require,
)
from gen3bed.pipeline._checks import describe
from gen3bed.pipeline._expectation import Expectation, dataset_key

ONE_VISIT = Selection(visits=(903336,))
RUN = "u/checks"
TASKS = tuple(load_pipeline().task_labels)
PATCH = {"skymap": "discrete/ci_hsc", "tract": 0, "patch": 69}
CALEXP = {"instrument": "HSC", "visit": 903336, "detector": 24}


@pytest.fixture(scope="module")
def expectation() -> Expectation:
    """Return what a run over the smallest visit must produce."""
    return expect(read_records(), ONE_VISIT)


@pytest.fixture(scope="module")
def executed(repository: Path) -> Path:
    """Run the pipeline over the smallest visit."""
    with closing(open_repository(repository)) as butler:
        graph = build_graph(butler, output_run=RUN, selection=ONE_VISIT, datastore_records=True)
    assert not execute_graph(repository, graph, mode="quantum-backed").failed
    return repository


@pytest.fixture
def outputs(executed: Path) -> Iterator[Butler]:
    """Open the repository with the executed run."""
    with closing(open_repository(executed)) as butler:
        butler.registry.refresh()
        yield butler


def problems(butler: Butler, expectation: Expectation) -> list[str]:
    """Return what the checks say about the run."""
    return check_outputs(butler, RUN, expectation, tasks=TASKS)


def test_a_right_run_has_no_problems(outputs: Butler, expectation: Expectation) -> None:
    """The checks are silent on a run that is right."""
    assert problems(outputs, expectation) == []


def test_changed_content_is_found(outputs: Butler, expectation: Expectation) -> None:
    """One changed pixel is reported with the dataset's data ID."""
    uri = outputs.getURI("calexp", CALEXP, collections=RUN)
    original = uri.read()
    content = json.loads(original)
    content["pixels"][3] += 1
    uri.write(json.dumps(content).encode())
    try:
        (problem,) = problems(outputs, expectation)
    finally:
        uri.write(original)
    assert problem.startswith("calexp (detector=24, instrument='HSC', visit=903336) is ")


def test_unreadable_artifact_is_found(outputs: Butler, expectation: Expectation) -> None:
    """A dataset that the registry has and whose file is gone is reported."""
    uri = outputs.getURI("src", CALEXP, collections=RUN)
    original = uri.read()
    uri.remove()
    try:
        (problem,) = problems(outputs, expectation)
    finally:
        uri.write(original)
    assert problem.startswith(
        "src (detector=24, instrument='HSC', visit=903336) cannot be read: FileNotFoundError"
    )


def test_missing_dataset_is_found(outputs: Butler, expectation: Expectation) -> None:
    """A dataset without a row is reported; also a metadata or log dataset."""
    for name in ("src", "calibrate_metadata", "calibrate_log"):
        ref = outputs.find_dataset(name, CALEXP, collections=RUN, dimension_records=True)
        assert ref is not None
        content = outputs.get(ref)
        outputs.pruneDatasets([ref], disassociate=True, unstore=True, purge=True)
        try:
            found = problems(outputs, expectation)
        finally:
            outputs.put(content, ref)
        missing = f"dataset {name} (detector=24, instrument='HSC', visit=903336) is missing"
        assert missing in found
        assert problems(outputs, expectation) == []


def test_extra_dataset_is_found(outputs: Butler, expectation: Expectation) -> None:
    """A dataset that no quantum should have written is reported."""
    data_id = {"instrument": "HSC", "visit": 903334, "detector": 22}
    ref = outputs.put({"pixels": []}, "calexp", data_id, run=RUN)
    try:
        found = problems(outputs, expectation)
    finally:
        outputs.pruneDatasets([ref], disassociate=True, unstore=True, purge=True)
    assert found == ["dataset calexp (detector=22, instrument='HSC', visit=903334) is not expected"]


def test_wrong_metadata_is_found(outputs: Butler, expectation: Expectation) -> None:
    """Metadata that list another output than the run has are reported."""
    ref = outputs.find_dataset("calexp", CALEXP, collections=RUN)
    assert ref is not None
    uri = outputs.getURI("calibrate_metadata", CALEXP, collections=RUN)
    original = uri.read()
    changed = original.replace(str(ref.id).encode(), bytes(reversed(str(ref.id).encode())))
    assert changed != original
    uri.write(changed)
    try:
        (problem,) = problems(outputs, expectation)
    finally:
        uri.write(original)
    assert problem == (
        "calibrate_metadata (detector=24, instrument='HSC', visit=903336) "
        "lists other outputs than the run has"
    )


def test_graph_with_a_quantum_too_few_is_found(outputs: Butler) -> None:
    """A quantum that geometry demands and the graph lacks is reported, and the other way round."""
    graph = build_graph(outputs, output_run="u/other", selection=ONE_VISIT)
    one = expect(read_records(), ONE_VISIT)
    two = expect(read_records(), Selection(visits=(903336, 903338)))
    assert check_graph(graph, one) == []
    found = check_graph(graph, two)
    warp = dataset_key("makeWarp", {**PATCH, "instrument": "HSC", "visit": 903338})
    assert f"quantum {describe(warp)} is missing" in found
    graph = build_graph(outputs, output_run="u/other", selection=Selection(visits=(903336, 903338)))
    found = check_graph(graph, one)
    assert "quantum isr (detector=18, exposure=903338, instrument='HSC') is not expected" in found


def test_wrong_input_of_a_quantum_is_found(outputs: Butler, expectation: Expectation) -> None:
    """An input that the graph does not have is reported with its quantum."""
    graph = build_graph(outputs, output_run="u/other", selection=ONE_VISIT)
    key = dataset_key("calibrate", CALEXP)
    quantum = expectation.quanta[key]
    fewer = frozenset(i for i in quantum.inputs if i[0] != "ps1_pv3_3pi_20170110")
    changed = Expectation(
        quanta={**expectation.quanta, key: type(quantum)(key=key, inputs=fewer, outputs=quantum.outputs)},
        contents=expectation.contents,
    )
    found = check_graph(graph, changed)
    assert len(found) == 2
    assert all("input ps1_pv3_3pi_20170110 (htm7=" in f and "is not expected" in f for f in found)


def test_problems_become_an_error_that_names_them() -> None:
    """The error says how many problems there are, and shows the first twenty."""
    with pytest.raises(OutputCheckError, match="21 differences") as caught:
        require(RUN, [f"dataset {n} is missing" for n in range(21)])
    assert caught.value.detail.count("is missing") == 20
    assert caught.value.detail.endswith("... and 1 more")
    require(RUN, [])
