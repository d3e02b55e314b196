"""Tests of the provider that runs the machine's own programs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from gen3bed.errors import Gen3bedError, ProviderUnavailableError, ServiceNotReadyError, StorageFullError
from gen3bed.ledger import Ledger
from gen3bed.services import Profile, Service
from gen3bed.services._directory import remove_directory
from gen3bed.services._process import end_process
from gen3bed.services.postgresql import _local, provide
from gen3bed.services.postgresql._binaries import Binaries, find_binaries, unprivileged_account
from gen3bed.services.postgresql._server import connect_arguments

pytestmark = pytest.mark.local_postgresql


def _traces(run: str) -> list[str]:
    """Return all processes and directories that carry the run's name."""
    processes = [
        " ".join(p.info["cmdline"])
        for p in psutil.process_iter(["cmdline", "status"])
        if p.info["status"] != psutil.STATUS_ZOMBIE and any(run in a for a in p.info["cmdline"] or ())
    ]
    places = (Path("/tmp"), Path("/dev/shm"))  # noqa: S108
    return processes + [str(p) for place in places for p in place.glob(f"gen3bed-{run}*")]


def _ask(service: Service, statement: str) -> object:
    with psycopg.connect(**connect_arguments(service.url), autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None


def _run(service: Service, statement: str) -> None:
    with psycopg.connect(**connect_arguments(service.url), autocommit=True) as connection:
        connection.execute(statement)


def test_gives_a_server_and_leaves_nothing(ledger: Ledger) -> None:
    """A server with btree_gist answers inside the block; after it there is no process, directory or entry."""
    with provide("local", ledger=ledger) as service:
        _run(service, "CREATE EXTENSION btree_gist")
        assert _ask(service, "SHOW fsync") == "off"
        assert str(_ask(service, "SHOW server_version")).startswith(service.version)
        assert "fsync=off" in service.facts["parameters"]
        assert service.holder in {e.name for e in ledger.outstanding()}
        assert service.facts["rights"] == "server"
        assert _traces(ledger.run)
    assert _traces(ledger.run) == []
    assert ledger.outstanding() == []


def test_settings_for_other_servers_do_no_harm(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who demands TLS of the servers of their own by libpq's variable has a server all the same."""
    monkeypatch.setenv("PGSSLMODE", "require")
    with provide("local", ledger=ledger) as service:
        assert _ask(service, "SELECT 1") == 1


def test_durable_profile_is_durable(ledger: Ledger) -> None:
    """The durable profile leaves the server's safety on."""
    with provide("local", ledger=ledger, profile="durable") as service:
        assert _ask(service, "SHOW fsync") == "on"
        assert _ask(service, "SHOW wal_level") == "replica"


def test_password_is_needed_and_nowhere_to_be_seen(ledger: Ledger) -> None:
    """The server refuses others, and no command line, file or ledger line holds the password."""
    with provide("local", ledger=ledger) as service:
        password = str(service.url.password)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(**connect_arguments(service.url.set(password="wrong")))
        assert password not in ledger.path.read_text()
        assert not any(password in line for line in _traces(ledger.run))
        directory = next(Path(e.name) for e in ledger.outstanding() if e.kind == "directory")
        plain = [p for p in directory.rglob("*") if p.is_file() and password.encode() in p.read_bytes()]
        assert plain == []


def test_listens_on_loopback_only(ledger: Ledger) -> None:
    """No other machine can reach the server."""
    with provide("local", ledger=ledger) as service:
        assert _ask(service, "SHOW listen_addresses") == "127.0.0.1"
        assert _ask(service, "SHOW unix_socket_directories") == ""


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_left_when_the_block_raises(ledger: Ledger, error: type[BaseException]) -> None:
    """An error or Ctrl-C inside the block takes the server down."""
    with pytest.raises(error), provide("local", ledger=ledger):
        raise error
    assert _traces(ledger.run) == []
    assert ledger.outstanding() == []


@pytest.mark.parametrize("where", ["initdb", "pg_ctl", "wait", "identity"])
def test_nothing_left_when_the_start_is_interrupted(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Ctrl-C during any step of the start, right after the step's work, leaves nothing."""
    if where in {"initdb", "pg_ctl"}:
        original = _local._Cluster._run

        def interrupted(self: _local._Cluster, program: str, *arguments: str, timeout: float) -> None:
            original(self, program, *arguments, timeout=timeout)
            if program == where:
                raise KeyboardInterrupt

        monkeypatch.setattr(_local._Cluster, "_run", interrupted)
    else:

        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(
            _local, {"wait": "wait_until_ready", "identity": "_with_identity"}[where], interrupt
        )
    with pytest.raises(KeyboardInterrupt), provide("local", ledger=ledger):
        pytest.fail("the block must not be entered")
    assert _traces(ledger.run) == []
    assert ledger.outstanding() == []


def test_keep_leaves_it_running_and_recorded(ledger: Ledger) -> None:
    """With ``keep`` the server outlives the block and stays in the ledger, by which it can be ended."""
    with provide("local", ledger=ledger, keep=True) as service:
        pass
    try:
        assert _ask(service, "SELECT 1") == 1
    finally:
        for entry in reversed(ledger.outstanding()):
            if entry.kind == "process":
                end_process(entry)
            else:
                remove_directory(entry, ledger.run)
    assert _traces(ledger.run) == []


def test_keep_does_not_keep_a_failed_block(ledger: Ledger) -> None:
    """With ``keep`` an error inside the block still takes the server down."""
    with pytest.raises(RuntimeError), provide("local", ledger=ledger, keep=True):
        raise RuntimeError
    assert _traces(ledger.run) == []


def test_taken_port_is_tried_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody took between choosing and binding is replaced by another one."""
    free = _local._free_port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1]])
        monkeypatch.setattr(_local, "_free_port", lambda: next(ports, None) or free())
        with provide("local", ledger=ledger) as service:
            assert service.url.port != taken.getsockname()[1]
            assert _ask(service, "SELECT 1") == 1


def test_two_at_once(ledger: Ledger) -> None:
    """Two servers started at the same moment do not get in each other's way."""

    def use(_: int) -> int | None:
        with provide("local", ledger=ledger) as service:
            _ask(service, "SELECT 1")
            return service.url.port

    with ThreadPoolExecutor(2) as pool:
        ports = list(pool.map(use, range(2)))
    assert len(set(ports)) == 2
    assert _traces(ledger.run) == []
    assert ledger.outstanding() == []


def _broken(tmp_path: Path, program: str, script: str) -> Binaries:
    """Return the machine's programs, one of them replaced by a script."""
    good = find_binaries(minimum="14", account=unprivileged_account())
    directory = Path("/tmp") / f"gen3bed-broken-{tmp_path.name}-{os.getpid()}"  # noqa: S108
    directory.mkdir(mode=0o755)
    for name in ("initdb", "postgres", "pg_ctl"):
        text = script if name == program else f'exec {good.program(name)} "$@"'
        (directory / name).write_text(f"#!/bin/sh\n{text}\n")
        (directory / name).chmod(0o755)
    return replace(good, directory=directory)


@pytest.mark.parametrize(
    ("program", "script", "error", "detail"),
    [
        ("initdb", "echo 'initdb: no such luck' >&2; exit 1", ServiceNotReadyError, "no such luck"),
        (
            "initdb",
            "echo 'could not write: No space left on device' >&2; exit 1",
            StorageFullError,
            "No space",
        ),
        ("pg_ctl", "echo 'pg_ctl: no such luck' >&2; exit 1", ServiceNotReadyError, "no such luck"),
    ],
)
def test_failing_program_is_a_typed_error(
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    program: str,
    script: str,
    error: type[Gen3bedError],
    detail: str,
) -> None:
    """A program that fails is named with what it printed, and nothing is left."""
    broken = _broken(tmp_path, program, script)
    monkeypatch.setattr(_local, "find_binaries", lambda **_: broken)
    try:
        with pytest.raises(error) as caught, provide("local", ledger=ledger):
            pytest.fail("the block must not be entered")
    finally:
        shutil.rmtree(broken.directory)
    assert detail in caught.value.detail
    assert _traces(ledger.run) == []
    assert ledger.outstanding() == []


def test_bad_configuration_shows_the_servers_log(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that refuses its configuration is reported with its log's tail."""
    monkeypatch.setattr(_local, "profile_parameters", lambda _: {"wal_level": "sideways"})
    with pytest.raises(ServiceNotReadyError) as caught, provide("local", ledger=ledger):
        pytest.fail("the block must not be entered")
    assert 'invalid value for parameter "wal_level"' in caught.value.detail
    assert _traces(ledger.run) == []


def test_no_programs_is_said_before_anything_is_made(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without programs nothing is recorded or made."""

    def find(**_: object) -> Binaries:
        return find_binaries(minimum="14", directories=[])

    monkeypatch.setattr(_local, "find_binaries", find)
    with pytest.raises(ProviderUnavailableError), provide("local", ledger=ledger):
        pytest.fail("the block must not be entered")
    assert ledger.outstanding() == []


@pytest.mark.parametrize(
    ("profile", "room", "in_memory"), [("fast", 0, True), ("fast", 2**60, False), ("durable", 0, False)]
)
def test_throw_away_data_lie_in_memory_where_there_is_room(
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    profile: Profile,
    room: int,
    *,
    in_memory: bool,
) -> None:
    """Only the fast profile uses the file system in memory, and only if that has room."""
    tmp_path.chmod(0o777)
    monkeypatch.setattr(_local, "_MEMORY", tmp_path)
    monkeypatch.setattr(_local, "_ROOM", room)
    binaries = find_binaries(minimum="14", account=unprivileged_account())
    base = _local._base_directory(binaries, profile)
    assert (base == tmp_path) is in_memory


def test_small_batch_job_keeps_its_data_on_disk(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job whose limit leaves less than the data may take does not put them into memory."""
    monkeypatch.setattr(_local, "_MEMORY", tmp_path)
    monkeypatch.setattr(_local, "available_memory", lambda: 2 * 1024**3 - 1)
    binaries = find_binaries(minimum="14", account=unprivileged_account())
    assert _local._base_directory(binaries, "fast") != tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
def test_full_disk(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk of 16 MB the start fails with the error for a full disk, and nothing is left."""
    small = Path(f"/tmp/gen3bed-small-{os.getpid()}")  # noqa: S108
    small.mkdir()
    small.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m,mode=1777", "tmpfs", small],  # noqa: S607
        check=False,
        capture_output=True,
    )
    try:
        if mounted.returncode:
            pytest.skip(f"a small file system cannot be mounted: {mounted.stderr.decode()}")
        monkeypatch.setattr(_local, "_base_directory", lambda *_: small)
        with pytest.raises(StorageFullError), provide("local", ledger=ledger):
            pytest.fail("the block must not be entered")
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=False, capture_output=True)  # noqa: S607
        small.rmdir()
    assert ledger.outstanding() == []


def test_killed_server_leaves_no_shared_memory(ledger: Ledger) -> None:
    """Of a server that is killed nothing is left in the file system for shared memory."""
    with provide("local", ledger=ledger) as service:
        entry = next(e for e in ledger.outstanding() if e.name == service.holder)
        server = psutil.Process(int(entry.facts["pid"]))
        segments = {m.path for m in server.memory_maps() if "PostgreSQL." in m.path}
        server.kill()
    assert not [s for s in segments if Path(s).exists()]


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(ledger: Ledger) -> None:
    """The server is in a session of its own, where the terminal's signals do not go."""
    with provide("local", ledger=ledger) as service:
        entry = next(e for e in ledger.outstanding() if e.name == service.holder)
        assert os.getsid(int(entry.facts["pid"])) != os.getsid(0)


def test_import_is_cheap() -> None:
    """Importing the provider's package imports no container library."""
    code = (
        "import sys, gen3bed.services.postgresql; print(*{'docker', 'testcontainers'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
