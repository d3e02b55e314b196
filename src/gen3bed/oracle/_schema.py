"""The making of a schema, of which each statement commits."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy
from sqlalchemy.engine import Connection, Engine

from gen3bed.oracle._errors import HalfMadeSchemaError, NamespaceMissingError

__all__ = ["begin_making", "check_complete", "check_namespace", "end_making", "remove_half_made_schema"]

_MARK = "butler_schema_being_made"
"""A table that is there while a schema is made, and stays if that fails."""


def check_namespace(engine: Engine, namespace: str, known: list[str]) -> None:
    """Refuse to make a schema of a user that does not exist.

    Raises
    ------
    NamespaceMissingError
        Raised with what a database administrator has to do.
    """
    if namespace not in known:
        user = namespace.upper()
        raise NamespaceMissingError(
            f"There is no user {user} at {engine.url.host}. In Oracle a registry's namespace is a user, whom"
            " only a database administrator can make:\n"
            f"  CREATE USER {user} IDENTIFIED BY ... DEFAULT TABLESPACE users QUOTA UNLIMITED ON users;\n"
            f"  GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE TO {user};"
        )


def check_complete(names: Collection[str], namespace: str) -> None:
    """Refuse a schema whose making has failed, or has not ended.

    Parameters
    ----------
    names : `~collections.abc.Collection` [`str`]
        Tables that it has.
    namespace : `str`
        Whose it is.

    Raises
    ------
    HalfMadeSchemaError
        Raised with what removes it.
    """
    if _MARK in names:
        raise HalfMadeSchemaError(
            f"The schema of {namespace.upper()} is half made: {len(names) - 1} tables are there, and whoever"
            " began to make it has failed or has not ended. If nobody is at it, remove it by"
            " python -m gen3bed.oracle remove-half-made URL, and make it again; `butler create` wants its"
            " butler.yaml removed first, if it has written that."
        )


def begin_making(connection: Connection, namespace: str | None) -> None:
    """Mark a schema as half made."""
    _mark(namespace).create(connection)


def end_making(connection: Connection, namespace: str | None) -> None:
    """Mark a schema as complete."""
    _mark(namespace).drop(connection)


def _mark(namespace: str | None) -> sqlalchemy.Table:
    column = sqlalchemy.Column("id", sqlalchemy.Integer)
    return sqlalchemy.Table(_MARK, sqlalchemy.MetaData(), column, schema=namespace)


def remove_half_made_schema(engine: Engine, namespace: str | None = None) -> list[str]:
    """Drop all tables and sequences of a schema whose making has failed.

    Parameters
    ----------
    engine : `sqlalchemy.engine.Engine`
        Engine of `OracleDatabase.makeEngine`.
    namespace : `str`, optional
        The user whose schema it is; by default the session's own.

    Returns
    -------
    names : `list` [`str`]
        Tables that were dropped.

    Raises
    ------
    HalfMadeSchemaError
        Raised if the schema is not half made; nothing is dropped then.
    """
    with engine.begin() as connection:
        inspector = sqlalchemy.inspect(connection)
        names = inspector.get_table_names(schema=namespace)
        if _MARK not in names:
            raise HalfMadeSchemaError(
                f"The schema of {namespace or engine.url.username} is not half made: it is complete or empty."
                " Nothing was removed."
            )
        others = sorted(set(names) - {_MARK})
        prepare = connection.dialect.identifier_preparer
        owner = f"{prepare.quote_schema(namespace)}." if namespace else ""
        for name in others:
            connection.exec_driver_sql(f"DROP TABLE {owner}{prepare.quote(name)} CASCADE CONSTRAINTS PURGE")
        for name in inspector.get_sequence_names(schema=namespace):
            connection.exec_driver_sql(f"DROP SEQUENCE {owner}{prepare.quote(name)}")
        # The mark goes last: what fails on the way can be done again.
        end_making(connection, namespace)
    return others
