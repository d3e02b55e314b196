"""Logins, refusals, strangers and the ends of connections."""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import oracledb
import pytest

from oracle_standin.errors import StandinError
from oracle_standin.server import Server
from tests.oracle_standin.connections import Connect
from tests.oracle_standin.server.conftest import WAYS, Serve
from tests.support.fake_oracle import FakeDatabase, FakeSession

every_way = pytest.mark.parametrize("way", WAYS, indirect=True)


@every_way
def test_login(connect: Connect, database: FakeDatabase) -> None:
    """A client logs in and sees the profile's version, the service and its session."""
    connection = connect()
    assert connection.version == database.profile.version_text
    assert connection.service_name == "FREEPDB1"
    assert connection.db_name == "FREEPDB1"
    assert connection.max_identifier_length == 128
    assert connection.max_open_cursors == 300
    assert connection.session_id == 1
    assert connection.thin
    connection.ping()
    assert any("TIME_ZONE" in text for text in database.sessions[0].ran)


@every_way
def test_wrong_password(connect: Connect) -> None:
    """A wrong password and an unknown user are the same ORA-01017, and the server goes on."""
    for options in ({"password": "lion"}, {"user": "nobody"}, {"password": "Tiger"}):
        with pytest.raises(oracledb.DatabaseError, match="ORA-01017"):
            connect(**options)
    connect()


def test_quoted_users(connect: Connect, database: FakeDatabase) -> None:
    """A quoted user name is taken as it is, another one in upper case."""
    database.users["mixedCase"] = "pässword 漢"
    assert connect(user='"mixedCase"', password="pässword 漢").is_healthy()
    with pytest.raises(oracledb.DatabaseError, match="ORA-01017"):
        connect(user="mixedCase", password="pässword 漢")


def test_locked_user(connect: Connect, database: FakeDatabase) -> None:
    """An error of the engine at login reaches the client."""
    database.locked.add("SCOTT")
    with pytest.raises(oracledb.DatabaseError, match="ORA-28000"):
        connect()


def test_administrators(connect: Connect, database: FakeDatabase) -> None:
    """SYS must log in as SYSDBA, and nobody else may."""
    database.users["SYS"] = "secret"
    assert connect(user="sys", password="secret", mode=oracledb.AUTH_MODE_SYSDBA).is_healthy()
    with pytest.raises(oracledb.DatabaseError, match="ORA-28009"):
        connect(user="sys", password="secret")
    with pytest.raises(oracledb.DatabaseError, match="ORA-01031"):
        connect(mode=oracledb.AUTH_MODE_SYSDBA)


@every_way
def test_passwords_change(connect: Connect, database: FakeDatabase) -> None:
    """A password is changed within a session and at login; a wrong old one is refused."""
    connection = connect()
    with pytest.raises(oracledb.DatabaseError, match="ORA-28008"):
        connection.changepassword("wrong", "lion")
    connection.changepassword("tiger", "lion")
    assert database.users["SCOTT"] == "lion"
    connect(password="lion", newpassword="panther")
    assert database.users["SCOTT"] == "panther"
    assert connection.is_healthy()


def test_unknown_service(server: Server, connect: Connect) -> None:
    """Another service, another SID and none at all are refused as a listener does."""
    address = f"(ADDRESS=(PROTOCOL=tcp)(HOST=127.0.0.1)(PORT={server.port}))"
    for data, code in (("(SERVICE_NAME=other)", "DPY-6001"), ("(SID=other)", "DPY-6003"), ("", "DPY-6000")):
        with pytest.raises(oracledb.OperationalError, match=code):
            connect(dsn=f"(DESCRIPTION={address}(CONNECT_DATA={data}))")
    assert connect(dsn=f"(DESCRIPTION={address}(CONNECT_DATA=(SID=freepdb1)))").is_healthy()


def test_long_connect_data(server: Server, connect: Connect) -> None:
    """Connect data that do not fit into the first packet come in their own."""
    options = "".join(f"(ADDRESS=(PROTOCOL=tcp)(HOST=127.0.0.1)(PORT={server.port}))" for _ in range(20))
    dsn = f"(DESCRIPTION=(ADDRESS_LIST={options})(CONNECT_DATA=(SERVICE_NAME=FREEPDB1)))"
    assert connect(dsn=dsn).is_healthy()


@pytest.mark.parametrize("sdu", [512, 8192, 65535, 2_000_000])
def test_packet_sizes(server: Server, connect: Connect, database: FakeDatabase, sdu: int) -> None:
    """Small and large packets carry long values both ways."""
    connection = connect(sdu=sdu)
    text = "0123456789" * 400
    assert connection.cursor().execute("select :1 from dual", [text]).fetchone() == (text,)
    rows = [(n, text) for n in range(200)]
    connection.cursor().executemany("insert into t values (:1, :2)", rows)
    assert database.rows == rows


def test_session_limit(serve: Serve, connect: Connect) -> None:
    """One session too many is refused, and there is room again when another one ends."""
    server = serve(max_sessions=2)
    first, second = connect(dsn=server.dsn), connect(dsn=server.dsn)
    with pytest.raises(oracledb.OperationalError, match="12519"):
        connect(dsn=server.dsn)
    first.close()
    while len(server.connections()) > 1:
        threading.Event().wait(0.01)
    assert connect(dsn=server.dsn).is_healthy()
    assert second.is_healthy()


def test_current_schema(connection: oracledb.Connection, database: FakeDatabase) -> None:
    """The schema that the driver sets is set before its next call, and one that SQL sets is told to it."""
    connection.current_schema = "hr"
    connection.cursor().execute("select 1 from dual")
    assert database.sessions[0].current_schema == "HR"
    connection.cursor().execute("alter session set current_schema = OE")
    assert connection.current_schema == "OE"


