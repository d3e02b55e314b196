"""Packets to and from one client: a thread that reads, apart from the one that works."""

from __future__ import annotations

import contextlib
import logging
import queue
import struct
import threading
from collections.abc import Iterator

from oracle_standin.interface import Session
from oracle_standin.server._transport import Transport
from oracle_standin.wire.codes import Marker, PacketType
from oracle_standin.wire.connect import stranger
from oracle_standin.wire.fields import Reader, WireError
from oracle_standin.wire.packets import (
    DATA_EOF,
    HEADER,
    Packet,
    PacketSplitter,
    data_packets,
    marker_packet,
)

__all__ = ["Gone", "Interrupted", "Killed", "Link"]

_LOG = logging.getLogger("oracle_standin.server")
_CANCEL_AGAIN = 0.05
"""Seconds after which a call that still runs is cancelled once more: the first
cancel may come before the engine has begun."""
_NO_HTTP = (
    b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n"
    b"This is oracle_standin: it speaks Oracle's protocol, not HTTP.\n"
)
_REST = 0.1
"""Seconds to wait for the rest of a message that nobody can read."""


class Gone(Exception):  # noqa: N818 - the end of a connection is no error
    """The client is gone, or was told to go."""


class Interrupted(Exception):  # noqa: N818 - the client's wish
    """The client wants the call to end."""


class Killed(Exception):  # noqa: N818 - somebody's order
    """The session is to end while nothing of it runs."""


