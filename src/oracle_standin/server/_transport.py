"""Bytes to and from a client's socket, with TLS or without."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from typing import Protocol

__all__ = ["PlainTransport", "TlsTransport", "Transport"]

_SIZE = 65536


class Transport(Protocol):
    """What one thread reads from while another one writes to it."""

    def receive(self) -> bytes:
        """Return some bytes; none at the end."""

    def send(self, data: bytes) -> None:
        """Send all of it."""

    def limit_wait(self, seconds: float) -> None:
        """Let `receive` raise `TimeoutError` after that time; 0 is no limit."""

    def shut(self) -> None:
        """End the connection, waking up who waits for it."""

    def close(self) -> None:
        """Give the socket back; nobody may use it any more."""


class PlainTransport:
    """A socket as it is.

    Parameters
    ----------
    sock : `socket.socket`
        Connected to the client.
    wait : `float`
        See `limit_wait`.
    """

    def __init__(self, sock: socket.socket, wait: float = 0.0) -> None:
        self._socket = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.limit_wait(wait)

    def receive(self) -> bytes:
        """Return some bytes; none at the end."""
        try:
            return self._socket.recv(_SIZE)
        except BlockingIOError:
            raise TimeoutError("the client said nothing for too long") from None

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self._socket.sendall(data)

    def limit_wait(self, seconds: float) -> None:
        """Let `receive` raise `TimeoutError` after that time; 0 is no limit.

        A timeout of Python's own must not be changed while a thread waits in
        the socket: its read then fails with EAGAIN.
        """
        whole, part = divmod(int(seconds * 1_000_000), 1_000_000)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", whole, part))

    def shut(self) -> None:
        """End the connection, waking up who waits for it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the socket back; nobody may use it any more."""
        self._socket.close()


class TlsTransport(PlainTransport):
    """A socket with TLS.

    OpenSSL does not let two threads use a connection at once, and one of ours
    always waits in a read; so the encryption is kept apart from the socket.

    Parameters
    ----------
    sock : `socket.socket`
        Connected to the client.
    context : `ssl.SSLContext`
        The server's certificate.
    wait : `float`
        See `limit_wait`.

    Raises
    ------
    OSError
        Raised if the client does not manage the handshake (`ssl.SSLError`),
        or goes away.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, wait: float = 0.0) -> None:
        super().__init__(sock, wait)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._lock = threading.Lock()
        self._handshake()

    def _handshake(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                if not (data := super().receive()):
                    raise ConnectionResetError("the client left during the TLS handshake") from None
                self._incoming.write(data)
            except ssl.SSLError:
                self._flush()
                raise
            else:
                self._flush()
                return

    def _flush(self) -> None:
        if data := self._outgoing.read():
            super().send(data)

    def receive(self) -> bytes:
        """Return some bytes; none at the end."""
        while True:
            with self._lock:
                try:
                    return self._tls.read(_SIZE)
                except ssl.SSLWantReadError:
                    self._flush()
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return b""
            data = super().receive()
            with self._lock:
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()

    def send(self, data: bytes) -> None:
        """Send all of it."""
        with self._lock:
            self._tls.write(data)
            self._flush()
