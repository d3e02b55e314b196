"""How many private temporary tables a session has."""

from __future__ import annotations

from oracle_standin.errors import OracleError

__all__ = ["PrivateTables"]

_MOST = 16
"""As a server has it by default (its hidden parameter ``_ptt_max_num``)."""


class PrivateTables:
    """A session's private temporary tables."""

    def __init__(self) -> None:
        self._drop_definition: dict[str, bool] = {}

    def check(self) -> None:
        """Refuse one more than a session may have (ORA-32460)."""
        if len(self._drop_definition) >= _MOST:
            raise OracleError(32460, "maximum number of private temporary tables per session exceeded")

    def add(self, name: str, *, drops_definition: bool) -> None:
        """Take note of a new one, and whether the transaction's end drops it."""
        self._drop_definition[name] = drops_definition

    def discard(self, name: str) -> None:
        """Forget one that was dropped."""
        self._drop_definition.pop(name, None)

    def end_transaction(self) -> None:
        """Forget those that the transaction's end has dropped."""
        self._drop_definition = {name: False for name, drops in self._drop_definition.items() if not drops}
