"""A throw-away server from the PostgreSQL programs of this machine."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import sqlalchemy

from gen3bed.errors import Gen3bedError, ServiceError, ServiceNotReadyError
from gen3bed.ledger import Entry
from gen3bed.services._cleanup import removing, run_all
from gen3bed.services._command import run_command
from gen3bed.services._directory import directory_entry, make_directory, remove_directory
from gen3bed.services._memory import available_memory
from gen3bed.services._process import end_process, find_processes
from gen3bed.services._provider import Provider, Wanted, service_name
from gen3bed.services._service import Profile, Service
from gen3bed.services._signs import Evidence
from gen3bed.services.postgresql._binaries import (
    Binaries,
    find_binaries,
    server_environment,
    unprivileged_account,
)
from gen3bed.services.postgresql._profiles import profile_parameters
from gen3bed.services.postgresql._provider import (
    ADMINISTRATOR,
    admin_url,
    describe,
    minimum_version,
)
from gen3bed.services.postgresql._readiness import classify, wait_until_ready
from gen3bed.services.postgresql._server import ServerState, check_server

__all__ = ["lacking", "provide", "provider"]

_HOST = "127.0.0.1"
_PORT_ATTEMPTS = 5
"""A free port can be taken by somebody else before the server has it."""
_ORPHAN_GRACE = 10.0
"""Seconds; such a server has at most a checkpoint to do, without a sync."""
_PORT_TAKEN = re.compile(r"Address already in use|could not bind|could not create any TCP/IP sockets")


def lacking() -> str:
    """Return what the machine lacks for this provider, or nothing."""
    try:
        find_binaries(minimum=minimum_version(), account=unprivileged_account())
    except Gen3bedError as err:
        return "; ".join([err.reason, *err.detail.splitlines()])
    return ""


_MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM = 2 * 1024**3
"""Bytes, as in the container; see its limit of the data in memory."""


@contextlib.contextmanager
def provide(wanted: Wanted) -> Iterator[Service]:
    """Initialise a cluster in a temporary directory and run a server on it.

    In the fast profile its data lies in memory where the machine, and the
    batch job if this is one, has room for it: copying a database on a disk
    costs ten times the processor time.

    The server listens on an ephemeral loopback port only, has no socket
    file, and runs in a session of its own, so that Ctrl-C in the terminal
    reaches us and not the server.

    Raises
    ------
    ProviderUnavailableError
        Raised if the machine has no usable server programs.
    ServiceError
        Raised, in the subclass that fits, if the server does not get ready;
        nothing is left then.
    """
    ledger = wanted.ledger
    binaries = find_binaries(minimum=minimum_version(), account=unprivileged_account())
    directory = directory_entry(ledger, base=_base_directory(binaries, wanted.profile))
    process = Entry(
        kind="process",
        name=service_name(ledger, "postgresql"),
        facts={"directory": directory.name, "signal": "SIGINT"},
    )

    def remove() -> None:
        end_process(process)
        # A full disk that keeps the ledger from being written is one reason
        # more to remove the data.
        run_all([partial(ledger.strike, process), remove_data])

    def remove_data() -> None:
        remove_directory(directory, ledger.run)
        ledger.strike(directory)

    with removing(remove, keep=wanted.keep):
        ledger.record(directory)
        ledger.record(process)
        cluster = _Cluster(binaries, make_directory(directory, owner=binaries.owner), process)
        password = secrets.token_hex(16)
        cluster.initialise(password, wanted.profile)
        server_url, state = cluster.start(password, wanted.timeout)
        ledger.record(_with_identity(process))
        check_server(cluster.subject, state, minimum=minimum_version())
        yield Service(
            registry="postgresql",
            provider="local",
            url=server_url,
            version=state.version,
            holder=process.name,
            facts={
                "profile": wanted.profile,
                "binaries": str(binaries.directory),
                "account": binaries.account or "",
                **describe(state),
            },
        )


provider = Provider(provide=provide, lacking=lacking)
"""This provider's row in the table (`Provider`)."""


