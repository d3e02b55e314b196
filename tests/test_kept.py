"""A server for an afternoon: up, used, listed, down, and nothing left."""

from __future__ import annotations

import contextlib
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
import yaml

from gen3bed.errors import ExitCode, LedgerError, ServiceError, UsageError
from gen3bed.kept import _write_down, bring_up, kept_services, take_down
from gen3bed.ledger import Entry, Ledger, ledger_directory, open_ledgers
from gen3bed.reap import Reaped, reap
from gen3bed.services import Service
from gen3bed.services._directory import directory_entry, make_directory
from gen3bed.services._process import end_process, find_processes

_NOWHERE = sqlalchemy.make_url("postgresql+psycopg://butler:s3cret@127.0.0.1:1/butler")


@pytest.mark.local_postgresql
def test_server_stays_until_it_is_taken_down() -> None:
    """A kept server answers with its db-auth stanza, survives a reaping, and is gone after down."""
    kept = bring_up("postgresql", provider="local", profile="fast")
    try:
        assert reap() == []
        assert [(k.run, k.state, k.hint) for k in kept_services()] == [(kept.run, "running", "")]
        (stanza,) = yaml.safe_load(kept.stanza)
        url = sqlalchemy.make_url(kept.url)
        assert url.password is None
        with psycopg.connect(
            host=url.host,
            port=url.port,
            user=stanza["username"],
            password=stanza["password"],
            dbname=url.database,
        ) as connection:
            connection.execute("CREATE TABLE mine (a int, EXCLUDE USING gist (a WITH =))")
        assert stat.S_IMODE(kept.db_auth.stat().st_mode) == 0o600
    finally:
        assert all(thing.gone for thing in take_down(kept.run))
    assert kept_services() == []
    assert open_ledgers() == []
    assert not kept.db_auth.exists()


def test_down_leaves_crashed_runs_to_reap(kept: Ledger, tmp_path: Path) -> None:
    """Taking a service down removes that service alone; what a crashed run left stays for a reaping."""
    crashed = Ledger.create()
    entry = directory_entry(crashed, base=tmp_path)
    crashed.record(entry)
    make_directory(entry)
    crashed.path.write_text(crashed.path.read_text().replace('"started": ', '"started": 1'))
    assert {thing.run for thing in take_down(kept.run)} == {kept.run}
    assert Path(entry.name).exists()
    assert [thing.run for thing in reap()] == [crashed.run]


