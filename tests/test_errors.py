"""Errors say what, why and what next."""

from __future__ import annotations

import pickle

import pytest

from gen3bed import errors
from gen3bed.errors import ExitCode, Gen3bedError, ServiceNotReadyError

ALL = [getattr(errors, n) for n in errors.__all__ if n.endswith("Error")]


def test_message_has_subject_reason_hint_and_detail() -> None:
    """The text of an error holds all four of its fields, the hint marked as such."""
    error = ServiceNotReadyError("server", reason="it died", hint="Look at the log.", detail="FATAL: no room")
    assert str(error) == "server: it died\nHint: Look at the log.\nFATAL: no room"


@pytest.mark.parametrize("kind", ALL)
def test_survives_the_way_between_processes(kind: type[Gen3bedError]) -> None:
    """An error that a worker gets from the controller is the same class with the same fields."""
    error = pickle.loads(pickle.dumps(kind("a", reason="b", hint="c", detail="d")))  # noqa: S301
    assert type(error) is kind
    assert (error.subject, error.reason, error.hint, error.detail) == ("a", "b", "c", "d")


@pytest.mark.parametrize("kind", ALL)
def test_no_error_ends_with_success(kind: type[Gen3bedError]) -> None:
    """No error of ours can end a command with exit code 0."""
    assert kind.exit_code is not ExitCode.OK
