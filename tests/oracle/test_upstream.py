"""Upstream's ``DatabaseTests`` on the stand-in, through the real driver."""

from __future__ import annotations

import contextlib
import unittest
from contextlib import AbstractContextManager

import pytest
from lsst.daf.butler.registry.interfaces import Database
from lsst.daf.butler.registry.tests import DatabaseTests

from tests.oracle.conftest import MakeDatabase

pytestmark = pytest.mark.h2


class OracleDatabaseTestCase(DatabaseTests, unittest.TestCase):
    """The `Database` interface on Oracle (stand-in); the tests are upstream's, unchanged."""

    make_database: MakeDatabase

    @pytest.fixture(autouse=True)
    def _bind(self, make_database: MakeDatabase) -> None:
        self.make_database = make_database

    def makeEmptyDatabase(self, origin: int = 0) -> Database:  # noqa: N802 - upstream's name
        """Return a database in the schema of a new user."""
        return self.make_database(origin=origin)

    def getNewConnection(self, database: Database, *, writeable: bool) -> Database:  # noqa: N802
        """Return another connection to a database."""
        return self.make_database(origin=database.origin, like=database, writeable=writeable)

    def asReadOnly(self, database: Database) -> AbstractContextManager[Database]:  # noqa: N802
        """Return a connection that may not write."""
        return contextlib.nullcontext(self.getNewConnection(database, writeable=False))
