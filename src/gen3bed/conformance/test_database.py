"""Upstream's ``DatabaseTests``, and one test that its wheel leaves out."""

from __future__ import annotations

import unittest
from contextlib import AbstractContextManager

import sqlalchemy
from lsst.daf.butler import ddl
from lsst.daf.butler.registry import RegistryConfig
from lsst.daf.butler.registry.interfaces import Database
from lsst.daf.butler.registry.tests import DatabaseTests

from gen3bed.conformance._case import ConformanceCase


class DatabaseTestCase(ConformanceCase, DatabaseTests, unittest.TestCase):
    """The `Database` interface on the chosen registry."""

    suite = "database"

    def makeEmptyDatabase(self, origin: int = 0) -> Database:  # noqa: N802, D102
        address = self.namespace.empty()
        config = RegistryConfig()
        config.update(address.settings)
        return config.getDatabaseClass().fromUri(
            config.connectionString, origin=origin, namespace=address.namespace
        )

    def getNewConnection(self, database: Database, *, writeable: bool) -> Database:  # noqa: N802, D102
        return self.namespace.connect_again(database, writeable=writeable)

    def asReadOnly(self, database: Database) -> AbstractContextManager[Database]:  # noqa: N802, D102
        return self.namespace.read_only(database)

    def test_long_names(self) -> None:
        """Names of constraints that exceed the server's limit are shortened and stay distinct."""
        database = self.makeEmptyDatabase(origin=1)
        parent = "parent_table_with_a_name_of_forty_two_byte"
        key = "key_column_with_a_name_of_forty_three_bytes"
        values = [f"{'value_column_with_a_name_of_' + 'x' * 20}{n}" for n in range(2)]
        with database.declareStaticTables(create=True) as context:
            context.addTable(
                parent,
                ddl.TableSpec(
                    fields=[
                        ddl.FieldSpec(key, dtype=sqlalchemy.BigInteger, autoincrement=True, primaryKey=True),
                        *(
                            ddl.FieldSpec(v, dtype=sqlalchemy.String, length=16, nullable=False)
                            for v in values
                        ),
                    ],
                    # The two constraint names differ in their last byte only.
                    unique={(v,) for v in values},
                ),
            )
        child = database.ensureTableExists(
            parent + "_child",
            ddl.TableSpec(
                fields=[
                    ddl.FieldSpec(
                        key + "_child", dtype=sqlalchemy.BigInteger, autoincrement=True, primaryKey=True
                    ),
                    *(
                        ddl.FieldSpec(v + "_child", dtype=sqlalchemy.String, length=16, nullable=False)
                        for v in values
                    ),
                ],
                foreignKeys=[ddl.ForeignKeySpec(parent, source=(v + "_child",), target=(v,)) for v in values],
            ),
        )
        row = {v + "_child": "nobody" for v in values}
        with self.assertRaises(sqlalchemy.exc.IntegrityError):
            database.insert(child, row)
