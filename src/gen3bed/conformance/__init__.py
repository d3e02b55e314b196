"""Upstream's own conformance suites, bound to any registry of the matrix.

Run by ``gen3bed run``, or by hand::

    pytest --pyargs gen3bed.conformance --gen3bed-registry sqlite

The classes come unchanged from the lsst-daf-butler wheel; what is here gives
them a place in a registry database, and looks at what each test left behind.
"""

from __future__ import annotations

__all__: list[str] = []
