"""Fixtures for the tests of services."""

from __future__ import annotations

import pytest

from gen3bed.ledger import Ledger


@pytest.fixture
def ledger() -> Ledger:
    """Return the ledger of a run of its own."""
    return Ledger.create()
