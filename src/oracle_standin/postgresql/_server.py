"""A throw-away PostgreSQL server of the stand-in's own."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
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
_LONGEST = 59
"""Characters of a directory's path: a socket's path has at most 107 bytes."""

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

# Whatever is made is made by this script, so that nothing is left when the stand-in is killed at any moment:
# when standard input ends, it ends the server and removes the directory.
_KEEPER = """
trap '' INT HUP TERM PIPE
directory=$1 programs=$2
shift 2
umask 077
mkdir "$directory" && cd "$directory" || exit
"$programs/initdb" --pgdata=data --username="$STANDIN_USER" --auth=trust --encoding=UTF8 --locale=C \\
    --no-sync --no-instructions </dev/null >log 2>&1
echo $?
exec >>log 2>&1
if read -r begin; then
    "$programs/postgres" -D "$directory/data" "$@" </dev/null &
    server=$!
    read -r end
    # The server does not hear a signal before this file is there.
    tries=0
    until [ -e data/postmaster.pid ] || [ "$tries" = 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -INT "$server"
    wait "$server"
fi
cd /
rm -rf "$directory"
"""


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
        self.directory = _base(self._account) / f"oracle-standin-{secrets.token_hex(8)}"
        """Where all of its files are (`pathlib.Path`)."""
        self._keeper: subprocess.Popen[str] | None = None
        try:
            self._keeper = self._start_keeper()
            self._initialise(self._keeper)
            self._wait()
        except BaseException:
            self.close()
            raise

    @property
    def conninfo(self) -> str:
        """How to connect (`str`)."""
        return f"host={self.directory} user={_USER} dbname=postgres"

    def _start_keeper(self) -> subprocess.Popen[str]:
        settings = {**_SETTINGS, "unix_socket_directories": str(self.directory)}
        rights: dict[str, Any] = {}
        if self._account is not None:
            # It does not run as root.
            rights = {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}
        return subprocess.Popen(  # noqa: S603  (programs of this machine; no text of others)
            [
                "/bin/sh", "-c", _KEEPER, "oracle-standin-postgresql",
                str(self.directory), str(self._binaries.directory),
                *(f"--{name}={value}" for name, value in settings.items()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={**server_environment(), "STANDIN_USER": _USER},
            # Ctrl-C in the terminal is for the stand-in, which then ends the server.
            start_new_session=True,
            **rights,
        )  # fmt: skip

    def _initialise(self, keeper: subprocess.Popen[str]) -> None:
        """Wait until the data directory is there, and let the server start in it."""
        assert keeper.stdin is not None  # noqa: S101
        assert keeper.stdout is not None  # noqa: S101
        with keeper.stdout:
            said = keeper.stdout.readline().strip()
        if said != "0":
            # What is no number comes from the shell, which could not make the directory.
            raise StandinError(
                "PostgreSQL's initdb",
                reason=self._log()[-500:] if said.isdigit() else said,
                hint=f"Look at {self._binaries.directory}, and at the room in {self.directory.parent}.",
            )
        keeper.stdin.write("begin\n")
        keeper.stdin.flush()

    def _log(self) -> str:
        return (self.directory / "log").read_text(errors="replace").strip()

    def _wait(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                psycopg.connect(self.conninfo, connect_timeout=2).close()
            except psycopg.OperationalError as error:
                said = self._log()
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
                ended_well = keeper.wait(_END_SECONDS) == 0
            except subprocess.TimeoutExpired:
                ended_well = False
            if not ended_well:
                # The whole group: the keeper alone would leave the server.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(keeper.pid, signal.SIGKILL)
                keeper.wait()
        # The server's processes notice only after a moment that it was killed, and may write until then.
        deadline = time.monotonic() + _END_SECONDS
        while self.directory.exists() and time.monotonic() < deadline:
            shutil.rmtree(self.directory, ignore_errors=True)
            time.sleep(_POLL_SECONDS)


def _base(account: pwd.struct_passwd | None) -> Path:
    """Return a directory in which the server's account can make and remove one, with a short path."""
    default = Path(tempfile.gettempdir())
    for place in (default, Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        # Root's own directories may be closed to the account, or such that it cannot remove its own from.
        open_to_all = place.stat().st_mode & 0o002 and all(p.stat().st_mode & 0o001 for p in place.parents)
        if len(str(place)) <= _LONGEST and (account is None or open_to_all):
            return place
    raise StandinError(
        str(default),
        reason="PostgreSQL's account may not make a directory in it, or its name is too long for a socket",
        hint="Set TMPDIR to a directory in which everybody may write, such as /tmp.",
    )
