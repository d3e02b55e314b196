"""What is asked for becomes cells, or one error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from gen3bed.errors import MatrixError, UsageError
from gen3bed.matrix import load_matrix
from gen3bed.runner import Plan, Request, make_plan

MATRIX = load_matrix()
URL = sqlalchemy.make_url("postgresql://me@db.example.org/butler")


def _plan(*names: str, **options: Any) -> Plan:
    return make_plan(Request(names=names, report=Path("r"), workers=1, **options), MATRIX)


def _cells(plan: Plan) -> list[str]:
    return [planned.cell.name for planned in plan.cells]


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand on a machine with local programs and no Docker."""
    service = "gen3bed.services.postgresql"
    reasons = {
        "container": "Docker is not installed",
        "local": "",
        "url": "the URL of a server must be given",
    }
    monkeypatch.setattr(f"{service}.available_variants", lambda: reasons)
    monkeypatch.setattr(f"{service}.choose_variant", lambda: "local")


def test_embedded_registry_runs_all_its_cells() -> None:
    """A registry without servers runs in each of its variants."""
    assert _cells(_plan("sqlite")) == ["sqlite-memory", "sqlite-file"]


def test_registry_with_servers_runs_where_the_machine_has_one() -> None:
    """A registry that needs a server runs once, on what the machine has."""
    assert _cells(_plan("postgresql")) == ["postgresql-local"]


def test_provider_chooses_the_cell() -> None:
    """The provider that was asked for decides which cell runs."""
    assert _cells(_plan("postgresql", provider="container")) == ["postgresql-container"]


def test_a_family_of_providers_is_all_of_its_cells() -> None:
    """The stand-in for Oracle, named without engine and version, is each engine with each version."""
    assert _cells(_plan("oracle", provider="stand-in")) == [
        f"oracle-stand-in-{engine}-{version}" for engine in ("h2", "postgresql") for version in (19, 21, 23)
    ]
    assert _cells(_plan("oracle", provider="stand-in-h2-21")) == ["oracle-stand-in-h2-21"]


def test_cells_keep_the_order_of_the_matrix_and_run_once() -> None:
    """Cells named twice or in another order run once, in the order of the matrix."""
    plan = _plan("sqlite-file", "sqlite", "sqlite-memory")
    assert _cells(plan) == ["sqlite-memory", "sqlite-file"]


def test_whole_matrix_names_what_cannot_run_with_its_reason() -> None:
    """Without a name every cell is planned, and the one that cannot run says why."""
    lacking = {p.cell.name: p.lacking for p in _plan().cells}
    assert lacking["postgresql-container"] == "Docker is not installed"
    assert lacking["sqlite-file"] == ""
    assert lacking["postgresql-url"] == "the URL of a server must be given"
    assert list(lacking) == [cell.name for cell in MATRIX.cells]


def test_parts_and_suites_narrow_the_cell() -> None:
    """The conformance part leaves the pipeline out, the pipeline part all else, and a suite all others."""
    (file,) = _plan("sqlite-file", part="conformance").cells
    assert "pipeline" not in file.suites
    assert len(file.suites) == 5
    assert _plan("sqlite-file", part="pipeline").cells[0].suites == ("pipeline",)
    assert _plan("sqlite-file", suites=("queries", "database")).cells[0].suites == ("database", "queries")


def test_cell_without_the_suite_is_left_out() -> None:
    """A cell that runs none of the suites asked for is not in the plan."""
    assert _cells(_plan("sqlite", part="pipeline")) == ["sqlite-file"]


@pytest.mark.parametrize(
    ("names", "options", "error", "says"),
    [
        (("db2",), {}, MatrixError, "no such cell"),
        (("sqlite",), {"suites": ("speed",)}, MatrixError, "no such suite"),
        (("postgresql",), {"provider": "cloud"}, UsageError, "no such provider"),
        (("postgresql",), {"provider": "url"}, UsageError, "no server was named"),
        (("sqlite",), {"provider": "local"}, UsageError, "would not use it"),
        (("sqlite",), {"provider": "url", "url": URL}, UsageError, "would not use it"),
        (("postgresql-local",), {"provider": "url", "url": URL}, UsageError, "would not use it"),
        ((), {"provider": "url", "url": URL}, UsageError, "would not use it"),
        (("sqlite-memory",), {"part": "pipeline"}, UsageError, "no cell of it runs what was asked for"),
    ],
)
def test_what_cannot_be_is_one_error_before_anything_starts(
    names: tuple[str, ...], options: dict[str, Any], error: type[UsageError], says: str
) -> None:
    """An unknown name, a missing URL or an empty choice is refused with the next step."""
    with pytest.raises(error, match=says) as caught:
        _plan(*names, **options)
    assert caught.value.hint


def test_url_runs_somebodys_server() -> None:
    """With a URL the cell for somebody's server runs."""
    assert _cells(_plan("postgresql", provider="url", url=URL)) == ["postgresql-url"]


def test_planning_a_run_imports_nothing_that_only_later_steps_need() -> None:
    """The command, the plan of a registry without servers and the reaping wait for no heavy library."""
    program = (
        "import sys, gen3bed.cli, gen3bed.reap; from pathlib import Path; "
        "from gen3bed.matrix import load_matrix; from gen3bed.runner import Request, make_plan; "
        "make_plan(Request(names=('sqlite-memory',), workers=1, report=Path('r')), load_matrix()); "
        "print(*(m for m in ('docker', 'jinja2', 'junitparser', 'lsst', 'psycopg', 'pytest', 'sqlalchemy') "
        "if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
