"""What was created, written down before it is created.

One JSON-lines file per run, appended to and synced *before* a container,
process, database, role or directory comes into being, and struck out after
it is gone.  After a crash the file still names everything that may have been
left, and `gen3bed.reap` removes exactly that and nothing else.

The ledger holds names and never a secret.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs
import psutil

from gen3bed.errors import LedgerError, LedgerGoneError

__all__ = [
    "SAME_START",
    "Entry",
    "Kind",
    "Ledger",
    "Owner",
    "ledger_directory",
    "open_ledgers",
    "remove_unbegun",
]

SAME_START = 2.0
"""Seconds by which two readings of a start time may differ: the kernel gives
it relative to the boot time, which it moves when the clock is adjusted."""

_NEW = ".new"
"""Suffix of a ledger that its run has not begun to use."""

_BEGINNING = 60.0
"""Seconds after which a ledger that has no first line yet never will: its
owner wrote it in one go."""

Kind = Literal["container", "process", "database", "role", "schema", "user", "directory"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that a run created or was about to create.

    Attributes
    ----------
    kind : `str`
        What it is; each kind has one reaper.
    name : `str`
        What the system that holds it calls it: a container's name, a
        database's name, a directory's path, a process's number.
    within : `str`
        Name of the container or process that holds it and whose end removes
        it as well; empty if it stands alone.
    facts : `dict` [`str`, `str`]
        What a reaper needs besides, such as a server's URL without password
        or a process's start time.
    """

    kind: Kind
    name: str
    within: str = ""
    facts: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """Identity of the thing within its run (`str`)."""
        return f"{self.kind}:{self.facts.get('server', '')}:{self.name}"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The process that a run belongs to.

    A process number alone is not enough: numbers are used again, so the
    process's start time is part of its identity, and on a shared home
    directory the host is too.
    """

    pid: int
    started: float
    host: str

    @classmethod
    def current(cls) -> Owner:
        """Return the identity of this process."""
        return cls.of(os.getpid())

    @classmethod
    def of(cls, pid: int) -> Owner:
        """Return the identity of the running process ``pid``.

        Raises
        ------
        psutil.NoSuchProcess
            Raised if there is no such process.
        """
        return cls(pid=pid, started=psutil.Process(pid).create_time(), host=socket.gethostname())

    @property
    def is_here(self) -> bool:
        """Whether the owner ran on this host (`bool`)."""
        return self.host == socket.gethostname()

    @property
    def is_alive(self) -> bool:
        """Whether the owner still runs (`bool`); true for another host's."""
        if not self.is_here:
            return True
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < SAME_START
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def ledger_directory() -> Path:
    """Return the directory of all ledgers of this user.

    ``GEN3BED_STATE_DIR`` overrides the platform's default.
    """
    base = os.environ.get("GEN3BED_STATE_DIR")
    return (Path(base) if base else platformdirs.user_state_path("gen3bed")) / "ledger"


