"""Namespaces in registry databases: provision, copy, release, drop.

The xdist controller holds the rights to make namespaces and does so through
a `Provisioner`; a worker gets a `Lease` and works in a `Namespace` that can
reach nothing else.  Each registry of the matrix names a module with a
``backend``; there is no other place that knows which registries there are.
"""

from __future__ import annotations

from gen3bed.registries import _interface
from gen3bed.registries._interface import *  # noqa: F403 - its __all__ is the one list of these names
from gen3bed.registries._templates import Step

__all__ = ["Step"]
__all__ += _interface.__all__
