"""How often which statement was run, and by whom."""

from __future__ import annotations

import dataclasses
import operator
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from oracle_standin.server import Call, CallKind
from oracle_standin.sql import classify

__all__ = ["Counts", "Summary", "Tally"]

_MOST_STATEMENTS = 5000
"""Statements that are counted one by one, those that were run last."""
_MOST_USERS = 10_000
_LONGEST = 4000
"""Characters by which statements are told apart."""


@dataclass(frozen=True)
class Counts:
    """What calls did.

    Attributes
    ----------
    round_trips : `int`
        Times that a client waited for an answer.
    logins : `int`
        Sessions that were opened.
    executions : `int`
        Calls that executed a statement.
    sets : `int`
        Sets of values that they came with; a statement without binds has one.
    parses : `int`
        Statements that clients had parsed, instead of naming an open cursor.
    fetches : `int`
        Calls that fetched only.
    rows : `int`
        Rows fetched or affected.
    commits, rollbacks : `int`
        Ends of transactions that were asked for: by a call, by a statement or
        by autocommit.  DDL, which commits by itself, is not among them.
    savepoints : `int`
        Executions of SAVEPOINT.
    pings, lobs : `int`
        Calls of these kinds.
    errors : `int`
        Calls that failed, or whose client was cut off by a fault.
    seconds : `float`
        Time from the requests to the answers.
    """

    round_trips: int = 0
    logins: int = 0
    executions: int = 0
    sets: int = 0
    parses: int = 0
    fetches: int = 0
    rows: int = 0
    commits: int = 0
    rollbacks: int = 0
    savepoints: int = 0
    pings: int = 0
    lobs: int = 0
    errors: int = 0
    seconds: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return self._combined(other, operator.add)

    def __sub__(self, other: Counts) -> Counts:
        return self._combined(other, operator.sub)

    def _combined(self, other: Counts, how: Callable[[Any, Any], Any]) -> Counts:
        return Counts(*map(how, _values(self), _values(other)))

    @classmethod
    def of(cls, call: Call, seconds: float, *, failed: bool) -> Self:
        """Return the counts of one call.

        Parameters
        ----------
        call : `~oracle_standin.server.Call`
            The call.
        seconds : `float`
            What it took.
        failed : `bool`
            Whether the client got something else than what it asked for.
        """
        executes = call.kind is CallKind.EXECUTE
        return cls(
            round_trips=call.round_trips,
            logins=call.kind is CallKind.LOGIN and not failed,
            executions=executes,
            sets=call.executions,
            parses=call.parsed,
            fetches=call.kind is CallKind.FETCH,
            rows=call.rows,
            commits=call.kind is CallKind.COMMIT,
            rollbacks=call.kind is CallKind.ROLLBACK,
            savepoints=executes and classify(call.text).verb == "SAVEPOINT",
            pings=call.kind is CallKind.PING,
            lobs=call.kind is CallKind.LOB,
            errors=failed,
            # What is a part of another call has its time there.
            seconds=seconds if call.round_trips else 0.0,
        )


_values = operator.attrgetter(*(f.name for f in dataclasses.fields(Counts)))


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Counts of all calls, and of each statement.

    Attributes
    ----------
    totals : `Counts`
        Of all calls.
    statements : `dict` [`str`, `Counts`]
        By the text of the statement, in the order of their first execution.
        There are at most 5000, and texts are cut after 4000 characters.
    """

    totals: Counts = Counts()
    statements: dict[str, Counts] = field(default_factory=dict)

    def since(self, earlier: Summary) -> Summary:
        """Return what has been counted since an earlier summary of the same calls."""
        changed = {}
        for text, counts in self.statements.items():
            before = earlier.statements.get(text, Counts())
            # One that was forgotten in between counts from 0 again.
            new = counts if before.round_trips > counts.round_trips else counts - before
            if new != Counts():
                changed[text] = new
        return Summary(totals=self.totals - earlier.totals, statements=changed)

    def to_json(self) -> dict[str, Any]:
        """Return it as it is sent by the control port."""
        statements = [
            {"statement": text, **dataclasses.asdict(counts)} for text, counts in self.statements.items()
        ]
        return {"totals": dataclasses.asdict(self.totals), "statements": statements}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return what was sent."""
        statements = {}
        for entry in data["statements"]:
            counts = dict(entry)
            text = counts.pop("statement")
            statements[text] = Counts(**counts)
        return cls(totals=Counts(**data["totals"]), statements=statements)


class Tally:
    """Counts calls; may be used by several threads, and does not grow without end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all = Counts()
        self._users: OrderedDict[str, Counts] = OrderedDict()
        self._statements: OrderedDict[tuple[str, str], Counts] = OrderedDict()

    def add(self, call: Call, text: str, counts: Counts) -> None:
        """Add a call.

        Parameters
        ----------
        call : `~oracle_standin.server.Call`
            The call.
        text : `str`
            Its statement as it may be shown; empty if it has none.
        counts : `Counts`
            What it did.
        """
        with self._lock:
            self._all += counts
            _add(self._users, call.user, counts, most=_MOST_USERS)
            if text:
                _add(self._statements, (call.user, text[:_LONGEST]), counts, most=_MOST_STATEMENTS)

    def summary(self, user: str | None = None) -> Summary:
        """Return what was counted, of one user or of all."""
        with self._lock:
            totals = self._all if user is None else self._users.get(user, Counts())
            statements: dict[str, Counts] = {}
            for (who, text), counts in self._statements.items():
                if user in {None, who}:
                    statements[text] = statements.get(text, Counts()) + counts
        return Summary(totals=totals, statements=statements)


def _add[Key](kept: OrderedDict[Key, Counts], key: Key, counts: Counts, *, most: int) -> None:
    kept[key] = kept.pop(key, Counts()) + counts
    if len(kept) > most:
        kept.popitem(last=False)
