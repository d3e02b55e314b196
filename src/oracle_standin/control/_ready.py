"""The file by which a server says that it is ready, and how to reach it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from oracle_standin.errors import StandinError

__all__ = ["Ready", "read_ready_file", "write_ready_file"]


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What a server says of itself.

    Attributes
    ----------
    connect_string : `str`
        For the driver's ``dsn``.
    url : `str`
        For SQLAlchemy, with ``USER`` for the user and no password.
    host, port, service : `str`, `int`, `str`
        The parts of both.
    profile, engine : `str`
        The version that it pretends to be, and what runs the SQL.
    banner : `str`
        What it calls itself: a stand-in.
    pid : `int`
        Its process.
    wallet : `str`
        Directory with the clients' wallet; empty without TLS.
    control_url, control_token : `str`
        The control port; empty if it has none.
    """

    connect_string: str
    url: str
    host: str
    port: int
    service: str
    profile: str
    engine: str
    banner: str
    pid: int
    wallet: str = ""
    control_url: str = ""
    control_token: str = ""


def write_ready_file(path: Path, ready: Ready) -> None:
    """Write the file, readable by its owner alone; a reader finds all of it or nothing.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # Exclusively, so that nobody can have put another file there.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as stream:
                stream.write(json.dumps(dataclasses.asdict(ready), indent=1) + "\n")
            draft.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
    except OSError as error:
        raise StandinError(
            f"ready file {path}",
            reason=f"it cannot be written: {error.strerror}",
            hint="Give --ready-file a path in a directory that exists and that you may write.",
        ) from None


def read_ready_file(path: Path) -> Ready:
    """Return what a server has written.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if there is no such file, or another one.
    """
    hint = "Start `oracle-standin serve` with --ready-file, and give the same path here."
    try:
        return Ready(**json.loads(path.read_text()))
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
    except (ValueError, TypeError):
        reason = "it was not written by oracle-standin"
    raise StandinError(f"ready file {path}", reason=reason, hint=hint)
