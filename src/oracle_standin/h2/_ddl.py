"""Statements that define objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle_standin.h2._translate import translate

if TYPE_CHECKING:
    from oracle_standin.h2._session import H2Session

__all__ = ["run"]


def run(session: H2Session, text: str) -> None:
    """Run DDL: it commits before and after."""
    session.commit()
    with session.guarded(text):
        session.native(translate(text).sql)
    session.database.ddl_generation += 1
