"""The documentation says what the command has, and only that."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from oracle_standin import pytest_plugin
from oracle_standin.cli import cli
from oracle_standin.server import CallKind

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
REFERENCE = (ROOT / "docs/reference/oracle-standin.md").read_text()


def command_lines() -> Iterator[list[str]]:
    """Yield the words of each line in the documentation that runs the command."""
    for page in PAGES:
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line.removesuffix(" &"), comments=True)
                if words and words[0] == "oracle-standin":
                    yield words[1:]


def test_every_command_line_is_accepted() -> None:
    """Each command line that is shown has a command, arguments and options that exist."""
    lines = list(command_lines())
    assert len(lines) > 10
    for words in lines:
        command: click.Command = cli
        rest = words
        while isinstance(command, click.Group):
            command, rest = command.commands[rest[0]], rest[1:]
        command.make_context(command.name, rest)


def all_commands(group: click.Group) -> Iterator[click.Command]:
    """Yield each command, also those in groups."""
    for command in group.commands.values():
        yield from all_commands(command) if isinstance(command, click.Group) else [command]


@pytest.mark.parametrize("command", list(all_commands(cli)), ids=lambda command: command.name)
def test_every_command_explains_itself(command: click.Command) -> None:
    """Each command and option has a help text."""
    assert command.help
    assert all(p.help for p in command.params if isinstance(p, click.Option) and p.name != "n")


def test_every_option_of_serve_is_in_the_reference() -> None:
    """The reference has each option of the server, and the kinds of calls that faults strike."""
    options = [name for p in cli.commands["serve"].params for name in p.opts]
    assert [name for name in options if f"`{name}" not in REFERENCE] == []
    assert [kind.value for kind in CallKind if f"`{kind.value}`" not in REFERENCE] == []


def test_every_fixture_is_in_the_reference() -> None:
    """The reference has each fixture and each option of the plugin."""
    text = Path(pytest_plugin.__file__).read_text()
    options = [f"--oracle-standin-{name}" for name in (*pytest_plugin._OPTIONS, "log", "ready-file")]
    assert '"--oracle-standin-ready-file"' in text
    assert [name for name in (*pytest_plugin.__all__, *options) if f"`{name}`" not in REFERENCE] == []


def test_every_environment_variable_is_documented() -> None:
    """The page of variables has each of the stand-in's, and none that it does not know."""
    known = {
        name
        for file in (ROOT / "src/oracle_standin").rglob("*.py")
        for name in re.findall(r"\bORACLE_STANDIN_[A-Z0-9_]+\b", file.read_text())
    }
    page = (ROOT / "docs/reference/environment-variables.md").read_text()
    assert set(re.findall(r"^`(ORACLE_STANDIN_[A-Z0-9_]+)`$", page, re.MULTILINE)) == known
