"""An ordinary account and its database, for people."""

from __future__ import annotations

import secrets

import sqlalchemy

from gen3bed.registries.postgresql._admin import connect, create_role, execute, refusals
from gen3bed.services import Service, without_password

__all__ = ["hand_over"]

_NAME = "butler"


def hand_over(service: Service) -> sqlalchemy.URL:
    """Make the role and database ``butler``, with btree_gist.

    Parameters
    ----------
    service : `gen3bed.services.Service`
        A new server of ours.

    Returns
    -------
    url : `sqlalchemy.URL`
        Address of the database, with the password of its owner.

    Raises
    ------
    gen3bed.errors.ServiceError
        Raised if the server refuses.
    """
    with connect(service.url) as admin, refusals(without_password(service.url)):
        password = secrets.token_urlsafe(24)
        create_role(admin, _NAME, password)
        execute(admin, "CREATE DATABASE {name} OWNER {name}", name=_NAME)
        execute(admin, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", name=_NAME)
        with connect(service.url, _NAME) as database:
            database.execute("CREATE EXTENSION btree_gist")
    return service.url.set(username=_NAME, password=password, database=_NAME)
