"""Contents of the input datasets: small, and a function of the data ID.

The real pixels are not on any package index, so every input artifact is made
up; but being a function of its data ID, it lets the value of every output be
computed again without a Butler.
"""

from __future__ import annotations

import hashlib
from typing import Any

from gen3bed.pipeline._geometry import Patch

__all__ = ["N_PIXELS", "bias", "calexp", "flat", "raw", "reference_shard", "sky_map"]

N_PIXELS = 8
"""Number of pixels of an image; enough to tell images apart."""


def raw(exposure: int, detector: int) -> dict[str, Any]:
    """Return the content of a raw image."""
    return {
        "exposure": exposure,
        "detector": detector,
        "pixels": [1000 + n % 1000 for n in _numbers(f"raw {exposure} {detector}")],
    }


def bias(detector: int, epoch: str) -> dict[str, Any]:
    """Return the content of a bias frame that is valid in ``epoch``."""
    return {"detector": detector, "epoch": epoch, "level": 1 + _numbers(f"bias {detector} {epoch}")[0] % 99}


def flat(detector: int, physical_filter: str) -> dict[str, Any]:
    """Return the content of a flat field."""
    gain = 2 + _numbers(f"flat {detector} {physical_filter}")[0] % 7
    return {"detector": detector, "physical_filter": physical_filter, "gain": gain}


def reference_shard(htm7: int) -> dict[str, Any]:
    """Return the content of one shard of the reference catalog."""
    return {"htm7": htm7, "flux": 1 + _numbers(f"reference {htm7}")[0] % 999}


def calexp(visit: int, detector: int) -> dict[str, Any]:
    """Return the content that stands for one of the real calibrated images."""
    return {
        "visit": visit,
        "detector": detector,
        "pixels": [n % 5000 for n in _numbers(f"calexp {visit} {detector}")],
    }


def sky_map(tract: int, patches: dict[int, Patch]) -> dict[str, Any]:
    """Return the content that stands for the pickled skymap."""
    cells = {str(p.id): [p.cell_x, p.cell_y] for p in patches.values()}
    return {"tract": tract, "cells": cells}


def _numbers(seed: str) -> list[int]:
    digest = hashlib.sha256(seed.encode()).digest()
    return [int.from_bytes(digest[4 * i : 4 * i + 4]) for i in range(N_PIXELS)]
