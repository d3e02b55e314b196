"""Places that are filled once, and then copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gen3bed.registries._interface import RegistryAddress

__all__ = ["Step", "Templates"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step on the way to a template's content.

    Attributes
    ----------
    key : `str`
        What the step does, as far as it makes a difference: steps with equal
        keys do the same.
    apply : `~collections.abc.Callable`
        Does it, given the address of a place where the steps before were
        done.  It must leave no connection open.
    """

    key: str
    apply: Callable[[RegistryAddress], None]


class Templates:
    """The templates of a namespace, each made when it is first asked for.

    A template with several steps begins as a copy of the one without the
    last step, so that no step is done twice.

    Parameters
    ----------
    copy : `~collections.abc.Callable`
        Makes a place that is a copy of the one at an address, or an empty
        one if it is given `None`.
    """

    def __init__(self, copy: Callable[[RegistryAddress | None], RegistryAddress]) -> None:
        self._copy = copy
        self._places: dict[tuple[str, ...], RegistryAddress] = {}

    def __iter__(self) -> Iterator[RegistryAddress]:
        """Iterate over the addresses of all templates."""
        return iter(list(self._places.values()))

    def find(self, steps: tuple[Step, ...]) -> RegistryAddress:
        """Return the address of the template with this content."""
        key = tuple(step.key for step in steps)
        if key not in self._places:
            *before, last = steps
            place = self._copy(self.find(tuple(before)) if before else None)
            last.apply(place)
            self._places[key] = place
        return self._places[key]
