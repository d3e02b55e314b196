"""Listener, connections and faults."""

from __future__ import annotations

from oracle_standin.server._connection import Connection
from oracle_standin.server._hooks import Call, CallKind, CallObserver, CutConnection, SilentObserver
from oracle_standin.server._login import Settings
from oracle_standin.server._server import Server
from oracle_standin.server._tls import Wallets, make_wallets, tls_context

__all__ = [
    "Call",
    "CallKind",
    "CallObserver",
    "Connection",
    "CutConnection",
    "Server",
    "Settings",
    "SilentObserver",
    "Wallets",
    "make_wallets",
    "tls_context",
]
