"""Upstream's ``RegistryTests`` with collections keyed by their name."""

from __future__ import annotations

import unittest

from gen3bed.conformance._registry_case import DATASETS_MANAGER, NAMEKEY_COLLECTIONS, RegistryTestsOnNamespace


class NameKeyRegistryTestCase(RegistryTestsOnNamespace, unittest.TestCase):
    """The SQL registry with collections keyed by their name."""

    suite = "registry-namekey"
    collectionsManager = NAMEKEY_COLLECTIONS
    datasetsManager = DATASETS_MANAGER
