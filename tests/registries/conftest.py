"""A PostgreSQL server for the tests of this directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen3bed.ledger import Ledger
from gen3bed.services import Service
from gen3bed.services.postgresql import provide


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Return a throw-away server from local programs; one for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEN3BED_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        ledger = Ledger.create()
        with provide("local", ledger=ledger) as service:
            yield service


@pytest.fixture
def ledger() -> Ledger:
    """Return the ledger of a run of the test's own."""
    return Ledger.create()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what a namespace puts into the environment of its worker."""
    for name in ("LSST_DB_AUTH", "PGAPPNAME"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
        monkeypatch.delenv(name)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return the private directory of a worker."""
    path = tmp_path / "worker"
    path.mkdir()
    return path
