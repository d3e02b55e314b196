"""Removing what a crashed run left on somebody's server."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy
from lsst.utils.db_auth import DbAuth, DbAuthError

from gen3bed.errors import CredentialsError, NamespaceError
from gen3bed.ledger import Entry
from gen3bed.registries.postgresql._admin import connect, execute, refusals
from gen3bed.registries.postgresql._provisioner import drop_schemas

__all__ = ["remove"]


def remove(entry: Entry, run: str) -> None:
    """Remove the database, role or schemas of an entry; done if it is gone.

    Parameters
    ----------
    entry : `gen3bed.ledger.Entry`
        What the run wrote down.
    run : `str`
        The run; only names that carry it are removed.

    Raises
    ------
    gen3bed.errors.NamespaceError
        Raised if the name does not carry the run's number.
    gen3bed.errors.CredentialsError
        Raised if the db-auth file has nothing for the server.
    gen3bed.errors.ServiceError
        Raised if the server cannot be reached or refuses.
    """
    if not entry.name.startswith(f"gen3bed_{run}"):
        raise NamespaceError(
            entry.name,
            reason=f"its name does not say that run {run} made it",
            hint="Look at it, and drop it by hand if nobody needs it.",
        )
    with connect(_with_credentials(sqlalchemy.make_url(entry.facts["server"]))) as admin:
        if entry.kind == "schema":
            drop_schemas(admin, entry.name)
            return
        with refusals(entry.name):
            if entry.kind == "database":
                execute(admin, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=entry.name)
            else:
                execute(admin, "DROP ROLE IF EXISTS {name}", name=entry.name)


def _with_credentials(url: sqlalchemy.URL) -> sqlalchemy.URL:
    path = Path(os.environ.get("LSST_DB_AUTH", "~/.lsst/db-auth.yaml")).expanduser()
    try:
        user, password = DbAuth(str(path)).getAuth(
            url.drivername, url.username, url.host, url.port, url.database
        )
    except DbAuthError as err:
        raise CredentialsError(
            str(url),
            reason=f"there are no credentials for it: {err}",
            hint="Name a db-auth file with an entry for this server in LSST_DB_AUTH.",
        ) from err
    return url.set(username=user, password=password)
