"""Definitions in the SQL that all engines read alike."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from oracle_standin.engine._columns import Constraint

__all__ = ["constraint_definition", "sequence_options"]

_LONG = 9223372036854775807
_OPTIONS = {"START": "START WITH", "INCREMENT": "INCREMENT BY"}


def sequence_options(options: dict[str, str], *, left_out: Container[str]) -> str:
    """Return a sequence's options for an engine whose sequences are 64 bits wide.

    Parameters
    ----------
    options : `dict` [`str`, `str`]
        As `DefinitionReader.sequence` reads them.
    left_out : `~collections.abc.Container` [`str`]
        Those that the engine has not.
    """
    parts = []
    for key, value in options.items():
        if key in left_out:
            continue
        if value == "NO":
            parts.append(f"NO {key}")
        elif key == "CYCLE":
            parts.append("CYCLE")
        elif key == "CACHE":
            parts.append(f"CACHE {value}")
        else:
            number = max(min(int(value), _LONG), -_LONG)
            parts.append(f"{_OPTIONS.get(key, key)} {number}")
    return " ".join(parts) if parts else "START WITH 1"


def constraint_definition(constraint: Constraint, quoted: Callable[[str], str]) -> str:
    """Return a constraint's definition, without its name.

    Parameters
    ----------
    constraint : `Constraint`
        What it is.
    quoted : `~collections.abc.Callable`
        Returns a name as the engine's, in quotes.
    """

    def listed(columns: Sequence[str]) -> str:
        return "(" + ", ".join(map(quoted, columns)) + ")"

    columns = listed(constraint.columns)
    match constraint.kind:
        case "P":
            return f"PRIMARY KEY {columns}"
        case "U":
            return f"UNIQUE {columns}"
        case "C":
            return f"CHECK ({constraint.condition_sql})"
    target = ".".join(map(quoted, constraint.parent or ("", "")))
    parents = listed(constraint.parent_columns) if constraint.parent_columns else ""
    action = f" ON DELETE {constraint.on_delete}" if constraint.on_delete else ""
    return f"FOREIGN KEY {columns} REFERENCES {target}{parents}{action}"
