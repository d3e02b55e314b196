"""The server that the stand-in starts for itself, and somebody's."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from oracle_standin.errors import StandinError
from oracle_standin.postgresql import _server, open_database
from oracle_standin.postgresql._binaries import find_binaries
from oracle_standin.postgresql._server import PrivateServer, _base
from oracle_standin.profiles import PROFILES

pytestmark = pytest.mark.local_postgresql

_CHILD = """
import sys, time
from oracle_standin.postgresql._server import PrivateServer, _base
server = PrivateServer()
print(server.directory, flush=True)
time.sleep(600)
"""


def _processes(directory: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(directory) in argument for argument in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _gone(directory: Path) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not directory.exists() and not _processes(directory):
            return True
        time.sleep(0.05)
    return False


def test_a_private_server_leaves_nothing() -> None:
    """A server that is closed has ended, and its directory is gone."""
    server = PrivateServer()
    assert server.directory.stat().st_mode & 0o077 == 0
    assert _processes(server.directory)
    server.close()
    server.close()
    assert not server.directory.exists()
    assert not _processes(server.directory)


def test_it_ends_with_a_stand_in_that_is_killed() -> None:
    """When the stand-in is killed, the server ends and its directory goes."""
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as child:
        assert child.stdout is not None
        directory = Path(child.stdout.readline().strip())
        assert _processes(directory)
        child.send_signal(signal.SIGKILL)
    assert _gone(directory)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Make a directory that a server's account may use, with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o1777)
        yield Path(name)


@pytest.mark.parametrize("moment", ["", "/log", "/data/base", "/data/postmaster.pid", "/.s.PGSQL.5432"])
def test_a_stand_in_that_is_killed_while_it_starts_leaves_nothing(scratch: Path, moment: str) -> None:
    """At whatever moment of its start the stand-in is killed, no process and no directory stays."""
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(scratch)}
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD], stdout=subprocess.DEVNULL, env=os.environ | environment
    ) as child:
        while not any(scratch.glob(f"oracle-standin-*{moment}")):
            assert child.poll() is None
            time.sleep(0.001)
        (directory,) = scratch.glob("oracle-standin-*")
        child.send_signal(signal.SIGKILL)
    assert _gone(directory)


def test_directory_is_where_the_account_can_remove_it(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that is not ours gets a directory in which everybody may make and remove one."""
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    account = pwd.getpwnam("nobody")
    assert _base(account) == scratch
    scratch.chmod(0o755)
    assert _base(account) == Path("/tmp")  # noqa: S108  (nothing is written)
    assert _base(None) == scratch


def test_place_that_cannot_be_used_is_named(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that cannot be made is an error with its reason, and none is left."""
    monkeypatch.setattr(_server, "_base", lambda _: scratch / "nowhere")
    with pytest.raises(StandinError, match=r"nowhere.*No such file"):
        PrivateServer()
    assert list(scratch.iterdir()) == []


def test_an_old_server_is_no_server(tmp_path: Path) -> None:
    """Programs of a version that is too old, or of none, are named with the reason."""
    for name in ("initdb", "postgres"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 12.1'\n")
        program.chmod(0o755)
    with pytest.raises(StandinError, match=r"version 12\.1, older than 15"):
        find_binaries([tmp_path])
    with pytest.raises(StandinError, match="--postgresql-url"):
        find_binaries([tmp_path / "nothing"])


def test_a_password_belongs_elsewhere() -> None:
    """An URL with a password is refused, without repeating it."""
    with pytest.raises(StandinError, match="PGPASSFILE") as caught:
        open_database(PROFILES["19"], url="postgresql://user:secret@localhost/db")
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_named() -> None:
    """A server that cannot be reached is an error with a hint."""
    with pytest.raises(StandinError, match="--postgresql-url"):
        open_database(PROFILES["19"], url="host=127.0.0.1 port=1 connect_timeout=2")


def test_somebodys_server_is_left_as_it_was() -> None:
    """On a server of somebody's a database is made, and dropped at the end, with nothing else changed."""
    server = PrivateServer()
    try:
        query = "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1"
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            before = connection.execute(query).fetchall()
            database = open_database(PROFILES["19"], url=server.conninfo)
            database.open_session("SYSTEM")
            assert len(connection.execute(query).fetchall()) == len(before) + 1
            database.close()
            assert connection.execute(query).fetchall() == before
    finally:
        server.close()
