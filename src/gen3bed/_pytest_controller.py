"""The controlling process: service, namespaces, progress."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from gen3bed._infrastructure import classify
from gen3bed._signals import end_with_parent
from gen3bed.errors import ExitCode, Gen3bedError
from gen3bed.ledger import Ledger
from gen3bed.matrix import Cell, load_matrix
from gen3bed.registries import Lease, Provisioner, backend_of
from gen3bed.services import Service

__all__ = ["Controller", "lease_of"]

_LEASE = "gen3bed_lease"


class Controller:
    """Holds the service and makes the namespaces; one per pytest run.

    Parameters
    ----------
    config : `pytest.Config`
        Configuration of the process that controls the run.

    Raises
    ------
    gen3bed.errors.Gen3bedError
        Raised if the registry is unknown or its service cannot be used.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._progress = Progress(config.option.gen3bed_progress)
        end_with_parent()
        self._exit = contextlib.ExitStack()
        self._leases: dict[str, Lease] = {}
        self._crashed = False
        path: Path | None = config.option.gen3bed_service
        service = Service.load(path) if path else None
        ledger_path = os.environ.get("GEN3BED_LEDGER")
        ledger = Ledger(Path(ledger_path)) if ledger_path else Ledger.create()
        try:
            if not ledger_path:
                self._exit.callback(ledger.close)
            cell = _chosen_cell(config.option.gen3bed_registry, service)
            registry = load_matrix().registries[cell.registry]
            if registry.service and service is None:
                provide = importlib.import_module(registry.service).provide
                service = self._exit.enter_context(provide(cell.variant, ledger=ledger))
            self.cell = cell
            self.service = service
            self._provisioner: Provisioner = self._exit.enter_context(
                backend_of(registry).provisioner(cell.variant, service, ledger)
            )
        except BaseException:
            self._exit.close()
            raise

    @property
    def header(self) -> str:
        """What the report header says (`str`)."""
        version = f", server {self.service.version}" if self.service else ""
        return f"gen3bed: {self.cell.title}{version}"

    def lease(self, worker: str) -> Lease:
        """Return the lease of a worker, made at the first call."""
        if worker not in self._leases:
            self._leases[worker] = self._provisioner.provision(worker)
        return self._leases[worker]

    def close(self) -> None:
        """Drop the namespaces and stop the service.

        The parent is told why not: pytest's own numbers are written by now.
        """
        try:
            self._exit.close()
        except Gen3bedError as err:
            self._progress.write(uncleaned=f"{err.subject}: {err.reason}")
            raise

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Make the namespace of an xdist worker and tell the worker."""
        try:
            lease = self.lease(node.gateway.id)
        except Gen3bedError as err:
            pytest.exit(str(err), returncode=err.exit_code)
        node.workerinput[_LEASE] = asdict(lease)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Report how many tests there are."""
        self._progress.write(total=len(ids))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Remember that a worker died, if only after its last test.

        pytest-rerunfailures runs a test again that takes its process down,
        whatever the reason; it is red even if it passes the second time.
        """
        if error:
            self._crashed = True
            self._progress.write(died=node.gateway.id)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """Report the test during which a worker died."""
        self._progress.write(crashed=crashitem)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Take down to the end, and turn the run red if a worker died.

        From here on each plugin takes down what it made.  An interrupt in one
        of them would keep the others from it, so the parent's comes too late;
        it ends what hangs.
        """
        if self._progress.followed:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        result = yield
        if self._crashed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return result

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Report how many tests there are."""
        if session.items:
            self._progress.write(total=len(session.items))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Report a finished test, or a phase that failed.

        If the server is lost, that is the one error, before any other plugin
        hears of the test that noticed it.
        """
        outcome: str = report.outcome  # pytest-rerunfailures adds one to pytest's own
        if (outcome == "rerun" or report.failed) and (why := self._provisioner.lost()):
            self._progress.write(lost=why)
            pytest.exit(f"the server was lost: {why}", returncode=ExitCode.SERVICE)
        if outcome == "rerun":
            self._progress.write(rerun=report.nodeid, error=classify(report.longreprtext))
            return
        # A subtest's report is one of several of a single test.
        subtest = type(report) is not pytest.TestReport
        if (report.when == "teardown" and not subtest) or report.failed:
            done = report.when == "teardown" and not subtest
            self._progress.write(done=done, failed=report.failed, test=report.nodeid)


class Progress:
    """Tells the parent process how far the tests are, as JSON lines."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @property
    def followed(self) -> bool:
        """Whether a parent process reads it (`bool`)."""
        return self._descriptor is not None

    def write(self, **fields: object) -> None:
        """Write one line; a parent that went away is none of our business."""
        if self._descriptor is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._descriptor, (json.dumps(fields) + "\n").encode())


def lease_of(config: pytest.Config, controller: Controller | None) -> Lease:
    """Return the lease of the process that ``config`` belongs to.

    Without ``--gen3bed-registry`` it is SQLite in a file, which needs
    neither a server nor a controller.
    """
    workerinput = getattr(config, "workerinput", {})
    if _LEASE in workerinput:
        return Lease(**workerinput[_LEASE])
    if controller is not None:
        return controller.lease("main")
    return Lease(registry="sqlite", variant="file", worker="main")


def _chosen_cell(name: str | None, service: Service | None) -> Cell:
    matrix = load_matrix()
    if service is not None:
        return matrix.cell(f"{service.registry}-{service.provider}")
    if name is None:
        return matrix.cell("sqlite-file")
    if name not in matrix.registries:
        return matrix.cell(name)
    registry = matrix.registries[name]
    if not registry.service:
        # The last variant of a registry without servers is its usual one.
        return matrix.cells_of(name)[-1]
    choose = importlib.import_module(registry.service).choose_variant
    return matrix.cell(f"{name}-{choose()}")
