"""The plugin, as another package's tests and as the conformance suites use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gen3bed.ledger import open_ledgers

pytestmark = pytest.mark.slow

SUITE = "gen3bed.conformance.test_database"


def test_does_nothing_until_it_is_asked(pytester: pytest.Pytester) -> None:
    """A test run that uses none of the fixtures imports no middleware and makes no ledger."""
    pytester.makepyfile("import sys\ndef test_it(): assert 'lsst.daf.butler' not in sys.modules")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    assert open_ledgers() == []


def test_fixtures_give_registry_and_repository_to_another_package(pytester: pytest.Pytester) -> None:
    """A package's tests get an empty place and an empty Butler repository, and two tests two of them."""
    pytester.makepyfile(
        """
        import pytest
        from lsst.daf.butler import DatasetType
        SEEN = []

        @pytest.mark.parametrize("n", [1, 2])
        def test_repository(butler_repository, n):
            assert butler_repository.collections.query("*") == []
            butler_repository.collections.register("mine")

        @pytest.mark.parametrize("n", [1, 2])
        def test_registry(empty_registry, n):
            assert empty_registry not in SEEN
            SEEN.append(empty_registry)
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=4)


@pytest.mark.local_postgresql
def test_workers_get_namespaces_from_the_controller(pytester: pytest.Pytester) -> None:
    """Under xdist each worker has a role and database of its own, and all are gone afterwards."""
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.parametrize("n", range(4))
        def test_repository(butler_repository, registry_namespace, worker_id, n):
            assert registry_namespace.lease.worker == worker_id
            assert butler_repository._registry._db._engine.url.username.endswith(worker_id)
        """
    )
    result = pytester.runpytest_subprocess("-n2", "--gen3bed-registry", "postgresql-local")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["gen3bed: PostgreSQL, local binaries, server *"])
    assert open_ledgers() == []


@pytest.mark.parametrize("name", ["db2", "sqlite-tape"])
def test_unknown_registry_ends_the_run_with_the_known_ones(pytester: pytest.Pytester, name: str) -> None:
    """An unknown registry or cell is one error with the exit code for wrong usage."""
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess("--gen3bed-registry", name)
    assert result.ret == 2
    result.stderr.fnmatch_lines(["*Choose one of sqlite-memory, sqlite-file,*"])


def test_repository_in_memory_is_refused_with_the_reason(pytester: pytest.Pytester) -> None:
    """A repository in a database that no second connection sees is an error that says what to choose."""
    pytester.makepyfile("def test_it(butler_repository):\n    pass\n")
    result = pytester.runpytest_subprocess("--gen3bed-registry", "sqlite-memory", "-p", "no:xdist")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*butler_repository: a database in memory*", "*--gen3bed-registry sqlite-file*"]
    )


def test_conformance_runs_by_hand_and_names_its_suite(pytester: pytest.Pytester) -> None:
    """`pytest --pyargs` on a suite records suite, statements and CPU time of each test in JUnit."""
    result = pytester.runpytest_subprocess(
        "--pyargs", SUITE, "-k", "testUpdate or Locking", "--gen3bed-registry", "sqlite-file",
        "--junitxml", "out.xml",
    )  # fmt: skip
    result.assert_outcomes(passed=1, skipped=1, deselected=18)
    text = Path("out.xml").read_text()
    assert text.count('<property name="suite" value="database"') == 2
    assert '<property name="sql_statements"' in text
    assert '<property name="cpu_seconds"' in text


def test_each_process_writes_down_its_statements(pytester: pytest.Pytester) -> None:
    """With a directory for them, each worker leaves a file of the distinct statements that its tests sent."""
    Path("sent").mkdir()
    result = pytester.runpytest_subprocess(
        "--pyargs", SUITE, "-k", "testUpdate or testInsert", "--gen3bed-registry", "sqlite-file", "-n2",
        "--gen3bed-statements", "sent",
    )  # fmt: skip
    assert result.ret == 0
    parts = [json.loads(path.read_text()) for path in Path("sent").iterdir()]
    assert len(parts) == 2
    assert all(any(statement.startswith("CREATE TABLE") for statement in part) for part in parts)
    assert any(statement.startswith("UPDATE a SET region") for part in parts for statement in part)


