"""Listener, connections and faults."""

from __future__ import annotations

__all__: list[str] = []
