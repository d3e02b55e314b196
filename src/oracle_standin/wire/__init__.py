"""TNS and TTC: packets, messages and values as bytes."""

from __future__ import annotations

__all__: list[str] = []
