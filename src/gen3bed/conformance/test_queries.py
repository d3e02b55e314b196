"""Upstream's ``ButlerQueryTests``."""

from __future__ import annotations

import unittest

from lsst.daf.butler import Butler
from lsst.daf.butler.registry import RegistryConfig
from lsst.daf.butler.tests.butler_queries import ButlerQueryTests

from gen3bed.conformance._case import RegistryCase


class QueriesTestCase(RegistryCase, ButlerQueryTests, unittest.TestCase):
    """The Butler's query system on the chosen registry."""

    suite = "queries"
    loads_itself = frozenset({"test_query_ingest_date"})

    def make_butler(self, *args: str) -> Butler:
        """Return a Butler on a fresh registry that holds the named files."""
        return self.open_butler(RegistryConfig(), *args)
