"""A small pipeline over the real HSC records, on any registry database.

What is real, what is derived from it and what is made up is said in
`create_repository`'s module and in the documentation's page on the pipeline.
"""

from __future__ import annotations

from gen3bed.pipeline._checks import check_graph, check_outputs, check_provenance, require
from gen3bed.pipeline._errors import OutputCheckError, RecordsError
from gen3bed.pipeline._execution import Execution, QuantumOutcome, execute_graph
from gen3bed.pipeline._expectation import Expectation, expect
from gen3bed.pipeline._graph import PIPELINE_URI, Selection, build_graph, load_pipeline
from gen3bed.pipeline._records import HscRecords, read_records
from gen3bed.pipeline._repository import create_repository, open_repository
from gen3bed.pipeline._run import PipelineResult, Step, run_pipeline

__all__ = [
    "PIPELINE_URI",
    "Execution",
    "Expectation",
    "HscRecords",
    "OutputCheckError",
    "PipelineResult",
    "QuantumOutcome",
    "RecordsError",
    "Selection",
    "Step",
    "build_graph",
    "check_graph",
    "check_outputs",
    "check_provenance",
    "create_repository",
    "execute_graph",
    "expect",
    "load_pipeline",
    "open_repository",
    "read_records",
    "require",
    "run_pipeline",
]
