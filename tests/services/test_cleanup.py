"""Tests of taking down what was brought up."""

from __future__ import annotations

import pytest

from gen3bed.errors import ServiceError
from gen3bed.services._cleanup import removing, run_all


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


@pytest.mark.parametrize("error", [None, RuntimeError])
def test_interrupted_removal_is_done_again(error: type[Exception] | None) -> None:
    """Ctrl-C while things are removed, after the block ended well or not, leaves nothing and goes on."""
    calls: list[int] = []

    def remove() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt

    def work() -> None:
        with removing(remove):
            if error:
                raise error

    with pytest.raises(KeyboardInterrupt):
        work()
    assert len(calls) == 2


def test_own_error_comes_first() -> None:
    """If removing fails too, the block's error is raised and the other one is noted on it."""
    with pytest.raises(RuntimeError, match="first") as caught, removing(_refuse):
        raise RuntimeError("first")
    assert "engine: it is gone" in caught.value.__notes__[0]


def test_failed_removal_is_an_error() -> None:
    """A block that ends well but cannot be cleaned up is not silent about it."""
    with pytest.raises(ServiceError, match="it is gone"), removing(_refuse):
        pass


def test_all_steps_run_and_the_first_error_is_raised() -> None:
    """A step that fails keeps no other from running; the first error is raised with the others noted."""
    done: list[int] = []

    def fail(error: BaseException) -> None:
        done.append(0)
        raise error

    steps = [
        lambda: done.append(1),
        lambda: fail(KeyboardInterrupt("first")),
        lambda: done.append(2),
        lambda: fail(ValueError("second")),
        lambda: done.append(3),
    ]
    with pytest.raises(KeyboardInterrupt, match="first") as caught:
        run_all(steps)
    assert done == [1, 0, 2, 0, 3]
    assert caught.value.__notes__ == ["While cleaning up: second"]


def test_all_steps_without_an_error() -> None:
    """Steps that all succeed run in their order, and nothing is raised."""
    done: list[int] = []
    run_all([lambda: done.append(1), lambda: done.append(2)])
    assert done == [1, 2]
