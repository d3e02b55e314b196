"""Every exception that gen3bed raises on purpose.

Each carries *what* failed, *why*, and *what to do next*, as separate fields,
so that the command line, the report and pytest can each show them in their
own way.  Messages never contain a password.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

__all__ = [
    "ConfirmationError",
    "CredentialsError",
    "ExitCode",
    "Gen3bedError",
    "ImageError",
    "LedgerError",
    "LedgerGoneError",
    "MatrixError",
    "MissingExtensionError",
    "NamespaceError",
    "ProviderUnavailableError",
    "ReadOnlyServerError",
    "ServerTooOldError",
    "ServerUnreachableError",
    "ServiceError",
    "ServiceNotReadyError",
    "StorageFullError",
    "UsageError",
]


class ExitCode(IntEnum):
    """Exit codes of every gen3bed command; CI may rely on them."""

    OK = 0
    """Everything that was asked for ran and passed."""

    FAILED = 1
    """Tests ran, and some failed or leaked."""

    USAGE = 2
    """The command line, the matrix or a path was wrong; nothing was changed."""

    SERVICE = 3
    """A service, image, server or credential was not usable, or the report
    could not be written."""

    NOT_ENOUGH = 4
    """Fewer tests executed than the floor of the cell: never silently green."""

    INTERRUPTED = 130
    """Ctrl-C, SIGTERM or a closed terminal; what was started has been removed."""


class Gen3bedError(Exception):
    """Base class of all errors that gen3bed raises on purpose.

    Parameters
    ----------
    subject : `str`
        The thing that is wrong: an option, a path, a server.
    reason : `str`
        Why it is wrong, in one sentence.
    hint : `str`
        The next step for the reader, as an imperative sentence.
    detail : `str`, optional
        Evidence to print below the message, such as the tail of a log.

    Attributes
    ----------
    exit_code : `ExitCode`
        What a command that ends with this error returns to its caller.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, subject: str, *, reason: str, hint: str, detail: str = "") -> None:
        self.subject = subject
        self.reason = reason
        self.hint = hint
        self.detail = detail
        super().__init__(subject, reason, hint, detail)

    def __str__(self) -> str:
        message = f"{self.subject}: {self.reason}\nHint: {self.hint}"
        return f"{message}\n{self.detail.rstrip()}" if self.detail else message

    def __reduce__(self) -> tuple[object, ...]:
        # The default would call ``cls(*args)``, which the keyword-only
        # parameters refuse; errors cross from the xdist controller to workers.
        return _rebuild, (type(self), self.subject, self.reason, self.hint, self.detail)


def _rebuild(cls: type[Gen3bedError], subject: str, reason: str, hint: str, detail: str) -> Gen3bedError:
    return cls(subject, reason=reason, hint=hint, detail=detail)


class UsageError(Gen3bedError):
    """An option or argument names something that does not exist."""

    exit_code = ExitCode.USAGE


class MatrixError(UsageError):
    """``matrix.toml`` is inconsistent, or a cell or suite is unknown."""


class ConfirmationError(UsageError):
    """Somebody's server would be written to, and nobody said yes."""


class LedgerError(Gen3bedError):
    """The ledger cannot be read or written, so nothing may be created."""

    exit_code = ExitCode.SERVICE


class LedgerGoneError(LedgerError):
    """The ledger's file is not there: its run ended cleanly, or somebody removed it."""


class ServiceError(Gen3bedError):
    """A service could not be started, reached or used."""

    exit_code = ExitCode.SERVICE


class ProviderUnavailableError(ServiceError):
    """A provider needs something that the machine lacks, such as Docker."""


class ImageError(ServiceError):
    """A container image is missing and cannot be built or pulled."""


class ServiceNotReadyError(ServiceError):
    """A service started but did not become ready in time, or died."""


class CredentialsError(ServiceError):
    """No credentials were found for a URL, or the server refused them."""


class ServerTooOldError(ServiceError):
    """The server's version is below the oldest that the middleware supports."""


class ServerUnreachableError(ServiceError):
    """No session can be opened on a server, so nothing on it can be removed now."""


class MissingExtensionError(ServiceError):
    """The server lacks an extension that the middleware needs."""


class ReadOnlyServerError(ServiceError):
    """The server or database accepts no writes."""


class StorageFullError(ServiceError):
    """A disk, quota or tablespace has no room."""


class NamespaceError(ServiceError):
    """A namespace exists already and is not ours, or may not be made."""
