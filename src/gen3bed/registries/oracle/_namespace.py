"""The worker's side: a user per registry, or the one schema that there is."""

from __future__ import annotations

import os
import time
from abc import abstractmethod
from pathlib import Path

import yaml
from sqlalchemy import URL, make_url

from gen3bed.errors import NamespaceError
from gen3bed.registries._broker import broker_client
from gen3bed.registries._interface import Lease, Namespace, RegistryAddress
from gen3bed.registries.oracle._admin import Administrator, empty_schema, refusals
from gen3bed.services import without_password

__all__ = ["OwnSchemaNamespace", "UserNamespace"]

_SESSION_GRACE = 5.0
"""Seconds that a session gets to end after its client closed the socket."""


class _OracleNamespace(Namespace):
    """What both kinds share: addresses, and the password where the Butler looks for it."""

    def __init__(self, lease: Lease, directory: Path) -> None:
        super().__init__(lease, directory)
        self._url = make_url(lease.facts["url"])
        self._credentials = directory / "db-auth.yaml"
        self._give_credentials()

    @abstractmethod
    def _user(self) -> str: ...

    def empty(self) -> RegistryAddress:
        """Return the address of a schema without tables."""
        url = self._url.set(username=self._user())
        return self._hand_out(RegistryAddress(without_password(url), str(url.username).lower()))

    def close(self) -> None:
        """Release what is still there and forget the password."""
        for address in list(self._handed_out):
            self.release(address)
        self._credentials.unlink(missing_ok=True)

    def _with_password(self, url: URL) -> URL:
        return url.set(password=self.lease.facts["password"])

    def _give_credentials(self) -> None:
        port = f":{self._url.port}" if self._url.port else ""
        server = f"{self._url.get_backend_name()}://{self._url.host}{port}/*"
        # Without a name: all users of a worker have its password.
        stanza = {"url": server, "password": self.lease.facts["password"]}
        descriptor = os.open(self._credentials, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            yaml.safe_dump([stanza], stream)
        os.environ["LSST_DB_AUTH"] = str(self._credentials)


class UserNamespace(_OracleNamespace):
    """Registries as users that the controller makes and drops."""

    def __init__(self, lease: Lease, directory: Path) -> None:
        super().__init__(lease, directory)
        self._broker = broker_client(lease.facts["broker"], lease.facts["key"])

    def _user(self) -> str:
        return str(self._broker.create(self.lease.worker))

    def release(self, address: RegistryAddress) -> None:
        """Have the user dropped."""
        self._handed_out.discard(address)
        self._broker.drop(_user_of(address))

    def leaks(self) -> list[str]:
        """Return sessions that are in a transaction."""
        return [
            f"transaction: session {sid} of {_user_of(address)} is {status} and not finished"
            for address in sorted(self._handed_out, key=str)
            for sid, status, busy, _ in self._broker.sessions(_user_of(address))
            if busy
        ]

    def open_sessions(self) -> list[str]:
        """Return sessions that outlive the engines of the test."""
        deadline = time.monotonic() + _SESSION_GRACE
        while True:
            found = [
                f"session: {sid} of {_user_of(address)} is {status}, module {module!r}"
                for address in sorted(self._handed_out, key=str)
                for sid, status, _, module in self._broker.sessions(_user_of(address))
            ]
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(0.01)


class OwnSchemaNamespace(_OracleNamespace):
    """One registry at a time, in the schema of the account itself.

    Such an account may not look at sessions, so that only connections that a
    test did not give back are found.
    """

    def _user(self) -> str:
        if self._handed_out:
            raise NamespaceError(
                str(self._url.username),
                reason="its schema holds a registry already, and there is room for one",
                hint="Give an account that may make users.",
            )
        return str(self._url.username)

    def release(self, address: RegistryAddress) -> None:
        """Drop all tables of the schema."""
        admin = Administrator(self._with_password(self._url))
        try:
            with refusals(str(self._url.username)):
                empty_schema(admin, but=self.lease.facts["marker"])
        finally:
            admin.close()
        self._handed_out.discard(address)

    def leaks(self) -> list[str]:
        """Return nothing: the account may not look."""
        return []

    def open_sessions(self) -> list[str]:
        """Return nothing: the account may not look."""
        return []


def _user_of(address: RegistryAddress) -> str:
    return str(make_url(address.url).username)
