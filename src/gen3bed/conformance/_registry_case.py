"""Upstream's ``RegistryTests``, without the choice of managers."""

from __future__ import annotations

from lsst.daf.butler import Butler
from lsst.daf.butler.registry import RegistryConfig
from lsst.daf.butler.registry.tests import RegistryTests

from gen3bed.conformance._case import RegistryCase

__all__ = ["DATASETS_MANAGER", "NAMEKEY_COLLECTIONS", "SYNTHINT_COLLECTIONS", "RegistryTestsOnNamespace"]

NAMEKEY_COLLECTIONS = "lsst.daf.butler.registry.collections.nameKey.NameKeyCollectionManager"
SYNTHINT_COLLECTIONS = "lsst.daf.butler.registry.collections.synthIntKey.SynthIntKeyCollectionManager"
DATASETS_MANAGER = (
    "lsst.daf.butler.registry.datasets.byDimensions.ByDimensionsDatasetRecordStorageManagerUUID"
)


class RegistryTestsOnNamespace(RegistryCase, RegistryTests):
    """The SQL registry on the chosen database; subclasses choose managers."""

    loads_itself = frozenset({"testIngestTimeQuery"})

    def make_butler(self, registry_config: RegistryConfig | None = None) -> Butler:
        """Return a Butler on a fresh registry."""
        return self.open_butler(registry_config or self.makeRegistryConfig())

    def load_data(self, butler: Butler, *filenames: str) -> None:
        """Load upstream's data files."""
        self.load_files(butler, *filenames)
