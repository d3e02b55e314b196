"""The page docs/reference/oracle-standin-rules.md, made from the corpus of statements.

``python -m tests.support.rules_table`` writes it; a test fails while it is not up to date.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from oracle_standin.profiles import PROFILES

__all__ = ["PAGE", "load", "render"]

_ROOT = Path(__file__).resolve().parents[2]
_CORPUS = _ROOT / "tests/oracle_standin/sql"
PAGE = _ROOT / "docs/reference/oracle-standin-rules.md"

_HEAD = """# What the Oracle stand-in refuses

This page is made from the statements that the tests run.
`python -m tests.support.rules_table` writes it anew.
None of the numbers was read off a real server. Those with a question mark are more guess than memory.

## By the text of a statement

Each of these has one test for each version, `test_refused` in `tests/oracle_standin/sql/test_check.py`,
by the name in the last column.
`test_refused_by_server.py` beside it sends all of them through the driver to a server of each version.
A dash means that the version takes the statement, as far as the rules go.

"""
_RULES = """
## By what happens when it is run

| What | ORA | Engines | Test in `tests/oracle_standin` |
|---|---|---|---|
"""
_SINCE = """
## What newer versions take

From `accepted.toml` in the same folder, by `test_accepted`: the statements that only newer versions take.

| Since | Statement |
|---|---|
"""


def load(name: str, table: str) -> list[dict[str, Any]]:
    """Return the entries of one of the files of the corpus."""
    found: list[dict[str, Any]] = tomllib.loads((_CORPUS / name).read_text())[table]
    return found


def _ora(number: int) -> str:
    return f"{number:05d}"


def _code(text: str) -> str:
    shown = text if len(text) <= 100 else f"{text[:97]}..."
    return "`` " + shown.replace("|", "\\|").replace("\n", " ") + " ``"


def render() -> str:
    """Return the page."""
    lines = [_HEAD, "| Statement |", *(f" {profile} |" for profile in PROFILES), " Test |\n"]
    lines.append("|---|" + "---|" * len(PROFILES) + "---|\n")
    for case in load("refused.toml", "refused"):
        unsure = "" if case.get("sure", True) else "?"
        numbers = [
            _ora(case.get(f"number{profile}", case["number"])) + unsure
            if profile in case.get("profiles", PROFILES)
            else "-"
            for profile in PROFILES
        ]
        lines.append(f"| {_code(case['text'])} | {' | '.join(numbers)} | {case['why']} |\n")
    lines.append(_RULES)
    for rule in load("rules.toml", "rule"):
        numbers = [_ora(number) for number in rule["numbers"]]
        engines = rule.get("engines", "H2, PostgreSQL")
        lines.append(f"| {rule['what']} | {', '.join(numbers)} | {engines} | `{rule['test']}` |\n")
    lines.append(_SINCE)
    newer = [case for case in load("accepted.toml", "accepted") if "since" in case]
    lines += [f"| {case['since']} | {_code(case['text'])} |\n" for case in newer]
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(render())
