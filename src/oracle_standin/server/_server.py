"""The listener."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from types import TracebackType
from typing import Self

from oracle_standin.errors import StandinError
from oracle_standin.interface import Database
from oracle_standin.server._connection import Connection
from oracle_standin.server._hooks import CallObserver, SilentObserver
from oracle_standin.server._link import Link
from oracle_standin.server._login import Settings
from oracle_standin.server._transport import PlainTransport, TlsTransport, Transport

__all__ = ["Server"]

_LOG = logging.getLogger("oracle_standin.server")
_BACKLOG = 128
_STOP_WAIT = 5.0
"""Seconds to wait at the end for a connection's thread; one may be deep in the engine."""


class Server:
    """Serves one database to many clients.

    Parameters
    ----------
    database : `~oracle_standin.interface.Database`
        What it serves; it is not closed with the server.
    host : `str`
        Address to listen on.
    port : `int`
        Port to listen on; 0 for a free one.
    tls : `ssl.SSLContext`, optional
        With the server's certificate; without it connections are not encrypted.
    observer : `~oracle_standin.server.CallObserver`, optional
        Told of each call.
    settings : `~oracle_standin.server.Settings`, optional
        What of the newer protocol is offered.  The default is the plainest,
        with which all of the driver works but true pipelining.
    max_sessions : `int`
        Most connections at a time; one more is refused (ORA-12519).
    login_timeout : `float`
        Seconds that a client may take to log in.
    """

    def __init__(
        self,
        database: Database,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        observer: CallObserver | None = None,
        settings: Settings | None = None,
        max_sessions: int = 300,
        login_timeout: float = 60.0,
    ) -> None:
        self.database = database
        self.host = host
        self.port = port
        self.max_sessions = max_sessions
        self._tls = tls
        self._observer = observer or SilentObserver()
        self._settings = settings or Settings()
        self._login_timeout = login_timeout
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._lock = threading.Lock()
        self._connections: dict[Connection, threading.Thread] = {}
        self._last = 0
        self._stopping = False

    def start(self) -> None:
        """Begin to listen; `port` is known then.

        Raises
        ------
        oracle_standin.errors.StandinError
            Raised if the address cannot be had.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            raise StandinError(
                f"{self.host}:{self.port}",
                reason=f"cannot listen there: {error.strerror or error}",
                hint="Choose another port, or 0 for a free one.",
            ) from error
        self._listener = listener
        self.port = listener.getsockname()[1]
        self._stopping = False
        self._acceptor = threading.Thread(target=self._accept, name="oracle_standin listener", daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """End all connections and stop listening; may be called again."""
        self._stopping = True
        if self._listener is not None:
            # Closing alone does not wake up a thread that waits in accept.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        if self._acceptor is not None:
            self._acceptor.join()
            self._acceptor = None
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            connection.cut()
        for thread in connections.values():
            thread.join(_STOP_WAIT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """What a driver on this machine connects to (`str`)."""
        scheme = "tcps" if self._tls else "tcp"
        return f"{scheme}://{self.host}:{self.port}/{self.database.service}"

    def connections(self) -> list[Connection]:
        """Return who is connected, or about to."""
        with self._lock:
            return list(self._connections)

    def _accept(self) -> None:
        listener = self._listener
        while listener is not None and not self._stopping:
            try:
                sock, address = listener.accept()
            except OSError as error:
                if not self._stopping:
                    _LOG.warning("cannot accept a connection: %s", error)
                continue
            self._last += 1
            thread = threading.Thread(
                target=self._serve,
                args=(sock, self._last, f"{address[0]}:{address[1]}"),
                name=f"oracle_standin connection {self._last}",
                daemon=True,
            )
            thread.start()

    def _serve(self, sock: socket.socket, number: int, peer: str) -> None:
        try:
            wait = self._login_timeout
            transport: Transport = (
                TlsTransport(sock, self._tls, wait) if self._tls else PlainTransport(sock, wait)
            )
        except OSError as error:
            _LOG.warning("%s: no TLS connection: %s", peer, error)
            sock.close()
            return
        link = Link(transport, peer)
        connection = Connection(number, link, self.database, self._settings, self._observer)
        with self._lock:
            self._connections[connection] = threading.current_thread()
        try:
            if self._stopping:
                return
            link.start()
            connection.run(admit=self._has_room)
        except Exception:  # noqa: BLE001 - a defect must not take other connections with it
            _LOG.exception("connection %d: a defect of the stand-in", number)
        finally:
            link.close()
            with self._lock:
                del self._connections[connection]

    def _has_room(self) -> bool:
        with self._lock:
            return len(self._connections) <= self.max_sessions
