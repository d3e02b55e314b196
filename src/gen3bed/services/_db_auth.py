"""Name and password of somebody's server, from the middleware's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen3bed.errors import CredentialsError

if TYPE_CHECKING:
    import sqlalchemy

__all__ = ["with_db_auth"]


def with_db_auth(url: sqlalchemy.URL, *, shown: str) -> sqlalchemy.URL:
    """Return a URL with name and password; one that has a password is returned as it is.

    Parameters
    ----------
    url : `sqlalchemy.URL`
        Address with host and database.
    shown : `str`
        How errors name it.

    Raises
    ------
    CredentialsError
        Raised if the file that ``LSST_DB_AUTH`` names has none; the detail
        has the lines to add.
    """
    import sqlalchemy  # noqa: PLC0415
    from lsst.utils.db_auth import DbAuth, DbAuthError  # noqa: PLC0415

    if url.password is not None:
        return url
    dialect = url.get_backend_name()
    bare = sqlalchemy.URL.create(dialect, host=url.host, port=url.port, database=url.database)
    stanza = f"- url: {bare}\n  username: …\n  password: …"
    try:
        username, password = DbAuth().getAuth(dialect, url.username, url.host, url.port, url.database)
    except DbAuthError as err:
        raise CredentialsError(
            shown,
            reason=f"no credentials were found: {err}",
            hint="Put the lines below into LSST_DB_AUTH's file (default ~/.lsst/db-auth.yaml, mode 600).",
            detail=stanza,
        ) from err
    if not username:
        raise CredentialsError(
            shown,
            reason="neither the URL nor the db-auth file names a user",
            hint="Add a username to the db-auth file, as in the lines below.",
            detail=stanza,
        )
    return url.set(username=username, password=password)
