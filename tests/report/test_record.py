"""Tests of `gen3bed.report._record`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gen3bed.report import CellRecord, ReportError, ReportNotWrittenError, RunRecord


def _record() -> RunRecord:
    return RunRecord(
        run="0123456789ab",
        started="2026-11-23T20:00:00+00:00",
        command=["gen3bed", "run", "sqlite"],
        python="3.13.0",
        host={"name": "here"},
        cells=[
            CellRecord(
                name="sqlite-memory",
                title="SQLite, in memory",
                registry="sqlite",
                variant="memory",
                suites=("database", "queries"),
                floors={"database": 19},
                outcome="passed",
                junit="sqlite-memory.xml",
                reruns=[("test_a", "OperationalError")],
            ),
            CellRecord(
                name="postgresql-url",
                title="PostgreSQL, somebody's server",
                registry="postgresql",
                variant="url",
                suites=("database",),
                outcome="not-run",
                reason="no URL was given",
                hint="Give one.",
            ),
        ],
        manifest={"packages": {"lsst-utils": "30"}},
    )


def test_round_trip(tmp_path: Path) -> None:
    """A record that was saved is loaded unchanged, and saving again replaces it."""
    record = _record()
    record.save(tmp_path / "new")
    assert RunRecord.load(tmp_path / "new") == record
    record.cells.pop()
    assert record.save(tmp_path / "new").name == "run.json"
    assert RunRecord.load(tmp_path / "new") == record
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["run.json"]


def test_no_password_reaches_the_file(tmp_path: Path) -> None:
    """A password in a URL is masked before the record is written."""
    record = _record()
    record.command.append("postgresql://bed:s3cret@db/x")
    assert "s3cret" not in record.save(tmp_path).read_text()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not JSON"),
        ("[]", "version None"),
        ('{"schema": 99, "cells": []}', "version 99"),
        ('{"schema": 1}', "is not a record"),
        ('{"schema": 1, "cells": []}', "is not a record"),
        ('{"schema": 1, "cells": [3]}', "is not a record"),
        ('{"schema": 1, "cells": [{"outcome": "grand"}]}', "'grand' is no outcome"),
    ],
)
def test_bad_record_is_one_error(tmp_path: Path, content: str, reason: str) -> None:
    """A record that is damaged or of another version is refused with its reason."""
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(ReportError, match=reason):
        RunRecord.load(tmp_path)


def test_unknown_key_is_refused(tmp_path: Path) -> None:
    """A key that this version does not know is an error and not ignored."""
    path = _record().save(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"surprise": 1}))
    with pytest.raises(ReportError, match="surprise"):
        RunRecord.load(tmp_path)


def test_missing_record_is_one_error(tmp_path: Path) -> None:
    """A directory without a record is refused with its reason."""
    with pytest.raises(ReportError, match="No such file"):
        RunRecord.load(tmp_path)


def test_unwritable_directory_is_one_error(tmp_path: Path) -> None:
    """A report directory that cannot be made is refused with its reason."""
    (tmp_path / "file").touch()
    with pytest.raises(ReportNotWrittenError, match="cannot be made"):
        _record().save(tmp_path / "file" / "report")
