"""The worker's side: a user per registry, or the one schema that there is."""

from __future__ import annotations

import os
import time
from abc import abstractmethod
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import oracledb
import yaml
from sqlalchemy import URL, make_url

from gen3bed.errors import NamespaceError
from gen3bed.registries._broker import broker_client
from gen3bed.registries._interface import Lease, Namespace, RegistryAddress
from gen3bed.registries._templates import Step
from gen3bed.registries.oracle._admin import Administrator, empty_schema, refusals
from gen3bed.registries.oracle._contents import Contents, ContentsLostError, read_contents, restore
from gen3bed.services import without_password
from gen3bed.services.oracle import connect

__all__ = ["OwnSchemaNamespace", "UserNamespace"]

_SESSION_GRACE = 5.0
"""Seconds that a session gets to end after its client closed the socket."""


class _OracleNamespace(Namespace):
    """What both kinds share: schemas that are used again, and the password where the Butler looks for it.

    Oracle copies no schema.  One whose tables a template's first step made is
    brought back to what that step left, and the other steps are done again.
    """

    copies = True

    def __init__(self, lease: Lease, directory: Path) -> None:
        super().__init__(lease, directory)
        self._url = make_url(lease.facts["url"])
        self._credentials = directory / "db-auth.yaml"
        self._contents: dict[str, Contents] = {}
        """What the first step leaves, by its key."""
        self._idle: defaultdict[str, list[RegistryAddress]] = defaultdict(list)
        """Schemas whose tables a first step made, by its key."""
        self._steps: dict[RegistryAddress, tuple[Step, ...]] = {}
        """What was done in the schemas that `copy` returned."""
        self._give_credentials()

    @abstractmethod
    def _make(self) -> RegistryAddress:
        """Return the address of a schema without tables."""

    @abstractmethod
    def _discard(self, address: RegistryAddress) -> None:
        """Remove a schema, or all that is in it."""

    def empty(self) -> RegistryAddress:
        """Return the address of a schema without tables."""
        return self._hand_out(self._make())

    def copy(self, *steps: Step) -> RegistryAddress:
        """Return the address of a schema in which the steps were done, the first perhaps long ago."""
        first, *others = steps
        address = self._renewed(first.key)
        if address is None:
            address = self._make()
            first.apply(address)
            if first.key not in self._contents:
                with closing(self._connect(address)) as connection:
                    self._contents[first.key] = read_contents(connection)
        for step in others:
            step.apply(address)
        self._steps[address] = steps
        return self._hand_out(address)

    def refill(self, address: RegistryAddress, *steps: Step) -> None:
        """Do the steps that were not done yet."""
        for step in steps[len(self._steps[address]) :]:
            step.apply(address)
        self._steps[address] = steps

    def release(self, address: RegistryAddress) -> None:
        """Keep a schema of known tables to be used again, and remove any other."""
        self._handed_out.discard(address)
        if steps := self._steps.pop(address, None):
            self._idle[steps[0].key].append(address)
        else:
            self._discard(address)

    def close(self) -> None:
        """Remove all schemas and forget the password."""
        for address in [*self._handed_out, *(a for kept in self._idle.values() for a in kept)]:
            self._handed_out.discard(address)
            self._discard(address)
        self._idle.clear()
        self._credentials.unlink(missing_ok=True)

    def _renewed(self, key: str) -> RegistryAddress | None:
        while self._idle[key]:
            address = self._idle[key].pop()
            try:
                with closing(self._connect(address)) as connection:
                    restore(connection, self._contents[key])
            except (ContentsLostError, oracledb.Error):
                # Whatever a test did to it: there is another way.
                self._discard(address)
            else:
                return address
        return None

    def _connect(self, address: RegistryAddress) -> oracledb.Connection:
        return connect(self._with_password(make_url(address.url)))

    def _address(self, user: str) -> RegistryAddress:
        return RegistryAddress(without_password(self._url.set(username=user)), user.lower())

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

    def _make(self) -> RegistryAddress:
        return self._address(str(self._broker.create(self.lease.worker)))

    def _discard(self, address: RegistryAddress) -> None:
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

    def _make(self) -> RegistryAddress:
        address = self._address(str(self._url.username))
        if address in self._handed_out:
            raise NamespaceError(
                str(self._url.username),
                reason="its schema holds a registry already, and there is room for one",
                hint="Give an account that may make users.",
            )
        if any(self._idle.values()):
            self._idle.clear()
            self._discard(address)
        return address

    def _discard(self, address: RegistryAddress) -> None:
        admin = Administrator(self._with_password(make_url(address.url)))
        try:
            with refusals(str(self._url.username)):
                empty_schema(admin, but=self.lease.facts["marker"])
        finally:
            admin.close()

    def leaks(self) -> list[str]:
        """Return nothing: the account may not look."""
        return []

    def open_sessions(self) -> list[str]:
        """Return nothing: the account may not look."""
        return []


def _user_of(address: RegistryAddress) -> str:
    return str(make_url(address.url).username)
