"""The words in which faults are asked for, here and through a control port."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from oracle_standin.faults._rules import Action, Answer, Cut, Delay, Kill, Rule, When
from oracle_standin.server import LISTENER_ERRORS, CallKind

__all__ = ["FaultMaker", "Injected", "Place"]


class Injected(ABC):
    """A fault that was added."""

    number: int
    """What it is called, from 1."""
    rule: Rule
    """What it does when."""

    @property
    @abstractmethod
    def struck(self) -> int:
        """How many calls it has struck (`int`)."""

    @abstractmethod
    def remove(self) -> None:
        """Let it strike no more; may be called again."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Calls to which something is to be done; made by `FaultMaker.at`.

    Each method adds a fault and returns it.
    """

    maker: FaultMaker
    kind: CallKind
    n: int
    times: int | None
    when: When
    user: str | None
    client: str | None
    matching: str | None

    def cut(self) -> Injected:
        """Close the client's socket."""
        return self._add(Cut())

    def kill(self) -> Injected:
        """End the session with ORA-00028."""
        return self._add(Kill())

    def answer(self, number: int, text: str = "") -> Injected:
        """Answer an ORA number, by default with Oracle's text."""
        return self._add(Answer(number, text))

    def refuse(self, number: int) -> Injected:
        """Refuse a connect, with a listener's number such as 12514, or its login, with any other."""
        return self._add(Answer(number))

    def delay(self, seconds: float) -> Injected:
        """Let the client wait, and then go on."""
        return self._add(Delay(seconds))

    def _add(self, action: Action) -> Injected:
        return self.maker.add(
            Rule(
                kind=self.kind,
                action=action,
                n=self.n,
                times=self.times,
                when=self.when,
                user=self.user,
                client=self.client,
                matching=self.matching,
            )
        )


class FaultMaker(ABC):
    """Makes faults: ``faults.at(CallKind.COMMIT, n=2, when="after").cut()``."""

    @abstractmethod
    def add(self, rule: Rule) -> Injected:
        """Add a fault."""

    @abstractmethod
    def injected(self) -> list[Injected]:
        """Return the faults that were added and not removed, in their order."""

    @abstractmethod
    def clear(self) -> None:
        """Remove all faults."""

    def at(
        self,
        kind: CallKind,
        *,
        n: int = 1,
        times: int | None = 1,
        when: When = "before",
        user: str | None = None,
        client: str | None = None,
        matching: str | None = None,
    ) -> Place:
        """Choose the calls to which something is to be done; see `Rule` for the parameters."""
        user, client = self._strikes(kind, user, client)
        return Place(
            maker=self, kind=kind, n=n, times=times, when=when, user=user, client=client, matching=matching
        )

    def _strikes(
        self,
        kind: CallKind,  # noqa: ARG002 - for those who narrow it
        user: str | None,
        client: str | None,
    ) -> tuple[str | None, str | None]:
        """Return the user and client whose calls of a kind are to be struck."""
        return user, client

    def lose_commit(self, *, n: int = 1, user: str | None = None) -> Injected:
        """Cut the connection before its n-th commit: the client knows no outcome, and all is undone."""
        return self.at(CallKind.COMMIT, n=n, user=user).cut()

    def lose_answer_of_commit(self, *, n: int = 1, user: str | None = None) -> Injected:
        """Cut the connection after its n-th commit: the client knows no outcome, and all is done."""
        return self.at(CallKind.COMMIT, n=n, when="after", user=user).cut()

    def open_database_slowly(self, *, times: int | None = 1) -> Injected:
        """Answer logins as a database does that is not open yet (ORA-01033)."""
        return self.at(CallKind.LOGIN, times=times).refuse(1033)

    def cap_sessions(
        self, most: int, number: int = 12519, *, user: str | None = None, client: str | None = None
    ) -> Injected:
        """Refuse one session too many, until the fault is removed.

        Parameters
        ----------
        most : `int`
            Sessions that there may be.
        number : `int`, optional
            What it is refused with.  A listener that knows that there is no
            room answers 12516, 12519 or 12520; a server that finds out at the
            login 18 (sessions), 20 (processes) or 2391 (the user's profile).
        user : `str`, optional
            Count only this user's; not with a listener's number.
        client : `str`, optional
            Count only those of clients with this ``connection_id_prefix``.
        """
        kind = CallKind.CONNECT if number in LISTENER_ERRORS else CallKind.LOGIN
        return self.add(
            Rule(kind=kind, action=Answer(number), times=None, user=user, client=client, sessions=most)
        )
