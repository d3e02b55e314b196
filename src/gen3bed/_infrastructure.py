"""Errors of the infrastructure, after which a test may be run again.

A test that fails for any other reason is never run again: a flaky test is a
failing test.  Every rerun is named in the report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["INFRASTRUCTURE_ERRORS", "RERUNS", "InfrastructureError", "classify"]

RERUNS = 2
"""How often a test may be run again; with one worker lost after another the
third attempt is the last."""


@dataclass(frozen=True, kw_only=True)
class InfrastructureError:
    """A class of errors that says nothing about the code under test.

    Attributes
    ----------
    name : `str`
        How the report calls it.
    pattern : `str`
        Regular expression, searched in ``ExceptionType: message``.
    """

    name: str
    pattern: str


INFRASTRUCTURE_ERRORS = (
    # https://www.postgresql.org/docs/current/errcodes-appendix.html, 57P0x
    # https://python-oracledb.readthedocs.io/en/latest/user_guide/exception_handling.html, DPY-4011:
    # the driver's name for ORA-03113 and its like.
    InfrastructureError(
        name="server went away",
        pattern="server closed the connection unexpectedly"
        "|terminating connection due to administrator command"
        "|DPY-4011|ORA-01089",
    ),
    InfrastructureError(
        name="server is starting",
        pattern="the database system is (starting up|shutting down)|ORA-(01033|01109|12526|12528)",
    ),
    InfrastructureError(name="connect timed out", pattern="connection timeout expired|DPY-6005.*timed out"),
    InfrastructureError(
        name="too many connections",
        pattern="sorry, too many clients already|ORA-(00018|00020|12516|12519|12520)",
    ),
)


def classify(message: str) -> str:
    """Return the name of the class that ``message`` belongs to, or nothing."""
    for error in INFRASTRUCTURE_ERRORS:
        if re.search(error.pattern, message):
            return error.name
    return ""
