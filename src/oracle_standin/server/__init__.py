"""Listener, connections and faults."""

from __future__ import annotations

from oracle_standin.server._connection import Connection
from oracle_standin.server._hooks import (
    LISTENER_ERRORS,
    Call,
    CallKind,
    CallObserver,
    CutConnection,
    KillSession,
    SilentObserver,
)
from oracle_standin.server._login import Settings, canonical_user
from oracle_standin.server._server import Server
from oracle_standin.server._tls import Wallets, make_wallets, tls_context

__all__ = [
    "LISTENER_ERRORS",
    "Call",
    "CallKind",
    "CallObserver",
    "Connection",
    "CutConnection",
    "KillSession",
    "Server",
    "Settings",
    "SilentObserver",
    "Wallets",
    "canonical_user",
    "make_wallets",
    "tls_context",
]
