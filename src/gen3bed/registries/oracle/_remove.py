"""Removing what a crashed run left on somebody's server."""

from __future__ import annotations

import sqlalchemy

from gen3bed.errors import CredentialsError, NamespaceError, ServerUnreachableError, ServiceError
from gen3bed.ledger import Entry
from gen3bed.registries.oracle._admin import Administrator, drop_user, empty_schema, refusals
from gen3bed.registries.oracle._provisioner import marker_of
from gen3bed.services.oracle import with_credentials

__all__ = ["remove"]


def remove(entry: Entry, run: str) -> None:
    """Remove the user of an entry, or empty the schema; done if that is done.

    Parameters
    ----------
    entry : `gen3bed.ledger.Entry`
        What the run wrote down.
    run : `str`
        The run; only a user whose name carries it is dropped, and only a
        schema that has its marker is emptied.

    Raises
    ------
    gen3bed.errors.NamespaceError
        Raised if a user's name does not carry the run's number.
    gen3bed.errors.ServerUnreachableError
        Raised if no session can be opened, for want of an answer or of
        credentials.
    gen3bed.errors.ServiceError
        Raised if the server refuses to remove it.
    """
    if entry.kind == "user" and not entry.name.startswith(f"GEN3BED_{run}_".upper()):
        raise NamespaceError(
            entry.name,
            reason=f"its name does not say that run {run} made it",
            hint="Look at it, and drop it by hand if nobody needs it.",
        )
    admin = _session(entry.facts["server"])
    try:
        with refusals(entry.name):
            if entry.kind == "user":
                drop_user(admin, entry.name)
                return
            marker = marker_of(run)
            if admin.execute("SELECT 1 FROM user_sequences WHERE sequence_name = :name", name=marker):
                empty_schema(admin, but=marker)
                empty_schema(admin)
    finally:
        admin.close()


def _session(server: str) -> Administrator:
    try:
        return Administrator(with_credentials(sqlalchemy.make_url(server)))
    except CredentialsError as err:
        raise ServerUnreachableError(
            server, reason=err.reason, hint="Name a db-auth file with an entry for it in LSST_DB_AUTH."
        ) from err
    except ServiceError as err:
        raise ServerUnreachableError(server, reason=err.reason, hint=err.hint) from err
