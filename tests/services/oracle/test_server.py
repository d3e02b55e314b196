"""Tests of whether a registry can live in a server."""

from __future__ import annotations

from typing import Any

import pytest

from gen3bed.errors import CredentialsError, ReadOnlyServerError, ServerTooOldError, StorageFullError
from gen3bed.services.oracle._connection import connect
from gen3bed.services.oracle._server import NEEDED, ServerState, check_server, read_state
from tests.support.standin_urls import service_url


def _state(**changes: Any) -> ServerState:
    usual: dict[str, Any] = {
        "version": "19.21.0.0.0",
        "user": "BUTLER",
        "tablespace": "USERS",
        "quota": True,
        "privileges": frozenset(NEEDED),
    }
    return ServerState(**usual | changes)


def test_rights_follow_from_privileges() -> None:
    """An account that may make users makes users; one that may make tables works in its own schema."""
    assert _state().rights == "schema"
    assert _state(quota=False).rights == "none"
    assert _state(quota=False, privileges=frozenset({*NEEDED, "UNLIMITED TABLESPACE"})).rights == "schema"
    makes_users = frozenset({"CREATE USER", "DROP USER", "GRANT ANY PRIVILEGE"})
    assert _state(privileges=makes_users, quota=False).rights == "server"


@pytest.mark.parametrize(
    ("changes", "error", "reason"),
    [
        ({"version": "18.3.0.0.0"}, ServerTooOldError, "Oracle 18.3"),
        ({"role": "PHYSICAL STANDBY"}, ReadOnlyServerError, "physical standby"),
        ({"privileges": frozenset({"CREATE SESSION"})}, CredentialsError, "may not make"),
        ({"quota": False}, StorageFullError, "no quota on USERS"),
    ],
)
def test_unfit_servers_are_refused(changes: dict[str, Any], error: type[Exception], reason: str) -> None:
    """Each lack is one error, before anything is written."""
    with pytest.raises(error, match=reason):
        check_server("database", _state(**changes), minimum="19")


def test_the_grants_to_ask_for_are_named() -> None:
    """An account without a privilege is told the statements that a database administrator must run."""
    with pytest.raises(CredentialsError) as caught:
        check_server("db", _state(privileges=frozenset({"CREATE SESSION"}), quota=False), minimum="19")
    assert caught.value.detail.splitlines() == [
        "GRANT CREATE TABLE TO BUTLER;",
        "GRANT CREATE SEQUENCE TO BUTLER;",
        "ALTER USER BUTLER QUOTA UNLIMITED ON USERS;",
    ]


@pytest.mark.h2
def test_a_server_is_asked_by_any_account(oracle_standin: Any) -> None:
    """An ordinary account learns version, banner, tablespace, quota and privileges."""
    with oracle_standin.user() as user:
        url = service_url(user.url, name=user.name, password=user.password)
        with connect(url) as connection:
            state = read_state(connection)
    assert state.major == 19
    assert "not an Oracle Database" in state.banner
    assert (state.user, state.tablespace, state.character_set) == (user.name, "USERS", "AL32UTF8")
    assert state.quota
    assert state.rights == "schema"
    assert state.objects == 0