def test_leak_fails_the_test_that_leaks(pytester: pytest.Pytester) -> None:
    """A conformance test that leaves a transaction open ends in an error that names it."""
    pytester.makepyfile(
        gen3bed_leaky="""
            import unittest
            import gen3bed.conformance
            from gen3bed.conformance._case import ConformanceCase
            __name__ = "gen3bed.leaky"

            class Leaky(ConformanceCase, unittest.TestCase):
                suite = "database"
                def test_leak(self):
                    from lsst.daf.butler.registry.databases.sqlite import SqliteDatabase
                    database = SqliteDatabase.fromUri(self.namespace.empty().url, origin=0)
                    Leaky.kept = database._engine.connect()
                    Leaky.kept.begin()
            """
    )
    result = pytester.runpytest_subprocess("gen3bed_leaky.py", "--gen3bed-registry", "sqlite-file")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the test left behind:*", "*session: 1 connection(s)*"])


def test_progress_is_told_to_the_parent(pytester: pytest.Pytester) -> None:
    """The plugin reports the number of tests, each end, and each failure on the given descriptor."""
    pytester.makepyfile("def test_a(): pass\ndef test_b(): assert 0")
    reader, writer = os.pipe()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider",
         "--gen3bed-registry", "sqlite", "--gen3bed-progress", str(writer)],
        pass_fds=(writer,), check=False, capture_output=True,
    )  # fmt: skip
    os.close(writer)
    with os.fdopen(reader) as stream:
        news = [json.loads(line) for line in stream]
    assert news[0] == {"total": 2}
    assert sum(bool(n.get("done")) for n in news) == 2
    assert [n["test"] for n in news if n.get("failed")] == ["test_progress_is_told_to_the_parent.py::test_b"]


def test_failed_cleaning_is_told_to_the_parent(pytester: pytest.Pytester) -> None:
    """When what was made cannot be removed, the parent is told why, and the run is red."""
    pytester.makeconftest(
        """
        from gen3bed.errors import ServiceError
        from gen3bed.registries import sqlite

        def close(self):
            raise ServiceError("gen3bed_1", reason="the server refused", hint="Wait.")

        sqlite.SqliteProvisioner.close = close
        """
    )
    pytester.makepyfile("def test_a(): pass")
    reader, writer = os.pipe()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider",
         "--gen3bed-registry", "sqlite", "--gen3bed-progress", str(writer)],
        pass_fds=(writer,), check=False, capture_output=True,
    )  # fmt: skip
    os.close(writer)
    with os.fdopen(reader) as stream:
        assert json.loads(stream.readlines()[-1]) == {"uncleaned": "gen3bed_1: the server refused"}
    assert done.returncode == 1


def test_interrupt_does_not_cut_short_what_is_taken_down(pytester: pytest.Pytester) -> None:
    """An interrupt from the parent that arrives while plugins end is too late, and nothing is left."""
    pytester.makeconftest(
        """
        import os, signal
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_unconfigure():
            os.kill(os.getpid(), signal.SIGINT)
        """
    )
    pytester.makepyfile("def test_a(): pass")
    reader, writer = os.pipe()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider",
         "--gen3bed-registry", "sqlite", "--gen3bed-progress", str(writer)],
        pass_fds=(writer,), check=False, capture_output=True,
    )  # fmt: skip
    os.close(writer)
    os.close(reader)
    assert done.returncode == 0, done.stderr
    assert open_ledgers() == []


@pytest.mark.local_postgresql
def test_nothing_is_left_after_ctrl_c(pytester: pytest.Pytester) -> None:
    """SIGINT in the middle of a test drops the namespaces and stops the server."""
    pytester.makepyfile(
        """
        import pathlib, time
        def test_it(butler_repository):
            pathlib.Path("here").touch()
            time.sleep(60)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--gen3bed-registry", "postgresql-local"], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not Path("here").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 2
    assert open_ledgers() == []
