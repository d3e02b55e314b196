"""Tests of the checks before anything is written to a server."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    MissingExtensionError,
    ReadOnlyServerError,
    ServerTooOldError,
    ServiceError,
)
from gen3bed.services.postgresql._server import ServerState, check_server, connect_arguments, read_state

_GOOD = ServerState(
    version="17.6",
    number=170006,
    create_database=True,
    create_role=True,
    create_schema=True,
    gist_creatable=True,
    gist_available=True,
)


def test_good_server_passes() -> None:
    """A server that has everything is accepted."""
    check_server("server", _GOOD, minimum="14")


@pytest.mark.parametrize(
    ("changes", "error", "reason"),
    [
        ({"number": 130022, "version": "13.22"}, ServerTooOldError, "13.22"),
        ({"in_recovery": True}, ReadOnlyServerError, "standby"),
        ({"read_only": True}, ReadOnlyServerError, "default_transaction_read_only"),
        ({"create_database": False, "create_schema": False}, CredentialsError, "neither"),
        ({"gist_available": False, "gist_creatable": False}, MissingExtensionError, "does not have"),
        ({"gist_creatable": False}, MissingExtensionError, "may not create"),
        ({"create_role": False}, MissingExtensionError, "not ours to leave"),
    ],
)
def test_each_lack_is_its_own_error(
    changes: dict[str, object], error: type[ServiceError], reason: str
) -> None:
    """What a server lacks is named by its own error class, reason and hint."""
    with pytest.raises(error) as caught:
        check_server("server", replace(_GOOD, **changes), minimum="14")  # type: ignore[arg-type]
    assert reason in caught.value.reason
    assert caught.value.hint


@dataclass
class _OldServer:
    """A connection to a server that lacks the columns of a newer one."""

    server_version: int = 120022

    @property
    def info(self) -> _OldServer:
        return self

    def parameter_status(self, name: str) -> str:
        return {"server_version": "12.22 (Debian 12.22-1)"}[name]


def test_server_that_is_too_old_to_be_asked_is_refused_as_too_old() -> None:
    """A server without the columns of the question is refused for its version."""
    state = read_state(_OldServer())  # type: ignore[arg-type]
    with pytest.raises(ServerTooOldError, match=r"runs PostgreSQL 12\.22, and"):
        check_server("server", state, minimum="14")


def test_oldest_accepted_version_passes() -> None:
    """The minimum itself is accepted."""
    check_server("server", replace(_GOOD, number=140000), minimum="14")


def test_installed_extension_needs_no_rights() -> None:
    """An extension that is in the database already need not be creatable."""
    check_server("server", replace(_GOOD, gist_installed=True, gist_creatable=False), minimum="14")


@pytest.mark.parametrize(
    ("changes", "rights"),
    [
        ({}, "server"),
        ({"create_role": False}, "database"),
        ({"create_database": False}, "database"),
        ({"create_database": False, "create_schema": False}, "none"),
    ],
)
def test_rights(changes: dict[str, object], rights: str) -> None:
    """Databases of one's own need both CREATEDB and CREATEROLE; otherwise schemas are made."""
    assert replace(_GOOD, **changes).rights == rights  # type: ignore[arg-type]


def test_query_of_the_url_reaches_the_driver() -> None:
    """Options such as sslmode in the URL are passed on."""
    url = sqlalchemy.make_url("postgresql+psycopg://u:p@h:1/d?sslmode=require")
    assert connect_arguments(url) == {
        "user": "u",
        "password": "p",
        "host": "h",
        "port": 1,
        "dbname": "d",
        "sslmode": "require",
    }
