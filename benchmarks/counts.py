"""What operations of a registry send to Oracle, beside what they send to PostgreSQL.

Usage: ``nox -s bench -- counts`` or ``python benchmarks/counts.py [--write FILE]``.

Times on a stand-in say nothing about Oracle; counts do.  Round trips are
those on the wire: on the stand-in as it answers them, on PostgreSQL as libpq
traces them.  Statements, commits and savepoints are those that SQLAlchemy
sends; an array of rows is one statement.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lsst.daf.butler import Butler, Config, DatasetType, Timespan
from lsst.daf.butler.registry import CollectionType  # type: ignore[attr-defined]
from psycopg.pq import Trace
from sqlalchemy import Engine, event

from gen3bed.conformance._observation import Observation
from gen3bed.ledger import Ledger
from gen3bed.matrix import load_matrix
from gen3bed.registries import RegistryAddress, backend_of
from gen3bed.services import Service
from gen3bed.services.oracle import connect
from gen3bed.services.oracle import provide as provide_oracle
from gen3bed.services.postgresql import provide as provide_postgresql

BEGIN = "<!-- counts: begin (written by nox -s bench -- counts --write) -->"
END = "<!-- counts: end -->"
_ROWS = 1000

Wire = Callable[[], tuple[int, int]]
"""Returns round trips and parses so far."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What one step sent."""

    statements: int
    commits: int
    savepoints: int
    round_trips: int
    parses: int = 0


def steps() -> Iterator[tuple[str, Callable[[Butler], object]]]:
    """Yield what is done with a new registry, in this order."""
    detectors = [{"instrument": "Cam", "id": n, "full_name": f"d{n}"} for n in range(_ROWS)]
    ids = [{"instrument": "Cam", "detector": n} for n in range(_ROWS)]
    instrument = {"name": "Cam", "detector_max": _ROWS, "visit_max": 9, "exposure_max": 9, "class_name": "x"}
    refs: list[Any] = []

    def register_type(butler: Butler) -> None:
        dimensions = butler.dimensions.conform(["instrument", "detector"])
        kind = DatasetType("flat", dimensions, "StructuredDataDict", isCalibration=True)
        butler.registry.registerDatasetType(kind)

    def register_others(butler: Butler) -> None:
        for name, kind in (
            ("tags", CollectionType.TAGGED),
            ("calibs", CollectionType.CALIBRATION),
            ("chain", CollectionType.CHAINED),
        ):
            butler.collections.register(name, kind)

    def insert(butler: Butler) -> None:
        refs.extend(butler.registry.insertDatasets("flat", ids, run="run"))

    def add(element: str, *rows: dict[str, object], again: bool = False) -> Callable[[Butler], object]:
        return lambda butler: butler.registry.insertDimensionData(element, *rows, skip_existing=again)

    yield "insert an instrument", add("instrument", instrument)
    yield f"insert {_ROWS} detectors", add("detector", *detectors)
    yield f"insert {_ROWS} detectors that are there", add("detector", *detectors, again=True)
    yield "register a dataset type", register_type
    yield "register a run", lambda b: b.collections.register("run")
    yield "register a run that is there", lambda b: b.collections.register("run")
    yield "register three other collections", register_others
    yield "redefine a chain", lambda b: b.collections.redefine_chain("chain", ["tags", "run"])
    yield f"insert {_ROWS} datasets", insert
    yield f"associate {_ROWS} datasets", lambda b: b.registry.associate("tags", refs)
    yield f"certify {_ROWS} datasets", lambda b: b.registry.certify("calibs", refs, Timespan(None, None))
    yield f"query {_ROWS} datasets", lambda b: b.query_datasets("flat", "chain", limit=None)
    condition = "instrument = 'Cam' AND detector.id >= 0"
    yield (
        f"query {_ROWS} data IDs with a condition",
        lambda b: b.query_data_ids(["detector"], where=condition, limit=None),
    )
    yield f"remove {_ROWS} datasets", lambda b: b.registry.removeDatasets(refs)


