"""Try the Rubin Gen3 middleware on every registry database it can live on."""

from __future__ import annotations

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("gen3bed")
