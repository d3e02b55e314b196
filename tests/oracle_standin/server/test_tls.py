"""TLS of the real driver."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import oracledb
import pytest

from oracle_standin.errors import StandinError
from oracle_standin.server import Server, Wallets, make_wallets, tls_context
from tests.oracle_standin.connections import Connect
from tests.oracle_standin.server.conftest import Serve
from tests.support.fake_oracle import FakeDatabase


@pytest.fixture(scope="module")
def wallets(tmp_path_factory: pytest.TempPathFactory) -> Wallets:
    """Wallets of a certificate authority."""
    return make_wallets(tmp_path_factory.mktemp("wallets"))


@pytest.fixture
def secure(serve: Serve, wallets: Wallets) -> Server:
    """Return a server with TLS."""
    return serve(tls=tls_context(wallets.server))


def test_wallet(secure: Server, connect: Connect, wallets: Wallets, database: FakeDatabase) -> None:
    """A client with the authority's wallet connects, and large data go both ways."""
    connection = connect(dsn=secure.dsn, wallet_location=str(wallets.client))
    rows = [(n, "x" * 3000) for n in range(500)]
    connection.cursor().executemany("insert into t values (:1, :2)", rows)
    assert database.rows == rows
    assert connection.cursor().execute("select :1 from dual", ["y" * 4000]).fetchone() == ("y" * 4000,)


def test_own_context(secure: Server, connect: Connect, wallets: Wallets) -> None:
    """A client with its own TLS context connects."""
    context = ssl.create_default_context(cafile=wallets.client / "ewallet.pem")
    assert connect(dsn=secure.dsn, ssl_context=context).is_healthy()


def test_name_of_the_certificate(secure: Server, connect: Connect, wallets: Wallets) -> None:
    """A client that expects the certificate's name connects, one that expects another one does not."""
    wallet = str(wallets.client)
    assert connect(dsn=secure.dsn, wallet_location=wallet, ssl_server_cert_dn=wallets.dn).is_healthy()
    with pytest.raises(oracledb.OperationalError, match=r"DPY-6000|DPY-6005"):
        connect(dsn=secure.dsn, wallet_location=wallet, ssl_server_cert_dn="CN=other")


def test_wrong_host(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    """A certificate for another host is refused by the client."""
    wallets = make_wallets(tmp_path, names=("db.example.com",))
    server = serve(tls=tls_context(wallets.server))
    with pytest.raises(oracledb.OperationalError, match="DPY-6005"):
        connect(dsn=server.dsn, wallet_location=str(wallets.client))
    options = {"ssl_server_dn_match": False, "wallet_location": str(wallets.client)}
    assert connect(dsn=server.dsn, **options).is_healthy()


def test_unknown_authority(secure: Server, connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    """A client that does not know the authority does not connect; the server says so and goes on."""
    with pytest.raises(oracledb.OperationalError, match="DPY-6005"):
        connect(dsn=secure.dsn)
    with pytest.raises(oracledb.OperationalError, match=r"DPY-6005|DPY-4011"):
        connect(dsn=secure.dsn.replace("tcps:", "tcp:"), tcp_connect_timeout=10)
    assert "no TLS connection" in caplog.text


def test_expired(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    """A server's certificate that has expired is refused by the client, though it knows the authority."""
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    wallets = make_wallets(tmp_path, until=yesterday)
    server = serve(tls=tls_context(wallets.server))
    with pytest.raises(oracledb.OperationalError, match="certificate has expired"):
        connect(dsn=server.dsn, wallet_location=str(wallets.client))


def test_certificate_and_key_apart(wallets: Wallets, tmp_path: Path, serve: Serve, connect: Connect) -> None:
    """Certificate and key may be in files of their own."""
    text = (wallets.server / "ewallet.pem").read_text()
    at = text.index("-----BEGIN CERTIFICATE")
    (tmp_path / "key.pem").write_text(text[:at])
    (tmp_path / "certificate.pem").write_text(text[at:])
    server = serve(tls=tls_context(tmp_path / "certificate.pem", key=tmp_path / "key.pem"))
    assert connect(dsn=server.dsn, wallet_location=str(wallets.client)).is_healthy()


def test_bad_wallets(tmp_path: Path, wallets: Wallets) -> None:
    """A missing wallet, one without a key and one that is none are told with a hint."""
    (tmp_path / "ewallet.pem").write_text("nonsense")
    for source in (tmp_path / "missing", tmp_path, wallets.client):
        with pytest.raises(StandinError, match=r"ewallet\.pem"):
            tls_context(source)
