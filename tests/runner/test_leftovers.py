"""What a run says of leftovers of others before it begins."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from gen3bed.ledger import Entry, Ledger
from gen3bed.matrix import load_matrix
from gen3bed.runner import Request, make_plan, run_plan


def test_what_cannot_be_reaped_is_one_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run warns of each thing of a crashed run that is still there, with the next step, and goes on."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    reasons = {"container": "no Docker here", "local": "", "url": ""}
    monkeypatch.setattr("gen3bed.services.postgresql.available_variants", lambda: reasons)
    crashed = Ledger.create()
    crashed.record(Entry(kind="container", name="box [1]"))
    crashed.record(Entry(kind="directory", name=str(tmp_path / "gone")))
    crashed.path.write_text(crashed.path.read_text().replace('"started": ', '"started": 1'))
    matrix = load_matrix()
    matrix = replace(matrix, cells=(matrix.cell("postgresql-container"),))
    request = Request(report=tmp_path / "report", workers=1)
    output = io.StringIO()
    run_plan(make_plan(request, matrix), matrix, Console(file=output, width=80))
    (line,) = (line for line in output.getvalue().splitlines() if "warning" in line)
    assert line.startswith(f"warning: still there: container box [1] of run {crashed.run}: there is no")
    assert "; next step: Install and start Docker" in line
