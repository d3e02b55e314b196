"""Tests of the provider for somebody else's server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from gen3bed.errors import (
    CredentialsError,
    MissingExtensionError,
    ProviderUnavailableError,
    ReadOnlyServerError,
    ServerTooOldError,
    ServiceError,
    ServiceNotReadyError,
    UsageError,
)
from gen3bed.ledger import Ledger
from gen3bed.services import Service
from gen3bed.services.postgresql import _url, provide, why_silent
from gen3bed.services.postgresql._server import connect_arguments
from gen3bed.services.postgresql._url import look_at, with_credentials


def _db_auth(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, mode: int = 0o600) -> None:
    path = tmp_path / "db-auth.yaml"
    path.write_text(text)
    path.chmod(mode)
    monkeypatch.setenv("LSST_DB_AUTH", str(path))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:///x.db", "not the URL of a PostgreSQL"),
        ("postgresql:///db", "names no host"),
        ("postgresql://host", "names no database"),
    ],
)
def test_wrong_url_is_a_usage_error(url: str, reason: str) -> None:
    """A URL that cannot name a PostgreSQL database is refused before any connection."""
    with pytest.raises(UsageError, match=reason):
        with_credentials(sqlalchemy.make_url(url))


def test_url_must_be_given(ledger: Ledger) -> None:
    """Without a URL the provider says that it needs one."""
    with pytest.raises(ProviderUnavailableError, match="must be given"), provide("url", ledger=ledger):
        pytest.fail("the block must not be entered")


def test_credentials_come_from_db_auth(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Name and password of the first matching stanza are used."""
    _db_auth(monkeypatch, tmp_path, "- url: postgresql://h/d\n  username: u\n  password: 'p@:/'\n")
    url = with_credentials(sqlalchemy.make_url("postgresql://h:1/d"))
    assert (url.username, url.password, url.port) == ("u", "p@:/", 1)


def test_password_in_the_url_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL with a password, as programs pass it, needs no db-auth file."""
    monkeypatch.setenv("LSST_DB_AUTH", "/nonexistent")
    assert with_credentials(sqlalchemy.make_url("postgresql://u:p@h/d")).password == "p"


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("- url: postgresql://other/d\n  username: u\n  password: s3cret\n", 0o600),
        ("- url: postgresql://h/d\n  username: u\n  password: s3cret\n", 0o644),
        ("- url: postgresql://h/d\n  password: s3cret\n", 0o600),
    ],
    ids=["no-match", "readable-by-others", "no-user"],
)
def test_no_credentials_shows_the_stanza(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, mode: int
) -> None:
    """Without usable credentials the error shows the lines to write, and no password."""
    _db_auth(monkeypatch, tmp_path, text, mode)
    with pytest.raises(CredentialsError) as caught:
        with_credentials(sqlalchemy.make_url("postgresql://h/d"))
    assert "- url: postgresql://h/d\n" in caught.value.detail
    assert "s3cret" not in str(caught.value)


def test_stanza_has_the_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The lines to write name the port of the URL: another server may be on the usual one."""
    _db_auth(monkeypatch, tmp_path, "[]\n")
    with pytest.raises(CredentialsError) as caught:
        with_credentials(sqlalchemy.make_url("postgresql://me@h:5433/d"))
    assert caught.value.detail.startswith("- url: postgresql://h:5433/d\n")


@pytest.mark.parametrize("option", ["colour=red", "autocommit=1", "connect_timeout=soon"])
def test_option_that_no_client_knows_is_the_urls_fault(option: str) -> None:
    """An option of the URL that the client refuses is named, and the server is not blamed for it."""
    url = f"postgresql://me:s3cret@127.0.0.1:1/d?{option}"
    with pytest.raises(UsageError, match=option.partition("=")[0]) as caught:
        look_at(sqlalchemy.make_url(url))
    assert "the URL's options cannot be used" in caught.value.reason
    assert "s3cret" not in str(caught.value)


@pytest.fixture
def server(ledger: Ledger) -> Iterator[Service]:
    """Run a server that stands for somebody else's."""
    with provide("local", ledger=ledger) as service:
        yield service


def _execute(service: Service, *statements: str, database: str = "postgres") -> None:
    url = service.url.set(database=database)
    with psycopg.connect(**connect_arguments(url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.local_postgresql
def test_each_lack_of_a_real_server(server: Service, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a real server: full and lesser rights are told apart, and each lack has its own error."""
    _execute(
        server,
        "CREATE ROLE maker LOGIN CREATEDB CREATEROLE PASSWORD 'p1'",
        "CREATE ROLE owner LOGIN PASSWORD 'p2'",
        "CREATE ROLE guest LOGIN PASSWORD 'p3'",
        "CREATE ROLE reader LOGIN CREATEDB CREATEROLE PASSWORD 'p4'",
        "ALTER ROLE reader SET default_transaction_read_only = on",
        "CREATE DATABASE theirs OWNER owner",
    )

    def look(user: str, password: str, database: str = "theirs") -> Service:
        url = server.url.set(username=user, password=password, database=database)
        with provide("url", ledger=ledger, url=url) as service:
            return service

    def refused(error: type[ServiceError], user: str, password: str, database: str = "theirs") -> str:
        with pytest.raises(error) as caught:
            look(user, password, database)
        assert password not in str(caught.value)
        return caught.value.reason

    before = ledger.path.read_text()
    maker = look("maker", "p1")
    assert (maker.facts["rights"], maker.holder, maker.provider) == ("server", "", "url")
    assert "has no btree_gist" in refused(MissingExtensionError, "owner", "p2")
    _execute(server, "CREATE EXTENSION btree_gist", database="theirs")
    assert look("owner", "p2").facts["rights"] == "database"
    assert "neither" in refused(CredentialsError, "guest", "p3")
    assert "refused the password" in refused(CredentialsError, "maker", "wr0ng")
    # A server that asks for passwords does not tell unknown accounts apart.
    refused(CredentialsError, "nobody_here", "p1x")
    assert "no such database" in refused(ServiceError, "maker", "p1", "absent")
    assert "read-only" in refused(ReadOnlyServerError, "reader", "p4")
    monkeypatch.setattr(_url, "minimum_version", lambda: "99")
    assert "99 or newer" in refused(ServerTooOldError, "maker", "p1")
    assert ledger.path.read_text() == before


def test_server_down(ledger: Ledger) -> None:
    """A server that does not answer is reported at once, without the password."""
    url = sqlalchemy.make_url("postgresql://u:s3cret@127.0.0.1:1/d?sslkey=/hidden")
    with pytest.raises(ServiceNotReadyError) as caught, provide("url", ledger=ledger, url=url):
        pytest.fail("the block must not be entered")
    assert caught.value.subject == "postgresql://u@127.0.0.1:1/d"
    assert "s3cret" not in str(caught.value)


def test_kept_server_with_a_bad_option_is_told_of() -> None:
    """A kept server whose address was damaged is a line with the reason, and hides no other."""
    url = sqlalchemy.make_url("postgresql+psycopg://me:s3cret@127.0.0.1:1/d?colour=red")
    service = Service(registry="postgresql", provider="local", url=url, version="17.6", holder="server")
    assert "colour" in why_silent(service)
