"""A Butler repository of the real HSC records, on any registry.

Real, as they ship with lsst-daf-butler: the instrument, 18 detectors, 3
filters, 13 visits with their regions and times, 33 visit-detector regions,
one exposure, 3 tracts, 2 patches, and the data IDs, run and UUIDs of 33
``calexp`` and one ``skyMap`` dataset.

Derived from them: the 256 patches of the tract of ``discrete/ci_hsc`` (see
`gen3bed.pipeline._geometry`), and for each of the 11 visits of ``ci_hsc`` the
exposure that it consists of, since HSC defines visits one to one.

Made up: the contents of all artifacts, the calibrations' validity ranges, and
the storage class, because the types of the real files (``ExposureF``,
``SkyMap``) are not on any package index.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from lsst.daf.butler import Butler, Config, DataCoordinate, DimensionElement, DimensionRecord
from lsst.daf.butler.registry import CollectionType  # type: ignore[attr-defined]
from lsst.daf.butler.registry.interfaces import SchemaAlreadyDefinedError
from lsst.daf.butler.transfers import YamlRepoImportBackend
from lsst.resources import ResourcePath
from lsst.utils.db_auth import DbAuthError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from gen3bed.errors import CredentialsError, NamespaceError, ServiceError, UsageError
from gen3bed.pipeline._datasets import (
    CALIB,
    INPUT_COLLECTION,
    INSTRUMENT,
    SKYMAP,
    STORAGE,
    certify,
    dataset_types,
    ingest,
    made_up_datasets,
    real_datasets,
)
from gen3bed.pipeline._errors import RecordsError
from gen3bed.pipeline._records import RECORD_FILES, HscRecords, read_records
from gen3bed.registries import RegistryAddress

__all__ = ["create_repository", "open_repository"]


def create_repository(root: Path, *, registry_url: str, namespace: str | None = None) -> Butler:
    """Make the repository, in a registry that holds no repository yet.

    Parameters
    ----------
    root : `pathlib.Path`
        Directory for the configuration and the artifacts; must be empty or
        not exist.
    registry_url : `str`
        SQLAlchemy URL of the database, without a password: that comes from
        the file that ``LSST_DB_AUTH`` names.
    namespace : `str`, optional
        Schema of the database to use, if it has such.

    Returns
    -------
    butler : `lsst.daf.butler.Butler`
        A writeable client without default collections.

    Raises
    ------
    UsageError
        Raised if ``root`` is not empty or the URL has a password.
    NamespaceError
        Raised if the registry holds a repository already.
    CredentialsError
        Raised if the db-auth file is wrong.
    ServiceError
        Raised if the database cannot be used.
    RecordsError
        Raised if the records are missing or contradict.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(
            str(root), reason="it is no empty directory", hint="Name a new directory for the repository."
        )
    _refuse_password(registry_url)
    records = read_records()
    place = registry_url if namespace is None else f"{registry_url}, namespace {namespace}"
    try:
        # Unless told not to, makeRepo replaces a SQLite URL by its default,
        # a file in the root.
        Butler.makeRepo(str(root), config=_configuration(registry_url, namespace), forceConfigRoot=False)
        butler = Butler.from_config(str(root), writeable=True)
    except SchemaAlreadyDefinedError as err:
        _forget(root)
        raise NamespaceError(
            place,
            reason="it holds tables already",
            hint="Give an empty database or another namespace.",
        ) from err
    except DbAuthError as err:
        _forget(root)
        raise CredentialsError(
            place,
            reason="the db-auth file cannot be used",
            hint="Write its URLs without a driver, postgresql://host:port/*, and give it mode 0600.",
            detail=str(err),
        ) from err
    except (SQLAlchemyError, ValueError, OSError) as err:
        # ValueError: no such dialect, or the URL has a name and no host.
        _forget(root)
        raise ServiceError(
            place,
            reason="the repository's tables cannot be made there",
            hint="Try the URL with `gen3bed check`, and look at the file that LSST_DB_AUTH names.",
            detail=str(err),
        ) from err
    try:
        _fill(butler, root, records)
    except BaseException:
        butler.close()
        raise
    return butler


def _refuse_password(registry_url: str) -> None:
    try:
        url = make_url(registry_url)
    except ArgumentError:
        return  # the attempt to use it explains more
    # "***" is what SQLAlchemy writes for a password that it hides: no secret.
    if url.password not in {None, "***"}:
        raise UsageError(
            url.render_as_string(hide_password=True),
            reason="the URL has a password, which would end up in the repository's configuration",
            hint="Put it into a db-auth file and name that in LSST_DB_AUTH.",
        )


def _forget(root: Path) -> None:
    # makeRepo writes the configuration before it tries the database.
    (root / "butler.yaml").unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        root.rmdir()


def open_repository(root: Path, *, collections: Iterable[str] = (), run: str | None = None) -> Butler:
    """Open a repository that `create_repository` made, for writing."""
    return Butler.from_config(str(root), collections=list(collections) or None, run=run, writeable=True)


