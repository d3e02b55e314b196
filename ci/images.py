"""All images of ours: those of the matrix, and the stand-in's, which no cell runs."""

from __future__ import annotations

from gen3bed.matrix import Image, load_matrix

__all__ = ["STANDIN", "images"]

STANDIN = "oracle-standin"


def images() -> dict[str, Image]:
    """Return the images by their folder below ``containers``."""
    standin = Image(name="gen3bed/oracle-standin", context=f"containers/{STANDIN}", base="debian:trixie-slim")
    return {**load_matrix().images, STANDIN: standin}
