"""What the plugin does with the tests of the suites."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gen3bed.matrix import load_matrix
from gen3bed.registries import Lease, backend_of

__all__ = ["mark_known", "upstream_name"]


def mark_known(items: Sequence[pytest.Item], lease: Lease) -> None:
    """Mark the tests that the leased registry is known not to pass."""
    backend = backend_of(load_matrix().registries[lease.registry])
    known = {k.test: k for k in backend.known if k.applies_to(lease)}
    for item in items:
        if entry := known.get(upstream_name(item)):
            mark = pytest.mark.xfail(strict=True, reason=entry.reason)
            item.add_marker(mark if entry.runs else pytest.mark.skip(reason=entry.reason))


def upstream_name(item: pytest.Item) -> str:
    """Return ``Class.method`` of the class that defines a test."""
    cls: type | None = getattr(item, "cls", None)
    if cls is None:
        return item.name
    for base in cls.__mro__:
        if item.name in vars(base):
            return f"{base.__name__}.{item.name}"
    return item.name
