"""An account that may only create schemas, and sessions as a test opens them."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import psycopg
import sqlalchemy

from gen3bed.registries import Namespace
from gen3bed.registries.postgresql._admin import connect
from gen3bed.services import Service

__all__ = ["limited_account", "session_of_a_test"]


@contextlib.contextmanager
def limited_account(postgresql: Service) -> Iterator[Service]:
    """Yield a service whose account may create schemas in one database."""
    with connect(postgresql.url) as admin:
        admin.execute("CREATE ROLE shared_user LOGIN PASSWORD 'x'")
        admin.execute("CREATE DATABASE shared")
        admin.execute("GRANT CREATE ON DATABASE shared TO shared_user")
        with connect(postgresql.url, "shared") as shared:
            shared.execute("CREATE EXTENSION btree_gist")
        url = postgresql.url.set(username="shared_user", password="x", database="shared")
        try:
            yield dataclasses.replace(
                postgresql, provider="url", holder="", url=url, facts={"rights": "database"}
            )
        finally:
            admin.execute("DROP DATABASE shared WITH (FORCE)")
            admin.execute("DROP ROLE shared_user")


def session_of_a_test(namespace: Namespace) -> psycopg.Connection:
    """Open a session as the middleware does: not autocommitting, and with libpq's defaults."""
    url = sqlalchemy.make_url(namespace.empty().url)
    password = namespace.lease.facts["password"]
    return psycopg.connect(
        host=url.host, port=url.port, user=url.username, password=password, dbname=url.database
    )
