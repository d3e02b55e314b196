"""The part that all conformance test cases share."""

from __future__ import annotations

import hashlib
import json
from functools import cache, partial
from typing import ClassVar

import pytest
from lsst.daf.butler import Butler, ButlerConfig, StorageClassFactory
from lsst.daf.butler.datastore import NullDatastore
from lsst.daf.butler.direct_butler import DirectButler
from lsst.daf.butler.registry import RegistryConfig
from lsst.daf.butler.registry.sql_registry import SqlRegistry

from gen3bed.registries import Namespace, RegistryAddress

__all__ = ["ConformanceCase", "RegistryCase"]

_DATA = "resource://lsst.daf.butler/tests/registry_data"


class ConformanceCase:
    """Mixin that gives a test case its namespace.

    Attributes
    ----------
    suite : `str`
        Name of the suite in ``matrix.toml``.
    namespace : `gen3bed.registries.Namespace`
        The worker's namespace; every address that a test takes from it is
        released after the test.
    """

    suite: ClassVar[str]
    namespace: Namespace
    _testMethodName: str

    @pytest.fixture(autouse=True)
    def _bind_namespace(self, registry_namespace: Namespace) -> None:
        self.namespace = registry_namespace


class RegistryCase(ConformanceCase):
    """Mixin for the suites that work on a whole registry."""

    loads_itself: ClassVar[frozenset[str]] = frozenset()
    """Tests that compare with the time at which their data were loaded: they
    get a registry of their own instead of a copy of an older one."""

    def open_butler(self, config: RegistryConfig, *files: str) -> Butler:
        """Return a Butler without datastore on a fresh registry.

        Parameters
        ----------
        config : `lsst.daf.butler.registry.RegistryConfig`
            Managers to use; the address is filled in here.
        *files : `str`
            Names of upstream's data files that the registry shall hold.

        Returns
        -------
        butler : `lsst.daf.butler.Butler`
            Butler on a registry that nobody else sees.
        """
        if self.namespace.copies and self._testMethodName not in self.loads_itself:
            key = hashlib.sha256(json.dumps([config.toDict(), files], sort_keys=True).encode()).hexdigest()
            address = self.namespace.copy(key, partial(_build, config, files))
            _place(config, address)
            return _butler(SqlRegistry.fromConfig(config), config)
        return _create(config, files, self.namespace.empty())


def _build(config: RegistryConfig, files: tuple[str, ...], address: RegistryAddress) -> None:
    """Fill an empty place, and leave no connection open."""
    _create(config, files, address).close()


def _create(config: RegistryConfig, files: tuple[str, ...], address: RegistryAddress) -> Butler:
    _place(config, address)
    butler = _butler(SqlRegistry.createFromConfig(config), config)
    for file in files:
        butler.import_(filename=f"{_DATA}/{file}", without_datastore=True)
    return butler


def _place(config: RegistryConfig, address: RegistryAddress) -> None:
    config["db"] = address.url
    if address.namespace is not None:
        config["namespace"] = address.namespace


def _butler(registry: SqlRegistry, config: RegistryConfig) -> Butler:
    butler_config = ButlerConfig(_default_butler_config())
    butler_config["registry"] = config
    return DirectButler(
        config=butler_config,
        registry=registry,
        datastore=NullDatastore(None, None),
        storageClasses=StorageClassFactory(),
    )


@cache
def _default_butler_config() -> ButlerConfig:
    """Read the default configuration files once: it takes 0.1 s of CPU."""
    return ButlerConfig()
