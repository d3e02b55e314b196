"""The pytest plugin: registries for anybody's tests.

Loaded through an entry point wherever gen3bed is installed.  It does nothing
until a test asks for one of its fixtures or ``--gen3bed-registry`` is given.

A service is started, and namespaces are made and dropped, in the process
that controls the run: the xdist controller, or pytest itself without xdist.
A worker is told of its own namespace only.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    # The plugin is imported by every pytest run of the environment: what
    # costs time is imported where it is used.
    from lsst.daf.butler import Butler

    from gen3bed._pytest_controller import Controller
    from gen3bed.registries import Namespace, RegistryAddress

__all__ = ["butler_repository", "empty_registry", "registry_namespace"]

_controller: pytest.StashKey[Controller] = pytest.StashKey()
_statements: pytest.StashKey[set[str]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("gen3bed", "registry databases (gen3bed)")
    group.addoption(
        "--gen3bed-registry",
        metavar="NAME",
        default=None,
        help="registry database for the tests: a registry (sqlite, postgresql) or a cell (sqlite-file, "
        "postgresql-local) of gen3bed's matrix; default: sqlite",
    )
    group.addoption(
        "--gen3bed-service",
        metavar="FILE",
        type=Path,
        default=None,
        help="use the server that FILE describes, as `gen3bed run` writes it, instead of starting one",
    )
    group.addoption(
        "--gen3bed-progress", metavar="FD", type=int, default=None, help="descriptor to report progress on"
    )
    group.addoption(
        "--gen3bed-statements",
        metavar="DIRECTORY",
        type=Path,
        default=None,
        help="where each process writes the distinct statements that its conformance tests sent",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start what the tests need, before any worker exists."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    from gen3bed._pytest_controller import Controller  # noqa: PLC0415
    from gen3bed.errors import Gen3bedError  # noqa: PLC0415

    if config.option.gen3bed_registry is None and config.option.gen3bed_service is None:
        return
    try:
        config.stash[_controller] = controller = Controller(config)
    except Gen3bedError as err:
        pytest.exit(str(err), returncode=err.exit_code)
    config.pluginmanager.register(controller, "gen3bed-controller")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop the namespaces and stop the service, whatever happened."""
    if controller := config.stash.get(_controller, None):
        del config.stash[_controller]
        controller.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write down the statements that the tests of this process sent."""
    directory: Path | None = session.config.option.gen3bed_statements
    statements = session.config.stash.get(_statements, None)
    if directory is not None and statements is not None:
        from gen3bed.conformance._statements import write_part  # noqa: PLC0415

        write_part(directory / f"{os.getpid()}.json", statements)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark, with the reason, what a registry is known not to pass."""
    suites = [i for i in items if _suite(i)]
    for item in suites:
        # Here, so that a test that is skipped belongs to its suite as well.
        item.user_properties.append(("suite", str(_suite(item))))
    if suites:
        from gen3bed._pytest_controller import lease_of  # noqa: PLC0415
        from gen3bed._pytest_suites import mark_known  # noqa: PLC0415

        mark_known(suites, lease_of(config, config.stash.get(_controller, None)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare the garbage collector the imported middleware.

    Its half a million objects live as long as the process.  Walking them
    again and again took a quarter of the CPU time of the suites.
    """
    if any(_suite(item) for item in session.items):
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which database the tests will use."""
    controller = config.stash.get(_controller, None)
    return [controller.header] if controller else []


@pytest.fixture(scope="session")
def registry_namespace(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Namespace]:
    """Room for registries in the database that ``--gen3bed-registry`` chose.

    Yields
    ------
    namespace : `gen3bed.registries.Namespace`
        The worker's own namespace.  It is dropped when the run ends.
    """
    from gen3bed._pytest_controller import lease_of  # noqa: PLC0415
    from gen3bed.matrix import load_matrix  # noqa: PLC0415
    from gen3bed.registries import backend_of  # noqa: PLC0415

    lease = lease_of(request.config, request.config.stash.get(_controller, None))
    backend = backend_of(load_matrix().registries[lease.registry])
    namespace = backend.namespace(lease, tmp_path_factory.mktemp("namespace"))
    yield namespace
    namespace.close()


@pytest.fixture(scope="class")
def empty_registry(registry_namespace: Namespace) -> Iterator[RegistryAddress]:
    """Address of an empty place for one registry.

    The tests of a class share it; a test function has its own.

    Yields
    ------
    address : `gen3bed.registries.RegistryAddress`
        ``url`` and ``namespace`` for ``registry.db`` and
        ``registry.namespace`` of a Butler configuration.
    """
    with registry_namespace.borrowing():
        yield registry_namespace.empty()


@pytest.fixture
def butler_repository(registry_namespace: Namespace, tmp_path: Path) -> Iterator[Butler]:
    """Return an empty, writeable Butler repository on the chosen database.

    Yields
    ------
    butler : `lsst.daf.butler.Butler`
        Its datastore is a directory of the test.

    Raises
    ------
    gen3bed.errors.UsageError
        Raised if the database is in memory: the Butler makes a repository
        with one connection and opens it with another.
    """
    from lsst.daf.butler import Butler, Config  # noqa: PLC0415

    from gen3bed.errors import UsageError  # noqa: PLC0415

    if not registry_namespace.lasting:
        raise UsageError(
            "butler_repository",
            reason="a database in memory ends with its connection, so that no repository can live in it",
            hint="Choose another one, such as --gen3bed-registry sqlite-file.",
        )
    with registry_namespace.borrowing():
        address = registry_namespace.empty()
        config = Config()
        config["registry"] = address.settings
        Butler.makeRepo(tmp_path / "repository", config=config, forceConfigRoot=False)
        with Butler.from_config(tmp_path / "repository", writeable=True) as butler:
            yield butler
            butler.registry.refresh()


@pytest.fixture(autouse=True)
def _observe(request: pytest.FixtureRequest) -> Iterator[None]:
    """Count the statements of a conformance test, and fail it for leaks."""
    if _suite(request.node) is None:
        yield
        return
    from gen3bed.conformance._observation import Observation  # noqa: PLC0415

    namespace: Namespace = request.getfixturevalue("registry_namespace")
    with namespace.borrowing():
        with Observation() as observation:
            yield
        leaks = observation.leaks(namespace)
    request.config.stash.setdefault(_statements, set()).update(
        observation.statements[namespace.lease.registry]
    )
    properties = {**observation.counts, "cpu_seconds": f"{observation.cpu_seconds:.3f}"}
    request.node.user_properties += [(name, str(value)) for name, value in properties.items()]
    if leaks:
        pytest.fail("the test left behind:\n" + "\n".join(leaks), pytrace=False)


def _suite(item: Any) -> str | None:
    """Return the suite of the matrix that a test belongs to, if any."""
    module = getattr(item, "module", None)
    if module is None or not module.__name__.startswith("gen3bed."):
        return None
    suite: str | None = getattr(item.cls, "suite", None)
    return suite
