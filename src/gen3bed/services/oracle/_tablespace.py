"""A tablespace of our own on a server that we started, for all registries in it.

One for the server and not one for each registry: making its file takes most
of the time.  It goes with the server, so that nothing has to drop it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gen3bed.services.oracle._connection import connect

if TYPE_CHECKING:
    import oracledb
    import sqlalchemy

__all__ = ["TABLESPACE", "make_tablespace"]

_LOG = logging.getLogger(__name__)

TABLESPACE = "GEN3BED"
"""Its name."""
_FILE = "SIZE 256M AUTOEXTEND ON NEXT 64M MAXSIZE UNLIMITED"
"""Large enough for a few registries, so that the suites seldom wait for it to grow."""

_MANAGED = "SELECT value FROM v$parameter WHERE name = 'db_create_file_dest'"
"""Where the database makes files whose names it chooses itself; empty if it does not.
https://docs.oracle.com/en/database/oracle/oracle-database/19/refrn/DB_CREATE_FILE_DEST.html"""
_EXISTING = """
SELECT f.file_name FROM dba_data_files f JOIN database_properties p ON p.property_value = f.tablespace_name
 WHERE p.property_name = 'DEFAULT_PERMANENT_TABLESPACE'
"""
"""The files of the tablespace that users get otherwise."""


def make_tablespace(url: sqlalchemy.URL) -> dict[str, str]:
    """Make the tablespace for the users of a new server, and return the facts about it.

    A server without it is as good for the suites: where none can be made,
    users get the database's default tablespace.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address of the database, with the administrator's name and password.

    Returns
    -------
    facts : `dict` [`str`, `str`]
        ``tablespace``, its name; or ``no_tablespace``, why there is none.
    """
    import oracledb  # noqa: PLC0415

    try:
        with connect(url) as connection, connection.cursor() as cursor:
            file = _data_file(cursor)
            if not file:
                reason = "no data file with a directory is known, and db_create_file_dest is not set"
                return _without(reason)
            # https://docs.oracle.com/en/database/oracle/oracle-database/19/sqlrf/CREATE-TABLESPACE.html
            cursor.execute(f"CREATE BIGFILE TABLESPACE {TABLESPACE} {file} {_FILE}")
    except (oracledb.Error, OSError) as err:
        return _without(str(err).strip().splitlines()[0])
    return {"tablespace": TABLESPACE}


def _data_file(cursor: oracledb.Cursor) -> str:
    """Return the clause that names the file, or leaves that to the database; empty if neither is possible."""
    cursor.execute(_MANAGED)
    if any(destination for (destination,) in cursor.fetchall()):
        return "DATAFILE"
    cursor.execute(_EXISTING)
    directories = [str(name).rpartition("/")[0] for (name,) in cursor.fetchall()]
    known = [directory for directory in directories if directory.startswith("/") and "'" not in directory]
    return f"DATAFILE '{known[0]}/{TABLESPACE.lower()}.dbf'" if known else ""


def _without(reason: str) -> dict[str, str]:
    _LOG.warning("Users get the database's default tablespace, and none of their own: %s", reason)
    return {"no_tablespace": reason}
