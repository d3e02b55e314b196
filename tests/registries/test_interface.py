"""Every backend of the matrix keeps to the interface."""

from __future__ import annotations

import importlib

import pytest

from gen3bed.matrix import Registry, load_matrix
from gen3bed.registries import Known, Lease, backend_of

REGISTRIES = list(load_matrix().registries.values())


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda r: r.name)
def test_known_failures_name_upstream_tests_that_exist(registry: Registry) -> None:
    """A known failure whose test upstream has renamed or removed is found out."""
    upstream = {}
    for suite in load_matrix().suites.values():
        if suite.upstream:
            module, _, name = suite.upstream.rpartition(".")
            upstream[name] = getattr(importlib.import_module(module), name)
    for known in backend_of(registry).known:
        name, _, method = known.test.partition(".")
        assert hasattr(upstream[name], method), known.test
        assert known.reason


@pytest.mark.parametrize(
    ("version", "applies"),
    [("15.18 (Debian 15.18-0+deb12u1)", True), ("9.6", True), ("16.0", False), ("17.6", False)],
)
def test_known_failure_of_old_servers_compares_numbers(version: str, *, applies: bool) -> None:
    """A failure known below 16 applies to 9.6 and 15.18 and not to 16 or 17."""
    assert Known(test="A.b", reason="c", runs=True, below="16").applies_to(_lease(version)) is applies


def test_known_failure_without_version_applies_to_embedded_databases() -> None:
    """A failure known for all versions applies where there is no server version."""
    assert Known(test="A.b", reason="c", runs=False).applies_to(_lease(""))


@pytest.mark.parametrize(("mode", "applies"), [("schema", True), ("user", False)])
def test_known_failure_of_a_mode_applies_to_that_mode(*, mode: str, applies: bool) -> None:
    """What is known for one way of making namespaces is not expected of another."""
    lease = Lease(registry="oracle", variant="url", worker="gw0", facts={"mode": mode})
    assert Known(test="A.b", reason="c", runs=False, mode="schema").applies_to(lease) is applies


def _lease(version: str) -> Lease:
    return Lease(registry="postgresql", variant="local", worker="gw0", server_version=version)
