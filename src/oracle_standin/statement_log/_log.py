"""An observer that writes down and counts what passes."""

from __future__ import annotations

import datetime as dt
import re
import time

from oracle_standin.errors import OracleError
from oracle_standin.server import Call, CallKind, CallObserver, CutConnection, SilentObserver
from oracle_standin.statement_log._counts import Counts, Summary, Tally
from oracle_standin.statement_log._file import LogFile
from oracle_standin.values import DataType, TypeSpec

__all__ = ["StatementLog"]

_PASSWORD = re.compile(r"""\b(IDENTIFIED\s+BY|REPLACE)(\s+)("[^"]*"|'[^']*'|[^\s;'"]+)""", re.IGNORECASE)
_SIZED = frozenset({DataType.VARCHAR2, DataType.CHAR, DataType.RAW})


def _shown(text: str) -> str:
    """Return a statement without the passwords that are in it."""
    if "IDENTIFIED" not in text.upper():
        return text
    return _PASSWORD.sub(r"\1\2***", text)


def _type(spec: TypeSpec) -> str:
    name = ("N" if spec.national else "") + spec.type.name
    return f"{name}({spec.size})" if spec.type in _SIZED else name


class StatementLog:
    """Writes down and counts each call; give it to a `~oracle_standin.server.Server` as observer.

    Values are never written, and passwords in statements are not either.

    Parameters
    ----------
    inner : `~oracle_standin.server.CallObserver`, optional
        Another observer, such as `~oracle_standin.faults.Faults`; what it
        does to a call is written down as well.
    file : `LogFile`, optional
        Where lines go; without it calls are only counted.
    """

    def __init__(self, inner: CallObserver | None = None, file: LogFile | None = None) -> None:
        self._inner = inner or SilentObserver()
        self._file = file
        self._tally = Tally()

    def summary(self, user: str | None = None) -> Summary:
        """Return what was counted, of one user (upper case unless it was quoted) or of all."""
        return self._tally.summary(user)

    @property
    def trouble(self) -> str:
        """Why lines are missing in the file; empty if none is (`str`)."""
        return self._file.trouble if self._file else ""

    # As an observer.

    def before(self, call: Call) -> None:
        """Write the call down if it is not to be applied."""
        try:
            self._inner.before(call)
        except (OracleError, CutConnection) as order:
            self._note(call, order, applied=False)
            raise

    def after(self, call: Call) -> None:
        """Write the call down."""
        try:
            self._inner.after(call)
        except (OracleError, CutConnection) as order:
            self._note(call, order, applied=call.error is None)
            raise
        self._note(call, None, applied=call.error is None)

    def closed(self, connection: int) -> None:
        """Pass it on."""
        self._inner.closed(connection)

    def _note(self, call: Call, order: OracleError | CutConnection | None, *, applied: bool) -> None:
        seconds = time.perf_counter() - call.begun
        error = order if isinstance(order, OracleError) else call.error
        failed = order is not None or call.error is not None
        text = "" if call.kind is CallKind.CONNECT else _shown(call.text)
        self._tally.add(call, text, Counts.of(call, seconds, failed=failed))
        if self._file is None:
            return
        record = {
            "time": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
            "connection": call.connection,
            "user": call.user,
            "call": call.kind.value,
            "statement": text,
            "types": [_type(spec) for spec in call.types],
            "sets": call.executions,
            "rows": call.rows,
            "parsed": call.parsed,
            "round_trips": call.round_trips,
            "milliseconds": round(seconds * 1000, 3),
            "applied": applied,
            "error": error.number if error else None,
            "cut": isinstance(order, CutConnection),
        }
        self._file.write(record)
