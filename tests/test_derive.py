"""The derived files follow the matrix and are well formed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from gen3bed import derive
from gen3bed.errors import MatrixError, UsageError
from gen3bed.matrix import Matrix, parse_matrix

ROOT = Path(__file__).resolve().parents[1]
DERIVED = (".github/workflows/matrix.yml", "ci/Jenkinsfile", "README.md", "docs/reference/matrix.md")


@pytest.fixture
def matrix() -> Matrix:
    """Return the matrix of the checkout that is tested."""
    return parse_matrix((ROOT / "src/gen3bed/matrix.toml").read_text())


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the matrix and of everything that is derived from it, all current."""
    for name in (*DERIVED, "src/gen3bed/matrix.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    derive.write_derived(tmp_path)
    return tmp_path


def test_derived_files_are_current() -> None:
    """No derived file in the repository differs from what the matrix says."""
    stale = derive.stale_files(ROOT)
    assert not stale, f"run `gen3bed matrix --write`: {[path.name for path in stale]}"


@pytest.mark.parametrize("name", DERIVED)
def test_a_changed_derived_file_is_stale(checkout: Path, name: str) -> None:
    """A hand's change inside a derived file is noticed, and only that file is written again."""
    path = checkout / name
    before = path.read_text()
    path.write_text(before.replace("sqlite-memory", "sqlite-memories"))
    assert derive.stale_files(checkout) == [path]
    assert derive.write_derived(checkout) == [path]
    assert path.read_text() == before


def test_a_new_cell_reaches_every_derived_file(checkout: Path) -> None:
    """A cell that is added to the matrix appears in CI and in both tables."""
    source = checkout / "src/gen3bed/matrix.toml"
    cell = (
        '[[cells]]\nregistry = "sqlite"\nvariant = "attic"\ntitle = "SQLite, attic"\nsuites = ["queries"]\n'
    )
    source.write_text(f"{source.read_text()}\n{cell}")
    assert {str(p.relative_to(checkout)) for p in derive.write_derived(checkout)} == set(DERIVED)
    for name in DERIVED:
        assert "sqlite-attic" in (checkout / name).read_text()


def test_text_around_a_table_is_kept(checkout: Path) -> None:
    """Writing a table leaves everything outside its marks as it was."""
    readme = checkout / "README.md"
    readme.write_text(f"above\n\n{derive.BEGIN}\nold\n{derive.END}\n\nbelow\n")
    derive.write_derived(checkout)
    assert readme.read_text().startswith(f"above\n\n{derive.BEGIN}\n\n| Cell |")
    assert readme.read_text().endswith(f"|\n\n{derive.END}\n\nbelow\n")


def test_a_lost_mark_is_an_error_and_nothing_is_written(checkout: Path) -> None:
    """A table without its marks is reported before any other file is written."""
    (checkout / "README.md").write_text("no table\n")
    (checkout / "ci/Jenkinsfile").unlink()
    with pytest.raises(UsageError, match="marks") as caught:
        derive.write_derived(checkout)
    assert derive.BEGIN in caught.value.hint
    assert not (checkout / "ci/Jenkinsfile").exists()


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    """Somebody who stands in the wrong folder is told so."""
    with pytest.raises(UsageError, match="not a checkout of gen3bed"):
        derive.stale_files(tmp_path)


def test_a_broken_matrix_is_an_error(checkout: Path) -> None:
    """A cell with an unknown suite stops the writing."""
    source = checkout / "src/gen3bed/matrix.toml"
    source.write_text(source.read_text().replace('"queries"]', '"queeries"]'))
    with pytest.raises(MatrixError, match="queeries"):
        derive.write_derived(checkout)


def test_jobs_are_cells_of_ci_times_pythons(matrix: Matrix) -> None:
    """CI runs each of its cells on each Python, and no cell that needs somebody's server."""
    jobs = derive.ci_jobs(matrix)
    cells = {cell.name for cell in matrix.cells if cell.ci}
    assert {job["cell"] for job in jobs} == cells
    assert len(jobs) == len(cells) * len(matrix.python_versions)
    assert "postgresql-url" not in cells


def test_workflow_runs_every_job_with_few_rights(matrix: Matrix) -> None:
    """The GitHub workflow parses, has one job per cell and Python, and may only read."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/matrix.yml").read_text())
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["cells"]["strategy"]["matrix"]["include"] == derive.ci_jobs(matrix)
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        assert job["timeout-minutes"] <= 35


def test_workflow_pins_actions_by_commit() -> None:
    """Every action is named by a full commit with its version beside it, and leaves no token behind."""
    text = (ROOT / ".github/workflows/matrix.yml").read_text()
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_workflow_never_expands_a_value_inside_a_script() -> None:
    """Values reach scripts by environment variables, so that none can inject a command."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/matrix.yml").read_text())
    scripts = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_jenkinsfile_has_one_stage_per_job(matrix: Matrix) -> None:
    """The Jenkinsfile is balanced and has one stage, with its results kept, per cell and Python."""
    text = (ROOT / "ci/Jenkinsfile").read_text()
    bare = re.sub(r"'[^'\n]*'|//.*", "", text)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert bare.count("(") == bare.count(")")
    expected = [f"{job['cell']}, Python {job['python']}" for job in derive.ci_jobs(matrix)]
    assert re.findall(r"stage\('(.*)'\)", text) == ["cells", *expected]
    assert text.count("junit ") == text.count("archiveArtifacts ") == len(expected)
    assert text.count("allowEmptyResults: false") == len(expected)


def test_json_lists_cells_with_their_floors(matrix: Matrix) -> None:
    """Scripts get each cell with the floor of each of its suites."""
    answer = json.loads(derive.as_json(matrix))
    assert [cell["name"] for cell in answer["cells"]] == [cell.name for cell in matrix.cells]
    memory = next(cell for cell in answer["cells"] if cell["name"] == "sqlite-memory")
    assert memory["floors"]["database"] == matrix.floor(matrix.cell("sqlite-memory"), "database")
    assert set(memory["floors"]) == set(memory["suites"])
