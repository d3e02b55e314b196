"""Only errors of the infrastructure are a reason to run a test again."""

from __future__ import annotations

import re

import pytest

from gen3bed._infrastructure import INFRASTRUCTURE_ERRORS, classify


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (
            "psycopg.OperationalError: consuming input failed: server closed the connection unexpectedly",
            "server went away",
        ),
        (
            "psycopg.errors.AdminShutdown: terminating connection due to administrator command",
            "server went away",
        ),
        ("FATAL:  the database system is starting up", "server is starting"),
        ("FATAL:  sorry, too many clients already", "too many connections"),
        ("psycopg.errors.ConnectionTimeout: connection timeout expired", "connect timed out"),
        ("DatabaseError: DPY-4011: the database or network closed the connection", "server went away"),
        ("OperationalError: ORA-01033: ORACLE initialization in progress", "server is starting"),
        ("OperationalError: ORA-12516: no available handler", "too many connections"),
        ("OperationalError: DPY-6005: cannot connect to database. timed out", "connect timed out"),
    ],
)
def test_infrastructure_errors_are_recognised(message: str, name: str) -> None:
    """The texts of a server that is gone, starting, full or slow have a class each."""
    assert classify(message) == name


@pytest.mark.parametrize(
    "message",
    [
        "AssertionError: 3 != 0",
        "psycopg.errors.DeadlockDetected: deadlock detected",
        'psycopg.errors.UniqueViolation: duplicate key value violates unique constraint "x"',
        "psycopg.errors.InsufficientPrivilege: permission denied for schema public",
        "gen3bed: the test left behind: session",
        "DatabaseError: ORA-00060: deadlock detected while waiting for resource",
        "IntegrityError: ORA-00001: unique constraint (X.Y) violated",
    ],
)
def test_failures_of_the_code_under_test_are_not(message: str) -> None:
    """An assertion, a deadlock or a violated constraint is never run again."""
    assert classify(message) == ""


def test_each_class_has_a_name_of_its_own_and_a_pattern_that_compiles() -> None:
    """The list has no two classes of one name, and every pattern is a regular expression."""
    assert len({e.name for e in INFRASTRUCTURE_ERRORS}) == len(INFRASTRUCTURE_ERRORS)
    assert all(re.compile(e.pattern) for e in INFRASTRUCTURE_ERRORS)
