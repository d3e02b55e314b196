"""Tests of removing what crashed runs left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from subprocess import PIPE

import psutil
import pytest

from gen3bed import reap as reaping
from gen3bed.errors import ProviderUnavailableError, ServerUnreachableError, ServiceError, UsageError
from gen3bed.ledger import Entry, Kind, Ledger, ledger_directory
from gen3bed.matrix import load_matrix
from gen3bed.reap import Reaped, find_lost, forget, reap, reap_run
from gen3bed.services import _docker
from gen3bed.services._directory import directory_entry, make_directory
from gen3bed.services._docker import RUN_LABEL, engine
from gen3bed.services._images import ensure_image
from tests.support.closing_ledger import closing_ledgers
from tests.support.full_disk import no_room


class FakeWorld:
    """Things by kind and name, that a reaper of each kind removes."""

    def __init__(self) -> None:
        self.removed: list[str] = []
        self.refusing: set[str] = set()

    def remove(self, entry: Entry, run: str) -> None:
        """Remove a thing, unless it is among those that refuse."""
        if entry.name in self.refusing:
            raise ProviderUnavailableError("Docker", reason="it does not run", hint="Start it.")
        self.removed.append(entry.name)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> FakeWorld:
    """Put a fake world in the place of all reapers."""
    world = FakeWorld()
    monkeypatch.setattr(reaping, "_REAPERS", dict.fromkeys(reaping._ORDER, world.remove))
    return world


def _crashed(*entries: Entry, keep: bool = False, host: str = "") -> Ledger:
    """Return a ledger whose owner is dead."""
    ledger = Ledger.create()
    if keep:
        ledger.mark_kept()
    owner = {"pid": os.getpid(), "started": 1.0, "host": host or socket.gethostname()}
    ledger.path.write_text(json.dumps({"owner": owner, "keep": keep}) + "\n")
    for entry in entries:
        ledger.record(entry)
    return ledger


def _entry(kind: Kind, name: str, within: str = "") -> Entry:
    return Entry(kind=kind, name=name, within=within)


def test_order_ends_servers_first_and_directories_last(world: FakeWorld) -> None:
    """Whatever the order of recording, each thing goes after what depends on it, the newest first."""
    ledger = _crashed(
        _entry("directory", "dir"),
        _entry("role", "role"),
        _entry("database", "db1"),
        _entry("database", "db2"),
        _entry("schema", "schema"),
        _entry("container", "box"),
        _entry("process", "server"),
    )
    results = reap()
    assert world.removed == ["server", "box", "schema", "db2", "db1", "role", "dir"]
    assert all(r.gone for r in results)
    assert not ledger.path.exists()


def test_what_is_within_goes_with_its_holder(world: FakeWorld) -> None:
    """A database in a removed container is not asked for: it is gone with it."""
    _crashed(_entry("container", "box"), _entry("database", "db", within="box"))
    assert [r.name for r in reap()] == ["box"]
    assert world.removed == ["box"]


def test_refused_holder_keeps_what_is_within(world: FakeWorld) -> None:
    """If a holder cannot be removed now, what is within is not tried; both are reported and stay recorded."""
    world.refusing.add("box")
    ledger = _crashed(
        _entry("container", "box"), _entry("database", "db", within="box"), _entry("directory", "dir")
    )
    results = reap()
    assert {(r.name, r.reason) for r in results} == {
        ("box", "it does not run"),
        ("db", "it does not run"),
        ("dir", ""),
    }
    assert [e.name for e in ledger.outstanding()] == ["box", "db"]


def _on_server(kind: Kind, name: str, server: str = "postgresql://u@far/d") -> Entry:
    return Entry(kind=kind, name=name, facts={"server": server})


def test_full_disk_does_not_end_a_reaping(world: FakeWorld) -> None:
    """If the ledger cannot be written all things are removed all the same, and the ledger is told of once."""
    ledger = _crashed(
        _entry("container", "box"), _entry("database", "db", within="box"), _entry("directory", "dir")
    )
    with no_room(ledger.path.stat().st_size):
        results = reap()
    assert world.removed == ["box", "dir"]
    assert [(r.kind, r.gone) for r in results] == [
        ("container", True),
        ("directory", True),
        ("ledger", False),
    ]
    assert "cannot be written" in results[-1].reason
    assert all(r.gone for r in reap())
    assert not ledger.path.exists()


def test_unreachable_server_is_tried_and_told_once(world: FakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a server without an answer one entry is tried, all stay recorded, and each run is told of once."""
    tried: list[str] = []

    def remove(entry: Entry, run: str) -> None:
        tried.append(entry.name)
        if "far" in entry.facts["server"]:
            raise ServerUnreachableError(entry.facts["server"], reason="no answer", hint="Start it.")

    for kind in ("database", "role"):
        monkeypatch.setitem(reaping._REAPERS, kind, remove)
    near = _on_server("role", "near", "postgresql://u@near/d")
    ledgers = [
        _crashed(*(_on_server("database", f"db{n}") for n in range(9)), _on_server("role", "r"), near),
        _crashed(_on_server("role", "other")),
    ]
    results = {r.run: r for r in reap() if not r.gone}
    assert len([name for name in tried if name != "near"]) == 1
    assert [len(ledger.outstanding()) for ledger in ledgers] == [10, 1]
    assert [len(results[ledger.run].holds) for ledger in ledgers] == [10, 1]
    assert str(results[ledgers[0].run]) == (
        "still there: database db8, database db7, database db6 and 7 more on postgresql://u@far/d"
        f" of run {ledgers[0].run}: no answer"
    )


