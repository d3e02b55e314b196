"""The matrix of cells, read from ``matrix.toml``.

A *cell* is a registry in one variant (where its storage or server comes
from); it runs a list of *suites*.  Everything that lists cells derives from
this module.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from gen3bed.errors import MatrixError

__all__ = ["Cell", "Image", "Matrix", "PulledImage", "Registry", "Suite", "load_matrix", "parse_matrix"]


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A set of tests that every registry must pass.

    Attributes
    ----------
    name : `str`
        Key in ``matrix.toml``; also the value of the ``suite`` property in
        JUnit files.
    title : `str`
        How people call it.
    target : `str`
        Importable module that ``pytest --pyargs`` is given.
    upstream : `str`
        Fully qualified upstream class, or an empty string if it is ours.
    floor : `int`
        Least number of executed tests.
    serial : `bool`
        Whether its tests must run in one process.
    """

    name: str
    title: str
    target: str
    upstream: str
    floor: int
    serial: bool = False


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A database system that a Butler registry can live in.

    Attributes
    ----------
    name, title : `str`
        Key in ``matrix.toml`` and how people call it.
    module : `str`
        Module whose ``backend`` is a `gen3bed.registries.Backend`.
    service : `str`
        Module whose ``provide`` brings a server up; empty if none is needed.
    database : `str`
        The Butler's ``Database`` class for it, where upstream has none; the
        value of ``registry.engines`` in a repository's configuration.
    minimum : `str`
        Oldest server version that is accepted; empty if it does not apply.
    """

    name: str
    title: str
    module: str
    service: str = ""
    database: str = ""
    minimum: str = ""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A container image of ours."""

    name: str
    context: str
    base: str


@dataclass(frozen=True, kw_only=True)
class PulledImage:
    """A container image of somebody else, taken as it is.

    Attributes
    ----------
    name : `str`
        Name and tag, for people.
    digest : `str`
        By which it is pulled.
    """

    name: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A registry in one variant, with the suites that run on it."""

    registry: str
    variant: str
    title: str
    suites: tuple[str, ...]
    floors: dict[str, int] = field(default_factory=dict, hash=False)
    """Floors that differ from the suite's own."""
    ci: bool = True
    """Whether CI has what the cell needs."""

    @property
    def name(self) -> str:
        """Name of the cell, such as ``postgresql-container`` (`str`)."""
        return f"{self.registry}-{self.variant}"


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """All of ``matrix.toml``."""

    weekly_tag: str
    weekly_version: str
    python_default: str
    python_versions: tuple[str, ...]
    images: dict[str, Image]
    pulled: dict[str, PulledImage]
    suites: dict[str, Suite]
    registries: dict[str, Registry]
    cells: tuple[Cell, ...]

    def cell(self, name: str) -> Cell:
        """Return the cell called ``name``.

        Raises
        ------
        MatrixError
            Raised if there is none; the message lists those there are.
        """
        for cell in self.cells:
            if cell.name == name:
                return cell
        raise MatrixError(
            name,
            reason="there is no such cell in the matrix",
            hint=f"Choose one of {', '.join(c.name for c in self.cells)}.",
        )

    def cells_of(self, registry: str) -> tuple[Cell, ...]:
        """Return the cells of a registry, in the order of the file.

        Raises
        ------
        MatrixError
            Raised if the registry is unknown.
        """
        if registry not in self.registries:
            raise MatrixError(
                registry,
                reason="there is no such registry in the matrix",
                hint=f"Choose one of {', '.join(self.registries)}.",
            )
        return tuple(c for c in self.cells if c.registry == registry)

    def suite(self, name: str) -> Suite:
        """Return the suite called ``name``.

        Raises
        ------
        MatrixError
            Raised if there is none.
        """
        try:
            return self.suites[name]
        except KeyError:
            raise MatrixError(
                name,
                reason="there is no such suite in the matrix",
                hint=f"Choose one of {', '.join(self.suites)}.",
            ) from None

    def floor(self, cell: Cell, suite: str) -> int:
        """Return how many tests of ``suite`` must execute in ``cell``."""
        return cell.floors.get(suite, self.suite(suite).floor)


def parse_matrix(text: str) -> Matrix:
    """Parse the text of a matrix file and check that it is consistent.

    Raises
    ------
    MatrixError
        Raised if the text is not TOML, a key is missing or unknown, or a
        cell names a suite or registry that is not declared.
    """
    try:
        raw = tomllib.loads(text)
        matrix = _build(raw)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as err:
        raise MatrixError(
            "matrix.toml",
            reason=f"it cannot be read: {err}",
            hint="Compare it with the file in the gen3bed release.",
        ) from err
    for cell in matrix.cells:
        for registry in {cell.registry} - matrix.registries.keys():
            raise MatrixError(
                f"cell {cell.name}",
                reason=f"its registry {registry!r} is not declared",
                hint=f"Add a [registries.{registry}] table to matrix.toml.",
            )
        for suite in [s for s in (*cell.suites, *cell.floors) if s not in matrix.suites]:
            raise MatrixError(
                f"cell {cell.name}",
                reason=f"its suite {suite!r} is not declared",
                hint=f"Add a [suites.{suite}] table to matrix.toml.",
            )
    return matrix


def _build(raw: dict[str, Any]) -> Matrix:
    return Matrix(
        weekly_tag=raw["weekly"]["tag"],
        weekly_version=raw["weekly"]["version"],
        python_default=raw["python"]["default"],
        python_versions=tuple(raw["python"]["versions"]),
        images={n: Image(**i) for n, i in raw["images"].items()},
        pulled={n: PulledImage(**i) for n, i in raw["pulled"].items()},
        suites={n: Suite(name=n, **s) for n, s in raw["suites"].items()},
        registries={n: Registry(name=n, **r) for n, r in raw["registries"].items()},
        cells=tuple(Cell(**(c | {"suites": tuple(c["suites"])})) for c in raw["cells"]),
    )


@cache
def load_matrix() -> Matrix:
    """Return the matrix that this installation of gen3bed carries."""
    return parse_matrix(resources.files("gen3bed").joinpath("matrix.toml").read_text())
