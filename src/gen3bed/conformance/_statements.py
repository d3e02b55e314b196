"""The distinct statements that tests sent, in a form that two runs can be compared in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from gen3bed.report import write_whole

__all__ = ["read_parts", "sql_text", "without_changing_names", "write_part"]

_CHANGING = (
    # Namespaces, which carry the run's identity.
    (re.compile(r"\bgen3bed_[0-9a-f]{12}_\w+"), "namespace"),
    # Temporary tables.
    (re.compile(r"_tmp_[0-9a-f]{32}"), "_tmp_N"),
    # Upstream numbers the tables of datasets in the order in which a registry gets them.
    (re.compile(r"(dataset_(?:tags|calibs))_\d{8}"), r"\1_N"),
    # SQLAlchemy counts the savepoints of a connection.
    (re.compile(r"sa_savepoint_\d+"), "sa_savepoint_N"),
)
_BLANK_LINES = re.compile(r"[ \t]*\n\s*")
_END = "\n;\n\n"


def without_changing_names(statement: str) -> str:
    """Return a statement (`str`) without what changes from run to run.

    Names of namespaces, temporary tables, savepoints and numbered tables are
    replaced; blank lines are taken out.
    """
    for pattern, replacement in _CHANGING:
        statement = pattern.sub(replacement, statement)
    return _BLANK_LINES.sub("\n", statement).strip()


def write_part(path: Path, statements: Iterable[str]) -> None:
    """Write what one process sent into a file, for `read_parts`.

    Of a process that is killed in here there is no file, instead of half a one.
    """
    write_whole(path, json.dumps(sorted({without_changing_names(s) for s in statements})).encode())


def read_parts(paths: Iterable[Path]) -> set[str]:
    """Return the statements (`set` [`str`]) of all processes."""
    return {statement for path in paths for statement in json.loads(path.read_text(encoding="utf-8"))}


def sql_text(statements: Iterable[str]) -> str:
    """Return the text (`str`) of a file of statements, each ended by a line with a semicolon."""
    return "".join(f"{statement}{_END}" for statement in sorted(statements))
