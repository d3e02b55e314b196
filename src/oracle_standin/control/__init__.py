"""A second port, on which tests inject faults and read counts while a server runs."""

from __future__ import annotations

from oracle_standin.control._client import (
    READY_VARIABLE,
    TOKEN_VARIABLE,
    URL_VARIABLE,
    Control,
    RemoteFault,
    SessionInfo,
)
from oracle_standin.control._ready import Ready, read_ready_file, write_ready_file
from oracle_standin.control._server import ControlServer

__all__ = [
    "READY_VARIABLE",
    "TOKEN_VARIABLE",
    "URL_VARIABLE",
    "Control",
    "ControlServer",
    "Ready",
    "RemoteFault",
    "SessionInfo",
    "read_ready_file",
    "write_ready_file",
]