class Link:
    """One client's packets.

    Parameters
    ----------
    transport : `~oracle_standin.server._transport.Transport`
        The socket.
    name : `str`
        For the log and the thread.

    Attributes
    ----------
    reader : `~oracle_standin.wire.fields.Reader`
        Fields of the client's messages, as they arrive.
    sdu : `int`
        Agreed size of a packet.
    answers : `int`
        Messages sent so far.
    sent, received : `int`
        Bytes so far.
    """

    def __init__(self, transport: Transport, name: str) -> None:
        self.sdu = 8192
        self.answers = 0
        self.sent = 0
        self.received = 0
        self.reader = Reader(self._payload)
        self._transport = transport
        self._name = name
        self._splitter = PacketSplitter()
        self._packets: queue.SimpleQueue[Packet | Killed | None] = queue.SimpleQueue()
        self._last_size = 0
        self._lock = threading.Lock()
        self._running: Session | None = None
        self._idle = threading.Event()
        self._interrupted = False
        self._woken = threading.Event()
        self._logged_in = False
        self._thread = threading.Thread(target=self._read, name=f"{name} reader", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """End the connection, the reading thread and the socket.

        In that order: the number of a socket that is closed under a thread
        may be another one's by the time the thread reads.
        """
        self._transport.shut()
        if self._thread.is_alive():
            self._thread.join()
        self._transport.close()

    def cut(self) -> None:
        """End the connection under whoever uses it; then it closes itself."""
        self._transport.shut()

    def _read(self) -> None:
        try:
            begun: bytes | None = b""
            while data := self._received():
                self.received += len(data)
                if begun is not None:
                    begun = self._greeted(begun + data)
                for packet in self._splitter.feed(data):
                    self._packets.put(packet)
                    if packet.type == PacketType.MARKER and packet.body[2:3] != bytes((Marker.RESET,)):
                        self._interrupted = True
                        self._woken.set()
                        self._cancel()
        except WireError as error:
            _LOG.warning("%s sent %s", self._name, error)
        except TimeoutError:
            _LOG.warning("%s did not log in in time", self._name)
        except OSError as error:
            _LOG.debug("%s: %s", self._name, error)
        self._packets.put(None)
        self._woken.set()
        self._cancel()

    def _received(self) -> bytes:
        while True:
            try:
                return self._transport.receive()
            except TimeoutError:
                # The wait may have begun before the login was complete.
                if not self._logged_in:
                    raise

    def _greeted(self, begun: bytes) -> bytes | None:
        """Return the first bytes until there are enough to know that they are Oracle's; then `None`.

        Raises
        ------
        oracle_standin.wire.fields.WireError
            Raised if they are not.
        """
        if (protocol := stranger(begun)) is not None:
            if protocol == "HTTP":
                self._transport.send(_NO_HTTP)
            raise WireError(f"{protocol}; this port speaks Oracle's protocol only")
        return begun if len(begun) < HEADER else None

    def kill(self) -> None:
        """Cancel what runs, end a `pause`, and let who waits for a packet get `Killed`."""
        self._woken.set()
        self._packets.put(Killed())
        self._cancel()

    def _cancel(self) -> None:
        """Cancel what runs until it has ended."""
        while True:
            with self._lock:
                if self._running is None:
                    return
                self._running.cancel()
            self._idle.wait(_CANCEL_AGAIN)

    def pause(self, seconds: float) -> None:
        """Wait, until the client wants the call to end, or is gone, or is to go."""
        self._woken.wait(seconds)

    @contextlib.contextmanager
    def running(self, session: Session) -> Iterator[None]:
        """Let the client cancel what the session does in this context.

        Raises
        ------
        Interrupted
            Raised if it wanted so already.
        """
        with self._lock:
            if self._interrupted:
                raise Interrupted
            self._idle.clear()
            self._running = session
        try:
            yield
        finally:
            with self._lock:
                self._running = None
            self._idle.set()

    @property
    def interrupted(self) -> bool:
        """Whether the client waits for a break to be acknowledged (`bool`)."""
        return self._interrupted

    def packet(self) -> Packet:
        """Return the next packet.

        Raises
        ------
        Gone
            Raised if there will be none.
        Killed
            Raised, once, if the session is to end.
        """
        packet = self._packets.get()
        if packet is None:
            self._packets.put(None)
            raise Gone
        if isinstance(packet, Killed):
            raise packet
        return packet

    def _payload(self) -> bytes:
        """Return what is in the next data packet."""
        while True:
            packet = self.packet()
            if packet.type == PacketType.MARKER:
                if self._interrupted:
                    raise Interrupted
                continue
            if packet.type != PacketType.DATA:
                _LOG.warning("%s sent a packet of type %d", self._name, packet.type)
                raise Gone
            (flags,) = struct.unpack_from(">H", packet.body)
            if flags & DATA_EOF:
                raise Gone
            self._last_size = len(packet.body)
            if len(packet.body) > 2:  # noqa: PLR2004 - the flags
                return packet.body[2:]

    def discard(self) -> None:
        """Drop the rest of a message whose end is not known.

        The client fills its packets and then waits; so a packet that is not
        full is the last one.
        """
        full = self.sdu - 8
        while self._last_size >= full or not self._packets.empty():
            try:
                packet = self._packets.get(timeout=_REST)
            except queue.Empty:
                break
            if isinstance(packet, Killed):
                continue
            if packet is None or packet.type != PacketType.DATA:
                self._packets.put(packet)
                break
            self._last_size = len(packet.body)
        self.reader.data, self.reader.position = b"", 0

    def use_large_lengths(self, sdu: int) -> None:
        """Take lengths of four bytes from now on; must come before ACCEPT is sent."""
        self.sdu = sdu
        self._splitter.limit = sdu
        self._splitter.large = True

    def logged_in(self) -> None:
        """Let the client take its time from now on."""
        self._logged_in = True
        self._transport.limit_wait(0)

    def send_raw(self, data: bytes) -> None:
        """Send packets.

        Raises
        ------
        Gone
            Raised if the client is gone.
        """
        self.answers += 1
        self.sent += len(data)
        try:
            self._transport.send(data)
        except OSError:
            raise Gone from None

    def send(self, message: bytes, *, end_of_response: bool = False) -> None:
        """Send an answer."""
        self.send_raw(data_packets(message, self.sdu, end_of_response=end_of_response))

    def acknowledge_break(self) -> None:
        """Agree with the client that what was on its way is dropped."""
        self.reader.data, self.reader.position = b"", 0
        self.send_raw(marker_packet(Marker.BREAK))
        while True:
            packet = self.packet()
            if packet.type == PacketType.MARKER and packet.body[2:3] == bytes((Marker.RESET,)):
                break
        self._interrupted = False
        self._woken.clear()
        self.send_raw(marker_packet(Marker.RESET))
