"""Whether Oracle would take a statement."""

from __future__ import annotations

from typing import Protocol

from oracle_standin.interface import Statement
from oracle_standin.profiles import Profile
from oracle_standin.sql._scanner import scan
from oracle_standin.values import DataType

__all__ = ["Catalogue", "check"]


class Catalogue(Protocol):
    """What the rules have to know about tables; the engine supplies it."""

    def columns(self, schema: str | None, table: str) -> dict[str, DataType] | None:
        """Return the columns of a table or view, or `None` if there is none of that name.

        Parameters
        ----------
        schema : `str` or `None`
            As the dictionary has it; `None` for the session's current schema
            and what synonyms reach.
        table : `str`
            As the dictionary has it: upper case unless it was quoted.
        """


def check(statement: Statement, profile: Profile, catalogue: Catalogue | None = None) -> None:
    """Refuse what Oracle refuses.

    Parameters
    ----------
    statement : `~oracle_standin.interface.Statement`
        From `~oracle_standin.sql.classify`.
    profile : `~oracle_standin.profiles.Profile`
        The version that refuses.
    catalogue : `Catalogue`, optional
        Without it, rules about the types of columns are not applied.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised with the number, text and offset of the first rule that the
        statement breaks.
    """
    del profile, catalogue  # only the lexical rules are written yet
    scan(statement.text)
