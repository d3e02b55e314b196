"""From what was asked for to the cells that run."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gen3bed.errors import UsageError
from gen3bed.matrix import Cell, Matrix
from gen3bed.runner._keyword import check_keyword
from gen3bed.services import Profile, without_password

if TYPE_CHECKING:
    import sqlalchemy

__all__ = ["NAME_A_SERVER", "PIPELINE", "Plan", "PlannedCell", "Request", "look_at_server", "make_plan"]

PIPELINE = "pipeline"
"""Name of the suite that runs a pipeline; all others are conformance."""

NAME_A_SERVER = "Give --url without a password, or use `gen3bed check URL`."
"""What to do about a cell that runs on somebody's server."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked for, as the command line gave it.

    Attributes
    ----------
    names : `tuple` [`str`, ...]
        Registries or cells; empty for the whole matrix.
    provider : `str` or `None`
        Where servers come from; `None` for what the machine has.
    url : `sqlalchemy.URL` or `None`
        Somebody's server, for the provider ``url``.
    suites : `tuple` [`str`, ...]
        Suites to run; empty for all.
    part : `str`
        ``conformance``, ``pipeline`` or ``all``.
    keyword : `str`
        pytest's ``-k``; with one, floors do not apply.
    workers : `int`
        xdist workers; 0 for one process.
    profile : `str`
        ``fast`` or ``durable``.
    required : `bool`
        Whether a cell that CI runs and that cannot run here makes the run red.
    report : `pathlib.Path`
        Directory for the report.
    """

    names: tuple[str, ...] = ()
    provider: str | None = None
    url: sqlalchemy.URL | None = None
    suites: tuple[str, ...] = ()
    part: Literal["all", "conformance", "pipeline"] = "all"
    keyword: str = ""
    workers: int
    profile: Profile = "fast"
    required: bool = False
    report: Path


@dataclass(frozen=True, kw_only=True)
class PlannedCell:
    """A cell with the suites that it shall run, or why it cannot.

    Attributes
    ----------
    cell : `gen3bed.matrix.Cell`
        The cell.
    suites : `tuple` [`str`, ...]
        The suites of the cell that were asked for.
    lacking : `str`
        What the machine lacks for it; empty if it can run.
    """

    cell: Cell
    suites: tuple[str, ...]
    lacking: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The cells of a run, in the order of the matrix."""

    request: Request
    cells: tuple[PlannedCell, ...]


def make_plan(request: Request, matrix: Matrix) -> Plan:
    """Choose cells and suites, before anything is started.

    Raises
    ------
    gen3bed.errors.UsageError
        Raised if a name, provider or suite does not exist, the keyword is no
        expression, or nothing is left to run.
    gen3bed.errors.ProviderUnavailableError
        Raised if a registry was named and the machine has nothing for it.
    """
    cells = _whole_matrix(matrix) if not request.names else _named(request, matrix)
    for cell, _ in cells:
        _check_source(cell, request)
    planned = []
    for cell, lacking in cells:
        suites = _suites(cell, request, matrix)
        if suites:
            planned.append(PlannedCell(cell=cell, suites=suites, lacking=lacking))
    if not planned:
        raise UsageError(
            ", ".join(request.names) or "matrix",
            reason="no cell of it runs what was asked for: " + (", ".join(request.suites) or request.part),
            hint="`gen3bed matrix` shows which cell runs which suite.",
        )
    check_keyword(request.keyword)
    return Plan(request=request, cells=tuple(planned))


def look_at_server(url: sqlalchemy.URL, matrix: Matrix) -> None:
    """Refuse somebody's server that cannot be used, before a report or a ledger is made.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address of a database in it.
    matrix : `gen3bed.matrix.Matrix`
        Where its registry is looked up.

    Raises
    ------
    gen3bed.errors.UsageError
        Raised if its registry needs no server.
    gen3bed.errors.Gen3bedError
        Raised if it is not reached, or the suites cannot run on it.
    """
    registry = matrix.registries[url.get_backend_name()]
    if not registry.service:
        raise UsageError(
            without_password(url),
            reason=f"{registry.title} has no server that somebody could run",
            hint=f"Run `gen3bed run {registry.name}`, which makes databases of its own.",
        )
    importlib.import_module(registry.service).look_at(url)


def _check_source(cell: Cell, request: Request) -> None:
    """Refuse a server that the cell would not use: it would test another."""
    option = "--url" if request.url is not None else f"--provider {request.provider}"
    wanted = "url" if request.url is not None else request.provider
    if wanted is not None and not _comes_from(cell, wanted):
        raise UsageError(
            option,
            reason=f"the cell {cell.name} would not use it",
            hint="Name one registry that needs a server, such as postgresql, and nothing else.",
        )


def _whole_matrix(matrix: Matrix) -> list[tuple[Cell, str]]:
    """Return every cell, with what it lacks here; a server of somebody's is lacking too."""
    lacking: dict[str, str] = {}
    for registry in matrix.registries.values():
        if registry.service:
            reasons = importlib.import_module(registry.service).available_variants()
            lacking |= {f"{registry.name}-{variant}": reason for variant, reason in reasons.items()}
    return [(cell, lacking.get(cell.name, "")) for cell in matrix.cells]


def _named(request: Request, matrix: Matrix) -> list[tuple[Cell, str]]:
    chosen: dict[str, Cell] = {}
    for name in request.names:
        found: Iterable[Cell]
        if name not in matrix.registries:
            found = [matrix.cell(name)]
        elif not matrix.registries[name].service:
            found = matrix.cells_of(name)
        else:
            service = importlib.import_module(matrix.registries[name].service)
            variant = request.provider or service.choose_variant()
            found = _provided(matrix, name, variant)
        chosen |= {cell.name: cell for cell in found}
    for cell in chosen.values():
        if cell.variant == "url" and request.url is None:
            raise UsageError(
                cell.name,
                reason="no server was named",
                hint=NAME_A_SERVER,
            )
    # What was asked for by name is tried, and fails with the provider's own
    # error if the machine lacks something.
    return [(cell, "") for cell in matrix.cells if cell.name in chosen]


def _provided(matrix: Matrix, registry: str, provider: str) -> list[Cell]:
    cells = matrix.cells_of(registry)
    found = [cell for cell in cells if _comes_from(cell, provider)]
    if not found:
        raise UsageError(
            f"--provider {provider}",
            reason=f"{registry} has no such provider",
            hint=f"Choose one of {', '.join(cell.variant for cell in cells)}.",
        )
    return found


def _comes_from(cell: Cell, provider: str) -> bool:
    """Return whether a cell's server comes from a provider, or from one of a family of them."""
    return cell.variant == provider or cell.variant.startswith(f"{provider}-")


def _suites(cell: Cell, request: Request, matrix: Matrix) -> tuple[str, ...]:
    wanted = {matrix.suite(name).name for name in request.suites} or set(matrix.suites)
    if request.part == "conformance":
        wanted -= {PIPELINE}
    elif request.part == "pipeline":
        wanted &= {PIPELINE}
    return tuple(name for name in cell.suites if name in wanted)
