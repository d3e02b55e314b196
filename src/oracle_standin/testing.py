"""What tests have of a stand-in: users, faults and counts of their own.

The pytest plugin hands these out as fixtures; other test runners may use
them as they are.
"""

from __future__ import annotations

import contextlib
import secrets
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, override

from oracle_standin.control import Control, Ready
from oracle_standin.errors import StandinError
from oracle_standin.faults import FaultMaker, Injected, Rule
from oracle_standin.server import CallKind
from oracle_standin.statement_log import Counts, Summary

if TYPE_CHECKING:
    import oracledb

__all__ = ["Counted", "OracleUser", "Standin", "UserFaults"]

_ROLES = "CONNECT, RESOURCE"
_PRIVILEGES = "CREATE VIEW, CREATE MATERIALIZED VIEW, CREATE SYNONYM"


def _driver() -> Any:
    try:
        import oracledb  # noqa: PLC0415
    except ModuleNotFoundError:
        raise StandinError(
            "python-oracledb",
            reason="it is not installed, and nothing else connects to the stand-in",
            hint="pip install oracledb",
        ) from None
    return oracledb


@dataclass(frozen=True, kw_only=True)
class OracleUser:
    """A user of the stand-in, with an empty schema.

    Attributes
    ----------
    name, password : `str`
        What it logs in with.
    connect_string : `str`
        For the driver's ``dsn``.  Its connections can be told from others'
        before their login by a ``connection_id_prefix``.
    url : `str`
        For SQLAlchemy, with the password, which guards test data only.
    """

    name: str
    password: str = field(repr=False)
    connect_string: str
    url: str = field(repr=False)

    def connect(self, **options: Any) -> oracledb.Connection:
        """Return a new connection; options are the driver's."""
        given = {"user": self.name, "password": self.password, "dsn": self.connect_string, **options}
        connection: oracledb.Connection = _driver().connect(**given)
        return connection


class Standin:
    """A stand-in that runs, in a process of its own.

    Parameters
    ----------
    ready : `~oracle_standin.control.Ready`
        What it says of itself.

    Attributes
    ----------
    ready : `~oracle_standin.control.Ready`
        See the parameter.
    control : `~oracle_standin.control.Control`
        Its control port, for faults, sessions and counts of all users.
    """

    def __init__(self, ready: Ready) -> None:
        self.ready = ready
        self.control = Control(ready.control_url, ready.control_token)
        self._administrator: oracledb.Connection | None = None

    @property
    def connect_string(self) -> str:
        """For the driver's ``dsn`` (`str`)."""
        return self.ready.connect_string

    @property
    def url(self) -> str:
        """For SQLAlchemy, without user and password (`str`)."""
        return self.ready.url.replace("USER@", "")

    def execute(self, *statements: str) -> None:
        """Execute statements as SYSTEM, such as a GRANT that a test needs."""
        if self._administrator is None or not self._administrator.is_healthy():
            self._administrator = _driver().connect(
                user="system",
                password="system",  # noqa: S106 - as documented
                dsn=self.connect_string,
            )
        with self._administrator.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def create_user(self) -> OracleUser:
        """Return a new user that may make tables, views, sequences, synonyms and procedures."""
        name, password = f"T_{secrets.token_hex(6).upper()}", f"p{secrets.token_hex(8)}"
        self.execute(
            f"CREATE USER {name} IDENTIFIED BY {password} QUOTA UNLIMITED ON users",
            f"GRANT {_ROLES} TO {name}",
            f"GRANT {_PRIVILEGES} TO {name}",
        )
        ready = self.ready
        protocol = "tcps" if ready.connect_string.startswith("tcps:") else "tcp"
        address = f"(ADDRESS=(PROTOCOL={protocol})(HOST={ready.host})(PORT={ready.port}))"
        data = f"(CONNECT_DATA=(SERVICE_NAME={ready.service})(CONNECTION_ID_PREFIX={name}_))"
        query = urllib.parse.urlencode({"service_name": ready.service, "connection_id_prefix": f"{name}_"})
        return OracleUser(
            name=name,
            password=password,
            connect_string=f"(DESCRIPTION={address}{data})",
            url=f"oracle+oracledb://{name.lower()}:{password}@{ready.host}:{ready.port}/?{query}",
        )

    def drop_user(self, user: OracleUser) -> None:
        """End the user's sessions, and drop it with all it has."""
        self.control.kill_sessions(user.name)
        self.execute(f"DROP USER {user.name} CASCADE")

    @contextlib.contextmanager
    def user(self) -> Iterator[OracleUser]:
        """Make a context with a user that is dropped at its end."""
        user = self.create_user()
        try:
            yield user
        finally:
            self.drop_user(user)

    def close(self) -> None:
        """Close the administrator's connection; the server goes on."""
        if self._administrator is not None:
            with contextlib.suppress(_driver().Error):
                self._administrator.close()
            self._administrator = None


class UserFaults(FaultMaker):
    """Makes faults that strike one user only, whatever others do on the server.

    Before a login, the user is known by the ``connection_id_prefix`` in
    `OracleUser.connect_string` and `OracleUser.url`.

    Parameters
    ----------
    control : `~oracle_standin.control.Control`
        Makes them.
    user : `OracleUser`
        Whom they strike.
    """

    def __init__(self, control: Control, user: OracleUser) -> None:
        self._control = control
        self._user = user
        self._added: list[Injected] = []

    @override
    def _strikes(self, kind: CallKind, user: str | None, client: str | None) -> tuple[str | None, str | None]:
        if user is not None or client is not None:
            return user, client
        if kind is CallKind.CONNECT:
            return None, f"{self._user.name}_"
        return self._user.name, None

    @override
    def cap_sessions(
        self, most: int, number: int = 12519, *, user: str | None = None, client: str | None = None
    ) -> Injected:
        if user is None and client is None:
            client = f"{self._user.name}_"
        return super().cap_sessions(most, number, user=user, client=client)

    @override
    def add(self, rule: Rule) -> Injected:
        self._added.append(self._control.add(rule))
        return self._added[-1]

    @override
    def injected(self) -> list[Injected]:
        return list(self._added)

    @override
    def clear(self) -> None:
        while self._added:
            with contextlib.suppress(StandinError):
                # Somebody may have cleared all faults of the server.
                self._added[-1].remove()
            self._added.pop()


class Counted:
    """Counts what one user's clients ask for within a ``with``.

    Parameters
    ----------
    control : `~oracle_standin.control.Control`
        Knows the counts.
    user : `str`
        Whose they are.
    """

    def __init__(self, control: Control, user: str) -> None:
        self._control = control
        self._user = user
        self._before = Summary()
        self._counted: Summary | None = None

    def __enter__(self) -> Self:
        self._before, self._counted = self._control.summary(self._user), None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._counted = self.summary

    @property
    def summary(self) -> Summary:
        """Everything that was counted; up to now, within the ``with``."""
        if self._counted is not None:
            return self._counted
        return self._control.summary(self._user).since(self._before)

    @property
    def totals(self) -> Counts:
        """Counts of all calls."""
        return self.summary.totals

    @property
    def statements(self) -> dict[str, Counts]:
        """Counts of each statement, by its text."""
        return self.summary.statements
