"""The pytest plugin, as another package's tests use it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from oracle_standin.h2 import JAR_VARIABLE, jar_path
from tests.oracle_standin.standin import serving, wait_until

pytestmark = [pytest.mark.h2, pytest.mark.slow]

ALONE = ("-p", "no:gen3bed", "-p", "no:cacheprovider")
"""gen3bed's own plugin is not needed."""


def standins() -> list[psutil.Process]:
    """Return the servers that run as this test's descendants or were left behind by it."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = process.info["cmdline"] or []
        mine = (process.info["environ"] or {}).get("PLUGIN_TEST") == os.environ["PLUGIN_TEST"]
        if mine and "oracle_standin.cli" in words and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.fixture(scope="module")
def jar() -> Path:
    """Return the path of the H2 library, found before pytester moves the home directory."""
    return jar_path()


@pytest.fixture(autouse=True)
def _environment(jar: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the servers of this test find the library, and be told from others."""
    monkeypatch.setenv(JAR_VARIABLE, str(jar))
    monkeypatch.setenv("PLUGIN_TEST", str(tmp_path))


def test_nothing_starts_until_it_is_asked(pytester: pytest.Pytester) -> None:
    """A run that uses none of the fixtures starts no server, and no process of it imports one."""
    pytester.makeconftest(
        """
        import sys
        def pytest_sessionfinish():
            assert not {"oracledb", "oracle_standin.server", "jpype", "cryptography"} & set(sys.modules)
        """
    )
    pytester.makepyfile("def test_it(): pass")
    for workers in ([], ["-n1"]):
        result = pytester.runpytest_subprocess(*ALONE, *workers)
        result.assert_outcomes(passed=1)
        assert result.ret == 0
        result.stdout.no_fnmatch_line("*oracle_standin (not*")


TESTS = """
    import oracledb
    import pytest
    import sqlalchemy as sa
    from oracle_standin.server import CallKind

    SEEN = []

    @pytest.mark.parametrize("n", range(3))
    def test_fresh_users(oracle_connection, oracle_user, n):
        assert oracle_user.name not in SEEN
        SEEN.append(oracle_user.name)
        cursor = oracle_connection.cursor()
        assert cursor.execute("select count(*) from user_tables").fetchone() == (0,)
        cursor.execute("create table t (n number(10) primary key)")
        cursor.execute("insert into t values (1)")

    def test_sqlalchemy(oracle_user):
        engine = sa.create_engine(oracle_user.url)
        with engine.begin() as connection:
            connection.execute(sa.text("create table t (n number)"))
            connection.execute(sa.text("insert into t values (1)"))
        with engine.connect() as connection:
            assert connection.scalar(sa.text("select count(*) from t")) == 1
        engine.dispose()

    def test_lost_answer(oracle_connection, oracle_faults, oracle_user):
        cursor = oracle_connection.cursor()
        cursor.execute("create table t (n number)")
        cursor.execute("insert into t values (1)")
        fault = oracle_faults.lose_answer_of_commit()
        with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
            oracle_connection.commit()
        assert fault.struck == 1
        with oracle_user.connect() as again:
            assert again.cursor().execute("select count(*) from t").fetchone() == (1,)

    @pytest.mark.parametrize("number", [12514, 12516, 12519])
    def test_refused(oracle_faults, oracle_user, oracle_standin, number):
        oracle_faults.at(CallKind.CONNECT, times=None).refuse(number)
        with oracle_standin.user() as other:
            other.connect().close()
        with pytest.raises(oracledb.OperationalError):
            oracle_user.connect()

    def test_capped(oracle_faults, oracle_user, oracle_connection, oracle_standin):
        oracle_faults.cap_sessions(1, 18)
        with oracle_standin.user() as other:
            with other.connect(), other.connect():
                pass
        with pytest.raises(oracledb.DatabaseError, match="ORA-00018"):
            oracle_user.connect()

    def test_faults_are_gone(oracle_standin, oracle_faults):
        assert oracle_faults.injected() == []

    def test_counts(oracle_connection, oracle_statements, oracle_standin):
        cursor = oracle_connection.cursor()
        with oracle_statements() as counted:
            with oracle_standin.user() as other, other.connect() as stranger:
                stranger.commit()
            cursor.execute("create table t (n number)")
            cursor.executemany("insert into t values (:1)", [(n,) for n in range(100)])
            oracle_connection.commit()
            assert counted.totals.commits == 1
        oracle_connection.commit()
        assert counted.totals.commits == 1
        assert counted.totals.round_trips == 3
        insert = counted.statements["insert into t values (:1)"]
        assert (insert.executions, insert.sets, insert.rows, insert.parses) == (1, 100, 100, 1)

    class TestModule:
        def test_one(self, oracle_module_user):
            with oracle_module_user.connect() as connection:
                connection.cursor().execute("create table t (n number)")

        def test_two(self, oracle_module_user):
            with oracle_module_user.connect() as connection:
                assert connection.cursor().execute("select count(*) from t").fetchone() == (0,)

    def test_a_grant(oracle_standin, oracle_user):
        oracle_standin.execute(f"grant dba to {oracle_user.name}")
        assert "/?service_name=FREEPDB1" in oracle_standin.url
        assert oracle_user.password not in repr(oracle_user)
"""


