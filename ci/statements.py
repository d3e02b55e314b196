"""Compare the statements that a run sent with the list that is kept.

Two statements are the same if they differ only in what changes from process
to process: the order of their words, as upstream lists columns and conditions
in the order of sets; the number of constant rows, as some are known already;
and the numbers of binds.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["KEPT", "differences", "main", "read", "texts"]

KEPT = Path(__file__).parent.parent / "tests/oracle/statements.sql"
"""Every distinct statement that the suites and the pipeline send to Oracle."""

# As gen3bed.conformance writes it, which is not installed where this runs.
_END = "\n;\n\n"
_EXAMPLES = """
examples:
  nox -s oracle -- oracle-stand-in-h2-19 --report build/oracle
  python3 -m ci.statements build/oracle/oracle-stand-in-h2-19.sql            what is new, what is gone
  python3 -m ci.statements build/oracle/oracle-stand-in-h2-19.sql --write    keep it
"""
_SHOWN = 20
"""Differences that are printed whole."""

_MORE_ROWS = re.compile(r"(?: UNION ALL SELECT :\w+ AS \w+(?:, :\w+ AS \w+)* FROM DUAL)+")
_NUMBERED_BIND = re.compile(r"(:[A-Za-z]\w*?)(?:_\d+)+\b")

Words = tuple[str, ...]


def texts(path: Path) -> list[str]:
    """Return the statements of a file.

    Raises
    ------
    OSError
        Raised if it cannot be read.
    """
    return [text for text in path.read_text(encoding="utf-8").split(_END) if text.strip()]


def read(path: Path) -> dict[Words, str]:
    """Return the statements of a file by their words.

    Raises
    ------
    OSError
        Raised if it cannot be read.
    """
    return {_words(text): text for text in texts(path)}


def differences(kept: dict[Words, str], found: dict[Words, str]) -> list[str]:
    """Return a text for each statement that only one of the two has.

    A new statement is shown as a diff to the kept one that is most like it.
    """
    gone = [kept[words] for words in kept.keys() - found.keys()]
    shown = []
    for new in sorted(found[words] for words in found.keys() - kept.keys()):
        similar = max(gone, key=lambda old: _likeness(old, new), default="")
        if similar:
            gone.remove(similar)
        lines = difflib.unified_diff(similar.splitlines(), new.splitlines(), lineterm="", n=1)
        shown.append("\n".join(list(lines)[2:]))
    return [*shown, *("\n".join(f"-{line}" for line in old.splitlines()) for old in sorted(gone))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, or write; return 0 if nothing differs, 1 if something does, 2 if a file cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python3 -m ci.statements",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("found", type=Path, help="CELL.sql of the report of a run of all suites")
    parser.add_argument("--kept", type=Path, default=KEPT, help="the list to compare with")
    parser.add_argument("--write", action="store_true", help="make the list what was found")
    options = parser.parse_args(arguments)
    try:
        found = read(options.found)
        kept = read(options.kept) if options.kept.exists() or not options.write else {}
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Run a cell with --report first.", file=sys.stderr)
        return 2
    changes = differences(kept, found)
    if options.write:
        # What only changed the order of its words stays as it was.
        _write(options.kept, (kept.get(words, statement) for words, statement in found.items()))
        print(f"{options.kept}: {len(found)} statements, {len(changes)} changed.")
        return 0
    for text in changes[:_SHOWN]:
        print(text, end="\n\n")
    print(f"{len(found)} distinct statements; {len(changes)} differ from the {len(kept)} that are kept.")
    if changes:
        print("If that is as it should be, keep them by --write.")
    return int(bool(changes))


def _words(statement: str) -> Words:
    text = _NUMBERED_BIND.sub(r"\1", _MORE_ROWS.sub("", statement))
    return tuple(sorted(re.findall(r"\w+|\S", text)))


def _likeness(old: str, new: str) -> float:
    return difflib.SequenceMatcher(None, old.split(), new.split(), autojunk=False).quick_ratio()


def _write(path: Path, statements: Iterable[str]) -> None:
    path.write_text("".join(f"{statement}{_END}" for statement in sorted(statements)), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