def test_refusal_of_one_thing_says_nothing_of_the_server(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that refuses to drop one database is asked for the others."""
    world.refusing.add("db1")
    _crashed(*(_on_server("database", f"db{n}") for n in range(3)))
    assert [(r.name, r.gone) for r in reap()] == [("db2", True), ("db1", False), ("db0", True)]


def test_refused_entry_is_removed_later(world: FakeWorld) -> None:
    """What could not be removed now is removed when it can be."""
    ledger = _crashed(_entry("container", "box"))
    world.refusing.add("box")
    assert not reap()[0].gone
    world.refusing.clear()
    assert reap() == [Reaped(run=ledger.run, kind="container", name="box")]
    assert reap() == []


def test_living_run_is_left_alone(world: FakeWorld) -> None:
    """Nothing of a run whose process lives is touched, not even its ledger."""
    ledger = Ledger.create()
    ledger.record(_entry("container", "box"))
    assert reap() == []
    assert ledger.outstanding()


def test_reaping_removes_ledgers_that_were_never_begun(world: FakeWorld) -> None:
    """What a run left that was killed before it had a ledger goes too, and is no finding."""
    begun = _crashed().path
    begun.rename(begun.with_suffix(".new"))
    assert reap() == []
    assert list(ledger_directory().iterdir()) == []


def test_what_is_given_up_is_struck_and_not_removed(world: FakeWorld) -> None:
    """Giving up a run closes its ledger, touches no thing, and leaves other runs as they were."""
    ledger, other = _crashed(_on_server("database", "db")), _crashed(_on_server("role", "r"))
    assert [entry.name for entry in forget(find_lost(ledger.run))] == ["db"]
    assert world.removed == []
    assert not ledger.path.exists()
    assert other.path.exists()


@pytest.mark.parametrize(("keep", "says"), [(False, "still goes on"), (True, "kept service")])
def test_what_is_in_use_is_not_given_up(*, keep: bool, says: str) -> None:
    """A run that goes on, or a kept service, is refused: it can be ended properly."""
    ledger = Ledger.create()
    if keep:
        ledger.mark_kept()
    with pytest.raises(UsageError, match=says):
        find_lost(ledger.run)


def test_run_of_a_host_that_is_gone_can_be_given_up(world: FakeWorld) -> None:
    """A reaping never judges another host's run, but whoever names it may give it up."""
    ledger = _crashed(_entry("container", "box"), host="retired.example.org")
    assert reap() == []
    assert [entry.name for entry in forget(find_lost(ledger.run))] == ["box"]
    assert not ledger.path.exists()


def test_one_run_on_demand(world: FakeWorld) -> None:
    """Removing what one run made touches neither living nor crashed other runs."""
    ledger, living = Ledger.create(), Ledger.create()
    for each in (ledger, living):
        each.record(_entry("container", each.run))
    crashed = _crashed(_entry("container", "box"))
    assert [r.name for r in reap_run(ledger)] == [ledger.run]
    assert world.removed == [ledger.run]
    assert crashed.outstanding()


def test_reaper_that_only_looks_is_waited_for(world: FakeWorld) -> None:
    """A run that is to be removed is removed even if another reaper has its ledger at that moment."""
    ledger = Ledger.create()
    ledger.record(_entry("container", "box"))
    with ThreadPoolExecutor(1) as pool:
        with reaping._locked(ledger, wait=False) as locked:
            assert locked
            removal = pool.submit(reap_run, ledger)
            assert not wait([removal], 0.2).done
        assert [r.name for r in removal.result(30)] == ["box"]


def test_run_that_somebody_else_removed_is_no_error(world: FakeWorld) -> None:
    """Removing a run whose ledger is closed already removes nothing and complains of nothing."""
    ledger = Ledger.create()
    ledger.close()
    assert reap_run(ledger) == []


def test_kept_services_only_on_demand(world: FakeWorld) -> None:
    """What was to outlive its process is removed only if one says so."""
    _crashed(_entry("container", "box"), keep=True)
    assert reap() == []
    assert [r.name for r in reap(include_kept=True)] == ["box"]


@pytest.mark.parametrize("include_kept", [False, True])
@pytest.mark.parametrize("keep", [False, True])
def test_other_hosts_are_left_alone(world: FakeWorld, *, keep: bool, include_kept: bool) -> None:
    """In a shared home directory, runs of another host are not judged from here."""
    _crashed(_entry("container", "box"), host="another.example", keep=keep)
    assert reap(include_kept=include_kept) == []


def test_unreadable_ledger_is_reported_and_no_obstacle(world: FakeWorld) -> None:
    """A damaged ledger is reported with its path, and the others are reaped."""
    _crashed(_entry("container", "box"))
    (ledger_directory() / "000000000000.jsonl").write_text("not json\n")
    results = reap()
    assert [(r.kind, r.gone) for r in results] == [("ledger", False), ("container", True)]
    assert results[0].hint


def test_run_that_ends_meanwhile_is_no_finding(world: FakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that its owner closes between listing and reading is neither reported nor an obstacle."""
    monkeypatch.setattr(
        reaping, "open_ledgers", lambda: [*closing_ledgers(), _crashed(_entry("container", "box"))]
    )
    Ledger.create()
    assert [r.name for r in reap()] == ["box"]


def test_unexpected_error_is_no_obstacle(world: FakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reaper with a bug is reported and does not keep the others from working."""

    def broken(entry: Entry, run: str) -> None:
        raise ValueError("bug")

    monkeypatch.setitem(reaping._REAPERS, "database", broken)
    _crashed(_entry("database", "db"), _entry("role", "role"))
    assert [(r.name, r.reason) for r in reap()] == [
        ("db", "removing it failed: ValueError: bug"),
        ("role", ""),
    ]


def test_two_reapers_do_not_meet(world: FakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one reaper works on a ledger, another one leaves it alone."""
    entered, proceed = threading.Event(), threading.Event()

    def slow(entry: Entry, run: str) -> None:
        entered.set()
        assert proceed.wait(30)
        world.remove(entry, run)

    monkeypatch.setitem(reaping._REAPERS, "container", slow)
    _crashed(_entry("container", "box"))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(reap)
        assert entered.wait(30)
        assert reap() == []
        proceed.set()
        assert [r.name for r in first.result(30)] == ["box"]
    assert world.removed == ["box"]


def test_directory_of_a_crashed_run(tmp_path: Path) -> None:
    """A recorded directory is removed; one that is recorded but foreign is not."""
    ledger = _crashed()
    entry = directory_entry(ledger, base=tmp_path)
    ledger.record(entry)
    make_directory(entry)
    foreign = tmp_path / "precious"
    foreign.mkdir()
    ledger.record(Entry(kind="directory", name=str(foreign)))
    results = reap()
    assert not Path(entry.name).exists()
    assert foreign.exists()
    assert [r.name for r in results if not r.gone] == [str(foreign)]


def test_nothing_was_made_yet(tmp_path: Path) -> None:
    """Entries of things that never came to be are struck without an error."""
    ledger = _crashed()
    ledger.record(directory_entry(ledger, base=tmp_path))
    ledger.record(Entry(kind="process", name="server", facts={"directory": str(tmp_path / "gen3bed-x")}))
    assert all(r.gone for r in reap())
    assert not ledger.path.exists()


_HOLDER = """
import sys, time
from gen3bed.ledger import Ledger
from gen3bed.services.postgresql import provide
ledger = Ledger.create()
print(ledger.run, flush=True)
with provide(sys.argv[1], ledger=ledger) as service:
    print("ready", flush=True)
    time.sleep(600)
"""


def _killed_holder(variant: str, *, when_ready: bool, delay: float = 0.0) -> str:
    """Kill a process that holds, or starts, a server; return its run."""
    command = [sys.executable, "-c", _HOLDER, variant]
    with subprocess.Popen(command, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        run = process.stdout.readline().strip()
        if when_ready:
            assert process.stdout.readline() == "ready\n"
        else:
            threading.Event().wait(delay)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    return run


def _processes(run: str) -> list[str]:
    return [
        " ".join(p.info["cmdline"])
        for p in psutil.process_iter(["cmdline", "status"])
        if p.info["status"] != psutil.STATUS_ZOMBIE and any(run in a for a in p.info["cmdline"] or ())
    ]


@pytest.mark.slow
@pytest.mark.local_postgresql
@pytest.mark.parametrize("delay", [None, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5])
def test_kill_9_leaves_no_server_after_reaping(delay: float | None) -> None:
    """A local server whose run was killed, at any moment of its start or later, is gone after reaping."""
    run = _killed_holder("local", when_ready=delay is None, delay=delay or 0.0)
    for _ in range(2):
        assert [r for r in reap() if not r.gone] == []
    assert _processes(run) == []
    assert list(Path("/tmp").glob(f"gen3bed-{run}*")) == []  # noqa: S108
    assert list(ledger_directory().glob("*.jsonl")) == []


def test_container_that_may_still_appear_is_kept_in_mind(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that the engine makes after the first reaping is named, stays recorded, and goes with the next."""
    there = [False]
    monkeypatch.setattr(_docker, "remove_container", lambda *_: there[0])
    ledger = _crashed(_docker.container_entry("box"))
    (result,) = reap()
    assert "may still be about to make it" in result.reason
    assert "gen3bed reap" in result.hint
    assert [e.name for e in ledger.outstanding()] == ["box"]
    there[0] = True
    assert [(r.name, r.gone) for r in reap()] == [("box", True)]
    assert not ledger.path.exists()


def test_container_that_never_appeared_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that the engine was asked for long ago, and that is not there, is struck."""
    monkeypatch.setattr(_docker, "remove_container", lambda *_: False)
    asked = str(time.time() - _docker._CREATION - 1)
    ledger = _crashed(Entry(kind="container", name="box", facts={"asked": asked}))
    assert [r.gone for r in reap()] == [True]
    assert not ledger.path.exists()


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.parametrize("delay", [None, 0.3, 0.6, 0.9])
def test_kill_9_leaves_no_container_after_reaping(
    delay: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container whose run was killed, at any moment of its start or later, is gone after reaping."""
    monkeypatch.setattr(_docker, "_CREATION", 10.0)
    run = _killed_holder("container", when_ready=delay is None, delay=delay or 0.0)
    deadline = time.monotonic() + 60
    while left := [r for r in reap() if not r.gone]:
        assert all("may still be about to make it" in r.reason for r in left)
        assert time.monotonic() < deadline
        time.sleep(0.2)
    with engine() as client:
        assert client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run}"}) == []
    assert list(ledger_directory().glob("*.jsonl")) == []


@pytest.mark.docker
def test_container_of_somebody_else_is_spared() -> None:
    """A container that has a recorded name but another run's label is not removed."""
    ledger = _crashed()
    name = f"gen3bed-{ledger.run}-test"
    ledger.record(Entry(kind="container", name=name))
    with engine() as client:
        image = client.images.get(ensure_image(client, load_matrix().images["postgresql"]).tag)
        container = client.containers.create(image, command=["true"], name=name, labels={RUN_LABEL: "other"})
        try:
            (result,) = reap()
            assert "is not ours" in result.reason
            container.reload()
        finally:
            container.remove(force=True)
    assert [r.gone for r in reap()] == [True]


def test_unreachable_engine_keeps_the_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Docker a container stays recorded, with the reason and the next step."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    ledger = _crashed(_entry("container", "box"))
    (result,) = reap()
    assert "no container engine" in result.reason
    assert result.hint
    assert ledger.outstanding()


def test_typed_errors_only(world: FakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of a reaper becomes the reported reason, word for word."""

    def refuse(entry: Entry, run: str) -> None:
        raise ServiceError(entry.name, reason="no credentials", hint="Write a db-auth file.")

    monkeypatch.setitem(reaping._REAPERS, "role", refuse)
    _crashed(_entry("role", "r"))
    (result,) = reap()
    assert (result.reason, result.hint) == ("no credentials", "Write a db-auth file.")
