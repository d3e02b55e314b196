"""A stand-in of its own for one run, with the users that SQLAlchemy's suites want."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import oracledb

from ci.suites._errors import SuitesError

__all__ = ["USER_STATEMENTS", "Standin", "serve"]

USER_STATEMENTS = (
    *(f"CREATE USER {user} IDENTIFIED BY tiger" for user in ("scott", "test_schema", "test_schema_2")),
    "GRANT dba TO scott",
    *(
        f"GRANT CREATE SESSION, CREATE TABLE, UNLIMITED TABLESPACE TO {user}"
        for user in ("scott", "test_schema", "test_schema_2")
    ),
)
"""The set-up that SQLAlchemy's README.unittests.rst asks for, without its database links."""

_START = 60.0
"""Seconds in which it must be ready; 3 on an idle machine."""
_END = 15.0
_TAIL = 4000
"""Characters of its log that are shown when it did not start."""


class Standin:
    """A running stand-in.

    Parameters
    ----------
    process : `subprocess.Popen`
        ``oracle-standin serve``.
    address : `str`
        Such as ``127.0.0.1:40123/FREEPDB1``.
    log : `~pathlib.Path`
        What it prints.
    """

    def __init__(self, process: subprocess.Popen[bytes], address: str, log: Path) -> None:
        self._process = process
        self._log = log
        self.address = address

    @property
    def url(self) -> str:
        """What SQLAlchemy connects to, as the user of its suites (`str`)."""
        host, _, service = self.address.partition("/")
        return f"oracle+oracledb://scott:tiger@{host}/?service_name={service}"

    def check(self) -> None:
        """Raise `SuitesError` if it ended."""
        if self._process.poll() is not None:
            raise _ended(self._process, self._log)


def _ended(process: subprocess.Popen[bytes], log: Path) -> SuitesError:
    tail = log.read_text(errors="replace")[-_TAIL:].strip()
    return SuitesError(f"oracle-standin ended with exit code {process.returncode}; it said:\n{tail}")


@contextmanager
def serve(engine: str, profile: str, folder: Path) -> Iterator[Standin]:
    """Run a stand-in while the ``with`` block runs.

    Parameters
    ----------
    engine, profile : `str`
        As for ``oracle-standin serve``.
    folder : `~pathlib.Path`
        Where its log is written.

    Raises
    ------
    SuitesError
        Raised if it does not start, or its users cannot be made.
    """
    ready, log = folder / "standin.ready", folder / "standin.log"
    ready.unlink(missing_ok=True)
    command = (
        *(sys.executable, "-m", "oracle_standin.cli", "serve", "--engine", engine, "--profile", profile),
        *("--ready-file", str(ready), "--end-with-parent", str(os.getpid())),
    )
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        standin = Standin(process, _wait(process, ready, log), log)
        _make_users(standin.address)
        yield standin
    finally:
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ready: Path, log: Path) -> str:
    end = time.monotonic() + _START
    while not ready.is_file():
        if process.poll() is not None:
            raise _ended(process, log)
        if time.monotonic() > end:
            raise SuitesError(f"oracle-standin was not ready after {_START:.0f} s\nHint: See {log}.")
        time.sleep(0.1)
    return str(json.loads(ready.read_text())["connect_string"])


def _make_users(address: str) -> None:
    try:
        with oracledb.connect(user="system", password="system", dsn=address) as connection:  # noqa: S106 - not a secret
            for statement in USER_STATEMENTS:
                connection.cursor().execute(statement)
    except oracledb.Error as error:
        raise SuitesError(f"oracle-standin at {address}: the users cannot be made: {error}") from error
