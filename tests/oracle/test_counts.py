"""What operations of a registry send to Oracle, beside PostgreSQL."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = [pytest.mark.h2, pytest.mark.local_postgresql]

_ROOT = Path(__file__).parents[2]
_MOST = 1.2
"""Oracle's round trips over PostgreSQL's, for each step."""


@pytest.fixture(scope="module")
def counts() -> ModuleType:
    """Return the benchmark that counts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(_ROOT / "benchmarks")
        return importlib.import_module("counts")


@pytest.fixture(scope="module")
def measured(
    counts: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what each step sent to the stand-in and to PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEN3BED_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        patch.setenv("LSST_DB_AUTH", "")
        return counts.measure("oracle", "stand-in-h2-19"), counts.measure("postgresql", "local")


def test_no_step_takes_many_more_round_trips_than_on_postgresql(measured: Any) -> None:
    """Each step's round trips are at most 1.2 times those on PostgreSQL."""
    oracle, postgresql = measured
    assert list(oracle) == list(postgresql)
    ratios = {name: oracle[name].round_trips / postgresql[name].round_trips for name in oracle}
    assert {name: ratio for name, ratio in ratios.items() if ratio > _MOST} == {}


def test_rows_go_in_arrays_and_without_savepoints(measured: Any) -> None:
    """A thousand rows take a few statements, and no savepoint each."""
    oracle, _ = measured
    thousands = {name: step for name, step in oracle.items() if "1000" in name}
    assert len(thousands) == 8
    assert all(step.statements < 20 for step in thousands.values())
    assert all(step.savepoints < 10 for step in thousands.values())


def test_the_documented_table_is_what_was_measured(counts: ModuleType, measured: Any) -> None:
    """The page has the numbers of this version; ``nox -s bench -- counts --write`` renews it."""
    page = (_ROOT / "docs/reference/oracle-counts.md").read_text()
    written = page.partition(counts.BEGIN)[2].partition(counts.END)[0].strip()
    assert written == counts.table(*measured)
