"""Waiting that a client can cut short."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from oracle_standin.errors import OracleError

if TYPE_CHECKING:
    from oracle_standin.engine._session import EngineSession

__all__ = ["sleep"]

_STEP_SECONDS = 0.02


def sleep(session: EngineSession, seconds: float) -> None:
    """Wait some seconds.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised when the session is cancelled (ORA-01013).
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if session.cancelled:
            raise OracleError(1013, "user requested cancel of current operation")
        time.sleep(min(left, _STEP_SECONDS))