class _Cluster:
    """A data directory and the programs that work on it."""

    def __init__(self, binaries: Binaries, directory: Path, process: Entry) -> None:
        self.subject = f"local PostgreSQL {binaries.version}"
        self._binaries = binaries
        self._directory = directory
        self._data = directory / "data"
        self._log = directory / "server.log"
        self._process = process

    def initialise(self, password: str, profile: Profile) -> None:
        password_file = self._directory / "password"
        self._write(password_file, password)
        try:
            self._run(
                "initdb",
                f"--pgdata={self._data}",
                f"--username={ADMINISTRATOR}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                # The same as in the image: sorting must not depend on the
                # locale of whoever starts the tests.
                "--encoding=UTF8",
                "--locale=C",
                # The data is thrown away with the machine's power.
                *(["--no-sync"] if profile == "fast" else []),
                timeout=120,
            )
        except BaseException:
            self._await_end()
            raise
        finally:
            password_file.unlink(missing_ok=True)
        settings = {
            **profile_parameters(profile),
            "listen_addresses": f"'{_HOST}'",
            # Socket paths are limited to about 100 bytes, and nobody uses it.
            "unix_socket_directories": "''",
            # In the data directory: a server that is killed leaves segments of
            # shared memory behind, which nothing else would remove.
            "dynamic_shared_memory_type": "mmap",
        }
        with (self._data / "postgresql.conf").open("a") as stream:
            stream.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def start(self, password: str, timeout: float) -> tuple[sqlalchemy.URL, ServerState]:
        for attempt in range(_PORT_ATTEMPTS):
            port = _free_port()
            try:
                self._run(
                    "pg_ctl",
                    "start",
                    f"--pgdata={self._data}",
                    f"--log={self._log}",
                    f"--options=-p {port}",
                    "--wait",
                    f"--timeout={timeout:.0f}",
                    "--silent",
                    timeout=timeout + 10,
                )
            except ServiceNotReadyError:
                if attempt + 1 < _PORT_ATTEMPTS and _PORT_TAKEN.search(self._read_log()):
                    self._log.unlink(missing_ok=True)
                    continue
                raise
            url = admin_url(host=_HOST, port=port, password=password)
            return url, wait_until_ready(
                url, subject=self.subject, timeout=timeout, ended=self._ended, log=self._read_log
            )
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _run(self, program: str, *arguments: str, timeout: float) -> None:
        try:
            run_command(
                [self._binaries.program(program), *arguments],
                timeout=timeout,
                env=server_environment(),
                user=self._binaries.account,
                cwd=self._directory,
            )
        except ServiceError as err:
            # What the program printed and what the server logged say more
            # than an exit code.
            evidence = Evidence(
                message=err.detail, log=self._read_log(), ended=f"{program}: {err.reason}", waited=timeout
            )
            raise classify(self.subject, evidence) or err from err

    def _write(self, path: Path, text: str) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            if (owner := self._binaries.owner) is not None:
                os.fchown(descriptor, *owner)
            stream.write(text)

    def _read_log(self) -> str:
        try:
            return self._log.read_text(errors="replace")
        except OSError:
            return ""

    def _await_end(self) -> None:
        """Wait for the server that an interrupted initdb started, and has left.

        It reads the end of its input and ends by itself.  Ended by a signal,
        it would leave segments of shared memory behind.
        """
        deadline = time.monotonic() + _ORPHAN_GRACE
        while find_processes(self._process) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _ended(self) -> str:
        return "" if find_processes(self._process) else "its process is gone"


def _with_identity(process: Entry) -> Entry:
    """Add the postmaster's number and start time, known only now."""
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        pid = int((Path(process.facts["directory"]) / "data" / "postmaster.pid").read_text().split()[0])
        started = psutil.Process(pid).create_time()
        return replace(process, facts=process.facts | {"pid": str(pid), "started": repr(started)})
    return process


def _base_directory(binaries: Binaries, profile: Profile) -> Path:
    """Return a directory for the cluster's that the server's account can enter."""
    if profile == "fast" and _has_room(_MEMORY):
        return _MEMORY
    default = Path(tempfile.gettempdir())
    if binaries.account is None:
        return default
    for place in (default, Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if all(part.stat().st_mode & 0o001 for part in (place, *place.parents)):
            return place
    raise ServiceError(
        str(default),
        reason=f"the account {binaries.account}, which the server runs as, cannot enter it",
        hint="Set TMPDIR to a directory that everybody may enter.",
    )


def _has_room(memory: Path) -> bool:
    """Return whether throw-away data may lie in a file system in memory."""
    try:
        free = shutil.disk_usage(memory).free
    except OSError:
        return False
    return os.access(memory, os.W_OK) and min(free, available_memory()) >= _ROOM


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
