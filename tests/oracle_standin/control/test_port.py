"""The control port and its client, on a database in memory."""

from __future__ import annotations

import http.client
import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import oracledb
import pytest

from oracle_standin.control import Control, ControlServer, Ready, read_ready_file, write_ready_file
from oracle_standin.errors import OracleError, StandinError
from oracle_standin.faults import Faults
from oracle_standin.server import CallKind, Server
from oracle_standin.statement_log import StatementLog
from tests.support.fake_oracle import FakeDatabase, Query, column

TOKEN = "a token"
READY = Ready(
    connect_string="h:1/S",
    url="u",
    host="h",
    port=1,
    service="S",
    profile="19",
    engine="e",
    banner="b",
    pid=1,
)


@pytest.fixture
def database() -> FakeDatabase:
    """Return a database with SCOTT and the administrator."""
    users = {"SCOTT": "tiger", "ADAMS": "tiger", "SYSTEM": "system"}
    queries = {"SELECT 1 FROM dual": Query([column("1")], [(1,)])}
    return FakeDatabase(users=users, queries=queries)


@pytest.fixture
def served(database: FakeDatabase) -> Iterator[tuple[Server, ControlServer]]:
    """Return a server and its control port."""
    faults = Faults()
    log = StatementLog(faults)
    with (
        Server(database, observer=log) as server,
        ControlServer(server, faults, log, token=TOKEN) as control,
    ):
        yield server, control


@pytest.fixture
def server(served: tuple[Server, ControlServer]) -> Server:
    """Return the server."""
    return served[0]


@pytest.fixture
def control(served: tuple[Server, ControlServer]) -> Control:
    """Return a client of the control port."""
    return Control(served[1].url, TOKEN)


def connect(server: Server, user: str = "scott") -> oracledb.Connection:
    """Connect."""
    return oracledb.connect(user=user, password="tiger", dsn=server.dsn)


def test_faults_from_afar(server: Server, control: Control) -> None:
    """A fault that another process adds strikes, tells how often, and is gone when it is removed."""
    fault = control.at(CallKind.PING, times=None, user="scott").answer(1555)
    with connect(server) as connection:
        for _ in range(2):
            with pytest.raises(oracledb.DatabaseError, match="ORA-01555"):
                connection.ping()
        assert fault.struck == 2
        (listed,) = control.injected()
        assert (listed.number, listed.rule) == (fault.number, fault.rule)
        fault.remove()
        fault.remove()
        connection.ping()
        assert fault.struck == 2
        control.lose_answer_of_commit()
        control.cap_sessions(1)
        control.clear()
        assert control.injected() == []
        connection.commit()


def test_counts_from_afar(server: Server, control: Control) -> None:
    """Counts are read of one user, as that user is written in SQL, and of all."""
    with connect(server) as connection, connect(server, "adams") as other:
        connection.cursor().execute("select 1 from dual").fetchall()
        other.ping()
        summary = control.summary("scott")
        assert summary.statements["select 1 from dual"].executions == 1
        assert (summary.totals.pings, control.summary().totals.pings) == (0, 1)


def test_sessions_from_afar(server: Server, control: Control, database: FakeDatabase) -> None:
    """Sessions are listed, killed and cut by number, and killed by user; the session is gone then."""
    first, second, third = connect(server), connect(server), connect(server, "adams")
    first.module = "mine"
    first.ping()
    listed = control.sessions("scott")
    assert [session.number for session in listed] == [1, 2]
    assert listed[0].attributes["module"] == "mine"
    control.kill_session(1)
    assert database.sessions[0].closed
    with pytest.raises(oracledb.DatabaseError, match="ORA-00028"):
        first.ping()
    control.cut_session(2)
    assert database.sessions[1].closed
    with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
        second.ping()
    assert control.kill_sessions("scott") == 0
    assert control.kill_sessions("adams") == 1
    assert control.sessions() == []
    with pytest.raises(oracledb.DatabaseError, match="ORA-00028"):
        third.ping()
    with pytest.raises(StandinError, match="there is no session 1"):
        control.kill_session(1)


def test_health(control: Control, database: FakeDatabase) -> None:
    """Health says what the server is, and is an error when the engine does not answer."""
    assert control.health()["banner"].startswith("oracle_standin (not an Oracle Database)")
    assert all(session.closed for session in database.sessions)
    database.locked.add("SYSTEM")
    with pytest.raises(
        StandinError, match=r"the engine does not answer: ORA-28000.*\nHint: See the server's"
    ):
        control.health()


def test_a_defect_is_answered(control: Control, database: FakeDatabase) -> None:
    """What goes wrong inside is an error of the request, and the port lives."""
    database.queries["SELECT 1 FROM dual"] = Query([], None)  # type: ignore[arg-type]
    with pytest.raises(StandinError, match="a defect of oracle_standin"):
        control.health()
    assert control.sessions() == []


