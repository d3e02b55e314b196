"""Tests of servers whose certificate a client must refuse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy
from click.testing import CliRunner
from lsst.daf.butler import Butler, Config

from gen3bed.cli import cli
from gen3bed.errors import ServiceError
from gen3bed.registries import RegistryAddress
from gen3bed.services import without_password
from gen3bed.services.oracle import connect, look_at
from oracle_standin.profiles import PROFILES
from oracle_standin.server import Server, make_wallets, tls_context
from tests.support.fake_oracle import FakeDatabase

_PASSWORD = "secret-word"
_LOCAL = ("127.0.0.1",)
_YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)

Serve = Callable[..., sqlalchemy.URL]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Yield a function that starts a server with a certificate, and returns its URL with a wallet."""
    servers = []

    def start(
        *, names: Sequence[str] = _LOCAL, until: dt.datetime | None = None, other_wallet: bool = False
    ) -> sqlalchemy.URL:
        wallets = make_wallets(tmp_path / "wallets", names=names, until=until)
        client = make_wallets(tmp_path / "other").client if other_wallet else wallets.client
        database = FakeDatabase(profile=PROFILES["23"], users={"SCOTT": _PASSWORD})
        server = Server(database, tls=tls_context(wallets.server))
        servers.append(server)
        server.start()
        url = sqlalchemy.make_url(f"oracle+oracledb://{server.dsn.removeprefix('tcps://')}")
        query = {"protocol": "tcps", "wallet_location": str(client)}
        return url.set(username="scott", password=_PASSWORD, query=query)

    yield start
    for server in servers:
        server.stop()


_REFUSED = pytest.mark.parametrize(
    ("certificate", "reason", "step"),
    [
        ({"until": _YESTERDAY}, "has expired", "administrator to renew it"),
        ({"other_wallet": True}, "No authority that the wallet names has signed", "as ewallet.pem in the"),
        ({"names": ("db.example.com",)}, "is for another host", "Write the host as the certificate has it"),
    ],
    ids=["expired", "unknown authority", "wrong name"],
)


@_REFUSED
def test_a_look_at_the_server_refuses(
    serve: Serve, certificate: dict[str, object], reason: str, step: str
) -> None:
    """The error names the server, what is wrong with its certificate and the next step, and no password."""
    url = serve(**certificate)
    with pytest.raises(ServiceError) as caught:
        look_at(url)
    assert f"{url.host}:{url.port}" in caught.value.subject
    assert reason.lower() in caught.value.reason.lower()
    assert step in caught.value.hint
    assert _PASSWORD not in str(caught.value)


@pytest.mark.parametrize("command", [["check", "--yes"], ["oracle", "probe", "--yes"]], ids=" ".join)
def test_a_command_refuses(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str]
) -> None:
    """`gen3bed check` and the probe end with the same error before anything is run."""
    url = serve(until=_YESTERDAY)
    auth = tmp_path / "db-auth.yaml"
    auth.write_text(f"- url: oracle://{url.host}:{url.port}/*\n  password: {_PASSWORD}\n")
    auth.chmod(0o600)
    monkeypatch.setenv("LSST_DB_AUTH", str(auth))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, [*command, without_password(url)])
    assert isinstance(result.exception, ServiceError), result.output
    assert "has expired" in result.exception.reason
    assert _PASSWORD not in f"{result.output}{result.exception}"


@_REFUSED
def test_a_butler_refuses(
    serve: Serve, tmp_path: Path, certificate: dict[str, object], reason: str, step: str
) -> None:
    """A Butler's error says it too, whatever the driver's own words are."""
    url = serve(**certificate)
    config = Config()
    address = RegistryAddress(url.render_as_string(hide_password=False), "scott")
    config["registry"] = address.settings
    with pytest.raises(sqlalchemy.exc.OperationalError) as caught:
        Butler.makeRepo(str(tmp_path / "repository"), config=config, forceConfigRoot=False)
    text = str(caught.value)
    assert reason in text
    assert f"the server {url.host}:{url.port}" in text
    assert step in text
    assert _PASSWORD not in text


def test_a_good_certificate_is_taken(serve: Serve) -> None:
    """The same server, with a certificate that is right, is connected to."""
    url = serve()
    with connect(url) as connection:
        assert connection.is_healthy()
