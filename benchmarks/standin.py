"""Speed of the Oracle stand-in, through the real driver: figures beside their goals.

Usage: ``nox -s bench -- standin [--engine NAME] [--profile 19] [--soak STATEMENTS]``.

A server process of its own is asked as a client asks it.  Times are wall
times of the client; CPU and memory are those of the server with its children.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import oracledb
import psutil

from oracle_standin.control import read_ready_file

_USER = "bench"
_ROWS = 10_000
_PROCESSES = 8
_CONNECTIONS = 8
_STARTS = 3
_READY_WITHIN = 30.0
"""Seconds after which a server that is not ready is given up."""
_SAMPLES = 20
"""How often the soak looks at the server's memory."""
_GROWTH = 1.1
"""The last quarter of the soak may need this much more memory than the second: less is noise."""


@dataclass(frozen=True)
class Standin:
    """A running stand-in: its process, what the driver needs, and what runs the SQL."""

    process: psutil.Process
    dsn: str
    engine: str

    def connect(self, user: str = _USER) -> oracledb.Connection:
        """Return a new session; each user's password is its name."""
        return oracledb.connect(user=user, password=user, dsn=self.dsn)

    def family(self) -> list[psutil.Process]:
        """Return the server's process and its children, such as PostgreSQL's."""
        return [self.process, *self.process.children(recursive=True)]

    def memory(self) -> float:
        """Return the server's memory in MB; pages that processes share are counted for each."""
        return sum(p.memory_info().rss for p in self.family()) / 1e6

    def cpu(self) -> float:
        """Return the processor seconds that the server used so far."""
        return sum(sum(p.cpu_times()[:2]) for p in self.family())


@contextlib.contextmanager
def serving(arguments: list[str]) -> Iterator[tuple[Standin, float]]:
    """Start a stand-in; yield it and the seconds until it was ready."""
    with tempfile.TemporaryDirectory() as scratch:
        ready = Path(scratch) / "ready"
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "oracle_standin.cli", "serve", "--ready-file", str(ready), *arguments],
            stdout=subprocess.DEVNULL,
        )
        try:
            while not ready.exists():
                if process.poll() is not None or time.monotonic() - began > _READY_WITHIN:
                    sys.exit("the stand-in is not ready; start it by hand to see why: oracle-standin serve")
                time.sleep(0.005)
            waited = time.monotonic() - began
            said = read_ready_file(ready)
            yield Standin(psutil.Process(process.pid), said.connect_string, said.engine), waited
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def prepare(standin: Standin) -> None:
    """Make the user and the table that are measured with."""
    with standin.connect("system") as admin, admin.cursor() as cursor:
        cursor.execute("CREATE USER bench IDENTIFIED BY bench QUOTA UNLIMITED ON users")
        cursor.execute("GRANT CREATE SESSION, CREATE TABLE TO bench")
    with standin.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE item (id NUMBER(10) PRIMARY KEY, name VARCHAR2(40), worth BINARY_FLOAT)")


def connect_seconds(standin: Standin) -> float:
    """Return the median time of a login."""
    return _median(lambda: standin.connect().close(), times=50)


def insert_seconds(standin: Standin) -> float:
    """Return the time of an array insert of 10 000 rows with its commit; the rows stay."""
    rows = [(n, f"item {n}", n / 7) for n in range(_ROWS)]
    with standin.connect() as connection, connection.cursor() as cursor:
        began = time.monotonic()
        cursor.executemany("INSERT INTO item (id, name, worth) VALUES (:1, :2, :3)", rows)
        connection.commit()
        return time.monotonic() - began


def fetch_seconds(standin: Standin) -> float:
    """Return the time of fetching the 10 000 rows."""
    with standin.connect() as connection, connection.cursor() as cursor:
        cursor.arraysize = 1000
        began = time.monotonic()
        cursor.execute("SELECT id, name, worth FROM item")
        found = len(cursor.fetchall())
        if found != _ROWS:
            sys.exit(f"{found} rows were fetched instead of {_ROWS}")
        return time.monotonic() - began


def select_seconds(standin: Standin) -> float:
    """Return the median time of a query for one row by its key."""
    with standin.connect() as connection, connection.cursor() as cursor:

        def select() -> None:
            cursor.execute("SELECT name FROM item WHERE id = :id", id=4711)
            if cursor.fetchone() != ("item 4711",):
                sys.exit("the row that was asked for did not come")

        return _median(select, times=1000)


def crowd(standin: Standin) -> int:
    """Let 8 processes with 8 connections each insert at once; return the rows that are then there."""
    with standin.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE crowd (process NUMBER(3), connection NUMBER(3), n NUMBER(5))")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_crowd_member, args=(standin.dsn, n)) for n in range(_PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with standin.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM crowd")
        return int(cursor.fetchall()[0][0])


_CROWD_ROUNDS = 25


