"""Oracle: a user per registry, or the one schema of somebody's account.

In Oracle a schema is a user.  With the right to make users, each registry of
a worker is a user of its own that may do nothing but make tables; the
controller makes and drops it on the worker's behalf.  Without it, one worker
works in the account's own schema, which must be empty.
"""

from __future__ import annotations

from pathlib import Path

from gen3bed.ledger import Ledger
from gen3bed.registries._interface import Backend, Known, Lease, Namespace, Provisioner
from gen3bed.registries.oracle._hand_over import hand_over
from gen3bed.registries.oracle._namespace import OwnSchemaNamespace, UserNamespace
from gen3bed.registries.oracle._provisioner import OwnSchemaProvisioner, UserProvisioner
from gen3bed.registries.oracle._remove import remove
from gen3bed.services import Service

__all__ = ["backend"]


def _make_provisioner(variant: str, service: Service | None, ledger: Ledger) -> Provisioner:
    assert service is not None, "the Oracle registry always has a service"  # noqa: S101
    kind = OwnSchemaProvisioner if service.facts.get("rights") == "schema" else UserProvisioner
    return kind(variant, service, ledger)


def _make_namespace(lease: Lease, directory: Path) -> Namespace:
    kind = OwnSchemaNamespace if lease.facts["mode"] == "schema" else UserNamespace
    return kind(lease, directory)


backend = Backend(
    provisioner=_make_provisioner,
    namespace=_make_namespace,
    remove=remove,
    hand_over=hand_over,
    known=(
        Known(
            test="DatabaseTests.testSchemaSeparation",
            reason="it needs two registries at once, and in Oracle a schema is a user: one account has one",
            runs=False,
            mode="schema",
        ),
    ),
)
