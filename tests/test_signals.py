"""Tests of ending a run early."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from gen3bed._signals import interruptible


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Leave pytest's own handlers as they were."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_first_signal_interrupts_and_later_ones_do_not(number: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and a closed terminal interrupt once; what cleans up after it is not cut short."""
    cleaned: list[signal.Signals] = []

    def work() -> None:
        with interruptible():
            try:
                os.kill(os.getpid(), number)
            finally:
                for later in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    os.kill(os.getpid(), later)
                    cleaned.append(later)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert len(cleaned) == 3


def test_nohup_is_respected() -> None:
    """A run that was started to survive its terminal does."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with interruptible():
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
