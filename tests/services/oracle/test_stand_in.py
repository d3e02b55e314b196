"""Tests of the provider that runs the stand-in."""

from __future__ import annotations

import importlib.util
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from gen3bed.errors import ProviderUnavailableError, ServiceNotReadyError
from gen3bed.ledger import Ledger
from gen3bed.reap import reap_run
from gen3bed.registries.oracle import backend
from gen3bed.services import Service
from gen3bed.services.oracle import _stand_in, available_variants, provide, why_silent
from gen3bed.services.oracle._connection import connect

pytestmark = pytest.mark.h2


def _processes(directory: str) -> list[int]:
    return [p.pid for p in psutil.process_iter() if any(directory in a for a in _command_of(p))]


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_gives_a_server_that_says_what_it_is_and_leaves_nothing(ledger: Ledger) -> None:
    """A stand-in answers inside the block under that name; after it there is no process or file."""
    with provide("stand-in-h2-21", ledger=ledger) as service:
        assert service.version.startswith("21.")
        assert "stand-in on H2" in service.version
        assert "not an Oracle Database" in service.facts["banner"]
        with connect(service.url) as connection, connection.cursor() as cursor:
            assert cursor.execute("SELECT 1 FROM dual").fetchone() == (1,)
        assert why_silent(service) == ""
        kinds = {e.kind: e.name for e in ledger.outstanding()}
        assert set(kinds) == {"directory", "process"}
    assert ledger.outstanding() == []
    assert not Path(kinds["directory"]).exists()
    assert _processes(kinds["directory"]) == []
    assert why_silent(service)


def test_its_registries_have_a_tablespace_of_their_own(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users are made in one tablespace of the server, which stays one over several runs and goes with it."""
    monkeypatch.setenv("LSST_DB_AUTH", "")  # a namespace sets it
    spaces = "SELECT tablespace_name FROM dba_tablespaces WHERE bigfile = 'YES'"
    users = "SELECT username FROM dba_users WHERE default_tablespace = 'GEN3BED'"
    quotas = "SELECT username FROM dba_ts_quotas WHERE tablespace_name = 'GEN3BED'"
    with provide("stand-in-h2-19", ledger=ledger) as service:
        assert service.facts["tablespace"] == "GEN3BED"
        for worker in ("gw0", "gw1"):
            with backend.provisioner(service.provider, service, ledger) as provisioner:
                namespace = backend.namespace(provisioner.provision(worker), tmp_path)
                user = str(namespace.empty().namespace).upper()
                assert _rows(service, users) == _rows(service, quotas) == [(user,)]
                assert _rows(service, spaces) == [("GEN3BED",)]
            assert _rows(service, users) == _rows(service, quotas) == []
            assert _rows(service, spaces) == [("GEN3BED",)]
    assert ledger.outstanding() == []


def _rows(service: Service, query: str) -> list[Any]:
    with connect(service.url) as connection, connection.cursor() as cursor:
        return list(cursor.execute(query))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_left_when_the_block_raises(ledger: Ledger, error: type[BaseException]) -> None:
    """An error or Ctrl-C inside the block takes the server down."""
    with pytest.raises(error), provide("stand-in-h2-19", ledger=ledger):
        raise error
    assert ledger.outstanding() == []
    assert _processes(f"gen3bed-{ledger.run}") == []


@pytest.mark.parametrize(
    "step", ["make_directory", "_start", "_await", "wait_until_ready", "check_server", "make_tablespace"]
)
def test_nothing_left_when_the_start_is_interrupted(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Ctrl-C at any step of the start leaves nothing."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_stand_in, step, interrupt)
    with pytest.raises(KeyboardInterrupt), provide("stand-in-h2-19", ledger=ledger):
        pytest.fail("the block must not be entered")
    assert ledger.outstanding() == []


def test_a_reaper_finds_what_a_crash_left(ledger: Ledger) -> None:
    """A kept server, as a crash would leave it, is ended by its ledger alone."""
    with provide("stand-in-h2-19", ledger=ledger, keep=True):
        (directory,) = (e.name for e in ledger.outstanding() if e.kind == "directory")
    assert _processes(directory)
    assert {r.kind for r in reap_run(ledger) if r.gone} == {"process", "directory"}
    assert _processes(directory) == []


def test_a_server_that_dies_at_once_shows_its_log(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ends instead of serving is one error with its last words."""
    start = _stand_in._start

    def broken(program: Path, place: Path, *arguments: str, keep: bool) -> Any:
        return start(program, place, *arguments, "--profile", "7", keep=keep)

    monkeypatch.setattr(_stand_in, "_start", broken)
    with (
        pytest.raises(ServiceNotReadyError, match="exit code 2") as caught,
        provide("stand-in-h2-19", ledger=ledger),
    ):
        pytest.fail("the block must not be entered")
    assert "'7' is not one of" in caught.value.detail
    assert ledger.outstanding() == []


def test_a_killed_server_is_gone_and_said_to_be(ledger: Ledger) -> None:
    """Nothing is left of a server that somebody killed."""
    with provide("stand-in-h2-19", ledger=ledger) as service:
        (entry,) = (e for e in ledger.outstanding() if e.kind == "process")
        os.kill(int(entry.facts["pid"]), signal.SIGKILL)
        psutil.Process(int(entry.facts["pid"])).wait(10)
        assert why_silent(service)
    assert ledger.outstanding() == []


def test_without_the_extra_the_hint_installs_it(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the packages are not installed, the error names the extra."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == "jpype" else find_spec(n))
    assert "no jpype" in available_variants()["stand-in-h2-19"]
    with pytest.raises(ProviderUnavailableError) as caught, provide("stand-in-h2-19", ledger=ledger):
        pytest.fail("the block must not be entered")
    assert "gen3bed[oracle-standin]" in caught.value.hint
