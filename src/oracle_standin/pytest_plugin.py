"""The pytest plugin: a stand-in for anybody's tests.

Loaded through an entry point wherever the package is installed.  It does
nothing until a test asks for one of its fixtures: then the process that
controls the run, the xdist controller or pytest itself, starts one server
for all, which ends with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    # The plugin is imported by every pytest run of the environment.
    import oracledb

    from oracle_standin._pytest_server import ServerSource, Switchboard
    from oracle_standin.testing import Counted, OracleUser, Standin, UserFaults

__all__ = [
    "oracle_connection",
    "oracle_faults",
    "oracle_module_user",
    "oracle_standin",
    "oracle_statements",
    "oracle_user",
]

_source: pytest.StashKey[ServerSource] = pytest.StashKey()
_switchboard: pytest.StashKey[Switchboard] = pytest.StashKey()
_OPTIONS = {
    "profile": "version that the stand-in for Oracle pretends to be: 19, 21 or 23",
    "engine": "what runs the stand-in's SQL: h2 or postgresql",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("oracle_standin", "a stand-in for Oracle (oracle_standin)")
    for name, about in _OPTIONS.items():
        group.addoption(f"--oracle-standin-{name}", metavar=name.upper(), default=None, help=about)
        parser.addini(f"oracle_standin_{name}", about, default="")
    group.addoption(
        "--oracle-standin-log",
        metavar="FILE",
        default=None,
        help="file to add a line of JSON to for each call of a client",
    )
    group.addoption(
        "--oracle-standin-ready-file",
        metavar="FILE",
        type=Path,
        default=None,
        help="use the server that wrote this file (oracle-standin serve --ready-file FILE "
        "--control-port 0) instead of starting one",
    )


def _serve_options(config: pytest.Config) -> list[str]:
    options = []
    for name in _OPTIONS:
        if value := config.getoption(f"oracle_standin_{name}") or config.getini(f"oracle_standin_{name}"):
            options += [f"--{name}", str(value)]
    if log := config.getoption("oracle_standin_log"):
        options += ["--log", str(Path(log).absolute())]
    return options


def _server_source(config: pytest.Config) -> ServerSource:
    """Return where this process has its server from; nothing is started yet."""
    if _source not in config.stash:
        from oracle_standin._pytest_server import AskedServer, GivenServer, OwnServer  # noqa: PLC0415

        given: Path | None = config.getoption("oracle_standin_ready_file")
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        if given is not None:
            config.stash[_source] = GivenServer(given)
        elif worker:
            config.stash[_source] = AskedServer(worker["oracle_standin"])
        else:
            config.stash[_source] = OwnServer(_serve_options(config))
    return config.stash[_source]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker how to ask for the server."""
    config: pytest.Config = node.config
    if _switchboard not in config.stash:
        from oracle_standin._pytest_server import Switchboard  # noqa: PLC0415

        config.stash[_switchboard] = Switchboard(_server_source(config))
    node.workerinput["oracle_standin"] = config.stash[_switchboard].address


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server, whatever happened."""
    if switchboard := config.stash.get(_switchboard, None):
        del config.stash[_switchboard]
        switchboard.close()
    if own := _own_server(config):
        own.stop()


def _own_server(config: pytest.Config) -> Any:
    """Return the server that this process has started, if it has."""
    source = config.stash.get(_source, None)
    return source if getattr(source, "started", None) is not None else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the tests ran on: a stand-in."""
    own = _own_server(config)
    if own is None:
        return
    from oracle_standin.errors import StandinError  # noqa: PLC0415
    from oracle_standin.testing import Standin  # noqa: PLC0415

    ready = own.started
    line = f"{ready.banner}, on {ready.engine}"
    with contextlib.suppress(StandinError):
        totals = Standin(ready).control.summary().totals
        line += f": {totals.logins} logins, {totals.executions} executions, {totals.round_trips} round trips"
    terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def oracle_standin(request: pytest.FixtureRequest) -> Iterator[Standin]:
    """Return the stand-in that all tests and workers share.

    Yields
    ------
    standin : `oracle_standin.testing.Standin`
        With its URL and its control port.
    """
    from oracle_standin.errors import StandinError  # noqa: PLC0415
    from oracle_standin.testing import Standin  # noqa: PLC0415

    try:
        standin = Standin(_server_source(request.config).ready())
        standin.control.health()
    except StandinError as error:
        pytest.fail(str(error), pytrace=False)
    yield standin
    standin.close()


@pytest.fixture
def oracle_user(oracle_standin: Standin) -> Iterator[OracleUser]:
    """Return a user of the test's own, which is dropped at its end.

    Yields
    ------
    user : `oracle_standin.testing.OracleUser`
        With its name, password, connect string and URL.
    """
    with oracle_standin.user() as user:
        yield user


@pytest.fixture(scope="module")
def oracle_module_user(oracle_standin: Standin) -> Iterator[OracleUser]:
    """Return a user that the tests of a module share.

    Yields
    ------
    user : `oracle_standin.testing.OracleUser`
        With its name, password, connect string and URL.
    """
    with oracle_standin.user() as user:
        yield user


@pytest.fixture
def oracle_connection(oracle_user: OracleUser) -> Iterator[oracledb.Connection]:
    """Return a connection of `oracle_user`, by python-oracledb."""
    import oracledb  # noqa: PLC0415

    connection = oracle_user.connect()
    yield connection
    with contextlib.suppress(oracledb.Error):
        connection.close()


@pytest.fixture
def oracle_faults(oracle_standin: Standin, oracle_user: OracleUser) -> Iterator[UserFaults]:
    """Return what makes faults for `oracle_user`; they are removed at the end of the test.

    Yields
    ------
    faults : `oracle_standin.testing.UserFaults`
        Of use as ``oracle_faults.at(CallKind.COMMIT, when="after").cut()``.
    """
    from oracle_standin.testing import UserFaults  # noqa: PLC0415

    faults = UserFaults(oracle_standin.control, oracle_user)
    yield faults
    faults.clear()


@pytest.fixture
def oracle_statements(oracle_standin: Standin, oracle_user: OracleUser) -> Callable[[], Counted]:
    """Return what counts within ``with oracle_statements() as counted:`` what `oracle_user` asks for."""
    from oracle_standin.testing import Counted  # noqa: PLC0415

    return lambda: Counted(oracle_standin.control, oracle_user.name)
