"""Addresses of the stand-in as gen3bed writes them: the service behind the host."""

from __future__ import annotations

import sqlalchemy

__all__ = ["service_url"]


def service_url(text: str, *, name: str, password: str) -> sqlalchemy.URL:
    """Return the URL of the stand-in's pytest plugin in gen3bed's form, for a user."""
    url = sqlalchemy.make_url(text)
    return url.set(username=name, password=password, database=str(url.query["service_name"]), query={})
