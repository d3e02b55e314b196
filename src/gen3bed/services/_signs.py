"""What servers and clients say when a server cannot be used, and what that means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gen3bed.errors import Gen3bedError, ServiceNotReadyError

__all__ = ["Evidence", "Sign", "after", "first_sign"]

_LOG_TAIL = 30
"""Lines of the server's log that an error carries."""

_WORTH_TELLING = 1.0
"""Seconds below which an error does not say how long the server was waited for."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known about a server that does not answer as it should.

    Attributes
    ----------
    message : `str`
        What the client was told when it tried to connect.
    log : `str`
        The server's own log, if we can see it.
    ended : `str`
        How the server ended, such as ``exit code 1``; empty if it runs or
        cannot be observed.
    waited : `float`
        Seconds for which the server was waited for; 0 if the wait goes on.
    """

    message: str = ""
    log: str = ""
    ended: str = ""
    waited: float = 0.0

    @property
    def detail(self) -> str:
        """What an error carries: the message and the end of the log (`str`)."""
        log = "\n".join(self.log.rstrip().splitlines()[-_LOG_TAIL:])
        return "\n".join(part for part in (self.message.strip(), log) if part)


@dataclass(frozen=True)
class Sign:
    """Words by which a cause is known.

    Attributes
    ----------
    pattern : `str`
        Regular expression; case does not matter.
    error : `type` [`gen3bed.errors.Gen3bedError`]
        The class of the error.
    reason, hint : `str`
        Its reason and next step.
    in_log : `bool`
        Whether the server's log is searched too, and not only what the client
        was told: a log can name troubles of another client.
    """

    pattern: str
    error: type[Gen3bedError]
    reason: str
    hint: str
    in_log: bool = False


def first_sign(signs: Sequence[Sign], subject: str, evidence: Evidence) -> Gen3bedError | None:
    """Return the error of the first sign that is seen, or that the server ended.

    Parameters
    ----------
    signs : `~collections.abc.Sequence` [`Sign`]
        Most telling first.
    subject : `str`
        How the error names the server.
    evidence : `Evidence`
        All that is known.

    Returns
    -------
    error : `gen3bed.errors.Gen3bedError` or `None`
        `None` if nothing is seen and the server has not ended.
    """
    # What the client was told is about this attempt; the log of a server
    # that still runs may speak of something that it got over.
    final = bool(evidence.ended or evidence.waited)
    told = f"{evidence.message}\n{evidence.ended}"
    for sign in signs:
        if re.search(sign.pattern, told, re.IGNORECASE) or (
            sign.in_log and final and re.search(sign.pattern, evidence.log, re.IGNORECASE)
        ):
            return sign.error(subject, reason=sign.reason, hint=sign.hint, detail=evidence.detail)
    if evidence.ended:
        return ServiceNotReadyError(
            subject,
            reason=f"the server ended during its start: {evidence.ended}",
            hint="The last lines of its log, below, should tell why.",
            detail=evidence.detail,
        )
    return None


def after(evidence: Evidence) -> str:
    """Return `` after N s``; empty if a server that refuses at once was not waited for."""
    return f" after {evidence.waited:.0f} s" if evidence.waited >= _WORTH_TELLING else ""
