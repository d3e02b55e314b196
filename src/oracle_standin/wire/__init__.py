"""TNS and TTC: packets, messages and values as bytes.

Nothing here knows a socket or SQL, except for the one thing that the bytes
depend on: which binds of a statement are given values (`.places`).

The driver that these bytes are written for is the only definition of them
that could be had: python-oracledb 26.1's thin implementation.
"""

from __future__ import annotations

__all__: list[str] = []
