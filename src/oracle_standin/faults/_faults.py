"""Faults in this process: an observer of a server's calls."""

from __future__ import annotations

import threading
from typing import override

from oracle_standin.faults._maker import FaultMaker, Injected
from oracle_standin.faults._rules import Rule, When
from oracle_standin.server import Call, CallKind

__all__ = ["Fault", "Faults"]


class Fault(Injected):
    """A fault of `Faults`."""

    def __init__(self, number: int, rule: Rule, faults: Faults) -> None:
        self.number = number
        self.rule = rule
        self.seen = self.strikes = 0
        self._faults = faults

    @property
    @override
    def struck(self) -> int:
        return self.strikes

    @override
    def remove(self) -> None:
        self._faults.remove(self.number)

    def counts(self, call: Call, when: When, sessions: int) -> bool:
        """Count a call if it is one of the rule's; return whether it is to be struck."""
        rule = self.rule
        if rule.when != when or not rule.covers(call):
            return False
        if rule.sessions is not None and sessions < rule.sessions:
            return False
        self.seen += 1
        struck = rule.strikes(self.seen)
        self.strikes += struck
        return struck


class Faults(FaultMaker):
    """Makes faults, and lets them strike; give it to a `~oracle_standin.server.Server` as observer.

    Several faults may strike one call, in the order in which they were added.
    It may be used by several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[int, Fault] = {}
        self._last = 0
        self._sessions: dict[int, tuple[str, str]] = {}

    @override
    def add(self, rule: Rule) -> Fault:
        with self._lock:
            self._last += 1
            fault = self._faults[self._last] = Fault(self._last, rule, self)
        return fault

    @override
    def injected(self) -> list[Injected]:
        with self._lock:
            return list(self._faults.values())

    def remove(self, number: int) -> bool:
        """Remove a fault; return whether there was one of that number."""
        with self._lock:
            return self._faults.pop(number, None) is not None

    @override
    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    # As an observer.

    def before(self, call: Call) -> None:
        """Let faults strike."""
        self._strike(call, "before")

    def after(self, call: Call) -> None:
        """Let faults strike, unless the call failed by itself."""
        if call.error is None:
            self._strike(call, "after")

    def closed(self, connection: int) -> None:
        """Count a connection no more."""
        with self._lock:
            self._sessions.pop(connection, None)

    def _strike(self, call: Call, when: When) -> None:
        with self._lock:
            due = [f for f in self._faults.values() if f.counts(call, when, self._others(f.rule, call))]
            if when == "before" and call.kind in {CallKind.CONNECT, CallKind.LOGIN}:
                # It counts from now on, or two at once would not see each other;
                # if it is refused, it is closed soon.
                self._sessions[call.connection] = (call.user, call.client)
        for fault in due:
            fault.rule.action.strike(call)

    def _others(self, rule: Rule, call: Call) -> int:
        """Return how many other sessions there are that the rule is for."""
        if rule.sessions is None:
            return 0
        return sum(
            number != call.connection and rule.covers_client(user, client)
            for number, (user, client) in self._sessions.items()
        )
