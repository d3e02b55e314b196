"""The grammar of commands around sessions and transactions."""

from __future__ import annotations

from oracle_standin.sql._grammar_definitions import Definitions
from oracle_standin.sql._patterns_commands import (
    ALTER_SESSION,
    ALTER_SYSTEM,
    ANALYZED,
    COMMIT,
    SET_TRANSACTION,
)
from oracle_standin.sql._scanner import TokenKind

__all__ = ["Commands"]

_LOCK_MODES = (("ROW", "SHARE"), ("ROW", "EXCLUSIVE"), ("SHARE", "UPDATE"), ("SHARE", "ROW", "EXCLUSIVE"),
               ("SHARE",), ("EXCLUSIVE",))  # fmt: skip


class Commands(Definitions):
    """Reads commands that are neither queries nor changes nor DDL."""

    def alter_session(self) -> None:
        """Read what follows ALTER SESSION."""
        if self.take("SET"):
            self._setting(2248)
            while not self.ended:
                self._setting(2248)
        else:
            self.options(ALTER_SESSION)
        self.finish(2248)

    def alter_system(self) -> None:
        """Read what follows ALTER SYSTEM."""
        if self.take("SET"):
            self._setting(2065)
            while not self.ended:
                self._setting(2065)
        else:
            self.options(ALTER_SYSTEM)
        self.finish(2065)

    def _setting(self, number: int) -> None:
        if not self.take_kind(TokenKind.NAME, TokenKind.QUOTED):
            raise self.fail(number)
        if not self.take_symbol("="):
            raise self.fail(927)
        if self.take_words("READ", "COMMITTED"):
            return  # ISOLATION_LEVEL
        self.take_symbol("-")
        if not self.take_kind(TokenKind.NAME, TokenKind.QUOTED, TokenKind.STRING, TokenKind.NUMBER):
            raise self.fail(number)
        self.take("DAYS", "K", "M", "G")
        self.take("DEFERRED")

    def analyze(self) -> None:
        """Read what follows ANALYZE."""
        self.options(ANALYZED)
        self.finish(905)

    def set_command(self) -> None:
        """Read what follows SET."""
        if self.take("TRANSACTION"):
            if self.ended:
                raise self.fail(900)
            self.options(SET_TRANSACTION)
            self.finish(2179)
        elif self.take("ROLE"):
            self._roles()
        elif self.take("CONSTRAINT", "CONSTRAINTS"):
            if not self.take("ALL"):
                self.listed(lambda: self.name(904))
            if not self.take("IMMEDIATE", "DEFERRED"):
                raise self.fail(905)
            self.finish()
        else:
            raise self.fail(922)

    def _roles(self) -> None:
        if self.take("ALL"):
            if self.take("EXCEPT"):
                self.listed(self.identifier)
        elif not self.take("NONE"):
            self.listed(self._role)
        self.finish()

    def _role(self) -> None:
        self.identifier(1937)
        if self.take_words("IDENTIFIED", "BY"):
            self.identifier()

    def savepoint(self) -> None:
        """Read what follows SAVEPOINT."""
        self.identifier(904)
        self.finish()

    def rollback(self) -> None:
        """Read what follows ROLLBACK."""
        self.take("WORK")
        if self.take("TO"):
            self.take("SAVEPOINT")
            self.identifier(904)
        elif self.take("FORCE") and not self.take_kind(TokenKind.STRING):
            raise self.fail(2181)
        self.finish(2181)

    def commit(self) -> None:
        """Read what follows COMMIT."""
        self.options(COMMIT)
        self.finish(2185)

    def lock(self) -> None:
        """Read what follows LOCK."""
        self.expect(905, "TABLE")
        self.listed(self._locked)
        self.expect(905, "IN")
        if not any(self.take_words(*words) for words in _LOCK_MODES):
            raise self.fail(1737)
        self.expect(905, "MODE")
        if self.take("WAIT"):
            if not self.take_kind(TokenKind.NUMBER):
                raise self.fail(30005)
        else:
            self.take("NOWAIT")
        self.finish()

    def _locked(self) -> None:
        self.name()
        self._partition()
