"""The part that all conformance test cases share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import pytest
from lsst.daf.butler import Butler, ButlerConfig, StorageClassFactory
from lsst.daf.butler.datastore import NullDatastore
from lsst.daf.butler.direct_butler import DirectButler
from lsst.daf.butler.registry import RegistryConfig
from lsst.daf.butler.registry.sql_registry import SqlRegistry
from sqlalchemy import Engine, QueuePool, event

from gen3bed.registries import Namespace, RegistryAddress, Step

__all__ = ["ConformanceCase", "RegistryCase"]


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


@dataclass(frozen=True, kw_only=True)
class _Untouched:
    """A Butler that sent nothing to its database yet, and how that was made."""

    butler: Butler
    config: RegistryConfig
    address: RegistryAddress
    steps: tuple[Step, ...]


class RegistryCase(ConformanceCase):
    """Mixin for the suites that work on a whole registry."""

    loads_itself: ClassVar[frozenset[str]] = frozenset()
    """Tests that compare with the time at which their data were loaded: they
    get a registry of their own instead of a copy of an older one."""

    _untouched: _Untouched | None = None

    def open_butler(self, config: RegistryConfig, *files: str) -> Butler:
        """Return a Butler without datastore on a fresh registry.

        Parameters
        ----------
        config : `lsst.daf.butler.registry.RegistryConfig`
            Managers to use; its address does not matter.
        *files : `str`
            Names of upstream's data files that the registry shall hold.

        Returns
        -------
        butler : `lsst.daf.butler.Butler`
            Butler on a registry that nobody else sees.
        """
        if not self._copies:
            butler = _create(config, self.namespace.empty())
            import_files(butler, files)
            return butler
        steps = (_creation(config), *(_file_import(config, file) for file in files))
        address = self.namespace.copy(*steps)
        butler = _open(config, address)
        self._untouched = _Untouched(butler=butler, config=config, address=address, steps=steps)
        event.listen(engine_of(butler), "before_cursor_execute", self._touch)
        return butler

    def load_files(self, butler: Butler, *files: str) -> None:
        """Give a Butler's registry the content of upstream's data files.

        Most tests of upstream's begin with a new registry and this.  If
        nothing was sent to the database in between, a copy that was filled
        once takes its place, and the Butler reads it anew.

        Parameters
        ----------
        butler : `lsst.daf.butler.Butler`
            From `open_butler`.
        *files : `str`
            Names of the data files.
        """
        new, self._untouched = self._untouched, None
        if new is None or new.butler is not butler or _is_in_use(engine_of(butler)):
            import_files(butler, files)
            return
        engine_of(butler).dispose()
        steps = (*new.steps, *(_file_import(new.config, file) for file in files))
        self.namespace.refill(new.address, *steps)
        butler.registry.refresh()

    @property
    def _copies(self) -> bool:
        return self.namespace.copies and self._testMethodName not in self.loads_itself

    def _touch(self, *_: object) -> None:
        self._untouched = None


def import_files(butler: Butler, files: Sequence[str]) -> None:
    """Import upstream's data files, as its tests do."""
    for file in files:
        butler.import_(
            filename=f"resource://lsst.daf.butler/tests/registry_data/{file}", without_datastore=True
        )


def engine_of(butler: Butler) -> Engine:
    """Return the engine of a Butler's registry (`sqlalchemy.Engine`)."""
    assert isinstance(butler, DirectButler)  # noqa: S101
    return butler._registry._db._engine  # noqa: SLF001


def _is_in_use(engine: Engine) -> bool:
    return isinstance(engine.pool, QueuePool) and engine.pool.checkedout() > 0


def _creation(config: RegistryConfig) -> Step:
    return Step(
        key=json.dumps(config.toDict(), sort_keys=True),
        apply=lambda address: _create(config, address).close(),
    )


def _file_import(config: RegistryConfig, file: str) -> Step:
    def apply(address: RegistryAddress) -> None:
        with _open(config, address) as butler:
            import_files(butler, [file])

    return Step(key=file, apply=apply)


def _create(config: RegistryConfig, address: RegistryAddress) -> Butler:
    placed = _placed(config, address)
    return _butler(SqlRegistry.createFromConfig(placed), placed)


def _open(config: RegistryConfig, address: RegistryAddress) -> Butler:
    placed = _placed(config, address)
    return _butler(SqlRegistry.fromConfig(placed), placed)


def _placed(config: RegistryConfig, address: RegistryAddress) -> RegistryConfig:
    placed = RegistryConfig(config)
    placed.update(address.settings)
    return placed


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