def measure(registry: str, variant: str) -> dict[str, Counted]:
    """Do all steps on a registry and return what each of them sent."""
    provide = {"oracle": provide_oracle, "postgresql": provide_postgresql}[registry]
    backend = backend_of(load_matrix().registries[registry])
    ledger = Ledger.create()
    with (
        tempfile.TemporaryDirectory() as scratch,
        provide(variant, ledger=ledger) as service,
        backend.provisioner(variant, service, ledger) as provisioner,
    ):
        (Path(scratch) / "worker").mkdir()
        namespace = backend.namespace(provisioner.provision("gw0"), Path(scratch) / "worker")
        with _WIRES[registry](service, Path(scratch)) as wire:
            counted = _all_steps(Path(scratch) / "repository", namespace.empty(), wire)
        namespace.close()
    ledger.close()
    return counted


def _all_steps(root: Path, address: RegistryAddress, wire: Wire) -> dict[str, Counted]:
    counted: dict[str, Counted] = {}

    def count(name: str, work: Callable[[], Any]) -> Any:
        before = wire()
        with Observation() as seen:
            result = work()
        trips, parses = (after - earlier for after, earlier in zip(wire(), before, strict=True))
        counted[name] = Counted(
            statements=seen.counts["sql_statements"],
            commits=seen.counts["sql_commits"],
            savepoints=seen.counts["sql_savepoints"],
            round_trips=trips,
            parses=parses,
        )
        return result

    config = Config()
    config["registry"] = address.settings
    count("make the registry", lambda: Butler.makeRepo(str(root), config=config, forceConfigRoot=False))
    butler = count("open it", lambda: Butler.from_config(str(root), writeable=True))
    with butler:
        for name, step in steps():
            count(name, partial(step, butler))
    return counted


_OTHERS = """
SELECT a.value - m.value FROM v$sysstat a, v$mystat m, v$statname n
 WHERE n.name = a.name AND m.statistic# = n.statistic# AND a.name = :name
"""
"""A statistic of all sessions that there were, without the one that asks."""


@contextlib.contextmanager
def _oracle_wire(service: Service, scratch: Path) -> Iterator[Wire]:
    del scratch
    with connect(service.url) as connection, connection.cursor() as cursor:

        def ask(name: str) -> int:
            ((value,),) = cursor.execute(_OTHERS, name=name).fetchall()
            return int(value)

        yield lambda: (ask("SQL*Net roundtrips to/from client"), ask("parse count (total)"))


@contextlib.contextmanager
def _postgresql_wire(service: Service, scratch: Path) -> Iterator[Wire]:
    """Let libpq trace each connection that SQLAlchemy opens."""
    del service
    trace = scratch / "trace"
    with trace.open("wb") as file:

        def follow(connection: Any, _: object) -> None:
            connection.pgconn.trace(file.fileno())
            connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)

        def ask() -> tuple[int, int]:
            sent = [line.split("\t") for line in trace.read_text(errors="replace").splitlines()]
            kinds = [fields[2] for fields in sent if len(fields) > 2 and fields[0] == "F"]  # noqa: PLR2004
            return kinds.count("Sync") + kinds.count("Query"), kinds.count("Parse") + kinds.count("Query")

        event.listen(Engine, "connect", follow)
        try:
            yield ask
        finally:
            event.remove(Engine, "connect", follow)


_WIRES = {"oracle": _oracle_wire, "postgresql": _postgresql_wire}


def table(oracle: dict[str, Counted], postgresql: dict[str, Counted]) -> str:
    """Return the counts side by side as a Markdown table (`str`)."""
    lines = [
        "| step | Oracle: trips | parses | statements | commits | savepoints | PG: trips | statements | |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, ours in oracle.items():
        theirs = postgresql[name]
        ratio = ours.round_trips / max(theirs.round_trips, 1)
        lines.append(
            f"| {name} | {ours.round_trips} | {ours.parses} | {ours.statements} | {ours.commits}"
            f" | {ours.savepoints} | {theirs.round_trips} | {theirs.statements} | {ratio:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Count, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", type=Path, help="page to write the table into")
    page: Path | None = parser.parse_args().write
    text = table(measure("oracle", "stand-in-h2-19"), measure("postgresql", "local"))
    print(text)
    if page is not None:
        head, _, rest = page.read_text().partition(BEGIN)
        tail = rest.partition(END)[2]
        page.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")


if __name__ == "__main__":
    main()
