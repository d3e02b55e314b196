"""The DDL of a registry, for a database administrator to read."""

from __future__ import annotations

from gen3bed import __version__
from gen3bed.errors import UsageError
from gen3bed.matrix import load_matrix
from gen3bed.services.oracle import NEEDED, require_driver

__all__ = ["ddl_script"]

_UNFIT = set('"\0\n;')


def ddl_script(registry: str, *, user: str, tablespace: str, quota: str) -> str:
    """Return all statements that a registry needs, those of the administrator first.

    Nothing is connected to: the middleware is made to write its schema down.

    Parameters
    ----------
    registry : `str`
        Name of the registry in the matrix; ``oracle`` for now.
    user : `str`
        Owner of the schema.
    tablespace : `str`
        Where its tables go.
    quota : `str`
        How much of it, such as ``10G`` or ``UNLIMITED``.

    Returns
    -------
    script : `str`
        SQL with comments, each statement ended by a semicolon.

    Raises
    ------
    UsageError
        Raised if the registry has no such script, or a name cannot be one.
    """
    if registry != "oracle":
        raise UsageError(
            f"--registry {registry}",
            reason="the middleware makes this schema itself, and nobody else has to",
            hint="Choose --registry oracle.",
        )
    for option, value in (("--user", user), ("--tablespace", tablespace), ("--quota", quota)):
        if not value or _UNFIT & set(value):
            raise UsageError(f"{option} {value!r}", reason="it is no name", hint="Give a plain word.")
    require_driver()
    # Importing the middleware costs seconds, which a wrong option need not pay.
    from gen3bed.schemas._recording import recorded_creation  # noqa: PLC0415

    name = user.upper()
    statements = recorded_creation(user)
    return "\n".join([
        f"-- The schema of a Butler registry on Oracle 19c or newer, as {load_matrix().weekly_tag} makes it.",
        f"-- Written by gen3bed {__version__}: gen3bed schema ddl --registry oracle --user {name}",
        "",
        "-- 1. For the database administrator.  The password goes into the users' db-auth files.",
        f'CREATE USER "{name}" IDENTIFIED BY "&password"',
        f'  DEFAULT TABLESPACE "{tablespace.upper()}" QUOTA {quota} ON "{tablespace.upper()}";',
        f'GRANT {", ".join(NEEDED)} TO "{name}";',
        "",
        f"-- 2. For review: what `butler create` executes as {name}.  Dataset types add more.",
        *(f"{_tidy(statement)};" for statement in statements),
        "",
    ])  # fmt: skip


def _tidy(statement: str) -> str:
    """Return a statement without blanks at line ends, indented by blanks."""
    return "\n".join(line.rstrip().replace("\t", "  ") for line in statement.splitlines() if line.strip())