def _configuration(registry_url: str, namespace: str | None) -> Config:
    config = Config()
    config["registry"] = RegistryAddress(registry_url, namespace).settings
    # The default formatter of this storage class is YAML, several times slower.
    config["datastore", "formatters"] = {STORAGE: "lsst.daf.butler.formatters.json.JsonFormatter"}
    return config


def _fill(butler: Butler, root: Path, records: HscRecords) -> None:
    files = [_load(uri, butler) for uri in RECORD_FILES]
    with butler.transaction():
        for element, rows in _merge(butler, files):
            butler.registry.insertDimensionData(element, *rows)
        butler.registry.insertDimensionData("patch", *_derived_patches(butler, records), skip_existing=True)
        _derive_exposures(butler, records)
    types = {t.name: t for t in dataset_types(butler)}
    for dataset_type in types.values():
        butler.registry.registerDatasetType(dataset_type)
    datasets = [*real_datasets(files, types, records), *made_up_datasets(types, records)]
    for run in dict.fromkeys(ref.run for ref, _ in datasets):
        butler.collections.register(run)
    ingest(butler, root, datasets)
    certify(butler, [ref for ref, _ in datasets])
    butler.collections.register(INPUT_COLLECTION, CollectionType.CHAINED)
    butler.collections.redefine_chain(INPUT_COLLECTION, ["HSC/raw/all", CALIB, "refcats/gen3bed", "skymaps"])


def _load(uri: str, butler: Butler) -> YamlRepoImportBackend:
    with warnings.catch_warnings():
        # hsc-rc2-subset-v0 was exported before day_obs was a dimension.
        warnings.filterwarnings("ignore", message="Constructing day_obs records", category=UserWarning)
        return YamlRepoImportBackend(io.StringIO(ResourcePath(uri).read().decode()), butler)


def _merge(
    butler: Butler, files: list[YamlRepoImportBackend]
) -> Iterator[tuple[DimensionElement, list[DimensionRecord]]]:
    """Yield the records of all files in order of insertion, the first winning."""
    merged: dict[DimensionElement, dict[DataCoordinate, DimensionRecord]] = {}
    for file in files:
        for element, rows in file.dimensions.items():
            known = merged.setdefault(element, {})
            for row in rows:
                known.setdefault(row.dataId, row)
    for element in butler.dimensions.sorted(merged):
        yield element, list(merged[element].values())


def _derived_patches(butler: Butler, records: HscRecords) -> list[DimensionRecord]:
    make = butler.dimensions["patch"].RecordClass
    return [
        make(skymap=SKYMAP, tract=records.tract, id=p.id, cell_x=p.cell_x, cell_y=p.cell_y, region=p.region)
        for p in records.patches.values()
    ]


def _derive_exposures(butler: Butler, records: HscRecords) -> None:
    """Insert the one exposure of each visit, and what relates the two.

    Raises
    ------
    RecordsError
        Raised if the derivation does not give the one real exposure.
    """
    universe = butler.dimensions
    real = {e.id: e for e in butler.registry.queryDimensionRecords("exposure")}
    visits = [v for v in butler.registry.queryDimensionRecords("visit") if v.id in records.visits]
    exposures = []
    for visit in visits:
        fields = {
            "instrument": visit.instrument,
            "id": visit.id,
            "physical_filter": visit.physical_filter,
            "day_obs": visit.day_obs,
            "group": str(visit.id),
            "obs_id": visit.name,
            "exposure_time": visit.exposure_time,
            "dark_time": visit.exposure_time,
            "observation_type": "science",
            "observation_reason": visit.observation_reason,
            "seq_num": visit.seq_num,
            "seq_start": visit.seq_num,
            "seq_end": visit.seq_num,
            "target_name": visit.target_name,
            "science_program": visit.science_program,
            "azimuth": visit.azimuth,
            "zenith_angle": visit.zenith_angle,
            "has_simulated": False,
            "timespan": visit.timespan,
        }
        if visit.id in real:
            recorded = real[visit.id].toDict()
            wrong = {name for name, value in fields.items() if recorded[name] != value}
            if wrong:
                raise RecordsError(
                    f"exposure {visit.id}",
                    reason=f"{', '.join(sorted(wrong))} cannot be derived from the visit",
                    hint="Install the lsst-daf-butler that gen3bed's constraints name.",
                )
        else:
            exposures.append(universe["exposure"].RecordClass(**fields))
    insert = butler.registry.insertDimensionData
    group = universe["group"].RecordClass
    insert("group", *(group(instrument=INSTRUMENT, name=str(e.id)) for e in exposures))
    insert("exposure", *exposures)
    definition = universe["visit_definition"].RecordClass
    insert(
        "visit_definition", *(definition(instrument=INSTRUMENT, visit=v.id, exposure=v.id) for v in visits)
    )
    membership = universe["visit_system_membership"].RecordClass
    insert(
        "visit_system_membership",
        *(membership(instrument=INSTRUMENT, visit_system=0, visit=v.id) for v in visits),
    )
