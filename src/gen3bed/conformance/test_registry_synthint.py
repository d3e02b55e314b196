"""Upstream's ``RegistryTests`` with collections keyed by an integer."""

from __future__ import annotations

import unittest

from gen3bed.conformance._registry_case import (
    DATASETS_MANAGER,
    SYNTHINT_COLLECTIONS,
    RegistryTestsOnNamespace,
)


class SynthIntRegistryTestCase(RegistryTestsOnNamespace, unittest.TestCase):
    """The SQL registry with collections keyed by an integer."""

    suite = "registry-synthint"
    collectionsManager = SYNTHINT_COLLECTIONS
    datasetsManager = DATASETS_MANAGER
