"""An ordinary user for people."""

from __future__ import annotations

import secrets

import sqlalchemy

from gen3bed.registries.oracle._admin import Administrator, refusals
from gen3bed.registries.oracle._users import create_user, tablespace_for_users
from gen3bed.services import Service, without_password

__all__ = ["hand_over"]

_NAME = "BUTLER"


def hand_over(service: Service) -> sqlalchemy.URL:
    """Make the user ``BUTLER``, with a quota and the privileges that a registry needs.

    Parameters
    ----------
    service : `gen3bed.services.Service`
        A new server of ours.

    Returns
    -------
    url : `sqlalchemy.URL`
        Address of the database, with the user's password.

    Raises
    ------
    gen3bed.errors.ServiceError
        Raised if the server refuses.
    """
    subject = without_password(service.url)
    password = f"Aa1_{secrets.token_hex(12)}"
    admin = Administrator(service.url)
    try:
        with refusals(subject):
            create_user(admin, _NAME, password, tablespace=tablespace_for_users(admin, service))
    finally:
        admin.close()
    return service.url.set(username=_NAME, password=password)
