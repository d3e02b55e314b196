"""Tests of taking down what was brought up."""

from __future__ import annotations

import pytest

from gen3bed.errors import ServiceError
from gen3bed.services._cleanup import removing


def _refuse() -> None:
    raise ServiceError("engine", reason="it is gone", hint="Start it.")


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_removes_after_an_error(*, keep: bool, error: type[BaseException]) -> None:
    """Whatever the block raises, also with ``keep``, what it made is removed and the error goes on."""
    removed: list[int] = []
    with pytest.raises(error), removing(lambda: removed.append(1), keep=keep):
        raise error
    assert removed == [1]


@pytest.mark.parametrize(("keep", "expected"), [(False, [1]), (True, [])])
def test_keeps_only_on_demand(*, keep: bool, expected: list[int]) -> None:
    """A block that ends well leaves things running only if they are to be kept."""
    removed: list[int] = []
    with removing(lambda: removed.append(1), keep=keep):
        pass
    assert removed == expected


def test_own_error_comes_first() -> None:
    """If removing fails too, the block's error is raised and the other one is noted on it."""
    with pytest.raises(RuntimeError, match="first") as caught, removing(_refuse):
        raise RuntimeError("first")
    assert "engine: it is gone" in caught.value.__notes__[0]


def test_failed_removal_is_an_error() -> None:
    """A block that ends well but cannot be cleaned up is not silent about it."""
    with pytest.raises(ServiceError, match="it is gone"), removing(_refuse):
        pass
