"""Clients that say what no driver of today says, or leave in the middle of it: a real one behind a proxy."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import oracledb
import pytest

from oracle_standin.server import Server
from tests.oracle_standin.connections import Connect
from tests.oracle_standin.server.conftest import WAYS
from tests.support.fake_oracle import FakeDatabase

every_way = pytest.mark.parametrize("way", ["19", "23", "23-response"], indirect=True)
assert {"19", "23", "23-response"} <= set(WAYS)

PING = b"\x03\x93"
"""A function call, and its number."""


class Proxy:
    """Passes bytes between a driver and the server, and changes what the driver says.

    Attributes
    ----------
    rewrite : `~collections.abc.Callable`
        Given what the driver sends, returns what the server gets.
    last : `bool`
        Whether both are cut off when that was sent.
    """

    def __init__(self, server: Server) -> None:
        self.rewrite: Callable[[bytes], bytes] = lambda data: data
        self.last = False
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def dsn(self) -> str:
        """What the driver connects to."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}/FREEPDB1"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            target = socket.create_connection((self._server.host, self._server.port))
            self._sockets += [client, target]
            for pair, rewrite in (((client, target), True), ((target, client), False)):
                thread = threading.Thread(target=self._pass, args=(*pair,), kwargs={"rewrite": rewrite})
                self._threads.append(thread)
                thread.start()

    def _pass(self, source: socket.socket, target: socket.socket, *, rewrite: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(self.rewrite(data) if rewrite else data)
                if self.last:
                    break
        for sock in (source, target):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it."""
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for sock in self._sockets:
            sock.close()

    def replace_once(self, old: bytes, new: bytes) -> None:
        """Replace something in the next packet that has it."""

        def rewrite(data: bytes) -> bytes:
            if old not in data:
                return data
            self.rewrite = lambda data: data
            return data.replace(old, new)

        self.rewrite = rewrite

    def cut_after(self, size: Callable[[bytes], int]) -> None:
        """Let a part of the next bytes through, and then nothing."""

        def rewrite(data: bytes) -> bytes:
            self.last = True
            return data[: size(data)]

        self.rewrite = rewrite


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """Return a proxy in front of the server."""
    proxy = Proxy(server)
    yield proxy
    proxy.close()


@pytest.fixture
def strange(proxy: Proxy, connect: Connect) -> oracledb.Connection:
    """Return a connection through the proxy."""
    return connect(dsn=proxy.dsn)


@every_way
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"\x03\xfa", "oracle_standin does not model function 250"),
        (b"\x63\x93", "oracle_standin does not model message type 99"),
        (b"\x11\xfa", "oracle_standin does not model piggyback 250"),
        (b"\x1a\xfa", "oracle_standin does not model one-way function 250"),
    ],
)
def test_what_is_not_known_is_answered(
    proxy: Proxy, strange: oracledb.Connection, connect: Connect, said: bytes, answer: str
) -> None:
    """A function, message or piggyback of a newer driver is answered by ORA-03001, and the session lives."""
    other = connect()
    strange.cursor().execute("insert into t values (:1)", [1])
    proxy.replace_once(PING, said)
    with pytest.raises(oracledb.DatabaseError, match=f"ORA-03001: unimplemented feature: {answer}"):
        strange.ping()
    strange.ping()
    strange.commit()
    assert other.cursor().execute("select 1 from dual").fetchone() == (1,)


def test_junk_in_a_message(proxy: Proxy, strange: oracledb.Connection) -> None:
    """A message whose fields make no sense is answered by ORA-03106, and the session lives."""

    def spoil(data: bytes) -> bytes:
        proxy.rewrite = lambda data: data
        start = data.index(b"\x03\x5e") + 3
        return data[:start] + b"\x7f" * (len(data) - start)

    proxy.rewrite = spoil
    with pytest.raises(oracledb.DatabaseError, match="ORA-03106"):
        strange.cursor().execute("select 1 from dual")
    assert strange.cursor().execute("select 1 from dual").fetchone() == (1,)


def test_an_unknown_packet(
    proxy: Proxy, strange: oracledb.Connection, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """A packet of a type that no client sends ends the connection with a line in the log, and no other."""
    other = connect()

    def spoil(data: bytes) -> bytes:
        return data[:4] + b"\x63" + data[5:]

    proxy.rewrite = spoil
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        strange.ping()
    assert "sent a packet of type 99" in caplog.text
    assert other.is_healthy()
    other.ping()


def wait_for_end(database: FakeDatabase, number: int) -> None:
    """Wait until a session is closed."""
    while not database.sessions[number].closed:
        threading.Event().wait(0.01)


@pytest.mark.parametrize("where", ["in a packet", "between packets"])
def test_a_client_that_vanishes_amid_a_message(
    proxy: Proxy,
    strange: oracledb.Connection,
    database: FakeDatabase,
    caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:
    """A client that is gone before its message is complete has nothing of it applied, and is undone."""
    strange.cursor().execute("insert into t values (:1, :2)", [1, "first"])
    if where == "in a packet":
        proxy.cut_after(lambda data: len(data) // 2)
    else:
        proxy.cut_after(lambda data: int(struct.unpack_from(">I", data)[0]))
    rows = [(n, "x" * 3000) for n in range(2, 60)]
    with caplog.at_level(logging.ERROR), pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        strange.cursor().executemany("insert into t values (:1, :2)", rows)
    wait_for_end(database, 0)
    assert database.rows == [(1, "first")]
    assert database.sessions[0].commits == 0
    assert caplog.records == []