class Ledger:
    """The ledger of one run.

    Several processes of a run may append to the same file: each line is one
    short ``write`` on a descriptor opened with ``O_APPEND``.

    Parameters
    ----------
    path : `pathlib.Path`
        An existing ledger file, as `Ledger.create` makes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls) -> Ledger:
        """Start the ledger of a new run that belongs to this process.

        Raises
        ------
        LedgerError
            Raised if the directory cannot be written.
        """
        path = ledger_directory() / f"{secrets.token_hex(6)}.jsonl"
        owner = Owner.current()
        head = {"owner": {"pid": owner.pid, "started": owner.started, "host": owner.host}}
        # Another run may look for ledgers at any moment, and must not meet one
        # that does not say yet whose it is.
        begun = path.with_suffix(_NEW)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _append(begun, head, create=True)
            begun.rename(path)
        except OSError as err:
            raise LedgerError(
                str(path.parent),
                reason=f"the ledger cannot be written: {err.strerror}",
                hint="Make room or set GEN3BED_STATE_DIR to a directory that you can write.",
            ) from err
        finally:
            with contextlib.suppress(OSError):
                begun.unlink(missing_ok=True)
        return cls(path)

    @property
    def run(self) -> str:
        """Identity of the run, 12 hexadecimal digits (`str`)."""
        return self.path.stem

    @property
    def owner(self) -> Owner:
        """The process that the run belongs to (`Owner`)."""
        return Owner(**self._lines()[0]["owner"])

    @property
    def keep(self) -> bool:
        """Whether the run's services outlive its process (`bool`)."""
        return any(line.get("keep") for line in self._lines())

    def mark_kept(self) -> None:
        """Write down that all is complete and shall outlive the process.

        Until then a process that dies leaves a crashed run.
        """
        self._write({"keep": True})

    def record(self, entry: Entry) -> None:
        """Write down, durably, what is about to be created."""
        line = {"kind": entry.kind, "name": entry.name, "within": entry.within, "facts": entry.facts}
        self._write({"record": line})

    def strike(self, entry: Entry) -> None:
        """Write down that ``entry``, and all within it, is gone."""
        self._write({"strike": entry.key})

    def _write(self, line: Mapping[str, object]) -> None:
        try:
            _append(self.path, line)
        except OSError as err:
            raise LedgerError(
                str(self.path),
                reason=f"the ledger cannot be written: {err.strerror}",
                hint="Make room there, then run `gen3bed reap`.",
            ) from err

    def outstanding(self) -> list[Entry]:
        """Return what has been recorded and not struck, oldest first."""
        entries: dict[str, Entry] = {}
        for line in self._lines()[1:]:
            if "record" in line:
                entry = self._entry(line["record"])
                entries[entry.key] = entry
            elif "strike" in line and (struck := entries.pop(line["strike"], None)):
                entries = {k: e for k, e in entries.items() if not e.within or e.within != struck.name}
        return list(entries.values())

    def close(self) -> None:
        """Remove the file if nothing is outstanding."""
        if not self.outstanding():
            self.path.unlink(missing_ok=True)

    def _entry(self, record: Any) -> Entry:
        with contextlib.suppress(TypeError):
            entry = Entry(**record)
            if entry.kind in get_args(Kind):
                return entry
        # A reaper that passed over it would forget what it stands for.
        raise LedgerError(
            str(self.path),
            reason=f"the ledger has an entry that this version of gen3bed does not know: {record}",
            hint="Run `gen3bed reap` of the version that made it, in that version's environment.",
        )

    def _lines(self) -> list[dict[str, Any]]:
        by_hand = "Look for leftovers with `docker ps --filter label=gen3bed.run` and remove the file."
        try:
            # A disk that failed may have put anything into the file.
            text = self.path.read_text(errors="replace")
        except OSError as err:
            kind = LedgerGoneError if isinstance(err, FileNotFoundError) else LedgerError
            raise kind(
                str(self.path), reason=f"the ledger cannot be read: {err.strerror}", hint=by_hand
            ) from err
        lines: list[dict[str, Any]] = []
        for line in text.splitlines():
            # A process killed inside a write can leave a torn last line;
            # what it announced was not created yet.
            with contextlib.suppress(json.JSONDecodeError):
                if isinstance(value := json.loads(line), dict):
                    lines.append(value)
        try:
            Owner(**lines[0]["owner"])
        except (IndexError, KeyError, TypeError) as err:
            raise LedgerError(
                str(self.path), reason="the ledger has no readable first line", hint=by_hand
            ) from err
        return lines


def open_ledgers() -> list[Ledger]:
    """Return the ledgers of all runs that have not ended cleanly.

    A run may end at any moment after that, and its ledger with it: reading
    one raises `gen3bed.errors.LedgerGoneError` then.
    """
    return [Ledger(p) for p in sorted(ledger_directory().glob("*.jsonl"))]


def remove_unbegun() -> None:
    """Remove ledgers whose runs were killed before they could use them.

    Such a run has made nothing.
    """
    for path in ledger_directory().glob(f"*{_NEW}"):
        # Its owner may rename or remove it at any moment.
        with contextlib.suppress(OSError):
            try:
                over = not Ledger(path).owner.is_alive
            except LedgerError:
                over = time.time() - path.stat().st_mtime > _BEGINNING
            if over:
                path.unlink()


def _append(path: Path, line: Mapping[str, object], *, create: bool = False) -> None:
    flags = os.O_WRONLY | os.O_APPEND | (os.O_CREAT | os.O_EXCL if create else 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        # A newline first as well: a line that a full disk cut short must not
        # spoil the next.
        text = f"\n{json.dumps(line)}\n".encode()
        if os.write(descriptor, text) < len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
