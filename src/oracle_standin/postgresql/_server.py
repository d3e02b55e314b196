"""A throw-away PostgreSQL server of the stand-in's own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from oracle_standin.errors import StandinError
from oracle_standin.postgresql._binaries import find_binaries, server_account, server_environment

__all__ = ["PrivateServer"]

_USER = "standin"
_READY_SECONDS = 30
_END_SECONDS = 20
_POLL_SECONDS = 0.01

# The server's only client is the stand-in, over a socket that others cannot reach, and its data is
# thrown away with it.
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "250",
    "shared_buffers": "64MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "autovacuum_naptime": "60s",
    "checkpoint_timeout": "30min",
    "jit": "off",
    # In the data directory: a server that is killed leaves segments of shared
    # memory behind, which nothing else would remove.
    "dynamic_shared_memory_type": "mmap",
    # Oracle finds a deadlock in about three seconds; nobody waits for that on purpose.
    "deadlock_timeout": "200ms",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}

# Ends the server and removes its directory when standard input ends: when the stand-in closes it, or dies
# in whatever way.
_KEEPER = (
    "trap '' INT HUP TERM;"
    ' "$@" & server=$!;'
    " read line;"
    ' kill -INT "$server" 2>/dev/null;'
    ' wait "$server";'
    ' rm -rf "$STANDIN_DIRECTORY"'
)


class PrivateServer:
    """A server in a directory of its own, reached by a socket in it.

    It ends with this process, also if that is killed.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if there are no server programs, or they do not start; nothing
        is left then.
    """

    def __init__(self) -> None:
        self._account = server_account()
        self._binaries = find_binaries()
        self.version = self._binaries.version
        """Version of PostgreSQL (`str`)."""
        self.directory = Path(
            tempfile.mkdtemp(prefix="oracle-standin-", dir=_base(self._account is not None))
        )
        """Where all of its files are (`pathlib.Path`)."""
        self._keeper: subprocess.Popen[bytes] | None = None
        try:
            if self._account is not None:
                os.chown(self.directory, self._account.pw_uid, self._account.pw_gid)
            self._initialise()
            self._start()
        except BaseException:
            self.close()
            raise

    @property
    def conninfo(self) -> str:
        """How to connect (`str`)."""
        return f"host={self.directory} user={_USER} dbname=postgres"

    def _initialise(self) -> None:
        command = [
            str(self._binaries.directory / "initdb"),
            f"--pgdata={self.directory / 'data'}",
            f"--username={_USER}",
            # The socket is in a directory that only the server's account may enter.
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ]
        done = subprocess.run(  # noqa: S603  (a program of this machine, without a shell)
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.directory,
            env=server_environment(),
            **self._rights(),
        )
        if done.returncode != 0:
            raise StandinError(
                "PostgreSQL's initdb",
                reason=(done.stderr or done.stdout).strip()[-500:],
                hint=f"Look at {self._binaries.directory}.",
            )

    def _rights(self) -> dict[str, Any]:
        """Return the arguments of `subprocess` that drop root's rights."""
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _start(self) -> None:
        command = [str(self._binaries.directory / "postgres"), "-D", str(self.directory / "data")]
        for name, value in {**_SETTINGS, "unix_socket_directories": str(self.directory)}.items():
            command += ["-c", f"{name}={value}"]
        with (self.directory / "log").open("wb") as log:
            self._keeper = subprocess.Popen(  # noqa: S603  (programs of this machine; no text of others)
                ["/bin/sh", "-c", _KEEPER, "oracle-standin-postgresql", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**server_environment(), "STANDIN_DIRECTORY": str(self.directory)},
                # Ctrl-C in the terminal is for the stand-in, which then ends the server.
                start_new_session=True,
                **self._rights(),
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                psycopg.connect(self.conninfo, connect_timeout=2).close()
            except psycopg.OperationalError as error:
                said = (self.directory / "log").read_text(errors="replace").strip()
                # It says so, too, that it is not ready yet.
                failed = [line for line in said.splitlines() if "FATAL" in line and "starting up" not in line]
                if failed or time.monotonic() > deadline:
                    raise StandinError(
                        f"PostgreSQL {self.version}",
                        reason=f"it did not start: {said[-500:] or error}",
                        hint="Free memory or room in the temporary directory (TMPDIR) may be lacking.",
                    ) from None
                time.sleep(_POLL_SECONDS)
            else:
                return

    def close(self) -> None:
        """End the server and remove its directory; may be called again."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            if keeper.stdin is not None:
                keeper.stdin.close()
            try:
                keeper.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                # The whole group: the keeper alone would leave the server.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(keeper.pid, 9)
                keeper.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def _base(dropped: bool) -> str | None:  # noqa: FBT001
    """Return a directory that the server's account can enter, with a path short enough for a socket."""
    default = Path(tempfile.gettempdir())
    if not dropped and len(str(default)) < 60:  # noqa: PLR2004  (a socket's path has at most 107 bytes)
        return None
    for place in (default, Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if len(str(place)) < 60 and all(part.stat().st_mode & 0o001 for part in (place, *place.parents)):  # noqa: PLR2004
            return str(place)
    raise StandinError(
        str(default),
        reason="PostgreSQL's account cannot enter it, or its name is too long for a socket",
        hint="Set TMPDIR to a directory that everybody may enter, such as /tmp.",
    )
