"""Errors that a client sees, by their ORA number."""

from __future__ import annotations

__all__ = ["NOT_MODELLED", "OracleError", "StandinError", "not_modelled"]

NOT_MODELLED = 3001
"""ORA-03001, "unimplemented feature": what the stand-in refuses because it
does not model it, in distinction from what Oracle refuses."""


class StandinError(Exception):
    """The stand-in itself cannot start or go on; never sent to a client.

    Parameters
    ----------
    subject : `str`
        What it is about, such as a port or a file.
    reason : `str`
        Why.
    hint : `str`
        What to do.
    """

    def __init__(self, subject: str, *, reason: str, hint: str) -> None:
        super().__init__(f"{subject}: {reason}\nHint: {hint}")
        self.subject = subject
        self.reason = reason
        self.hint = hint


class OracleError(Exception):
    """An error as an Oracle server answers it.

    Parameters
    ----------
    number : `int`
        The ORA number, such as 942.
    text : `str`
        The message without its ``ORA-00942: ``.
    offset : `int`
        Position in the statement, in characters from 0, at which the error
        was found.
    """

    def __init__(self, number: int, text: str, *, offset: int = 0) -> None:
        super().__init__(f"ORA-{number:05d}: {text}")
        self.number = number
        self.text = text
        self.offset = offset


def not_modelled(what: str, *, offset: int = 0) -> OracleError:
    """Return the error for what Oracle has and the stand-in has not."""
    return OracleError(
        NOT_MODELLED, f"unimplemented feature: oracle_standin does not model {what}", offset=offset
    )
