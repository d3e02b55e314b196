"""Upstream's ``RegistryTests`` with version 2.0.0 of the datasets schema."""

from __future__ import annotations

import unittest

from gen3bed.conformance._registry_case import (
    DATASETS_MANAGER,
    SYNTHINT_COLLECTIONS,
    RegistryTestsOnNamespace,
)


class DatasetsSchemaV2RegistryTestCase(RegistryTestsOnNamespace, unittest.TestCase):
    """The SQL registry with ``ingest_date`` as integer nanoseconds."""

    suite = "registry-datasets-v2"
    collectionsManager = SYNTHINT_COLLECTIONS
    datasetsManager = {
        "cls": DATASETS_MANAGER,
        "schema_version": "2.0.0",
    }
