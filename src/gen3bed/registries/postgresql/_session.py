"""A session that is opened anew when the server has ended it."""

from __future__ import annotations

import psycopg
import sqlalchemy

from gen3bed.registries.postgresql._admin import connect

__all__ = ["LastingSession"]


class LastingSession:
    """A session with a server, for a whole run.

    It is idle for minutes, and somebody's server may end it at any time: by
    ``idle_session_timeout``, a restart, or its administrator.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address with name and password.
    database : `str`, optional
        Database to use instead of the one that ``url`` names.

    Raises
    ------
    gen3bed.errors.ServiceError
        Raised if the server cannot be reached or refuses.
    """

    def __init__(self, url: sqlalchemy.URL, database: str | None = None) -> None:
        self._url = url
        self._database = database
        self._connection = connect(url, database)

    @property
    def connection(self) -> psycopg.Connection:
        """A connection that answered just now (`psycopg.Connection`).

        Taken anew for each piece of work, and before that is written to the
        ledger: without an answer nothing is made.

        Raises
        ------
        gen3bed.errors.ServiceError
            Raised if the session was lost and the server gives no other.
        """
        try:
            # Only asking shows that the other side has hung up.
            self._connection.execute("")
        except psycopg.OperationalError:
            self._connection.close()
            self._connection = connect(self._url, self._database)
        return self._connection

    def close(self) -> None:
        """End the session."""
        self._connection.close()
