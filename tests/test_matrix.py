"""The matrix is consistent, and says so when it is not."""

from __future__ import annotations

import importlib
from importlib import resources
from importlib.metadata import version

import pytest

from gen3bed.errors import MatrixError
from gen3bed.matrix import load_matrix, parse_matrix

TEXT = resources.files("gen3bed").joinpath("matrix.toml").read_text()


def test_conformance_floors_add_up_to_upstreams_count() -> None:
    """Every registry must execute at least the 173 tests that upstream maintains."""
    matrix = load_matrix()
    for cell in matrix.cells:
        floors = {s: matrix.floor(cell, s) for s in cell.suites if matrix.suites[s].upstream}
        assert sum(floors.values()) >= 173, cell.name


def test_every_module_can_be_imported() -> None:
    """Each suite, registry and service names a module that exists and has what is asked of it."""
    matrix = load_matrix()
    for suite in matrix.suites.values():
        assert importlib.util.find_spec(suite.target), suite.name
    for registry in matrix.registries.values():
        assert importlib.import_module(registry.module).backend
        if registry.service:
            assert callable(importlib.import_module(registry.service).provide)


def test_every_upstream_class_exists() -> None:
    """The upstream class that a suite names is in the installed wheel."""
    for suite in load_matrix().suites.values():
        if suite.upstream:
            module, _, name = suite.upstream.rpartition(".")
            assert hasattr(importlib.import_module(module), name), suite.name


def test_installed_middleware_is_the_pinned_weekly() -> None:
    """The tests run on the weekly that the matrix names."""
    assert version("lsst-daf-butler") == load_matrix().weekly_version


def test_unknown_cell_names_those_there_are() -> None:
    """Asking for a cell that does not exist lists the cells that do."""
    with pytest.raises(MatrixError, match="no such cell") as caught:
        load_matrix().cell("db2-local")
    assert "sqlite-file" in caught.value.hint


@pytest.mark.parametrize("ask", ["cells_of", "suite"])
def test_unknown_registry_or_suite_names_those_there_are(ask: str) -> None:
    """Asking for an unknown registry or suite lists the known ones."""
    with pytest.raises(MatrixError, match="no such") as caught:
        getattr(load_matrix(), ask)("db2")
    assert caught.value.hint.startswith("Choose one of ")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('registry = "sqlite"', 'registry = "db2"', "its registry 'db2' is not declared"),
        ('suites = ["database",', 'suites = ["databases",', "its suite 'databases' is not declared"),
        ("floors = { database", "floors = { nothing", "its suite 'nothing' is not declared"),
        ('tag = "w_', 'tags = "w_', "it cannot be read"),
        ("[weekly]", "[weekly", "it cannot be read"),
        ('context = "', 'contexts = "', "it cannot be read"),
    ],
)
def test_inconsistent_file_is_refused_with_the_place(old: str, new: str, reason: str) -> None:
    """A matrix that contradicts itself is refused, and the error names the contradiction."""
    assert old in TEXT
    with pytest.raises(MatrixError) as caught:
        parse_matrix(TEXT.replace(old, new))
    assert reason in caught.value.reason
