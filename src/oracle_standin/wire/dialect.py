"""What a client and the server agreed on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from oracle_standin.wire.codes import FieldVersion

__all__ = ["MAX_FIELD_VERSION", "MAX_STRING", "Dialect"]

MAX_FIELD_VERSION = int(FieldVersion.V23_4)
"""The newest field version that is spoken here."""
MAX_STRING = 4000
"""Bytes of the longest VARCHAR2, with ``max_string_size = standard``, Oracle's default."""


@dataclass(kw_only=True)
class Dialect:
    """The way of speaking of one connection.

    Attributes
    ----------
    field_version : `int`
        Which fields messages have; see `~oracle_standin.wire.codes.FieldVersion`.
    sdu : `int`
        Size of a packet in bytes.
    end_of_response : `bool`
        Whether answers say that they are complete.
    zone : `datetime.tzinfo`
        The session's time zone at login, in which TIMESTAMP WITH LOCAL TIME
        ZONE values of binds stand.
    """

    field_version: int = MAX_FIELD_VERSION
    sdu: int = 8192
    end_of_response: bool = False
    zone: dt.tzinfo = dt.UTC
