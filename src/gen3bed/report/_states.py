"""How a cell or a suite can end, and how that is shown.

The page and the terminal take words and symbols from here.  Every state has
a symbol and a word besides its colour: about one reader in twelve does not
tell red from green.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["STATES", "State", "StateName", "worst"]

StateName = Literal["passed", "failed", "error", "not-enough", "not-run", "interrupted"]


@dataclass(frozen=True)
class State:
    """One way to end.

    Attributes
    ----------
    title : `str`
        The word for it.
    symbol : `str`
        One character.
    style : `str`
        Style on the terminal, as rich spells it.
    red : `bool`
        Whether the run is not passed because of it.
    """

    title: str
    symbol: str
    style: str
    red: bool


# The worst first: of a cell that broke or was stopped, less is known than of
# one that failed.
STATES: dict[StateName, State] = {
    "error": State("error", "!", "bold magenta", red=True),
    "interrupted": State("interrupted", "■", "bold yellow", red=True),
    "failed": State("failed", "✗", "bold red", red=True),
    "not-enough": State("not enough", "▼", "bold yellow", red=True),
    "passed": State("passed", "✓", "green", red=False),
    "not-run": State("not run", "○", "dim", red=False),
}


def worst(*names: StateName) -> StateName:
    """Return the worst of the states; ``not-run`` if there is none."""
    return min(names, key=list(STATES).index, default="not-run")
