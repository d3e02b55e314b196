"""Tests of what is made of a database that does not answer as it should."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    ReadOnlyServerError,
    ServerTooOldError,
    ServiceError,
    ServiceNotReadyError,
    StorageFullError,
    UsageError,
)
from gen3bed.services._signs import Evidence
from gen3bed.services.oracle._readiness import classify, wait_until_ready


@pytest.mark.parametrize(
    ("message", "error", "reason"),
    [
        ("ORA-01017: invalid username/password; logon denied", CredentialsError, "refused name or password"),
        ("ORA-28000: The account is locked.", CredentialsError, "locked"),
        ("ORA-28001: the password has expired", CredentialsError, "expired"),
        ("ORA-01045: user lacks CREATE SESSION privilege", CredentialsError, "may not log in"),
        ("DPY-3010: connections to this database server version are not supported", ServerTooOldError, "old"),
        ("DPY-3001: Native Network Encryption and Data Integrity is only", ServiceError, "thin mode"),
        ("DPY-6003: SID is not registered (similar to ORA-12505)", UsageError, "SID"),
        ("ORA-12516: no available handler", ServiceError, "no free process"),
        ("ORA-00020: maximum number of processes (200) exceeded", ServiceError, "no free process"),
        ("ORA-16000: database open for read-only access", ReadOnlyServerError, "reading only"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] invalid CA certificate", ServiceError, "encrypted"),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer certificate",
            ServiceError,
            "authority",
        ),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate is not yet valid",
            ServiceError,
            "not valid yet",
        ),
        ("[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found", UsageError, "no certificate"),
        ("[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred", ServiceError, "no encrypted connection"),
        ("[Errno -2] Name or service not known", ServiceError, "cannot be resolved"),
        (
            "ORA-12954: The request exceeds the maximum allowed database size of 12 GB",
            StorageFullError,
            "room",
        ),
    ],
)
def test_what_a_client_is_told_becomes_a_typed_error(
    message: str, error: type[ServiceError], reason: str
) -> None:
    """Waiting does not help here, so the error comes at once, with reason and next step."""
    found = classify("database", Evidence(message=message))
    assert type(found) is error
    assert reason in found.reason
    assert found.hint
    assert message in found.detail


@pytest.mark.parametrize(
    ("message", "stage"),
    [
        (
            "DPY-6005: cannot connect to database. [Errno 111] Connection refused",
            "the listener does not answer",
        ),
        ("DPY-6001: Service is not registered (similar to ORA-12514)", "does not know the service yet"),
        ("ORA-01033: ORACLE initialization or shutdown in progress", "the instance is starting"),
        ("ORA-01109: database not open", "the pluggable database is not open yet"),
    ],
)
def test_a_start_is_waited_for_and_says_how_far_it_came(message: str, stage: str) -> None:
    """While a database starts there is no error; when time is up, it names the step that was missing."""
    assert classify("database", Evidence(message=message)) is None
    error = classify("database", Evidence(message=message, waited=300))
    assert isinstance(error, ServiceNotReadyError)
    assert stage in error.reason
    assert "after 300 s" in error.reason


@pytest.mark.parametrize(
    ("log", "error"),
    [
        ("ORA-27104: system-defined limits for shared memory was misconfigured", ServiceNotReadyError),
        ("cp: error writing: No space left on device", StorageFullError),
    ],
)
def test_the_servers_log_tells_why_it_ended(log: str, error: type[ServiceError]) -> None:
    """A container that ended is explained by what it logged, and the end of the log is shown."""
    found = classify("database", Evidence(log=f"first\n{log}", ended="exit code 1"))
    assert type(found) is error
    assert log in found.detail


def test_an_unexplained_end_shows_the_log() -> None:
    """Without a known sign the error has the exit code and the log's tail."""
    found = classify("database", Evidence(log="\n".join(map(str, range(100))), ended="exit code 3"))
    assert found is not None
    assert "exit code 3" in found.reason
    assert found.detail.splitlines()[0] == "70"


def _nobody() -> sqlalchemy.URL:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return sqlalchemy.URL.create("oracle+oracledb", "me", "secret-word", "127.0.0.1", port, "FREEPDB1")


def test_nobody_at_the_port() -> None:
    """A port without a listener is one error, without the password, and is not waited for."""
    with pytest.raises(ServiceNotReadyError, match="the listener does not answer") as caught:
        wait_until_ready(_nobody(), subject="database", timeout=0)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize("query", [{"speed": "high"}, {"tcp_connect_timeout": "soon"}])
def test_an_option_that_the_driver_refuses_is_blamed_on_the_url(query: dict[str, str]) -> None:
    """An unknown parameter, or one of the wrong kind, is a usage error and no traceback."""
    with pytest.raises(UsageError, match="options cannot be used") as caught:
        wait_until_ready(_nobody().set(query=query), subject="database", timeout=0)
    assert "secret-word" not in str(caught.value)


def test_a_server_that_ended_is_not_waited_for() -> None:
    """The wait ends with the server, whatever time is left."""
    arguments: dict[str, Any] = {
        "timeout": 600.0,
        "ended": lambda: "exit code 1",
        "log": lambda: "last words",
    }
    with pytest.raises(ServiceNotReadyError, match="exit code 1") as caught:
        wait_until_ready(_nobody(), subject="database", **arguments)
    assert "last words" in caught.value.detail
