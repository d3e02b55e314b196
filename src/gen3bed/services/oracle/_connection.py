"""Connections to an Oracle database."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from gen3bed.errors import ProviderUnavailableError

if TYPE_CHECKING:
    import oracledb
    import sqlalchemy

__all__ = ["connect", "driver_lacking", "require_driver"]

_PORT = 1521


def driver_lacking() -> str:
    """Return that the driver is not installed, or nothing."""
    return "" if importlib.util.find_spec("oracledb") else "python-oracledb is not installed"


def require_driver() -> None:
    """Refuse to go on without the driver.

    Raises
    ------
    ProviderUnavailableError
        Raised if it is not installed.
    """
    if reason := driver_lacking():
        raise ProviderUnavailableError("oracle", reason=reason, hint="Run: pip install 'gen3bed[oracle]'.")


def connect(url: sqlalchemy.URL, *, patience: float = 10.0) -> oracledb.Connection:
    """Open a connection by python-oracledb's thin mode.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address with name and password; what stands behind the host is a
        service name.  The query's parameters, such as ``wallet_location``
        and ``protocol``, go to the driver as they are.
    patience : `float`, optional
        Seconds that it may take: a firewall that drops packets would hold it
        for minutes.

    Raises
    ------
    oracledb.Error
        Raised if the server cannot be reached or refuses.
    """
    # The driver comes with an extra, and costs 0.2 s.
    import oracledb  # noqa: PLC0415

    query: dict[str, Any] = dict(url.query)
    return oracledb.connect(
        **{"tcp_connect_timeout": patience} | query,
        host=url.host,
        port=url.port or _PORT,
        service_name=url.database,
        user=url.username,
        password=None if url.password is None else str(url.password),
    )
