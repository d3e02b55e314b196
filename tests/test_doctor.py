"""Tests of telling what a machine lacks."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gen3bed.doctor import EngineSeen, Finding, Probes, diagnose
from gen3bed.errors import ProviderUnavailableError
from gen3bed.ledger import Ledger, ledger_directory, open_ledgers
from gen3bed.services._docker import explain_unreachable
from tests.support.closing_ledger import closing_ledgers

_HEALTHY = Probes(
    engine=lambda: EngineSeen(name="Docker", version="28.2.2"),
    binaries=lambda: ("17.6", Path("/usr/lib/postgresql/17/bin")),
    free=lambda _: 100 * 10**9,
    memory=lambda: 16 * 10**9,
    python=lambda: "3.13.1",
    machine=lambda: "x86_64",
    ledgers=list,
)


def _raise(error: Exception) -> Callable[[], Any]:
    def probe() -> Any:
        raise error

    return probe


def _find(name: str, **changes: Any) -> Finding:
    (finding,) = [f for f in diagnose(replace(_HEALTHY, **changes)) if f.name == name]
    return finding


def test_healthy_machine() -> None:
    """On a machine that has everything all is well, and there is nothing to do."""
    findings = diagnose(_HEALTHY)
    assert {f.level for f in findings} == {"ok"}
    assert {f.fix for f in findings} == {""}
    assert len({f.name for f in findings}) == len(findings) == 8


@pytest.mark.parametrize(
    ("message", "level", "seen"),
    [
        ("No such file or directory", "warn", "there is no container engine"),
        ("Permission denied", "fail", "you may not use it"),
        ("Connection refused", "fail", "does not run"),
        ("client version 1.44 is too new", "fail", "too old"),
    ],
)
def test_engine_that_cannot_be_used(message: str, level: str, seen: str) -> None:
    """An engine that is absent is a warning; one that is there and unusable is a fault; each has its fix."""
    finding = _find("container engine", engine=_raise(explain_unreachable("unix:///x", message)))
    assert finding.level == level
    assert seen in finding.seen
    assert finding.fix


@pytest.mark.parametrize(
    ("engine", "level"),
    [
        (EngineSeen(name="Docker", version="19.03.8"), "fail"),
        (EngineSeen(name="Docker", version="20.10.24+dfsg1"), "ok"),
        (EngineSeen(name="Podman", version="3.4.4"), "fail"),
        (EngineSeen(name="Podman", version="5.4.2"), "ok"),
    ],
)
def test_engine_that_is_old(engine: EngineSeen, level: str) -> None:
    """Docker and Podman each have an oldest version."""
    finding = _find("container engine", engine=lambda: engine)
    assert finding.level == level
    assert engine.name in finding.seen


def test_image_that_is_not_to_be_had() -> None:
    """An image that is neither present nor buildable is a fault with the ways out."""
    finding = _find("images", engine=lambda: EngineSeen(name="Docker", version="28.0", images="no base"))
    assert (finding.level, finding.seen) == ("fail", "no base")
    assert "ci/base-image" in finding.fix


def test_images_without_an_engine() -> None:
    """Without an engine the images are not judged."""
    finding = _find("images", engine=_raise(explain_unreachable("unix:///x", "No such file")))
    assert finding.level == "warn"
    assert "not looked at" in finding.seen


def test_no_local_programs() -> None:
    """Without local programs the finding says what was wrong with each that was seen."""
    error = ProviderUnavailableError(
        "local", reason="none", hint="Install them.", detail="/a: too old\n/b: broken"
    )
    finding = _find("local PostgreSQL", binaries=_raise(error))
    assert finding == Finding(
        name="local PostgreSQL", level="warn", seen="none; /a: too old; /b: broken", fix="Install them."
    )


@pytest.mark.parametrize(("free", "level"), [(0.5, "fail"), (3.0, "warn"), (6.0, "ok")])
def test_disk(free: float, level: str, tmp_path: Path) -> None:
    """The fullest of the file systems that are used counts, the engine's among them."""
    engine = EngineSeen(name="Docker", version="28.0", root=str(tmp_path))
    finding = _find(
        "disk", engine=lambda: engine, free=lambda path: int((free if path == tmp_path else 100) * 10**9)
    )
    assert finding.level == level
    assert str(tmp_path) in finding.seen
    assert bool(finding.fix) is (level != "ok")


@pytest.mark.parametrize(("free", "level"), [(0.5, "fail"), (2.0, "warn"), (4.0, "ok")])
def test_memory(free: float, level: str) -> None:
    """Little memory is a warning, and very little a fault."""
    finding = _find("memory", memory=lambda: int(free * 10**9))
    assert finding.level == level
    assert bool(finding.fix) is (level != "ok")


def test_python_outside_the_matrix() -> None:
    """A version of Python that is not tested is named with those that are."""
    finding = _find("Python", python=lambda: "3.19.0")
    assert finding.level == "warn"
    assert "3.13" in finding.fix


def test_unknown_architecture() -> None:
    """An architecture without published packages is a warning."""
    assert _find("architecture", machine=lambda: "riscv64").level == "warn"


def test_leftovers() -> None:
    """Crashed runs and damaged ledgers are counted; living and kept ones are no leftovers."""
    Ledger.create()
    Ledger.create().mark_kept()
    assert _find("leftovers", ledgers=open_ledgers).seen == "1 kept on purpose"
    owner = {"pid": os.getpid(), "started": 1.0, "host": socket.gethostname()}
    Ledger.create().path.write_text(json.dumps({"owner": owner}) + "\n")
    (ledger_directory() / "ffffffffffff.jsonl").write_text("x\n")
    finding = _find("leftovers", ledgers=open_ledgers)
    assert finding.level == "warn"
    assert finding.seen == "1 crashed run, 1 damaged ledger, 1 kept on purpose"
    assert finding.fix.splitlines()[0] == "Run `gen3bed reap`."


def test_damaged_ledger_is_not_sent_to_a_reaping() -> None:
    """A ledger that no reaping can read is named with its path and what to do by hand."""
    paths = [ledger_directory() / f"{name * 12}.jsonl" for name in "ef"]
    ledger_directory().mkdir(parents=True)
    for path in paths:
        path.write_text("x\n")
    finding = _find("leftovers", ledgers=open_ledgers)
    assert (finding.level, finding.seen) == ("warn", "2 damaged ledgers")
    assert [fix.partition(": ")[0] for fix in finding.fix.splitlines()] == [str(path) for path in paths]
    assert "remove the file" in finding.fix
    assert "gen3bed reap" not in finding.fix


def test_run_that_ends_meanwhile_is_no_leftover() -> None:
    """A ledger that its owner closes between listing and reading is not counted as damaged."""
    Ledger.create()
    assert _find("leftovers", ledgers=closing_ledgers).seen == "none"


def test_this_machine_is_looked_at() -> None:
    """The real probes work wherever the tests run, and every finding that is not well has a fix."""
    for finding in diagnose():
        assert finding.seen
        assert finding.fix or finding.level == "ok"
