"""The records that ship with lsst-daf-butler."""

from __future__ import annotations

from typing import Any

import pytest

from gen3bed.pipeline import RecordsError, read_records
from gen3bed.pipeline import _records as records_module
from gen3bed.pipeline._records import merge_elements


def part(element: str, *records: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the ``data`` list of an export file with one element."""
    return [{"type": "dimension", "element": element, "records": list(records)}]


def test_the_real_records_are_all_there() -> None:
    """The counts are those of the files of the pinned weekly."""
    records = read_records()
    assert len(records.visits) == 11
    assert len(records.regions) == 33
    assert records.calexps == records.regions.keys()
    assert {v.band for v in records.visits.values()} == {"r", "i"}
    assert {n: len(r) for n, r in records.elements.items()} == {
        "instrument": 1,
        "day_obs": 2,
        "detector": 18,
        "physical_filter": 3,
        "visit": 13,
        "visit_detector_region": 33,
        "skymap": 2,
        "tract": 3,
        "visit_system": 1,
        "patch": 2,
        "exposure": 1,
    }


def test_the_first_file_wins() -> None:
    """A record of a later file that agrees, but knows less, does not replace the earlier one."""
    rich = {"instrument": "HSC", "id": 1, "raft": "1"}
    merged = merge_elements(
        {"a": part("detector", rich), "b": part("detector", {"instrument": "HSC", "id": 1})}
    )
    assert merged["detector"]["HSC", 1] is rich


def test_contradicting_files_are_refused() -> None:
    """Two files that give a record different values are an error that names both values."""
    files = {
        "a": part("detector", {"instrument": "HSC", "id": 1, "raft": "1"}),
        "b": part("detector", {"instrument": "HSC", "id": 1, "raft": "7"}),
    }
    with pytest.raises(RecordsError, match="raft is '7', an earlier file says '1'") as caught:
        merge_elements(files)
    assert "detector" in caught.value.subject


def test_a_missing_file_is_named() -> None:
    """A weekly without one of the files is an error that names the file."""
    uri = "resource://lsst.daf.butler/tests/registry_data/no-such.yaml"
    with pytest.raises(RecordsError, match="no-such"):
        records_module._read(uri)
