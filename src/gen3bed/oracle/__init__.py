"""The Butler's registry on Oracle.

Importable by any user of the Butler: it needs lsst-daf-butler, SQLAlchemy and
python-oracledb, and knows nothing of containers, tests or the stand-in.
A repository uses it through its configuration::

    registry:
      engines:
        oracle: gen3bed.oracle.OracleDatabase
"""

from __future__ import annotations

from gen3bed.oracle._database import OracleDatabase
from gen3bed.oracle._errors import (
    CommitOutcomeUnknownError,
    HalfMadeSchemaError,
    NamespaceMissingError,
    OldServerError,
)

__all__ = [
    "CommitOutcomeUnknownError",
    "HalfMadeSchemaError",
    "NamespaceMissingError",
    "OldServerError",
    "OracleDatabase",
]
