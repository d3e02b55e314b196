"""The second engine: Oracle's SQL on PostgreSQL."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from oracle_standin.errors import StandinError
from oracle_standin.profiles import Profile

if TYPE_CHECKING:
    from oracle_standin.postgresql._database import PostgreSQLDatabase
    from oracle_standin.postgresql._server import PrivateServer

__all__ = ["open_database"]


def open_database(
    profile: Profile, *, service: str = "FREEPDB1", url: str | None = None
) -> PostgreSQLDatabase:
    """Start a PostgreSQL server, or use one, and return a new database on it.

    It has the users SYS and SYSTEM, with the passwords ``sys`` and
    ``system``; more by ``CREATE USER``.

    Parameters
    ----------
    profile : `~oracle_standin.profiles.Profile`
        The version to pretend to be.
    service : `str`, optional
        Service name.
    url : `str`, optional
        A server to use, as libpq takes it; a database of its own is made
        there, and dropped at the end.  By default a server is started from
        the programs of this machine; it ends with this process.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if there is no server, it is too old, or the packages that the
        extra ``oracle-standin`` installs are missing.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        # The server needs no more of the packages than psycopg: it starts while they are loaded.
        starting = pool.submit(_private_server) if url is None else None
        try:
            from oracle_standin.postgresql._database import PostgreSQLDatabase  # noqa: PLC0415
        except ImportError as error:
            with contextlib.suppress(ImportError, StandinError):
                if starting is not None:
                    starting.result().close()
            raise _missing(error) from None
        try:
            server = starting.result() if starting is not None else None
        except ImportError as error:
            raise _missing(error) from None
    return PostgreSQLDatabase(profile, service=service, server=server, url=url)


def _private_server() -> PrivateServer:
    from oracle_standin.postgresql._server import PrivateServer  # noqa: PLC0415

    return PrivateServer()


def _missing(error: ImportError) -> StandinError:
    return StandinError(
        "PostgreSQL", reason=f"the package {error.name} is missing", hint="Install gen3bed[oracle-standin]."
    )
