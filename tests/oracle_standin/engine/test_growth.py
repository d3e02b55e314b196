"""What stays of a statement when it is done."""

from __future__ import annotations

import gc
from types import FrameType

import pytest

from oracle_standin.errors import OracleError
from tests.oracle_standin.engine.client import Client


def test_no_frame_is_kept(scott: Client) -> None:
    """An error that the engine reports leaves no frame behind: JPype keeps one per line of Java's stack."""
    scott.run("CREATE TABLE t (n NUMBER(3) PRIMARY KEY)")
    scott.run("INSERT INTO t VALUES (1)")

    def fail(times: int) -> int:
        for _ in range(times):
            with pytest.raises(OracleError):
                scott.run("INSERT INTO t VALUES (1)")
        gc.collect()
        return sum(isinstance(found, FrameType) for found in gc.get_objects())

    assert fail(50) == fail(50)
