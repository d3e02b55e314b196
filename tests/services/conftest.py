"""Fixtures for the tests of services."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen3bed.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Return the ledger of a run of its own."""
    monkeypatch.setenv("GEN3BED_STATE_DIR", str(tmp_path / "state"))
    return Ledger.create()