def _crowd_member(dsn: str, process: int) -> None:
    connections = [oracledb.connect(user=_USER, password=_USER, dsn=dsn) for _ in range(_CONNECTIONS)]
    for n in range(_CROWD_ROUNDS):
        for number, connection in enumerate(connections):
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO crowd VALUES (:1, :2, :3)", (process, number, n))
            connection.commit()
    for connection in connections:
        connection.close()


def soak(standin: Standin, statements: int) -> list[float]:
    """Run statements of several kinds; return the server's memory in MB at equal distances.

    Each round has ten statements: queries with their text repeated, a text
    that was never seen, changes that are rolled back and that are committed,
    a failing statement, a LOB; every hundredth round is a new session.
    """
    taken = []
    rounds = statements // 10
    connection = standin.connect()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE soaked (id NUMBER(10) PRIMARY KEY, text CLOB)")
    for number in range(rounds):
        if number % (rounds // _SAMPLES or 1) == 0:
            taken.append(standin.memory())
        if number % 100 == 0:
            connection.close()
            connection = standin.connect()
        _round(connection, number)
    taken.append(standin.memory())
    connection.close()
    return taken


def _round(connection: oracledb.Connection, number: int) -> None:
    with connection.cursor() as cursor:
        for key in range(3):
            cursor.execute("SELECT name, worth FROM item WHERE id = :id", id=(number + key) % _ROWS)
            cursor.fetchall()
        # A text that was never seen before.
        cursor.execute(f"SELECT COUNT(*) FROM item WHERE id < 100 AND {number} = {number}")  # noqa: S608
        cursor.fetchall()
        cursor.execute("INSERT INTO soaked VALUES (:1, :2)", (number, "text " * 20))
        cursor.execute("UPDATE item SET worth = :1 WHERE id = :2", (number, number % _ROWS))
        connection.rollback()
        cursor.execute("INSERT INTO soaked VALUES (:1, :2)", (0, "x" * 5000))
        cursor.execute("SELECT text FROM soaked WHERE id = 0")
        cursor.fetchall()
        with contextlib.suppress(oracledb.IntegrityError):
            cursor.execute("INSERT INTO soaked VALUES (0, NULL)")
        cursor.execute("DELETE FROM soaked")
        connection.commit()


def _median(work: Callable[[], None], *, times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.monotonic()
        work()
        taken.append(time.monotonic() - began)
    return statistics.median(taken)


def _row(name: str, seen: float, goal: float, unit: str) -> None:
    print(f"| {name} | {seen:.3g} {unit} | {goal:g} {unit} | {'yes' if seen <= goal else 'NO'} |", flush=True)


def soak_row(standin: Standin, statements: int) -> None:
    """Soak the server, and print whether its memory grew."""
    began, cpu = time.monotonic(), standin.cpu()
    taken = soak(standin, statements)
    quarter = len(taken) // 4
    before = statistics.median(taken[quarter : 2 * quarter])
    _row(f"memory after {statements} statements", statistics.median(taken[-quarter:]), _GROWTH * before, "MB")
    seconds, cpu = time.monotonic() - began, standin.cpu() - cpu
    print(f"\nThe soak took {seconds:.0f} s, and {cpu:.0f} CPU s of the server.")
    print(f"Its memory in MB, at equal distances: {', '.join(f'{m:.0f}' for m in taken)}")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", default="h2", help="what runs the SQL; default: h2")
    parser.add_argument("--profile", default="19", help="version that is stood in for; default: 19")
    parser.add_argument("--soak", type=int, default=0, metavar="N", help="statements, such as 1000000")
    chosen = parser.parse_args()
    arguments = ["--engine", chosen.engine, "--profile", chosen.profile]
    starts = []
    for _ in range(_STARTS - 1):
        with serving(arguments) as (_, waited):
            starts.append(waited)
    with serving(arguments) as (standin, waited):
        print(f"{os.cpu_count()} processors, Python {platform.python_version()}, engine {standin.engine},")
        print(f"python-oracledb {oracledb.__version__}, profile {chosen.profile}\n")
        print("| | measured | goal | reached |\n|---|---:|---:|---|")
        _row("nothing to ready", statistics.median([*starts, waited]), 3, "s")
        prepare(standin)
        _row("connect", 1e3 * connect_seconds(standin), 60, "ms")
        _row(f"array insert of {_ROWS} rows", insert_seconds(standin), 1, "s")
        _row("point select", 1e3 * select_seconds(standin), 1.5, "ms")
        print(f"| fetch of {_ROWS} rows | {fetch_seconds(standin):.3g} s | | |")
        lost = _PROCESSES * _CONNECTIONS * _CROWD_ROUNDS - crowd(standin)
        _row(f"rows lost by {_PROCESSES} processes x {_CONNECTIONS} connections", lost, 0, "")
        _row("memory of the server", standin.memory(), 400, "MB")
        if chosen.soak:
            soak_row(standin, chosen.soak)


if __name__ == "__main__":
    main()
