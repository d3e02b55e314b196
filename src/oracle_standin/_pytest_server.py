"""The server of a test run: started once, by the process that controls the run."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from multiprocessing.connection import Client, Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from oracle_standin.errors import StandinError

if TYPE_CHECKING:
    # A run that asks for no server shall not pay for it.
    from oracle_standin.control import Ready

__all__ = ["AskedServer", "GivenServer", "OwnServer", "ServerSource", "Switchboard"]

_START_WAIT = 120.0
"""Seconds for a start; it takes about two, and more where many start at once."""
_END_WAIT = 15.0
_TAIL = 20
"""Lines of what the server said that are shown when it does not start."""


class ServerSource(Protocol):
    """Where a test process has its server from."""

    def ready(self) -> Ready:
        """Return how to reach it; start it if need be.

        Raises
        ------
        oracle_standin.errors.StandinError
            Raised if there is none.
        """


class OwnServer:
    """A server that this process starts when it is first asked for, and ends.

    Nothing of it is on the disk, so that nothing is left there if this
    process is killed; the server then ends by itself.

    Parameters
    ----------
    options : `~collections.abc.Sequence` [`str`]
        For ``oracle-standin serve``.
    """

    def __init__(self, options: Sequence[str] = ()) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ready: Ready | None = None
        self._failure: StandinError | None = None

    @property
    def started(self) -> Ready | None:
        """How to reach the server, if anybody has asked for it."""
        return self._ready

    def ready(self) -> Ready:
        """Return how to reach it; start it if need be."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._ready is None:
                try:
                    self._ready = self._start()
                except StandinError as error:
                    # Hundreds of tests shall not wait for it in vain one after the other.
                    self._failure = error
                    raise
            return self._ready

    def _start(self) -> Ready:
        from oracle_standin.control import TOKEN_VARIABLE, Ready  # noqa: PLC0415

        command = [
            *(sys.executable, "-m", "oracle_standin.cli", "serve", "--ready-file", "-"),
            *("--control-port", "0", "--end-with-parent", str(os.getpid()), *self._options),
        ]
        with tempfile.TemporaryFile("w+", errors="replace") as complaints:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                env=os.environ | {TOKEN_VARIABLE: secrets.token_urlsafe(32)},
                # Ctrl-C is for pytest, whose fixtures still need the server.
                start_new_session=True,
            )
            timer = threading.Timer(_START_WAIT, self._process.kill)
            timer.start()
            try:
                assert self._process.stdout is not None  # noqa: S101 - it is a pipe
                line = self._process.stdout.readline()
            finally:
                timer.cancel()
            if line:
                return Ready(**json.loads(line))
            self.stop()
            complaints.seek(0)
            said = [text.rstrip() for text in complaints][-_TAIL:]
        raise StandinError(
            "oracle-standin serve",
            reason="it did not start: " + ("\n".join(said) or f"it said nothing for {_START_WAIT:.0f} s"),
            hint="Try the command by hand.",
        )

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_END_WAIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


class GivenServer:
    """A server that somebody else has started."""

    def __init__(self, ready_file: Path) -> None:
        self._ready_file = ready_file

    def ready(self) -> Ready:
        """Return how to reach it."""
        from oracle_standin.control import read_ready_file  # noqa: PLC0415

        return read_ready_file(self._ready_file)


class Switchboard:
    """Lets the workers of a run ask its controller for the server.

    Parameters
    ----------
    source : `ServerSource`
        Starts it when the first worker asks.
    """

    def __init__(self, source: ServerSource) -> None:
        self._source = source
        self._key = secrets.token_bytes(32)
        self._listener = Listener(("127.0.0.1", 0), authkey=self._key, backlog=64)
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="oracle_standin switchboard", daemon=True)
        self._thread.start()

    @property
    def address(self) -> dict[str, Any]:
        """What a worker must know, to be sent to it (`dict`)."""
        host, port = self._listener.address
        return {"host": str(host), "port": int(port), "key": self._key.hex()}

    def _serve(self) -> None:
        while not self._closing:
            try:
                with self._listener.accept() as connection:
                    # To wake this thread is not to ask for a server, which would be started for it.
                    if not self._closing:
                        connection.send(self._answer())
            except Exception:  # noqa: BLE001, S112 - a worker that is killed while it asks, or the end
                continue

    def _answer(self) -> dict[str, Any]:
        try:
            return {"ready": dataclasses.asdict(self._source.ready())}
        except StandinError as error:
            return {"error": {"subject": error.subject, "reason": error.reason, "hint": error.hint}}

    def close(self) -> None:
        """Answer no more."""
        self._closing = True
        AskedServer(self.address).wake()
        self._thread.join()
        self._listener.close()


class AskedServer:
    """The controller's server, as a worker sees it.

    Parameters
    ----------
    address : `dict`
        Of the controller's `Switchboard`.
    """

    def __init__(self, address: dict[str, Any]) -> None:
        self._address = (address["host"], address["port"])
        self._key = bytes.fromhex(address["key"])

    def ready(self) -> Ready:
        """Return how to reach it."""
        from oracle_standin.control import Ready  # noqa: PLC0415

        try:
            with Client(self._address, authkey=self._key) as connection:
                answer: dict[str, Any] = connection.recv()
        except (OSError, EOFError) as lost:
            raise StandinError(
                "oracle_standin",
                reason=f"the process that controls the test run does not answer: {lost}",
                hint="It has probably ended.",
            ) from None
        if error := answer.get("error"):
            raise StandinError(error["subject"], reason=error["reason"], hint=error["hint"])
        return Ready(**answer["ready"])

    def wake(self) -> None:
        """Let the controller's thread look whether it shall end."""
        try:
            Client(self._address, authkey=self._key).close()
        except (OSError, EOFError):
            return
