"""A suite run in a process of its own, and what is kept of it."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from ci.suites._errors import SuitesError
from ci.suites._expected import Expected, compare
from ci.suites._report import Measured, write_junit, write_summary
from ci.suites._run import Result, Suite, belongs

from ci.suites import _source

SUITE = Suite(name="toy", floor=1, arguments=("test/toy", "--backend-only"))


def measured(outcomes: dict[str, str], reasons: dict[str, str]) -> Measured:
    """Return a run with these outcomes."""
    expected = {test: Expected(reason=reason) for test, reason in reasons.items()}
    verdict = compare(outcomes, expected)
    return Measured(
        engine="h2",
        profile="19",
        suite=SUITE,
        results={t: Result(outcome=o, text="a\x1b text", seconds=1.0) for t, o in outcomes.items()},
        expected=expected,
        verdict=verdict,
        complaints=verdict.complaints(SUITE.floor),
    )


@pytest.mark.parametrize(
    ("test", "answer"),
    [
        ("test/toy/test_a.py::T::test_x", True),
        ("test/toys/test_a.py::T::test_x", False),
        ("test/other.py::test_x", False),
    ],
)
def test_the_list_is_divided_by_paths(test: str, answer: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A test on the list belongs to the suite whose folder or file it is in."""
    assert belongs(test, SUITE) is answer


def test_junit_shows_what_is_not_as_expected(tmp_path: Path) -> None:
    """Expected failures are no failures in JUnit; regressions, unexpected successes and floors are."""
    outcomes = {"t::a": "passed", "t::b": "failed", "t::c": "failed", "t::d": "passed", "t::e": "skipped"}
    run = measured(outcomes, {"t::b": "because", "t::d": "because", "t::f": "because"})
    write_junit([run], tmp_path / "junit.xml")
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]  # noqa: S314 - we wrote it a moment ago
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["c", "d", "was not run, and is on the list: t::f"]
    assert suite.attrib == {"name": "h2 19 toy", "tests": "6", "failures": "3", "skipped": "2"}


def test_the_summary_counts_reasons(tmp_path: Path) -> None:
    """The summary has the counts and how many tests each reason has."""
    run = measured({"t::a": "passed", "t::b": "failed", "t::c": "failed"}, {"t::b": "x", "t::c": "x"})
    write_summary([run], tmp_path / "summary.json")
    (summary,) = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["passed"], summary["expected"]) == (1, 2)
    assert summary["reasons"] == {"x": 2}


def make_archive(folder: Path) -> str:
    """Make a source distribution and return its lock."""
    top = folder / "content/sqlalchemy-2.1.9"
    top.mkdir(parents=True)
    (top / "setup.cfg").write_text("as released")
    with tarfile.open(folder / "sqlalchemy-2.1.9.tar.gz", "w:gz") as tar:
        tar.add(top, "sqlalchemy-2.1.9")
    digest = hashlib.sha256((folder / "sqlalchemy-2.1.9.tar.gz").read_bytes()).hexdigest()
    return f"sqlalchemy==2.1.9 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{digest}\n    # via x\n"


def test_edited_suites_are_not_run(tmp_path: Path) -> None:
    """The suites are unpacked anew, so that an edit by somebody is gone."""
    lock = tmp_path / "lock.txt"
    lock.write_text(make_archive(tmp_path))
    source = _source.unpack(lock, tmp_path)
    (source / "setup.cfg").write_text("edited")
    (source / "test_more.py").write_text("added")
    assert [f.read_text() for f in _source.unpack(lock, tmp_path).iterdir()] == ["as released"]


def test_another_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that does not have a locked hash is fetched again, and refused if it still has not."""
    lock = tmp_path / "lock.txt"
    lock.write_text(make_archive(tmp_path))
    archive = tmp_path / "sqlalchemy-2.1.9.tar.gz"
    monkeypatch.setattr(_source, "_download", lambda *_: archive.write_bytes(b"something else"))
    archive.write_bytes(b"something else")
    with pytest.raises(SuitesError, match="this is not the locked file"):
        _source.unpack(lock, tmp_path)


def test_a_lock_without_sqlalchemy_is_refused() -> None:
    """Without a pinned version nothing is fetched."""
    with pytest.raises(SuitesError, match="sqlalchemy is not locked"):
        _source.locked_requirement("click==8.0 \\\n    --hash=sha256:00\n")
