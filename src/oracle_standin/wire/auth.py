"""Login with the 12c verifier: a shared key out of the password, never the password itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from oracle_standin.profiles import Profile
from oracle_standin.wire.codes import FieldVersion, MessageType
from oracle_standin.wire.fields import Reader, WireError, key_value, ub

__all__ = [
    "SYSDBA",
    "SYSOPER",
    "AuthCall",
    "Verifier",
    "logged_in_answer",
    "read_auth",
    "version_number",
]

SYSDBA, SYSOPER = 0x20, 0x40
"""Bits of the mode of a login."""
_VERIFIER_12C = 0x4815
_ROUNDS = 64
"""Rounds that stretch a password.  Oracle makes 4096; here every connect would
pay for them on both sides, to guard the passwords of test data."""
_SESSION_ROUNDS = 3
_BLOCK = 16
_PROOF = b"SERVER_TO_CLIENT"
_MAX_CURSORS = 300


@dataclass(frozen=True, kw_only=True)
class AuthCall:
    """One phase of a login, or a change of password.

    Attributes
    ----------
    user : `str`
        As the client sent it.
    mode : `int`
        Bits, such as `SYSDBA`.
    pairs : `dict` [`str`, `str`]
        What else it told.
    """

    user: str
    mode: int
    pairs: dict[str, str]


def read_auth(reader: Reader) -> AuthCall:
    """Read the body of functions 118 and 115."""
    has_user = reader.u8()
    reader.ub()
    mode = reader.ub()
    reader.u8()
    count = reader.ub()
    reader.skip(1, 1)
    user = (reader.clr() or b"").decode() if has_user else ""
    pairs: dict[str, str] = {}
    for _ in range(count):
        key, value, _flags = reader.key_value()
        pairs[key] = value
    return AuthCall(user=user, mode=mode, pairs=pairs)


class Verifier:
    """The server's side of one login.

    Parameters
    ----------
    password : `str` or `None`
        The user's password; `None` if there is no such user, who must not be
        told apart from a wrong password.
    """

    def __init__(self, password: str | None) -> None:
        self._password = password
        secret = password.encode() if password is not None else secrets.token_bytes(16)
        self._salt, self._session_salt = secrets.token_bytes(16), secrets.token_bytes(16)
        self._part = secrets.token_bytes(32)
        stretched = hashlib.pbkdf2_hmac("sha512", secret, self._salt + b"AUTH_PBKDF2_SPEEDY_KEY", _ROUNDS, 64)
        self._hash = hashlib.sha512(stretched + self._salt).digest()[:32]
        self._key = b""

    def challenge(self) -> bytes:
        """Return the answer to phase one, without the status that ends it."""
        return b"".join(
            (
                bytes((MessageType.PARAMETER,)),
                ub(5),
                key_value("AUTH_SESSKEY", _encrypt(self._hash, self._part).hex().upper()),
                key_value("AUTH_VFR_DATA", self._salt.hex().upper(), _VERIFIER_12C),
                key_value("AUTH_PBKDF2_CSK_SALT", self._session_salt.hex().upper()),
                key_value("AUTH_PBKDF2_VGEN_COUNT", str(_ROUNDS)),
                key_value("AUTH_PBKDF2_SDER_COUNT", str(_SESSION_ROUNDS)),
            )
        )

    def check(self, call: AuthCall) -> bool:
        """Return whether phase two comes from who knows the password."""
        try:
            part = _decrypt(self._hash, bytes.fromhex(call.pairs["AUTH_SESSKEY"]))
            both = (part + self._part).hex().upper().encode()
            self._key = hashlib.pbkdf2_hmac("sha512", both, self._session_salt, _SESSION_ROUNDS, 32)
            given = self.decrypted(call.pairs["AUTH_PASSWORD"])
        except (KeyError, ValueError, WireError):
            return False
        return self._password is not None and hmac.compare_digest(given, self._password.encode())

    def decrypted(self, value: str) -> bytes:
        """Return a password that was encrypted with the session's key.

        Raises
        ------
        oracle_standin.wire.fields.WireError
            Raised if it was encrypted with another key.
        """
        padded = _decrypt(self._key, bytes.fromhex(value))
        size = padded[-1] if padded else 0
        if not 1 <= size <= _BLOCK or padded[-size:] != bytes((size,)) * size:
            raise WireError("a password that was encrypted with another key")
        return padded[_BLOCK:-size]

    def proof(self) -> str:
        """Return what proves to the client that the server knows the password, too."""
        padding = bytes((_BLOCK,)) * _BLOCK
        return _encrypt(self._key, secrets.token_bytes(_BLOCK) + _PROOF + padding).hex().upper()


def _encrypt(key: bytes, data: bytes) -> bytes:
    worker = Cipher(AES(key), CBC(bytes(_BLOCK))).encryptor()
    return worker.update(data) + worker.finalize()


def _decrypt(key: bytes, data: bytes) -> bytes:
    worker = Cipher(AES(key), CBC(bytes(_BLOCK))).decryptor()
    return worker.update(data) + worker.finalize()


def version_number(profile: Profile, field_version: int) -> int:
    """Return the server's version as one number; how depends on the field version."""
    a, b, c, d, e = profile.version
    if field_version >= FieldVersion.V18_1_EXT_1:
        return a << 24 | b << 16 | c << 12 | d << 4 | e
    return a << 24 | b << 20 | c << 12 | d << 8 | e


def logged_in_answer(
    verifier: Verifier, profile: Profile, *, field_version: int, service: str, session: int, serial: int
) -> bytes:
    """Return the answer to phase two, without the status that ends it.

    Parameters
    ----------
    verifier : `Verifier`
        Of this login.
    profile : `~oracle_standin.profiles.Profile`
        What the server pretends to be.
    field_version : `int`
        As negotiated.
    service : `str`
        Name of the service.
    session, serial : `int`
        The session's numbers, as in ``V$SESSION``.
    """
    name = service.partition(".")[0]
    pairs = {
        "AUTH_SVR_RESPONSE": verifier.proof(),
        "AUTH_VERSION_NO": str(version_number(profile, field_version)),
        "AUTH_SESSION_ID": str(session),
        "AUTH_SERIAL_NUM": str(serial),
        # Without it the driver closes every cursor after use.
        "AUTH_MAX_OPEN_CURSORS": str(_MAX_CURSORS),
        "AUTH_MAX_IDEN_LENGTH": "128",
        "AUTH_SC_SERVICE_NAME": service,
        "AUTH_SC_DBUNIQUE_NAME": name,
        "AUTH_SC_REAL_DBUNIQUE_NAME": name,
        "AUTH_INSTANCENAME": name,
        "AUTH_SC_DB_DOMAIN": service.partition(".")[2],
    }
    body = b"".join(key_value(key, value) for key, value in pairs.items())
    return bytes((MessageType.PARAMETER,)) + ub(len(pairs)) + body
