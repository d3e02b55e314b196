"""The documentation says what the program has, and only that."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest

from gen3bed.cli import cli
from gen3bed.errors import ExitCode
from gen3bed.report import Outcome

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = ("src", "ci", ".ci", "containers", "benchmarks", "noxfile.py", "tests/conftest.py")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield each command of the command line with its name."""
    yield from cli.commands.items()


def options() -> Iterator[tuple[str, click.Option]]:
    """Yield each option with the name of its command."""
    for name, command in commands():
        yield from ((name, p) for p in command.params if isinstance(p, click.Option))


def shell_lines() -> Iterator[tuple[str, list[str]]]:
    """Yield page and words of each command line in the documentation."""
    for page in PAGES:
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    yield page.name, words


def environment_variables() -> set[str]:
    """Return the variables of ours that any code reads or sets."""
    found: set[str] = set()
    for part in CODE:
        path = ROOT / part
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                found |= set(re.findall(r"\bGEN3BED_[A-Z]+(?:_[A-Z]+)*\b", file.read_text(errors="replace")))
    return found


def first_column(page: Path, heading: str) -> list[str]:
    """Return the first column of the table after a heading, without its head."""
    section = page.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [c.strip("` ") for c in re.findall(r"^\|([^|]*)\|", section, re.MULTILINE)[2:]]


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_explains_itself_and_is_used_in_the_documentation(name: str) -> None:
    """Each command has a help text and at least one place that tells what to use it for."""
    assert cli.commands[name].help
    assert any(f"gen3bed {name}" in page.read_text() for page in PAGES)


def test_every_option_explains_itself() -> None:
    """Each option has a help text, from which the page of commands is made."""
    assert [(name, option.opts) for name, option in options() if not option.help] == []


def test_the_page_of_commands_is_made_from_the_command_line() -> None:
    """The reference takes all commands with all options from the program itself."""
    text = (ROOT / "docs/reference/cli.md").read_text()
    assert ".. click:: gen3bed.cli:cli\n   :prog: gen3bed\n   :nested: full\n" in text


def test_every_command_line_in_the_documentation_is_accepted() -> None:
    """Each `gen3bed` command line that is shown has a command and options that exist."""
    seen = 0
    for page, words in shell_lines():
        if Path(words[0]).name != "gen3bed":
            continue
        seen += 1
        rest = words[1:]
        command = cli.commands.get(rest[0])
        while isinstance(command, click.Group):
            rest = rest[1:]
            command = command.commands.get(rest[0])
        assert command is not None, f"{page}: {words}"
        known = {opt for p in command.params if isinstance(p, click.Option) for opt in p.opts}
        used = {word for word in rest if word.startswith("-")}
        assert used <= known, f"{page}: {words}"
    assert seen > 5


def test_every_session_in_the_documentation_exists() -> None:
    """Each nox session that is shown is in the noxfile or is a registry, and its options exist."""
    registries = set(tomllib.loads((ROOT / "src/gen3bed/matrix.toml").read_text())["registries"])
    functions = re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(), re.MULTILINE)
    known = {opt for p in cli.commands["run"].params if isinstance(p, click.Option) for opt in p.opts}
    seen = 0
    for page, words in shell_lines():
        if words[0] not in {"nox", "./nox"} or "-s" not in words:
            continue
        seen += 1
        session = words[words.index("-s") + 1]
        assert session in {*registries, *functions}, f"{page}: {words}"
        if "--" in words and session in {*registries, "matrix"}:
            used = {word for word in words[words.index("--") + 1 :] if word.startswith("-")}
            assert used <= {*known, "--with"}, f"{page}: {words}"
    assert seen > 5


def test_every_environment_variable_is_documented() -> None:
    """The page of variables has each that the code knows, and none that it does not."""
    text = (ROOT / "docs/reference/environment-variables.md").read_text()
    documented = set(re.findall(r"^`(GEN3BED_\w+)`$", text, re.MULTILINE))
    assert documented == environment_variables()


@pytest.mark.parametrize(
    ("page", "heading"), [("README.md", "Exit codes of gen3bed"), ("docs/reference/errors.md", "Exit codes")]
)
def test_every_exit_code_is_documented(page: str, heading: str) -> None:
    """Both tables of exit codes have exactly the codes of the program."""
    assert first_column(ROOT / page, heading) == [str(code.value) for code in ExitCode]


def test_every_outcome_is_documented() -> None:
    """The page of the report has exactly the outcomes that a cell can have."""
    assert first_column(ROOT / "docs/reference/report.md", "Outcomes of a cell") == list(get_args(Outcome))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """Each relative link names a file that exists, and a heading in it if it names one."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.is_file(), target
        headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in headings}
        assert not anchor or anchor in slugs, target
