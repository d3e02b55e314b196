"""Tests of telling why a server does not answer."""

from __future__ import annotations

import socket
import threading

import pytest
import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    ProviderUnavailableError,
    ReadOnlyServerError,
    ServiceError,
    ServiceNotReadyError,
    StorageFullError,
)
from gen3bed.services._signs import Evidence
from gen3bed.services.postgresql._readiness import classify, wait_until_ready

_REFUSED = 'connection to server at "127.0.0.1", port 1 failed: Connection refused'


@pytest.mark.parametrize(
    ("evidence", "error", "reason"),
    [
        pytest.param(
            Evidence(ended="exit code 1", log="could not write to file: No space left on device"),
            StorageFullError,
            "no room",
            id="disk-full-in-log",
        ),
        pytest.param(
            Evidence(message="initdb: error: could not write: No space left on device", ended="initdb"),
            StorageFullError,
            "no room",
            id="disk-full-in-message",
        ),
        pytest.param(
            Evidence(ended="exit code 1", log="FATAL: could not map anonymous shared memory"),
            ServiceNotReadyError,
            "memory",
            id="memory",
        ),
        pytest.param(
            Evidence(ended="exit code 1", log='"root" execution of the PostgreSQL server is not permitted.'),
            ProviderUnavailableError,
            "root",
            id="root",
        ),
        pytest.param(
            Evidence(message='FATAL:  password authentication failed for user "a"'),
            CredentialsError,
            "refused the password",
            id="wrong-password",
        ),
        pytest.param(
            Evidence(message="fe_sendauth: no password supplied"),
            CredentialsError,
            "refused the password",
            id="no-password",
        ),
        pytest.param(
            Evidence(message='FATAL:  no pg_hba.conf entry for host "192.0.2.1"'),
            CredentialsError,
            "from this machine",
            id="pg-hba",
        ),
        pytest.param(
            Evidence(message='FATAL:  role "a" does not exist'), CredentialsError, "does not know", id="role"
        ),
        pytest.param(
            Evidence(message='FATAL:  database "a" does not exist'),
            ServiceError,
            "no such database",
            id="database",
        ),
        pytest.param(
            Evidence(message="FATAL:  sorry, too many clients already"),
            ServiceError,
            "no free connection",
            id="connections",
        ),
        pytest.param(
            Evidence(
                message="FATAL:  the database system is not accepting connections\n"
                "DETAIL:  Hot standby mode is disabled."
            ),
            ReadOnlyServerError,
            "standby",
            id="standby",
        ),
        pytest.param(
            Evidence(message="server does not support SSL, but SSL was required"),
            ServiceError,
            "encrypted",
            id="ssl",
        ),
        pytest.param(
            Evidence(message="failed to resolve host 'nowhere': [Errno -2]"),
            ServiceError,
            "resolved",
            id="host",
        ),
        pytest.param(
            Evidence(message=_REFUSED, ended="exit code 137", log="last words"),
            ServiceNotReadyError,
            "exit code 137",
            id="died",
        ),
        pytest.param(
            Evidence(message=_REFUSED, waited=60),
            ServiceNotReadyError,
            "not reachable after 60 s",
            id="refused",
        ),
        pytest.param(
            Evidence(message="FATAL:  the database system is starting up", waited=60),
            ServiceNotReadyError,
            "still starting up",
            id="slow",
        ),
    ],
)
def test_evidence_becomes_a_typed_error(evidence: Evidence, error: type[ServiceError], reason: str) -> None:
    """Each trouble has its own error class, its reason, a hint, and the log's tail as detail."""
    found = classify("server", evidence)
    assert type(found) is error
    assert reason in found.reason
    assert found.hint
    assert evidence.log in found.detail


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(message=_REFUSED),
        Evidence(message="FATAL:  the database system is starting up"),
        Evidence(message="something new"),
        # Another client's full disk, long ago, in the log of a running server.
        Evidence(message=_REFUSED, log="No space left on device"),
    ],
)
def test_goes_on_waiting(evidence: Evidence) -> None:
    """A running server that does not answer yet gets more time."""
    assert classify("server", evidence) is None


def test_detail_is_only_the_tail() -> None:
    """A long log is cut to its last lines."""
    found = classify("server", Evidence(ended="exit code 1", log="\n".join(f"line {n}" for n in range(1000))))
    assert found is not None
    assert "line 999" in found.detail
    assert "line 900" not in found.detail


def _url(port: int) -> sqlalchemy.URL:
    return sqlalchemy.URL.create(
        "postgresql+psycopg", "somebody", "s3cret", host="127.0.0.1", port=port, database="postgres"
    )


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_closed_port_times_out_without_the_password() -> None:
    """A port that nobody listens on is an error after the time limit and shows no password."""
    with pytest.raises(ServiceNotReadyError, match="not reachable") as caught:
        wait_until_ready(_url(_closed_port()), subject="server", timeout=0.2)
    assert "s3cret" not in str(caught.value)


def test_refusal_at_once_is_not_said_to_be_a_wait() -> None:
    """A server that is asked once, and whose port is closed, is an error that names no seconds."""
    with pytest.raises(ServiceNotReadyError) as caught:
        wait_until_ready(_url(_closed_port()), subject="server", timeout=0)
    assert caught.value.reason == "its port is not reachable"


def test_dead_server_is_noticed_at_once() -> None:
    """The wait ends as soon as the server has, without using up the time limit."""
    with pytest.raises(ServiceNotReadyError, match="exit code 3") as caught:
        wait_until_ready(
            _url(_closed_port()),
            subject="server",
            timeout=3600,
            ended=lambda: "exit code 3",
            log=lambda: "its last words",
        )
    assert "its last words" in caught.value.detail


def test_something_else_on_the_port() -> None:
    """A listener that hangs up at once is not taken for a server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            while True:
                try:
                    listener.accept()[0].close()
                except OSError:
                    return

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        with pytest.raises(ServiceNotReadyError):
            wait_until_ready(_url(listener.getsockname()[1]), subject="server", timeout=0.2)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
