"""Database URLs on the command line."""

from __future__ import annotations

from typing import Any

import click

from gen3bed.errors import UsageError

__all__ = ["UrlType"]


class UrlType(click.ParamType[Any]):
    """A database URL without a password: ``ps`` shows command lines."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        import sqlalchemy  # noqa: PLC0415

        from gen3bed.services import without_password  # noqa: PLC0415

        if isinstance(value, sqlalchemy.URL):
            return value
        try:
            url = sqlalchemy.make_url(value)
        except (sqlalchemy.exc.ArgumentError, ValueError) as err:
            raise UsageError(
                "URL",
                reason="it is not a database URL",
                hint="Write it like postgresql://user@host:5432/database.",
            ) from err
        if url.password is not None or any("pass" in key.lower() for key in url.query):
            raise UsageError(
                without_password(url),
                reason="a password stands in the URL, where `ps` and shell histories show it",
                hint="Change that password, put it into a db-auth file, and name the file in LSST_DB_AUTH.",
            )
        return url
