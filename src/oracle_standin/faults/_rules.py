"""When a fault strikes, and what it does; as values, and as JSON."""

from __future__ import annotations

import dataclasses
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, get_args, override

from oracle_standin.errors import OracleError, StandinError
from oracle_standin.faults._texts import text_of
from oracle_standin.server import LISTENER_ERRORS, Call, CallKind, CutConnection, KillSession, canonical_user

__all__ = ["Action", "Answer", "Cut", "Delay", "Kill", "Rule", "When", "rule_from_json", "rule_to_json"]

When = Literal["before", "after"]
"""Whether a fault strikes before a call is applied, or when it was applied and is not yet answered."""

_UNKNOWN_USER = CallKind.CONNECT
_WITHOUT_SESSION = (CallKind.CONNECT, CallKind.LOGIN)
_LARGEST_NUMBER = 65535
"""Of an error: its number has two bytes in the answer."""


@dataclass(frozen=True)
class Action(ABC):
    """What is done to a call."""

    @abstractmethod
    def strike(self, call: Call) -> None:
        """Do it."""


@dataclass(frozen=True)
class Cut(Action):
    """Close the client's socket."""

    @override
    def strike(self, call: Call) -> NoReturn:
        raise CutConnection


@dataclass(frozen=True)
class Kill(Action):
    """End the session with ORA-00028."""

    @override
    def strike(self, call: Call) -> NoReturn:
        raise KillSession


@dataclass(frozen=True)
class Answer(Action):
    """Answer an error.

    Attributes
    ----------
    number : `int`
        Its ORA number.
    text : `str`
        Its text; Oracle's, if it is empty.
    """

    number: int
    text: str = ""

    @override
    def strike(self, call: Call) -> NoReturn:
        raise OracleError(self.number, self.text or text_of(self.number))


@dataclass(frozen=True)
class Delay(Action):
    """Let the client wait, and then go on.

    Attributes
    ----------
    seconds : `float`
        How long.  A client that cancels the call waits no longer.
    """

    seconds: float

    @override
    def strike(self, call: Call) -> None:
        call.pause(self.seconds)


_ACTIONS: dict[str, type[Action]] = {"cut": Cut, "kill": Kill, "answer": Answer, "delay": Delay}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One fault: at which call of which clients it strikes, and what it does.

    Attributes
    ----------
    kind : `~oracle_standin.server.CallKind`
        Kind of the calls.
    action : `Cut`, `Kill`, `Answer` or `Delay`
        What is done to them.
    n : `int`
        The first that is struck, from 1, counted since the rule was added.
    times : `int` or `None`
        How many are struck from there on; `None` is all.
    when : `str`
        ``before`` they are applied, or ``after``: then calls that fail by
        themselves do not count.
    user : `str` or `None`
        Only those of this user; in upper case unless it is quoted.
    client : `str` or `None`
        Only those of clients that gave this ``connection_id_prefix``.
    matching : `str` or `None`
        Only those with a statement (for a connect: connect data) in which this
        regular expression is found, in whatever case.
    sessions : `int` or `None`
        Only while there are at least that many other sessions of the same
        ``user`` and ``client``; of connects and logins.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if it could never strike, or not as it says.
    """

    kind: CallKind
    action: Action
    n: int = 1
    times: int | None = 1
    when: When = "before"
    user: str | None = None
    client: str | None = None
    matching: str | None = None
    sessions: int | None = None

    def __post_init__(self) -> None:
        if self.n < 1 or (self.times is not None and self.times < 1):
            raise _bad("calls are counted from 1", "Give n and times of at least 1.")
        if self.when not in get_args(When):
            raise _bad(f"there is no time {self.when!r}", "Use before or after.")
        if self.kind is _UNKNOWN_USER and self.user is not None:
            raise _bad(
                "nobody knows the user of a connect before its login",
                "Use the kind login, or tell clients apart by their connection_id_prefix.",
            )
        if self.kind in _WITHOUT_SESSION and isinstance(self.action, Kill):
            raise _bad("there is no session to kill yet", "Use cut, or refuse with a number.")
        if self.sessions is not None and self.kind not in _WITHOUT_SESSION:
            raise _bad("only connects and logins can be too many", "Use the kind connect or login.")
        if isinstance(self.action, Delay) and not self.action.seconds >= 0:
            raise _bad(f"nobody can wait {self.action.seconds} seconds", "Give a time of 0 or more.")
        if isinstance(self.action, Answer):
            self._check_number(self.action.number)
        try:
            re.compile(self.matching or "")
        except re.error as error:
            raise _bad(f"{self.matching!r} is no regular expression: {error}", "Mend it.") from None

    def _check_number(self, number: int) -> None:
        if not 0 < number <= _LARGEST_NUMBER:
            raise _bad(f"there is no ORA-{number:05d}", f"Give a number from 1 to {_LARGEST_NUMBER}.")
        if number in LISTENER_ERRORS and self.kind is not CallKind.CONNECT:
            raise _bad(f"ORA-{number} is a listener's answer to a connect", "Use the kind connect.")

    def covers(self, call: Call) -> bool:
        """Return whether a call is one of those that the rule counts."""
        return (
            call.kind is self.kind
            and self.covers_client(call.user, call.client)
            and (self.matching is None or re.search(self.matching, call.text, re.IGNORECASE) is not None)
        )

    def covers_client(self, user: str, client: str) -> bool:
        """Return whether a user's connection is one of those that the rule is for."""
        wanted = None if self.user is None else canonical_user(self.user)
        return wanted in {None, user} and client.startswith(self.client or "")

    def strikes(self, number: int) -> bool:
        """Return whether the call with this number, from 1, is struck."""
        return number >= self.n and (self.times is None or number < self.n + self.times)


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """Return a rule as it is sent to the control port."""
    (name,) = (name for name, kind in _ACTIONS.items() if isinstance(rule.action, kind))
    fields = {f.name: getattr(rule, f.name) for f in dataclasses.fields(rule)}
    return fields | {"kind": rule.kind.value, "action": {"name": name, **dataclasses.asdict(rule.action)}}


