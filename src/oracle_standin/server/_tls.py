"""Certificates for TLS: a server's context, and a certificate authority for tests."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from oracle_standin.errors import StandinError

__all__ = ["Wallets", "make_wallets", "tls_context"]

_WALLET = "ewallet.pem"
_DAYS = 3650
_SIGNS = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
"""What an authority's certificate is for; Python 3.13 insists on it."""


def tls_context(source: Path, *, key: Path | None = None, password: str | None = None) -> ssl.SSLContext:
    """Return what a server needs for TLS.

    Parameters
    ----------
    source : `pathlib.Path`
        A wallet directory with an ``ewallet.pem``, or a PEM file.  The
        server's certificate must come before those of its authorities.
    key : `pathlib.Path`, optional
        PEM file of the private key, if it is not in the same file.
    password : `str`, optional
        Of the private key.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if a file is missing or is no certificate with its key.
    """
    certificate = source / _WALLET if source.is_dir() else source
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # An empty password keeps OpenSSL from asking for one at the terminal.
        context.load_cert_chain(certificate, key, password=password or "")
    except (OSError, ValueError) as error:
        raise StandinError(
            f"certificate {certificate}",
            reason=str(error),
            hint="Give a PEM file, or a directory with an ewallet.pem, of a certificate and its private key.",
        ) from error
    return context


@dataclass(frozen=True, kw_only=True)
class Wallets:
    """Wallets of a certificate authority for tests.

    Attributes
    ----------
    server : `pathlib.Path`
        Directory for the server: its certificate, key and the authority.
    client : `pathlib.Path`
        Directory for clients: the authority alone.
    dn : `str`
        Distinguished name of the server's certificate, for ``ssl_server_cert_dn``.
    """

    server: Path
    client: Path
    dn: str


def make_wallets(
    directory: Path,
    *,
    names: Sequence[str] = ("localhost", "127.0.0.1"),
    until: dt.datetime | None = None,
) -> Wallets:
    """Make a certificate authority, a server's certificate and their wallets.

    Parameters
    ----------
    directory : `pathlib.Path`
        Where ``server`` and ``client`` are made.
    names : `~collections.abc.Sequence` [`str`]
        Hosts and addresses of the server; the first one is its common name.
    until : `~datetime.datetime`, optional
        When the server's certificate expires, for a test of one that has
        expired; in ten years by default.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if the directory cannot be written.
    """
    authority_key, server_key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "oracle_standin test authority")])
    authority = (
        _builder(authority_name, authority_name, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNS, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    server = (
        _builder(server_name, authority_name, server_key, until=until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    private = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    parts = [certificate.public_bytes(serialization.Encoding.PEM) for certificate in (server, authority)]
    wallets = Wallets(server=directory / "server", client=directory / "client", dn=f"CN={names[0]}")
    try:
        wallets.server.mkdir(parents=True, exist_ok=True)
        wallets.client.mkdir(parents=True, exist_ok=True)
        secret = wallets.server / _WALLET
        secret.touch(mode=0o600)
        secret.write_bytes(private + b"".join(parts))
        (wallets.client / _WALLET).write_bytes(parts[1])
    except OSError as error:
        raise StandinError(
            f"wallet {directory}",
            reason=f"it cannot be made: {error.strerror}",
            hint="Give --wallet a directory that you may write, or one with an ewallet.pem.",
        ) from None
    return wallets


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    until: dt.datetime | None = None,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    end = until or now + dt.timedelta(days=_DAYS)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, end) - dt.timedelta(days=1))
        .not_valid_after(end)
    )


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    """Return the names; addresses also as host names, where the driver looks for them."""
    found: list[x509.GeneralName] = []
    for name in names:
        found.append(x509.DNSName(name))
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            continue
    return found
