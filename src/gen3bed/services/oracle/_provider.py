"""What the providers of an Oracle server share."""

from __future__ import annotations

import sqlalchemy

from gen3bed.matrix import load_matrix
from gen3bed.services.oracle._server import ServerState

__all__ = ["ADMINISTRATOR", "WAYS_OUT", "admin_url", "describe", "minimum_version"]

ADMINISTRATOR = "system"
"""Not SYS, who cannot make private temporary tables and sees what others do not."""

WAYS_OUT = (
    "Name a mirror's prefix in GEN3BED_IMAGE_REGISTRY, give a server of yours with --url, "
    "or use the stand-in, which is not Oracle, with --stand-in."
)
"""What to do where Oracle's image is not to be had."""


def admin_url(*, host: str, port: int, service: str, password: str) -> sqlalchemy.URL:
    """Return the administrator's URL of a server that we started."""
    return sqlalchemy.URL.create(
        "oracle+oracledb",
        username=ADMINISTRATOR,
        password=password,
        host=host,
        port=port,
        database=service,
    )


def minimum_version() -> str:
    """Return the oldest server version that the matrix accepts."""
    return load_matrix().registries["oracle"].minimum


def describe(state: ServerState) -> dict[str, str]:
    """Return the facts about a server that every provider reports."""
    return {
        "banner": state.banner,
        "container_database": state.container,
        "character_set": state.character_set,
        "rights": state.rights,
    }
