"""H2 as the engine: started in this process, through JDBC."""

from __future__ import annotations

__all__: list[str] = []
