"""Checks of a quantum graph and of the outputs of a run.

Each check returns one line for each thing that is wrong; `require` turns
them into an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from lsst.daf.butler import Butler, DatasetRef
from lsst.pipe.base import automatic_connection_constants as acc
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph, ProvenanceQuantumGraph

from gen3bed.pipeline._errors import OutputCheckError
from gen3bed.pipeline._expectation import INIT_OUTPUTS, DatasetKey, Expectation, dataset_key

__all__ = ["check_graph", "check_outputs", "check_provenance", "count_outputs", "describe", "require"]

_MOST_LINES = 20


def describe(key: DatasetKey) -> str:
    """Return a dataset's or quantum's name and data ID as people write it."""
    name, data_id = key
    return f"{name} ({', '.join(f'{k}={v!r}' for k, v in data_id)})"


def require(subject: str, problems: list[str]) -> None:
    """Raise if there are problems.

    Parameters
    ----------
    subject : `str`
        What was checked, such as the name of a run.
    problems : `list` [`str`]
        What is wrong, one line each.

    Raises
    ------
    OutputCheckError
        Raised if there is any; the first twenty are in its detail.
    """
    if problems:
        rest = len(problems) - _MOST_LINES
        lines = [*problems[:_MOST_LINES], *([f"... and {rest} more"] if rest > 0 else [])]
        raise OutputCheckError(
            subject,
            reason=f"{len(problems)} differences from the independent computation",
            hint="Compare the data IDs below with the registry's rows.",
            detail="\n".join(lines),
        )


def check_graph(graph: PredictedQuantumGraph, expectation: Expectation) -> list[str]:
    """Compare the quanta of a graph, and the inputs and outputs of each."""
    graph.build_execution_quanta()
    found = {}
    for _, info in graph.quantum_only_xgraph.nodes(data=True):
        quantum = info["quantum"]
        key = dataset_key(info["task_label"], info["data_id"].required)
        inputs = {_key_of(ref) for refs in quantum.inputs.values() for ref in refs}
        outputs = {_key_of(ref) for refs in quantum.outputs.values() for ref in refs}
        found[key] = (inputs, outputs)
    problems = list(_differences("quantum", expectation.quanta.keys(), found.keys()))
    for key in expectation.quanta.keys() & found.keys():
        inputs, outputs = found[key]
        quantum = expectation.quanta[key]
        automatic = {_metadata(key), _log(key)}
        problems.extend(f"{describe(key)}: {p}" for p in _differences("input", quantum.inputs, inputs))
        problems.extend(
            f"{describe(key)}: {p}" for p in _differences("output", quantum.outputs | automatic, outputs)
        )
    return problems


def check_outputs(
    butler: Butler,
    run: str,
    expectation: Expectation,
    *,
    tasks: tuple[str, ...],
    failed: tuple[DatasetKey, ...] = (),
) -> list[str]:
    """Check every dataset of a run: there, readable, right, none besides.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Client of the repository.
    run : `str`
        The run to check.
    expectation : `Expectation`
        What must be there; without failed and blocked quanta.
    tasks : `tuple` [`str`, ...]
        Labels of all tasks of the pipeline, for their configurations.
    failed : `tuple` [`tuple`, ...], optional
        Failed quanta: these leave a log, and neither metadata nor outputs.
    """
    # Another client may have registered dataset types since this one was made.
    butler.registry.refresh()
    found = {_key_of(ref): ref for ref in butler.query_all_datasets(run, find_first=False, limit=None)}
    contents = dict(expectation.contents)
    contents.update((dataset_key(name, {}), content) for name, content in INIT_OUTPUTS.items())
    metadata = {_metadata(key): key for key in expectation.quanta}
    logs = {_log(key) for key in (*expectation.quanta, *failed)}
    others: set[DatasetKey] = {(acc.PACKAGES_INIT_OUTPUT_NAME, ())}
    others.update((acc.CONFIG_INIT_OUTPUT_TEMPLATE.format(label=label), ()) for label in tasks)
    required = {*contents, *metadata, *logs, *others}
    present = found.keys() - {(acc.PROVENANCE_DATASET_TYPE_NAME, ())}
    problems = list(_differences("dataset", required, present))
    for key in sorted(required & present, key=describe):
        value, problem = _read(butler, found[key])
        if problem:
            problems.append(f"{describe(key)} cannot be read: {problem}")
        elif key in contents and value != contents[key]:
            problems.append(f"{describe(key)} is {value!r}, computed was {contents[key]!r}")
        elif key in metadata:
            problems.extend(_check_metadata(value, expectation, metadata[key], found))
        elif key in logs and not len(value):
            problems.append(f"{describe(key)} is empty")
    return problems


def check_provenance(
    butler: Butler,
    run: str,
    expectation: Expectation,
    *,
    failed: tuple[DatasetKey, ...] = (),
    blocked: tuple[DatasetKey, ...] = (),
) -> list[str]:
    """Check the run's provenance graph: status and parents of each quantum.

    Parameters
    ----------
    butler, run
        As for `check_outputs`.
    expectation : `Expectation`
        All quanta that were planned, with those that failed.
    failed, blocked : `tuple` [`tuple`, ...], optional
        Quanta that must be recorded so.
    """
    butler.registry.refresh()
    graph: ProvenanceQuantumGraph = butler.get(acc.PROVENANCE_DATASET_TYPE_NAME, collections=run)
    nodes = graph.bipartite_xgraph
    recorded = {
        dataset_key(label, data_id.required): quantum_id
        for label, quanta in graph.quanta_by_task.items()
        for data_id, quantum_id in quanta.items()
    }
    problems = list(_differences("recorded quantum", expectation.quanta.keys(), recorded.keys()))
    for key in expectation.quanta.keys() & recorded.keys():
        status = nodes.nodes[recorded[key]]["status"].name.lower()
        wanted = "failed" if key in failed else "blocked" if key in blocked else "successful"
        if status != wanted:
            problems.append(f"{describe(key)} is recorded as {status}, and was {wanted}")
        parents = {
            dataset_key(nodes.nodes[p]["dataset_type_name"], nodes.nodes[p]["data_id"].required)
            for p in nodes.predecessors(recorded[key])
        }
        problems.extend(
            f"{describe(key)}: {p}"
            for p in _differences("recorded input", expectation.quanta[key].inputs, parents)
        )
    return problems


def count_outputs(butler: Butler, run: str) -> int:
    """Return the number of datasets in a run."""
    butler.registry.refresh()
    return len(butler.query_all_datasets(run, find_first=False, limit=None))


def _check_metadata(
    value: Any, expectation: Expectation, key: DatasetKey, found: Mapping[DatasetKey, DatasetRef]
) -> Iterator[str]:
    # A quantum's metadata lists the UUIDs of what it wrote.
    written = set(value["quantum"].getArray("outputs"))
    wanted = {str(found[o].id) for o in expectation.quanta[key].outputs if o in found}
    if written != wanted:
        yield f"{describe(_metadata(key))} lists other outputs than the run has"


def _read(butler: Butler, ref: DatasetRef) -> tuple[Any, str]:
    try:
        return butler.get(ref), ""
    except Exception as err:  # noqa: BLE001 - whatever keeps it from being read is the finding
        return None, f"{type(err).__name__}: {err}"


def _differences(what: str, wanted: AbstractSet[DatasetKey], found: AbstractSet[DatasetKey]) -> Iterator[str]:
    for key in sorted(wanted - found, key=describe):
        yield f"{what} {describe(key)} is missing"
    for key in sorted(found - wanted, key=describe):
        yield f"{what} {describe(key)} is not expected"


def _key_of(ref: DatasetRef) -> DatasetKey:
    return dataset_key(ref.datasetType.name, ref.dataId.required)


def _metadata(key: DatasetKey) -> DatasetKey:
    return acc.METADATA_OUTPUT_TEMPLATE.format(label=key[0]), key[1]


def _log(key: DatasetKey) -> DatasetKey:
    return acc.LOG_OUTPUT_TEMPLATE.format(label=key[0]), key[1]
