"""How workers ask the controller for what they may not do themselves."""

from __future__ import annotations

import contextlib
import secrets
import threading
from multiprocessing.managers import BaseManager
from typing import Any

__all__ = ["BrokerServer", "broker_client"]


class BrokerServer:
    """Serves an object of the controller to the workers, at a socket.

    Each worker has a thread of its own.

    Parameters
    ----------
    broker : `object`
        What does the work.
    address : `str`
        Path of the socket, in a directory that only this user can enter.
    exposed : `~collections.abc.Sequence` [`str`]
        Methods that workers may call.
    """

    def __init__(self, broker: object, address: str, *exposed: str) -> None:
        self.address = address
        key = secrets.token_bytes(32)
        self.key = key.hex()

        class Server(BaseManager):
            pass

        Server.register("broker", callable=lambda: broker, exposed=exposed)
        self._server: Any = Server(address=address, authkey=key).get_server()
        threading.Thread(target=self._serve, daemon=True, name="gen3bed-broker").start()

    def stop(self) -> None:
        """Accept no more calls."""
        self._server.stop_event.set()
        self._server.listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(SystemExit):  # how serve_forever ends
            self._server.serve_forever()


def broker_client(address: str, key: str) -> Any:
    """Return a proxy of the controller's broker, for a worker.

    Parameters
    ----------
    address : `str`
        Path of the controller's socket.
    key : `str`
        Hexadecimal key that both sides prove to know.
    """

    class Client(BaseManager):
        pass

    Client.register("broker")
    manager: Any = Client(address=address, authkey=bytes.fromhex(key))
    manager.connect()
    return manager.broker()
