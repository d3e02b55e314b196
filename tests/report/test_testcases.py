"""Tests of `gen3bed.report._testcases`."""

from __future__ import annotations

from gen3bed.report._testcases import Problem, tail


def test_tail_says_what_it_leaves_out() -> None:
    """The tail of a long text keeps its end and says how many lines are missing."""
    text = tail("\n".join(f"line {number}" for number in range(500)))
    assert text.splitlines()[0] == "[380 lines left out]"
    assert text.endswith("line 499")
    assert tail("short\n") == "short"
    assert len(tail("x" * 100_000)) < 20_000


def test_problem_is_a_value() -> None:
    """Problems with the same content are equal, so that reports can be compared."""
    assert Problem(kind="failed", message="m", text="t") == Problem(kind="failed", message="m", text="t")
