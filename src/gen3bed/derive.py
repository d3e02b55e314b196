"""Write the files that repeat the matrix: continuous integration and tables of cells.

They are in the repository because GitHub, Jenkins and readers need them
there; a test and ``nox -s lint`` fail when one of them is out of date.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import jinja2

from gen3bed.errors import UsageError
from gen3bed.matrix import Matrix, parse_matrix

__all__ = ["as_json", "cells_table", "ci_jobs", "render_derived", "stale_files", "write_derived"]

ACTIONS = {
    "checkout": "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0",
    "setup-python": "actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0",
    "upload-artifact": "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
}
"""Actions by commit, since a tag can be moved to other code."""

RUNNER = "ubuntu-24.04"

MINUTES = 35
"""Time-out of a job: the longest that a complete run of CI may take."""

TEMPLATES = {".github/workflows/matrix.yml": "matrix.yml.j2", "ci/Jenkinsfile": "Jenkinsfile.j2"}

TABLES = ("README.md", "docs/reference/matrix.md")
"""Files with a table of cells between `BEGIN` and `END`."""

BEGIN = "<!-- cells: begin (written by gen3bed matrix --write) -->"
END = "<!-- cells: end -->"


def ci_jobs(matrix: Matrix) -> list[dict[str, str]]:
    """Return one job for each cell that CI can run and each Python, with keys ``cell`` and ``python``."""
    return [
        {"cell": cell.name, "python": version}
        for cell in matrix.cells
        if cell.ci
        for version in matrix.python_versions
    ]


def cells_table(matrix: Matrix) -> str:
    """Return the cells as a Markdown table (`str`)."""
    lines = [
        "| Cell | Registry database | Suites | Tests that must execute | In CI |",
        "|---|---|---|---:|---|",
    ]
    for cell in matrix.cells:
        suites = "; ".join(matrix.suite(name).title for name in cell.suites)
        floor = sum(matrix.floor(cell, name) for name in cell.suites)
        lines.append(f"| `{cell.name}` | {cell.title} | {suites} | {floor} | {'yes' if cell.ci else 'no'} |")
    return "\n".join(lines)


def as_json(matrix: Matrix) -> str:
    """Return the matrix as JSON (`str`) for scripts: cells with floors, jobs of CI, pins."""
    cells = [
        asdict(cell)
        | {"name": cell.name, "floors": {suite: matrix.floor(cell, suite) for suite in cell.suites}}
        for cell in matrix.cells
    ]
    answer = {
        "weekly": {"tag": matrix.weekly_tag, "version": matrix.weekly_version},
        "python": {"default": matrix.python_default, "versions": matrix.python_versions},
        "cells": cells,
        "jobs": ci_jobs(matrix),
    }
    return json.dumps(answer, indent=2)


def render_derived(root: Path) -> dict[Path, str]:
    """Return what every derived file in a checkout must contain.

    Parameters
    ----------
    root : `~pathlib.Path`
        Top folder of a checkout of gen3bed; its own matrix is used, not the
        installed one.

    Raises
    ------
    UsageError
        Raised if ``root`` is no checkout of gen3bed, or a file has lost the
        marks around its table.
    """
    source = root / "src/gen3bed/matrix.toml"
    if not source.is_file():
        raise UsageError(
            str(root),
            reason="it is not a checkout of gen3bed: it has no src/gen3bed/matrix.toml",
            hint="Change to the top folder of a checkout and repeat the command.",
        )
    matrix = parse_matrix(source.read_text())
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("gen3bed"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - neither file is HTML
    )
    values = {
        "actions": ACTIONS,
        "jobs": ci_jobs(matrix),
        "minutes": MINUTES,
        "python_default": matrix.python_default,
        "pythons": matrix.python_versions,
        "runner": RUNNER,
    }
    rendered = {
        root / name: environment.get_template(template).render(values) for name, template in TEMPLATES.items()
    }
    table = cells_table(matrix)
    return rendered | {root / name: _with_table(root / name, table) for name in TABLES}


def _with_table(path: Path, table: str) -> str:
    text = path.read_text() if path.is_file() else ""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise UsageError(
            str(path),
            reason="it lacks the two marks between which the table of cells stands",
            hint=f"Write these two lines where the table belongs: {BEGIN} and {END}",
        )
    return f"{head}{BEGIN}\n\n{table}\n\n{END}{tail}"


def stale_files(root: Path) -> list[Path]:
    """Return the derived files (`list` [ `~pathlib.Path` ]) that are missing or out of date.

    Raises
    ------
    UsageError
        Raised as by `render_derived`.
    """
    return _stale(render_derived(root))


def _stale(rendered: dict[Path, str]) -> list[Path]:
    return [path for path, text in rendered.items() if not path.is_file() or path.read_text() != text]


def write_derived(root: Path) -> list[Path]:
    """Bring all derived files up to date and return those that were written.

    Raises
    ------
    UsageError
        Raised as by `render_derived`, before anything is written.
    """
    rendered = render_derived(root)
    stale = _stale(rendered)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rendered[path])
    return stale
