"""What the runner writes down about a run and the report reads back.

``run.json`` in the report directory is the seam between the two: a run can
be reported again later, on another machine, from that file and the JUnit
files beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from gen3bed.errors import UsageError

from ._files import write_whole
from ._masking import mask_tree

__all__ = ["PAGE_NAME", "RECORD_NAME", "SCHEMA", "CellRecord", "Outcome", "ReportError", "RunRecord"]

SCHEMA = 1
"""Version of the layout of ``run.json``; raised when old readers would fail."""

RECORD_NAME = "run.json"
"""Name of the file in the report directory."""

PAGE_NAME = "report.html"
"""Name of the page beside it."""

Outcome = Literal["passed", "failed", "error", "not-enough", "not-run", "interrupted"]
"""What became of a cell.

``error``: its service, its namespaces or pytest itself did not work;
``not-enough``: nothing failed, but a suite executed fewer tests than its floor;
``not-run``: the machine cannot run it, and ``reason`` says why.
"""


class ReportError(UsageError):
    """A report directory cannot be read."""


@dataclass(frozen=True, kw_only=True)
class CellRecord:
    """What the runner knows about one cell of a run.

    Attributes
    ----------
    name : `str`
        The cell's name in the matrix, such as ``postgresql-container``.
    title : `str`
        How people call it.
    registry, variant : `str`
        The parts of the name.
    suites : `tuple` [`str`, ...]
        Names of the suites that were asked for, in the order of the matrix.
    floors : `dict` [`str`, `int`]
        Least number of executed tests of each of these suites.
    outcome : `str`
        See `Outcome`.
    reason, hint : `str`
        Why it is not ``passed``, and what to do; both may be empty.
    provider : `str`
        Where the server came from, such as ``container``.
    server : `str`
        Product and version, such as ``PostgreSQL 17.6``.
    service_facts : `dict` [`str`, `str`]
        Image digest, parameters and the like, for the manifest.
    wall_seconds, cpu_seconds : `float`
        From the start of the service to its end; CPU of the test processes.
    junit, log, sql : `str`
        Names of the files relative to the report directory; empty if there
        is none.
    reruns : `list` [`tuple` [`str`, `str`]]
        Each test that was run again, with the infrastructure error class.
    """

    name: str
    title: str
    registry: str
    variant: str
    suites: tuple[str, ...]
    outcome: Outcome
    floors: dict[str, int] = field(default_factory=dict, hash=False)
    reason: str = ""
    hint: str = ""
    provider: str = ""
    server: str = ""
    service_facts: dict[str, str] = field(default_factory=dict, hash=False)
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    junit: str = ""
    log: str = ""
    sql: str = ""
    reruns: list[tuple[str, str]] = field(default_factory=list, hash=False)

    def masked(self) -> Self:
        """Return the record without passwords, as `RunRecord.save` writes it."""
        return self.from_dict(mask_tree(asdict(self)))

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the record that `dataclasses.asdict` made ``content`` of.

        Raises
        ------
        TypeError
            Raised if a key is missing or unknown.
        ValueError
            Raised if the outcome is none of `Outcome`.
        """
        if content.get("outcome") not in get_args(Outcome):
            raise ValueError(f"{content.get('outcome')!r} is no outcome of a cell")
        reruns = [(str(test), str(error)) for test, error in content.get("reruns", [])]
        return cls(**{**content, "suites": tuple(content.get("suites", ())), "reruns": reruns})


@dataclass(kw_only=True)
class RunRecord:
    """What the runner knows about a run.

    Attributes
    ----------
    run : `str`
        Identity of the run, as in the ledger.
    started : `str`
        ISO 8601, UTC.
    command : `list` [`str`]
        What was typed; never holds a secret.
    python : `str`
        Version of Python that ran the tests.
    host : `dict` [`str`, `str`]
        Facts about the machine besides those in the manifest.
    cells : `list` [`CellRecord`]
        In the order of the matrix, those that were not run included.
    manifest : `dict` [`str`, `object`]
        As `gen3bed.report.collect_manifest` returns it.
    """

    run: str
    started: str
    command: list[str]
    python: str = ""
    host: dict[str, str] = field(default_factory=dict)
    cells: list[CellRecord] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)

    def save(self, directory: Path) -> Path:
        """Write ``run.json``; may be called again as the run goes on.

        Parameters
        ----------
        directory : `pathlib.Path`
            The report directory; made if it does not exist.

        Returns
        -------
        path : `pathlib.Path`
            The file.

        Raises
        ------
        ReportNotWrittenError
            Raised if the file cannot be written.
        """
        path = directory / RECORD_NAME
        content = {"schema": SCHEMA} | mask_tree(asdict(self))
        write_whole(path, f"{json.dumps(content, indent=1)}\n".encode())
        return path

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read the record that `save` wrote.

        Raises
        ------
        ReportError
            Raised if there is no readable record in ``directory``, or if it
            was written by another version of gen3bed.
        """
        path = directory / RECORD_NAME
        hint = "Name the report directory of a run of gen3bed; the run prints it at its end."
        try:
            content = mask_tree(json.loads(path.read_text(encoding="utf-8")))
        except OSError as err:
            raise ReportError(str(path), reason=f"it cannot be read: {err.strerror}", hint=hint) from err
        except ValueError as err:
            raise ReportError(str(path), reason=f"it is not JSON: {err}", hint=hint) from err
        schema = content.pop("schema", None) if isinstance(content, dict) else None
        if schema != SCHEMA:
            raise ReportError(
                str(path),
                reason=f"its layout is version {schema}, and this gen3bed reads version {SCHEMA}",
                hint="Read it with the version of gen3bed that wrote it, or run again.",
            )
        try:
            cells = [CellRecord.from_dict(cell) for cell in content["cells"]]
            return cls(**content | {"cells": cells})
        except (AttributeError, KeyError, TypeError, ValueError) as err:
            raise ReportError(str(path), reason=f"it is not a record of a run: {err}", hint=hint) from err