@every_way
def test_attributes(connection: oracledb.Connection, server: Server) -> None:
    """What a client says it does is known, and disturbs no call."""
    connection.module, connection.action, connection.clientinfo = "mödule", "act", "info"
    connection.client_identifier, connection.dbop = "me", ""
    connection.ping()
    connection.action, connection.module = "", "mödule"
    connection.ping()
    (known,) = server.connections()
    assert known.attributes == {
        "module": "mödule",
        "action": "",
        "client_info": "info",
        "client_identifier": "me",
        "dbop": "",
    }


@every_way
def test_unknown_calls(connection: oracledb.Connection) -> None:
    """A call of the driver that is not modelled is answered by an error, and the session lives."""
    queue = connection.queue("Q")
    with pytest.raises(oracledb.DatabaseError, match="ORA-03001"):
        queue.enqone(connection.msgproperties(payload=b"x" * 20_000))
    with pytest.raises(oracledb.DatabaseError, match="ORA-03001"):
        queue.deqone()
    with pytest.raises(oracledb.DatabaseError, match="ORA-03001"):
        connection.tpc_begin(connection.xid(1, "txn", "branch"))
    assert connection.cursor().execute("select 1 from dual").fetchone() == (1,)


def test_kill(connect: Connect, server: Server, database: FakeDatabase) -> None:
    """A killed session is gone at once, and its client is told by ORA-00028 with its next call."""
    connection, other = connect(), connect()
    connection.cursor().execute("insert into t values (:1)", [1])
    server.connections()[0].kill()
    while not database.sessions[0].closed:
        threading.Event().wait(0.01)
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011") as caught:
        connection.cursor().executemany("insert into t values (:1)", [(n,) for n in range(5000)])
    assert "ORA-00028" in str(caught.value)
    assert not connection.is_healthy()
    assert other.cursor().execute("select 1 from dual").fetchone() == (1,)


def test_kill_of_a_session_that_works(connect: Connect, server: Server, database: FakeDatabase) -> None:
    """A session that is killed in the middle of a call has the call cancelled."""

    def wait(session: FakeSession, _: Any) -> dict[int, Any]:
        threading.Thread(target=server.connections()[0].kill).start()
        session.wait(60)
        return {}

    database.blocks["begin wait; end;"] = wait
    with pytest.raises(oracledb.DatabaseError, match="ORA-00028"):
        connect().cursor().execute("begin wait; end;")
    assert database.sessions[0].closed


def test_logoff_closes_the_session(connect: Connect, database: FakeDatabase) -> None:
    """A client that has logged off knows that its session is closed, which rolls back."""
    connection = connect()
    connection.cursor().execute("insert into t values (:1)", [1])
    connection.close()
    assert database.sessions[0].closed


def test_stop_ends_connections(serve: Serve, connect: Connect, database: FakeDatabase) -> None:
    """A server that stops closes all sessions, and its port can be used again."""
    server = serve()
    connection = connect(dsn=server.dsn)
    server.stop()
    server.stop()
    assert database.sessions[0].closed
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        connection.ping()
    again = serve(port=server.port)
    assert connect(dsn=again.dsn).is_healthy()


def test_port_taken(server: Server, serve: Serve) -> None:
    """A port that is taken is told with a hint."""
    with pytest.raises(StandinError, match=r"cannot listen there.*\nHint: Choose another port"):
        serve(port=server.port)


@contextmanager
def raw_socket(server: Server) -> Iterator[socket.socket]:
    """Connect without a driver."""
    with socket.create_connection((server.host, server.port), timeout=30) as sock:
        yield sock


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "unknown protocol"),
        (b"\x00\x00\x00\x00\x01\x00\x00\x00", "a packet of 0 bytes"),
        (b"\x00\x0c\x00\x00\x01\x00\x00\x00abcd", "a CONNECT packet of 4 bytes"),
        (b"\x00", ""),
        (b"", ""),
    ],
)
def test_strangers(
    server: Server, connect: Connect, caplog: pytest.LogCaptureFixture, sent: bytes, said: str
) -> None:
    """What is not an Oracle client is turned away with a line in the log, and others are served."""
    with caplog.at_level(logging.INFO, "oracle_standin.server"), raw_socket(server) as sock:
        sock.sendall(sent)
        if not said:
            sock.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while data := sock.recv(4096):
                answer += data
        except ConnectionResetError:
            pass
    assert said in caplog.text
    assert ("oracle_standin" in answer.decode(errors="replace")) == (said == "HTTP")
    assert connect().is_healthy()


def test_a_newer_packet(server: Server) -> None:
    """A client that speaks newer versions only is refused with ORA-12618."""
    body = (
        struct.pack(">HHHH", 400, 350, 0, 8192) + bytes(8) + struct.pack(">HH", 4, 74) + bytes(46) + b"(X=)"
    )
    with raw_socket(server) as sock:
        sock.sendall(struct.pack(">HHBBH", len(body) + 8, 0, 1, 0, 0) + body)
        assert b"(ERR=12618)" in sock.recv(4096)


def test_silence(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A client that says nothing is let go of after a while."""
    server = serve(login_timeout=0.1)
    with raw_socket(server) as sock:
        assert sock.recv(1) == b""
    assert "did not log in in time" in caplog.text


def test_a_client_that_vanishes(server: Server, connect: Connect, database: FakeDatabase) -> None:
    """A connection cut on the client's side ends its session only."""
    other = connect()
    sock = socket.create_connection((server.host, server.port))
    sock.sendall(b"\x00\x4a\x00\x00\x01\x00\x00\x00\x01")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    assert other.cursor().execute("select 1 from dual").fetchone() == (1,)
