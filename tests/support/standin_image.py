"""The stand-in's container image, for the tests that use it."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from gen3bed.services._docker import engine

__all__ = ["built_image"]

_ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def built_image() -> Iterator[str]:
    """Yield the name of an image that is built as the documentation says, and removed afterwards."""
    tag = f"gen3bed/oracle-standin:test-{os.getpid()}"
    built = subprocess.run(
        [_ROOT / "ci/oracle-standin-image", tag], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    try:
        yield tag
    finally:
        with engine() as client:
            client.images.remove(tag)
