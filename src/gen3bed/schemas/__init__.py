"""The life of a schema; so far what an administrator reads before it is made."""

from __future__ import annotations

from gen3bed.schemas._ddl import ddl_script

__all__ = ["ddl_script"]
