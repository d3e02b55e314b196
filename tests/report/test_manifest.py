"""Tests of `gen3bed.report._manifest`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gen3bed.errors import UsageError
from gen3bed.report import collect_manifest


def _install(site: Path, name: str, version: str, direct: object | None = None) -> None:
    """Make what an installer leaves of a distribution."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if direct is not None:
        (folder / "direct_url.json").write_text(json.dumps(direct))


def _checkouts(monkeypatch: pytest.MonkeyPatch, site: Path, announced: object = ()) -> dict[str, object]:
    monkeypatch.syspath_prepend(str(site))
    manifest = collect_manifest({"GEN3BED_WITH": json.dumps(announced)})
    assert str(site) not in json.dumps(manifest)
    return {c["package"]: {k: v for k, v in c.items() if k != "package"} for c in manifest["checkouts"]}


def test_names_versions_and_machine() -> None:
    """The manifest names the stack, the weekly, Python and the machine, as plain JSON."""
    manifest = json.loads(json.dumps(collect_manifest({})))
    assert {"lsst-daf-butler", "sqlalchemy", "psycopg", "pytest", "pytest-xdist"} <= manifest[
        "packages"
    ].keys()
    assert manifest["weekly"].startswith("w_")
    assert manifest["gen3bed"]
    assert manifest["python"]["version"].startswith("3.")
    assert manifest["python"]["sqlite"].startswith("3.")
    assert manifest["host"]["cpus"] >= 1
    assert manifest["host"]["memory"] > 0


def test_names_announced_checkouts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An announced checkout is named with its commit and state when it was installed, without its path."""
    _install(tmp_path, "lsst-clean", "1", {"url": f"file://{tmp_path}/clean", "dir_info": {}})
    _install(tmp_path, "lsst-dirty", "2", {"url": f"file://{tmp_path}/dirty", "dir_info": {"editable": True}})
    announced = [
        {"package": "lsst-clean", "path": f"{tmp_path}/clean", "commit": "a" * 40, "dirty": False},
        {"package": "lsst_dirty", "path": f"{tmp_path}/dirty", "commit": "b" * 40, "dirty": True},
        {
            "package": "lsst-lost",
            "path": f"{tmp_path}/lost",
            "commit": None,
            "dirty": None,
            "reason": "git refuses",
        },
    ]
    checkouts = _checkouts(monkeypatch, tmp_path, announced)
    assert checkouts["lsst-clean"] == {
        "version": "1", "name": "clean", "commit": "a" * 40, "state": "clean", "reason": ""
    }  # fmt: skip
    assert checkouts["lsst-dirty"] == {
        "version": "2", "name": "dirty", "commit": "b" * 40, "state": "dirty", "reason": ""
    }  # fmt: skip
    assert checkouts["lsst-lost"] == {
        "version": "not installed", "name": "lost", "commit": "", "state": "unknown", "reason": "git refuses"
    }  # fmt: skip


def test_names_checkouts_that_nobody_announced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A distribution from a path is named as of unknown state, and one from a repository by its commit."""
    _install(tmp_path, "lsst-path", "1", {"url": f"file://{tmp_path}/my%20path", "dir_info": {}})
    vcs = {"url": "https://user:s3cret@host/lsst/vcs.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    _install(tmp_path, "lsst-vcs", "2", vcs)
    _install(tmp_path, "lsst-index", "3")
    checkouts = _checkouts(monkeypatch, tmp_path)
    assert checkouts["lsst-path"] == {
        "version": "1", "name": "my path", "commit": "", "state": "unknown",
        "reason": "the installation did not record it",
    }  # fmt: skip
    assert checkouts["lsst-vcs"] == {
        "version": "2", "name": "vcs.git", "commit": "c0ffee", "state": "clean", "reason": ""
    }  # fmt: skip
    assert "lsst-index" not in checkouts


@pytest.mark.parametrize("value", ["{", "3", "[3]", '[{"package": "x"}]'])
def test_bad_announcement_is_one_error(value: str) -> None:
    """A value of GEN3BED_WITH that the noxfile cannot have written is refused."""
    with pytest.raises(UsageError, match="not a list of checkouts"):
        collect_manifest({"GEN3BED_WITH": value})