def test_a_wrong_token(control: Control) -> None:
    """Without the token nothing is told or done, not even whether something exists."""
    for token in ("", "another", "ä"):
        with pytest.raises(StandinError, match="the token is not right"):
            Control(control.url, token).health()
    address = control.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=30)
    for path in ("/health", "/nothing"):
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 401
        response.read()
        connection.close()


@pytest.mark.parametrize(
    ("method", "target", "body", "said"),
    [
        ("GET", "/nothing", None, "there is nothing at /nothing"),
        ("GET", "/faults/first", None, "there is nothing at /faults/first"),
        ("DELETE", "/health", None, "DELETE is not for /health"),
        ("POST", "/faults", "text", "it is no JSON object"),
        ("POST", "/faults", {"kind": "commit"}, "the field action is missing"),
        ("GET", "/faults/7", None, "there is no fault 7"),
        ("DELETE", "/faults/7", None, "there is no fault 7"),
        ("DELETE", "/sessions", None, "it is not said which sessions"),
        ("DELETE", "/sessions?user=scott&how=burn", None, "sessions cannot be ended by burn"),
    ],
)
def test_wrong_requests(control: Control, method: str, target: str, body: object, said: str) -> None:
    """A request that makes no sense is refused with the reason."""
    with pytest.raises(StandinError, match=said):
        control.request(method, target, body)


@pytest.mark.parametrize(("length", "status"), [("5", 400), ("many", 413), ("99999999", 413)])
def test_wrong_bodies(control: Control, length: str, status: int) -> None:
    """A body that is no JSON, or too long to read, is refused."""
    connection = http.client.HTTPConnection(control.url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/faults")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Length", length)
    connection.endheaders(b"{{{{{")
    assert connection.getresponse().status == status
    connection.close()


def test_nobody_answers(served: tuple[Server, ControlServer], control: Control) -> None:
    """A server that is gone is one error that names the port."""
    gone = Control("http://127.0.0.1:1", TOKEN)
    with pytest.raises(StandinError, match=r"http://127.0.0.1:1: it does not answer.*\nHint: Look whether"):
        gone.health()


def test_the_port_is_taken(served: tuple[Server, ControlServer]) -> None:
    """A control port that is taken is told with a hint."""
    server, control = served
    port = int(control.url.rpartition(":")[2])
    with pytest.raises(StandinError, match=r"control port \d+: cannot listen there.*\nHint: Choose another"):
        ControlServer(server, Faults(), StatementLog(), token=TOKEN, port=port)


def test_requests_at_once(server: Server, control: Control) -> None:
    """Many processes may use the port at once."""

    def add() -> None:
        for _ in range(20):
            control.at(CallKind.COMMIT).cut()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({fault.number for fault in control.injected()}) == 160


def test_ready_files(tmp_path: Path) -> None:
    """A ready file is for its owner alone, and comes back as it was; a wrong one is told."""
    path = tmp_path / "ready.json"
    write_ready_file(path, READY)
    assert read_ready_file(path) == READY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["ready.json"]
    with pytest.raises(StandinError, match="its server has no control port"):
        Control.from_ready_file(path)
    for text in ("", "[]", "{}", json.dumps({"other": 1})):
        path.write_text(text)
        with pytest.raises(StandinError, match="it was not written by oracle-standin"):
            read_ready_file(path)
    with pytest.raises(StandinError, match=r"it cannot be read: No such file"):
        read_ready_file(tmp_path / "other.json")
    with pytest.raises(StandinError, match=r"it cannot be written: No such file.*\nHint: Give --ready-file"):
        write_ready_file(tmp_path / "no" / "ready.json", READY)


def test_the_environment(control: Control, tmp_path: Path) -> None:
    """The client finds a server by address and token, or by the ready file, in the environment."""
    both = {"ORACLE_STANDIN_CONTROL_URL": control.url, "ORACLE_STANDIN_TOKEN": TOKEN}
    assert Control.from_environment(both).health()["engine"] == "fake"
    path = tmp_path / "ready.json"
    path.write_text(json.dumps({**vars(READY), "control_url": control.url, "control_token": TOKEN}))
    assert Control.from_environment({"ORACLE_STANDIN_READY_FILE": str(path)}).health()["engine"] == "fake"
    with pytest.raises(StandinError, match="it is not said where it is"):
        Control.from_environment({})


def test_a_query_that_fails(control: Control, database: FakeDatabase) -> None:
    """An engine whose query fails is not well."""
    database.unparsable["SELECT 1 FROM dual"] = OracleError(1034, "ORACLE not available")
    with pytest.raises(StandinError, match="ORA-01034"):
        control.health()
