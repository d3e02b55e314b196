"""The one thing that all providers return."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gen3bed.errors import ServiceError
from gen3bed.services._private_file import write_private

if TYPE_CHECKING:
    # It costs 0.1 s, which a run without a server need not wait for.
    import sqlalchemy

__all__ = ["Profile", "Service", "without_password"]

Profile = Literal["fast", "durable"]
"""``fast`` may lose data on a power cut (tests); ``durable`` may not."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running server and the account that may make namespaces in it.

    Attributes
    ----------
    registry : `str`
        Key of the registry in the matrix, such as ``postgresql``.
    provider : `str`
        Which provider it came from; named in every report line.
    url : `sqlalchemy.URL`
        Address with the administrator's name and password.  Its ``str`` and
        ``repr`` hide the password; never log ``render_as_string(False)``.
    version : `str`
        The server's version, such as ``17.6``.
    holder : `str`
        Name of the ledger entry (container or process) whose end removes
        every namespace in the server; empty for somebody else's server.
    most_workers : `int`
        Workers that it has room for; 0 if that makes no difference.
    facts : `dict` [`str`, `str`]
        For the report's manifest: image digest, binaries, parameters.
    """

    registry: str
    provider: str
    url: sqlalchemy.URL
    version: str
    holder: str = ""
    most_workers: int = 0
    facts: dict[str, str] = field(default_factory=dict, hash=False)

    def save(self, path: Path) -> None:
        """Write the service for child processes, readable by this user only.

        The password travels by this file and never by a command line or an
        environment variable.

        Raises
        ------
        gen3bed.errors.ServiceError
            Raised if it cannot be written; no half file is left.
        """
        content = asdict(self) | {"url": self.url.render_as_string(hide_password=False)}
        write_private(path, json.dumps(content))

    @classmethod
    def load(cls, path: Path) -> Service:
        """Read a service that `save` wrote.

        Raises
        ------
        gen3bed.errors.ServiceError
            Raised if the file is missing or damaged.
        """
        import sqlalchemy  # noqa: PLC0415

        try:
            content = json.loads(path.read_text())
            return cls(**content | {"url": sqlalchemy.make_url(content["url"])})
        except (OSError, ValueError, TypeError, KeyError, sqlalchemy.exc.ArgumentError) as err:
            # Not what the error says: it may quote a line with the password.
            why = err.strerror if isinstance(err, OSError) else "it is damaged"
            raise ServiceError(
                str(path),
                reason=f"the description of the server cannot be read: {why}",
                hint="Take the server down and start another one.",
            ) from None


def without_password(url: sqlalchemy.URL) -> str:
    """Return a URL as text without its password, not even a masked one.

    Passwords in the query, such as ``sslpassword``, are left out as well.
    """
    import sqlalchemy  # noqa: PLC0415

    # URL.set(password=None) means "leave it as it is".
    return sqlalchemy.URL.create(
        url.drivername,
        username=url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query={key: value for key, value in url.query.items() if "pass" not in key.lower()},
    ).render_as_string()