def test_failed_start_says_what_it_could_not_remove(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a start fails and something of it cannot be removed, the error names that as well."""
    left = Reaped(run="r", kind="container", name="box", reason="Docker does not run", hint="Start it.")
    monkeypatch.setattr("gen3bed.kept.reap_run", lambda _: [left])
    monkeypatch.setattr("gen3bed.services.postgresql.choose_variant", lambda: "cloud")
    with pytest.raises(UsageError) as caught:
        bring_up("postgresql", provider=None, profile="fast")
    assert caught.value.__notes__ == ["container box is still there: Docker does not run\nStart it."]


@pytest.mark.local_postgresql
def test_server_that_died_is_told_from_one_that_runs() -> None:
    """A kept server that somebody killed is listed as not answering, with the line that removes it."""
    dead = bring_up("postgresql", provider="local", profile="fast")
    alive = bring_up("postgresql", provider="local", profile="fast")
    try:
        for entry in Ledger(ledger_directory() / f"{dead.run}.jsonl").outstanding():
            if entry.kind == "process":
                end_process(entry)
        found = {k.run: k for k in kept_services()}
        assert found[alive.run].state == "running"
        assert found[dead.run].state == "not answering"
        assert found[dead.run].shown.endswith("its port is not reachable")
        assert found[dead.run].hint == f"gen3bed down {dead.run}"
        assert all(thing.gone for thing in take_down(dead.run))
        assert [k.run for k in kept_services()] == [alive.run]
    finally:
        for status in kept_services():
            take_down(status.run)
    assert open_ledgers() == []


def test_something_else_on_the_port_is_no_server(kept: Ledger) -> None:
    """A listener that took the port of a dead server, and says nothing, is not taken for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        file = _file_of(kept, "service.json")
        file.write_text(file.read_text().replace("127.0.0.1:1/", f"127.0.0.1:{port}/"))
        assert [k.state for k in kept_services()] == ["not answering"]


def test_service_on_another_host_is_not_judged_from_here(kept: Ledger) -> None:
    """In a shared home directory, a kept service of another host is named with its host."""
    lines = kept.path.read_text()
    kept.path.write_text(lines.replace(socket.gethostname(), "another.example"))
    (status,) = kept_services()
    assert status.state == "elsewhere"
    assert status.shown.endswith("on another.example")
    with pytest.raises(UsageError, match=r"another\.example"):
        take_down(kept.run)
    assert kept.outstanding()


@pytest.fixture
def kept() -> Ledger:
    """Return the ledger of a kept service that has a directory and no server."""
    ledger = Ledger.create()
    service = Service(registry="postgresql", provider="local", url=_NOWHERE, version="17.6")
    _write_down(ledger, service, _NOWHERE)
    ledger.mark_kept()
    return ledger


def _file_of(ledger: Ledger, name: str) -> Path:
    (entry,) = ledger.outstanding()
    return Path(entry.name) / name


@pytest.mark.parametrize("name", ["service.json", "url"])
@pytest.mark.parametrize("content", [None, "", '{"registry": "postg'], ids=["missing", "empty", "torn"])
def test_damaged_description_is_named_and_taken_down(kept: Ledger, name: str, content: str | None) -> None:
    """A kept service whose files are torn, as by a power cut, is listed as damaged and still goes."""
    file = _file_of(kept, name)
    file.unlink()
    if content is not None:
        file.write_text(content)
    (status,) = kept_services()
    assert (status.run, status.state) == (kept.run, "damaged")
    assert str(file) in status.shown
    assert status.hint == f"gen3bed down {kept.run}"
    assert all(thing.gone for thing in take_down(kept.run))
    assert not file.parent.exists()
    assert kept_services() == []
    assert open_ledgers() == []


def test_registry_that_is_not_known_is_damage(kept: Ledger) -> None:
    """A description that another version wrote, of a registry that is not known here, is no traceback."""
    file = _file_of(kept, "service.json")
    file.write_text(file.read_text().replace('"postgresql"', '"db2"'))
    (status,) = kept_services()
    assert status.state == "damaged"
    assert "db2" in status.shown


def test_files_are_private(kept: Ledger) -> None:
    """Each file of a kept service is readable by its owner alone."""
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in _file_of(kept, "").iterdir()}
    assert modes == {"db-auth.yaml": 0o600, "service.json": 0o600, "url": 0o600}


@pytest.mark.local_postgresql
def test_failed_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the database cannot be made the server is taken down again."""

    def refuse(*_: object) -> None:
        raise ServiceError("server", reason="no", hint="Try.")

    monkeypatch.setattr("gen3bed.registries.postgresql._hand_over.create_role", refuse)
    with pytest.raises(ServiceError):
        bring_up("postgresql", provider="local", profile="fast")
    assert open_ledgers() == []
    assert kept_services() == []


@pytest.mark.slow
@pytest.mark.local_postgresql
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kind", ["directory", "process"])
def test_interrupted_start_leaves_nothing(tmp_path: Path, number: signal.Signals, kind: str) -> None:
    """SIGTERM or Ctrl-C while `up` starts a server ends with code 130, and nothing of it is left."""
    command = [sys.executable, "-m", "gen3bed", "up", "postgresql", "--provider", "local"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        made: list[Entry] = []
        deadline = time.monotonic() + 60
        # Recorded means about to be made; a start takes about a second more.
        while kind not in {entry.kind for entry in made}:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
            made = [entry for ledger in open_ledgers() for entry in _recorded(ledger)]
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, output
    assert "Traceback" not in output
    assert open_ledgers() == []
    assert kept_services() == []
    assert [e.name for e in made if e.kind == "directory" and Path(e.name).exists()] == []
    assert [p for e in made if e.kind == "process" for p in find_processes(e)] == []


def _recorded(ledger: Ledger) -> list[Entry]:
    # Its first line may not be there yet.
    with contextlib.suppress(LedgerError):
        return ledger.outstanding()
    return []
