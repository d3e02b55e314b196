"""What all tests share: a private ledger, and what this machine must have."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen3bed.services.postgresql import available_variants
from oracle_standin.errors import StandinError
from oracle_standin.h2 import jar_path

pytest_plugins = ["pytester"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts background jobs, such as steps of CI, with Ctrl-C ignored,
    # and the programs that tests interrupt would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_REQUIRED = frozenset(os.environ.get("GEN3BED_REQUIRE", "").replace(",", " ").split())
"""Markers whose tests fail instead of being skipped where something is
missing; CI requires all of them."""


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests away from the ledgers of the person who runs them."""
    monkeypatch.setenv("GEN3BED_STATE_DIR", str(tmp_path / "state"))
    for name in ("GEN3BED_LEDGER", "GEN3BED_PARENT", "LSST_DB_AUTH"):
        monkeypatch.delenv(name, raising=False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, or in CI fail, what needs something that the machine lacks."""
    lacking = _what_is_lacking()
    for item in items:
        for mark, reason in lacking.items():
            if item.get_closest_marker(mark) is None:
                continue
            if mark in _REQUIRED:
                item.add_marker(pytest.mark.usefixtures(f"require_{mark}"))
            else:
                item.add_marker(pytest.mark.skip(reason=f"not run, for want of {mark}: {reason}"))


@pytest.fixture(scope="session")
def require_docker() -> Iterator[None]:
    """Fail: CI requires Docker, and it is missing."""
    pytest.fail(f"GEN3BED_REQUIRE demands docker: {_what_is_lacking()['docker']}")


@pytest.fixture(scope="session")
def require_local_postgresql() -> Iterator[None]:
    """Fail: CI requires PostgreSQL's programs, and they are missing."""
    pytest.fail(f"GEN3BED_REQUIRE demands local_postgresql: {_what_is_lacking()['local_postgresql']}")


@pytest.fixture(scope="session")
def require_h2() -> Iterator[None]:
    """Fail: CI requires the H2 library, and it is missing."""
    pytest.fail(f"GEN3BED_REQUIRE demands h2: {_what_is_lacking()['h2']}")


def _what_is_lacking() -> dict[str, str]:
    variants = available_variants()
    reasons = {
        "docker": variants.get("container", "it is not known"),
        "local_postgresql": variants["local"],
        "h2": _lacking_h2(),
    }
    return {mark: reason for mark, reason in reasons.items() if reason}


def _lacking_h2() -> str:
    try:
        jar_path()
    except StandinError as error:
        return error.reason
    return ""
