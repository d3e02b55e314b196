"""Errors that have one text for all engines."""

from __future__ import annotations

from oracle_standin.errors import OracleError

__all__ = ["generated_column"]


def generated_column(*, identity: bool, update: bool) -> OracleError:
    """Return the error of a value for a column that gets its own.

    Parameters
    ----------
    identity : `bool`
        Whether it is an identity, and not a virtual column.
    update : `bool`
        Whether it is to be changed, and not inserted.
    """
    if identity:
        if update:
            return OracleError(32796, "cannot update a generated always identity column")
        return OracleError(32795, "cannot insert into a generated always identity column")
    if update:
        return OracleError(54017, "UPDATE operation disallowed on virtual columns")
    return OracleError(54013, "INSERT operation disallowed on virtual columns")
