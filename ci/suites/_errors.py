"""What can keep the suites from being run or judged."""

from __future__ import annotations

__all__ = ["SuitesError"]


class SuitesError(Exception):
    """The suites cannot be run; the text says why, and on a second line what to do."""
