"""Whether Oracle would take a statement."""

from __future__ import annotations

from functools import lru_cache

from oracle_standin.interface import Kind, Statement
from oracle_standin.profiles import Profile
from oracle_standin.sql import _rules_conditions as conditions
from oracle_standin.sql import _rules_text as texts
from oracle_standin.sql._grammar import check_grammar
from oracle_standin.sql._rules_catalogue import check_catalogue
from oracle_standin.sql._rules_ddl import check_ddl, check_other, created_query, is_program_unit
from oracle_standin.sql._rules_dml import check_dml
from oracle_standin.sql._rules_query import check_queries
from oracle_standin.sql._scanner import scan
from oracle_standin.sql._scope import Catalogue
from oracle_standin.sql._tree import Group, tree

__all__ = ["Catalogue", "check"]

_LONGEST_CACHED = 20_000
"""Characters; longer texts are seldom repeated and would fill the memory."""
_FIRST_WITH_BOOLEANS = 23


def check(statement: Statement, profile: Profile, catalogue: Catalogue | None = None) -> None:
    """Refuse what Oracle refuses.

    First the rules, which know the commonest mistakes and the number that each
    of them has; then the grammar, from which all of the statement has to be
    derived.  Of PL/SQL only the outside is looked at here: its SQL is checked
    when the engine comes to it.

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
    read = _cached if len(statement.text) <= _LONGEST_CACHED else _read
    root = read(statement, profile)
    if catalogue is not None and root is not None:
        check_catalogue(root, profile, catalogue)


def _read(statement: Statement, profile: Profile) -> Group | None:
    """Apply all rules that need no catalogue; return what is to be checked with one, if anything is."""
    tokens = scan(statement.text)
    texts.check_command(tokens)
    if statement.kind is Kind.PLSQL or statement.verb in {"BEGIN", "DECLARE"}:
        if statement.verb != "CALL":
            texts.check_block_end(tokens, statement.text)
        return None
    if is_program_unit(tokens):
        return None
    texts.check_sizes(tokens)
    texts.check_symbols(tokens, statement.kind)
    if statement.kind in {Kind.QUERY, Kind.DML}:
        texts.check_binds(tokens, statement.text)
        texts.check_words(tokens, booleans=profile.major >= _FIRST_WITH_BOOLEANS)
    root = tree(tokens)
    query = root
    match statement.kind:
        case Kind.OTHER:
            check_other(root)
            check_grammar(root, profile)
            return None
        case Kind.DML:
            check_dml(root, profile)
        case Kind.DDL:
            texts.check_no_binds(tokens)
            check_ddl(root, profile)
            query = created_query(root)
    conditions.check_lists(query, profile)
    conditions.check_calls(query, profile)
    conditions.check_qualified(query)
    check_queries(query, profile)
    check_grammar(root, profile)
    return root


_cached = lru_cache(maxsize=2048)(_read)
