"""Namespaces in registry databases: provision, copy, release, drop.

The xdist controller holds the rights to make namespaces and does so through
a `Provisioner`; a worker gets a `Lease` and works in a `Namespace` that can
reach nothing else.  Each registry of the matrix names a module with a
``backend``; there is no other place that knows which registries there are.
"""

from __future__ import annotations

from gen3bed.registries._interface import (
    Backend,
    Known,
    Lease,
    Namespace,
    Provisioner,
    RegistryAddress,
    backend_of,
    remove_from_server,
)
from gen3bed.registries._templates import Step

__all__ = [
    "Backend",
    "Known",
    "Lease",
    "Namespace",
    "Provisioner",
    "RegistryAddress",
    "Step",
    "backend_of",
    "remove_from_server",
]