def test_fixtures(pytester: pytest.Pytester) -> None:
    """Tests have users, connections, faults and counts of their own, and the end says what they ran on."""
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess(*ALONE)
    result.assert_outcomes(passed=14)
    result.stdout.fnmatch_lines(
        ["oracle_standin (not an Oracle Database), profile 19*, on H2*: * round trips"]
    )
    assert standins() == []


def test_fixtures_under_xdist(pytester: pytest.Pytester) -> None:
    """Two workers use one server, with the same tests at the same time, and it ends with the run."""
    pytester.makepyfile(
        test_one=TESTS,
        test_two=TESTS,
        test_server="""
            import pathlib, pytest
            @pytest.mark.parametrize("n", range(6))
            def test_it(oracle_standin, worker_id, n):
                pathlib.Path(f"{worker_id}-{oracle_standin.ready.pid}").touch()
        """,
    )
    result = pytester.runpytest_subprocess(*ALONE, "-n2", "--dist=loadfile")
    result.assert_outcomes(passed=34)
    result.stdout.fnmatch_lines(["oracle_standin (not an Oracle Database), profile 19*"])
    result = pytester.runpytest_subprocess(*ALONE, "-n2", "--dist=each", "test_server.py")
    result.assert_outcomes(passed=12)
    last = sorted(Path().glob("gw?-*"), key=lambda path: path.stat().st_mtime)[-2:]
    assert len({path.name.partition("-")[2] for path in last}) == 1
    assert standins() == []


@pytest.mark.parametrize("source", ["option", "ini"])
def test_profile_and_log(pytester: pytest.Pytester, source: str) -> None:
    """Profile and log are chosen on the command line, the profile in the configuration as well."""
    pytester.makepyfile("def test_it(oracle_connection): assert oracle_connection.version.startswith('23.')")
    options = ["--oracle-standin-profile", "23"]
    if source == "ini":
        pytester.makeini("[pytest]\noracle_standin_profile = 23\n")
        options = []
    result = pytester.runpytest_subprocess(*ALONE, *options, "--oracle-standin-log", "calls.jsonl")
    result.assert_outcomes(passed=1)
    assert '"call": "login"' in Path("calls.jsonl").read_text()


def test_a_server_that_does_not_start(pytester: pytest.Pytester) -> None:
    """A start that fails fails each test with its reason, quickly, and skips none."""
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.parametrize("n", range(3))
        def test_it(oracle_connection, n): pass
        """
    )
    for workers in ([], ["-n2"]):
        result = pytester.runpytest_subprocess(*ALONE, "--oracle-standin-profile", "11", *workers)
        result.assert_outcomes(errors=3)
        result.stdout.fnmatch_lines(["*'11' is not one of*", "Hint: Try the command by hand."])


def test_a_server_of_somebody_else(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """Several runs may use one server that is there already, and leave it as it was."""
    pytester.makepyfile("def test_it(oracle_connection): oracle_connection.ping()")
    with serving(tmp_path, "--control-port", "0") as (ready, process):
        options = (*ALONE, "--oracle-standin-ready-file", str(tmp_path / "ready.json"))
        runs = [
            subprocess.Popen(
                [sys.executable, "-m", "pytest", *options, *workers], stdout=subprocess.PIPE, text=True
            )
            for workers in ([], ["-n1"])
        ]
        for run in runs:
            output, _ = run.communicate(timeout=120)
            assert run.returncode == 0, output
        assert process.poll() is None
        (left,) = (p.pid for p in standins())
        assert left == ready.pid


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one-process", "xdist"])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_the_server_ends_with_the_run(
    pytester: pytest.Pytester, workers: list[str], end: signal.Signals, tmp_path: Path
) -> None:
    """Ctrl-C and kill -9 of pytest in the middle of a test end the server, and leave no file of it."""
    pytester.makepyfile(
        """
        import pathlib, time
        def test_it(oracle_connection):
            pathlib.Path("here").touch()
            time.sleep(600)
        """
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *ALONE, *workers],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(scratch)},
    ) as run:
        wait_until(lambda: Path("here").exists() or run.poll() is not None, seconds=90)
        assert len(standins()) == 1
        if end is signal.SIGINT:
            # As a terminal does, to the whole group.
            os.killpg(run.pid, end)
        else:
            run.kill()
        run.wait(60)
    wait_until(lambda: standins() == [])
    assert [path for path in scratch.rglob("*") if "standin" in path.name or "pymp" in path.name] == []
