"""How workers ask the controller for what they may not do themselves."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from collections.abc import Callable
from functools import partial
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

        class Manager(BaseManager):
            pass

        Manager.register("broker", callable=lambda: broker, exposed=exposed)
        self._server: Any = Manager(address=address, authkey=key).get_server()
        self._server.accepter = partial(  # type: ignore[method-assign]
            _until_stopped, self._server.accepter
        )
        threading.Thread(target=self._serve, daemon=True, name="gen3bed-broker").start()

    def stop(self) -> None:
        """Accept no more calls."""
        listener, self._server.listener = self._server.listener, _Closed()
        # A call that nobody makes wakes the thread that waits for one: of a
        # closed listener it would ask for the next call again and again.
        # https://github.com/python/cpython/blob/v3.13.0/Lib/multiprocessing/managers.py#L189
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as nobody:
            nobody.connect(self.address)
        self._server.stop_event.set()
        listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(SystemExit):  # how serve_forever ends
            self._server.serve_forever()


class _StoppedError(Exception):
    """There will be no more calls."""


class _Closed:
    """Stands for the listener of a server that has stopped."""

    def accept(self) -> None:
        """Tell the thread that asks for the next call."""
        raise _StoppedError


def _until_stopped(accepter: Callable[[], None]) -> None:
    with contextlib.suppress(_StoppedError):
        accepter()


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
