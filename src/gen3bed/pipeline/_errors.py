"""Errors of the pipeline on the real HSC records."""

from __future__ import annotations

from gen3bed.errors import Gen3bedError, ServiceError

__all__ = ["OutputCheckError", "RecordsError"]


class RecordsError(ServiceError):
    """The records that ship with lsst-daf-butler are missing or contradict."""


class OutputCheckError(Gen3bedError):
    """The outputs of a run are not what was computed independently."""
