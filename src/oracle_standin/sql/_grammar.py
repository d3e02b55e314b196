"""Oracle's grammar: every statement has to be derived from it, or is refused.

A recursive descent over the tree of `~oracle_standin.sql._tree`, a layer a
module: `Reader`, types, calls, expressions, queries, changes, options, tables, other
definitions, commands.  It is written from the syntax diagrams of the *SQL
Language Reference* (19c, 21c and 23ai).
"""

from __future__ import annotations

from collections.abc import Callable

from oracle_standin.errors import not_modelled
from oracle_standin.profiles import Profile
from oracle_standin.sql._grammar_commands import Commands
from oracle_standin.sql._tree import Group

__all__ = ["check_grammar"]

_READERS: dict[str, Callable[[Commands], None]] = {
    "INSERT": Commands.insert,
    "UPDATE": Commands.update,
    "DELETE": Commands.delete,
    "MERGE": Commands.merge,
    "CREATE": Commands.create,
    "ALTER": Commands.alter,
    "DROP": Commands.drop,
    "TRUNCATE": Commands.truncate,
    "COMMENT": Commands.comment,
    "GRANT": Commands.grant,
    "REVOKE": Commands.revoke,
    "RENAME": Commands.rename,
    "PURGE": Commands.purge,
    "SET": Commands.set_command,
    "SAVEPOINT": Commands.savepoint,
    "ROLLBACK": Commands.rollback,
    "COMMIT": Commands.commit,
    "LOCK": Commands.lock,
    "ANALYZE": Commands.analyze,
}


def check_grammar(root: Group, profile: Profile) -> None:
    """Refuse what cannot be derived from the grammar of a version.

    Raises
    ------
    oracle_standin.errors.OracleError
        Raised with the number that Oracle has for what is missing, at the
        place where the grammar ends; ORA-03001 for a command that is not
        modelled, and for what is nested too deeply to be read.
    """
    reader = Commands(root.items, root.end, profile)
    try:
        _read(reader)
    except RecursionError:
        raise not_modelled("statements that are nested so deeply") from None


def _read(reader: Commands) -> None:
    if reader.at("SELECT", "WITH") or reader.at_group():
        reader.query()
        return
    if reader.take_words("ALTER", "SESSION"):
        reader.alter_session()
        return
    if reader.take_words("ALTER", "SYSTEM"):
        reader.alter_system()
        return
    item = reader.items[0]
    verb = getattr(item, "value", "")
    if verb not in _READERS:
        raise not_modelled(str(verb), offset=item.start)
    reader.place += 1
    _READERS[verb](reader)
    reader.finish()
