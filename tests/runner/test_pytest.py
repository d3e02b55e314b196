"""What the exit codes of a cell's pytest processes mean together."""

from __future__ import annotations

import pytest

from gen3bed.runner._pytest import PytestCode, _worst


def test_codes_are_those_of_pytest() -> None:
    """Each exit code that is read here means to pytest what it means here."""
    for code in PytestCode:
        assert code.value == pytest.ExitCode[code.name].value


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 0], 1),
        ([5, 0], 0),
        ([5, 5], 5),
        ([0, -9], -9),
        ([1, -9], -9),
        ([-9, 1], -9),
        ([0, 3], 3),
        ([], 5),
    ],
)
def test_killed_process_is_never_hidden_by_another(codes: list[int], worst: int) -> None:
    """A process that was killed or broke counts more than tests that passed or failed."""
    assert _worst(codes) == worst
