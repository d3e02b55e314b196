"""Tests of what the server's refusals of an administrator's statements are made into."""

from __future__ import annotations

import oracledb
import pytest

from gen3bed.errors import NamespaceError
from gen3bed.registries.oracle._admin import refusals


class _Error:
    full_code = "ORA-65096"

    def __str__(self) -> str:
        return "ORA-65096: common user or role name must start with C##"


def test_the_root_of_a_container_is_told_from_a_pluggable_database() -> None:
    """Where the URL names the service of the container's root, the next step is another service."""
    with pytest.raises(NamespaceError, match="container's root") as caught, refusals("user X"):
        raise oracledb.DatabaseError(_Error())
    assert "FREEPDB1" in caught.value.hint
