"""Tests of `gen3bed.report._wording` and `gen3bed.report._states`."""

from __future__ import annotations

import pytest

from gen3bed.report._states import STATES, worst
from gen3bed.report._wording import advice, amount, duration, memory, moment, ratio


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.00s"),
        (4.716, "4.72s"),
        (9.7, "9.70s"),
        (48.13, "48.1s"),
        (59.96, "1m 00s"),
        (185.0, "3m 05s"),
        (3599.9, "1h 00m"),
        (7800.0, "2h 10m"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    """Durations have the digits that matter, and never sixty of anything."""
    assert duration(seconds) == text


def test_amount_memory_and_ratio() -> None:
    """Large counts are grouped, sizes are in GiB, and a ratio to nothing is empty."""
    assert amount(1234567) == "1\u202f234\u202f567"
    assert memory(2**34) == "16.0 GiB"
    assert ratio(3, 2) == "×1.50"  # noqa: RUF001 - the sign is meant
    assert not ratio(3, 0)


def test_moment_is_in_one_zone() -> None:
    """A time is shown in UTC without a T, and what is no time as it is."""
    assert moment("2026-11-23T21:24:35+01:00") == "2026-11-23 20:24:35 UTC"
    assert moment("yesterday") == "yesterday"


def test_advice_is_two_sentences() -> None:
    """A reason ends with one full stop before its hint, and stands alone without one."""
    assert advice("no URL was given", "Give one.") == "no URL was given. Give one."
    assert advice("No URL was given.", "Give one.") == "No URL was given. Give one."
    assert advice("no", "") == "no"


def test_states_differ_without_colour() -> None:
    """Each state has a word and a symbol of its own."""
    assert len({state.title for state in STATES.values()}) == len(STATES)
    assert len({state.symbol for state in STATES.values()}) == len(STATES)
    assert worst("passed", "failed", "not-run") == "failed"
    assert worst() == "not-run"
