"""Tests of the controller's answer to workers that ask for the server."""

from __future__ import annotations

import pytest

from oracle_standin._pytest_server import AskedServer, Switchboard
from oracle_standin.control import Ready
from oracle_standin.errors import StandinError


class _Source:
    """A server that is never there, and counts who asked."""

    asked = 0

    def ready(self) -> Ready:
        self.asked += 1
        raise StandinError("server", reason="it is not there", hint="Start it.")


def test_server_is_started_only_for_who_asks() -> None:
    """The end of a run in which no test asked for the server starts none; a worker that asks is told."""
    source = _Source()
    Switchboard(source).close()
    assert source.asked == 0
    switchboard = Switchboard(source)
    with pytest.raises(StandinError, match="it is not there"):
        AskedServer(switchboard.address).ready()
    switchboard.close()
    assert source.asked == 1