def rule_from_json(data: object) -> Rule:
    """Return the rule that was sent.

    Raises
    ------
    oracle_standin.errors.StandinError
        Raised if there is something in it that is not known, or of a wrong type.
    """
    fields = _checked(data, _FIELDS, required=("kind", "action"))
    action = _checked(fields.pop("action"), _ACTION_FIELDS, required=("name",))
    name = action.pop("name")
    if name not in _ACTIONS:
        raise _bad(f"there is no action {name!r}", f"Use one of {', '.join(_ACTIONS)}.")
    try:
        fields["action"] = _ACTIONS[name](**action)
    except TypeError:
        wanted = ", ".join(field.name for field in dataclasses.fields(_ACTIONS[name])) or "nothing"
        raise _bad(f"{name} takes {wanted}", "Give these.") from None
    kinds = [kind.value for kind in CallKind]
    if fields["kind"] not in kinds:
        raise _bad(f"there is no kind {fields['kind']!r}", f"Use one of {', '.join(kinds)}.")
    return Rule(**{**fields, "kind": CallKind(fields["kind"])})


_TEXT, _WHOLE = (str, type(None)), (int, type(None))
_FIELDS: dict[str, tuple[type, ...]] = {
    "kind": (str,), "action": (dict,), "n": (int,), "times": _WHOLE, "when": (str,), "user": _TEXT,
    "client": _TEXT, "matching": _TEXT, "sessions": _WHOLE,
}  # fmt: skip
_ACTION_FIELDS: dict[str, tuple[type, ...]] = {
    "name": (str,), "number": (int,), "text": (str,), "seconds": (int, float),
}  # fmt: skip


def _checked(
    data: object, known: dict[str, tuple[type, ...]], *, required: tuple[str, ...]
) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _bad("it is no JSON object", "Send an object.")
    for name, value in data.items():
        if name not in known:
            raise _bad(f"there is no field {name!r}", f"Use some of {', '.join(known)}.")
        if isinstance(value, bool) or not isinstance(value, known[name]):
            raise _bad(f"{name} cannot be {value!r}", "Send another value.")
    for name in required:
        if name not in data:
            raise _bad(f"the field {name} is missing", "Send it.")
    return dict(data)


def _bad(reason: str, hint: str) -> StandinError:
    return StandinError("fault", reason=reason, hint=hint)
