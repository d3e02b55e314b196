"""The corner of PL/SQL that clients use without stored code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oracle_standin.errors import not_modelled
from oracle_standin.interface import Statement
from oracle_standin.values import TypeSpec, Value

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["run_block"]


def run_block(
    session: H2Session, statement: Statement, values: Sequence[Value], types: Sequence[TypeSpec]
) -> dict[int, Value]:
    """Run an anonymous block; return what it assigned to bind places."""
    raise not_modelled("this PL/SQL block")
