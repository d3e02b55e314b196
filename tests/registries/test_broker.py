"""What workers ask the controller for goes over a socket, of which nothing is left."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from gen3bed.registries._broker import BrokerServer, broker_client


class _Broker:
    def double(self, number: int) -> int:
        """Return twice a number."""
        return 2 * number


def test_a_stopped_server_has_no_thread(tmp_path: Path) -> None:
    """The threads of a server end with it, instead of asking its closed listener again and again."""
    before = set(threading.enumerate())
    server = BrokerServer(_Broker(), str(tmp_path / "broker"), "double")
    assert broker_client(server.address, server.key).double(21) == 42
    server.stop()
    deadline = time.monotonic() + 10
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert set(threading.enumerate()) - before == set()
