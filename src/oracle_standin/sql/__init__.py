"""Oracle's SQL as text: tokens, kinds of statements, binds, rules."""

from __future__ import annotations

__all__: list[str] = []
