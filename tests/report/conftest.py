"""Report directories whose JUnit files come from real runs of pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gen3bed.report import CellRecord, RunRecord

SECRET = "s3cret-Pa55"
HOSTILE = "<script>alert(1)</script>&\"'"

_PLUGIN = """
import pytest

@pytest.fixture(autouse=True)
def observed(request):
    # The properties that gen3bed's own suites record; each test sends five statements.
    suite = request.path.stem.removeprefix("test_")
    values = {"suite": suite, "sql_statements": 5, "sql_commits": 2, "sql_rollbacks": 1,
              "sql_savepoints": 3, "cpu_seconds": 0.25}
    request.node.user_properties.extend(values.items())
"""

_DATABASE = f"""
import logging, sys, unittest
import pytest

URL = "postgresql://bed:{SECRET}@db:5432/registry"
runs = []

@pytest.fixture
def broken(): raise RuntimeError("no namespace")

@pytest.fixture
def breaking():
    yield
    raise RuntimeError("two tables are left")

def test_passes(): pass

@pytest.mark.parametrize("value", [{HOSTILE!r}])
def test_hostile(value): pass

def test_fails():
    print("printed", URL)
    logging.getLogger("butler").warning("logged %s", URL)
    assert URL == "nothing"

def test_setup_breaks(broken): pass

def test_teardown_breaks(breaking): pass

def test_fails_twice(breaking): assert 1 == 2

@pytest.mark.skip(reason="SQLite locks the whole database")
def test_skipped(): pass

@pytest.mark.xfail(reason="DM-1", strict=True)
def test_xfails(): assert 0

@pytest.mark.flaky(reruns=2)
def test_flaky():
    runs.append(1)
    assert len(runs) > 1

class SomeTestCase(unittest.TestCase):
    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertEqual(number, 0)

    def test_skipped_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.skipTest("not here")

    def test_passing_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                pass
"""

_QUERIES = """
import os

def test_crash():
    if "PYTEST_XDIST_WORKER" in os.environ:
        os._exit(3)

def test_query(): pass
"""

_CLEAN = """
def test_one(): pass
def test_two(): pass
"""

Run = Callable[..., Path]
MakeReport = Callable[..., Path]


@pytest.fixture(scope="session")
def run_pytest(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run pytest over modules as if they were installed suites, and return its JUnit file."""

    def run(*arguments: str, **modules: str) -> Path:
        folder = tmp_path_factory.mktemp("sample")
        suites = folder / "site-packages" / "gen3bed" / "conformance"
        suites.mkdir(parents=True)
        (suites / "conftest.py").write_text(_PLUGIN)
        (folder / "pytest.ini").write_text("[pytest]\njunit_logging = all\njunit_log_passing_tests = false\n")
        for name, text in modules.items():
            (suites / f"test_{name}.py").write_text(text)
        command = [sys.executable, "-m", "pytest", "-q", "--junitxml=junit.xml", *arguments]
        plugins = ["-p", "pytest_rerunfailures", "-p", "no:cacheprovider"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        done = subprocess.run(
            [*command, *plugins],
            cwd=folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (folder / "junit.xml").exists(), done.stdout + done.stderr
        return folder / "junit.xml"

    return run


@pytest.fixture(scope="session")
def mixed_junit(run_pytest: Run) -> Path:
    """Return a JUnit file with one of each way in which a test can end, from two workers."""
    workers = ["-p", "xdist.plugin", "-n", "2"]
    return run_pytest(*workers, database=_DATABASE, queries=_QUERIES)


@pytest.fixture(scope="session")
def clean_junit(run_pytest: Run) -> Path:
    """Return a JUnit file of two suites of two tests each that passed."""
    return run_pytest(database=_CLEAN, queries=_CLEAN)


@pytest.fixture
def make_report(tmp_path: Path, mixed_junit: Path, clean_junit: Path) -> MakeReport:
    """Make a report directory out of cells; their ``junit`` is ``mixed``, ``clean`` or empty."""

    def make(*cells: CellRecord, manifest: dict[str, object] | None = None) -> Path:
        for record in cells:
            source = {"mixed.xml": mixed_junit, "clean.xml": clean_junit}.get(record.junit)
            if source:
                shutil.copy(source, tmp_path / record.junit)
        RunRecord(
            run="0123456789ab",
            started="2026-11-23T20:24:35+00:00",
            command=["gen3bed", "run", "postgresql"],
            python="3.13.0",
            host={"name": "tucana"},
            cells=list(cells),
            manifest=manifest or {},
        ).save(tmp_path)
        return tmp_path

    return make


def make_cell(name: str, outcome: str = "passed", **values: object) -> CellRecord:
    """Return a cell of two suites."""
    registry, _, variant = name.partition("-")
    defaults: dict[str, object] = {
        "title": name.title(),
        "suites": ("database", "queries"),
        "floors": {"database": 2, "queries": 2},
        "wall_seconds": 12.0,
        "cpu_seconds": 6.0,
    }
    content = {"name": name, "registry": registry, "variant": variant, "outcome": outcome}
    return CellRecord.from_dict(defaults | content | values)


@pytest.fixture
def all_states(make_report: MakeReport) -> Path:
    """Return a report directory with a cell in every state."""
    directory = make_report(
        make_cell("sqlite-memory", junit="clean.xml", provider="in process", server="SQLite 3.46"),
        make_cell(
            "postgresql-container",
            "failed",
            junit="mixed.xml",
            provider="container",
            server="PostgreSQL 17.6",
            service_facts={"image digest": "sha256:0123", "fsync": "off"},
            reruns=[("test_flaky", "OperationalError")],
        ),
        make_cell(
            "postgresql-local",
            "error",
            reason="the server did not become ready",
            hint="Look at its log.",
            log="local.log",
            provider="local binaries",
        ),
        make_cell(
            "oracle-container",
            "not-enough",
            junit="clean.xml",
            floors={"database": 2, "queries": 34},
            provider="container",
            server="Oracle 19c (stand-in)",
        ),
        make_cell("oracle-url", "not-run", reason="No URL was given.", hint="Give one with --url."),
        make_cell("sqlite-file", "interrupted", junit="clean.xml", reason="SIGTERM", hint="Run again."),
        manifest={
            "weekly": "w_2026_43",
            "host": {"memory": 2**34, "cpus": 2},
            "packages": {"lsst-utils": "30.1"},
            "checkouts": [
                {
                    "package": "lsst-daf-butler",
                    "version": "30",
                    "name": "daf_butler",
                    "commit": "c0ffee" * 6,
                    "state": "dirty",
                },
                {
                    "package": "lsst-utils",
                    "version": "30",
                    "name": "utils",
                    "commit": "",
                    "state": "unknown",
                    "reason": "git refuses: it is not yours",
                },
            ],
        },
    )
    (directory / "local.log").write_text(f"FATAL: no memory\npostgresql://admin:{SECRET}@localhost\n")
    return directory
