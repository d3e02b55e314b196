"""The commands for those who look after an Oracle database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from gen3bed._cli_kept import said_yes
from gen3bed._cli_url import UrlType
from gen3bed._signals import interruptible
from gen3bed.errors import ConfirmationError, ExitCode, ServiceError, UsageError

if TYPE_CHECKING:
    from gen3bed.oracle_probe import Probe

__all__ = ["oracle", "schema"]

_STYLES = {"as expected": "green", "differs": "bold red", "noted": "yellow"}


@click.group()
def oracle() -> None:
    """Look after an Oracle database."""


@oracle.command()
@click.argument("url", type=UrlType())
@click.option("--yes", is_flag=True, help="Do not ask before writing to the server.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("oracle-probe.json"),
              show_default=True, help="File for the answers, to be kept or sent to us.")  # fmt: skip
def probe(url: Any, *, yes: bool, output: Path) -> ExitCode:
    """Ask a server whether it does what a registry relies on.

    Some fifty statements are run in a schema that is dropped again: a user's
    that is made for it, if the account may do that, or the account's own,
    which must be empty.  The first thing to run on a real server.  Ends with
    code 1 if an answer differs from the expected one.

    The file holds versions, settings and answers, and no name of a host or an
    account.

    \b
    Examples:
      gen3bed oracle probe oracle://me@db.example.org:1521/FREEPDB1
      gen3bed oracle probe --yes --output answers.json 'oracle://me@db/S?protocol=tcps'
    """
    from gen3bed.services import without_password  # noqa: PLC0415
    from gen3bed.services.oracle import look_at  # noqa: PLC0415

    folder = output.absolute().parent
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise UsageError(
            f"--output {output}", reason="its directory cannot be written to", hint="Name another file."
        )
    service = look_at(url)
    shown = without_password(url)
    if not yes and not said_yes(f"Make and drop tables of a schema of their own on {shown}?"):
        raise ConfirmationError(
            shown,
            reason="nobody said yes, so nothing was written",
            hint="Answer y, or give --yes where nobody can answer.",
        )
    from gen3bed.oracle_probe import QUESTIONS, ask_all  # noqa: PLC0415

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with interruptible(), bar:
        task = bar.add_task("asking", total=len(QUESTIONS))
        answers = ask_all(service, progress=lambda _: bar.advance(task))
    _show(answers)
    try:
        output.write_text(answers.to_json())
    except OSError as err:
        raise ServiceError(
            str(output),
            reason=f"the answers cannot be written: {err.strerror}",
            hint="Name another file with --output.",
        ) from err
    click.echo(f"Answers: {output.resolve()}")
    return ExitCode.FAILED if answers.differing else ExitCode.OK


def _show(answers: Probe) -> None:
    console = Console(highlight=False)
    console.print(f"{answers.banner}, version {answers.server}; {answers.driver}\n", markup=False)
    table = Table(box=None, padding=(0, 2, 0, 0), expand=False)
    for column in ("question", "expected", "seen", "what another answer means"):
        table.add_column(column, overflow="fold")
    for answer in answers.answers:
        style = _STYLES[answer.verdict]
        means = answer.means if answer.verdict != "as expected" else ""
        table.add_row(answer.asks, answer.expected or "?", answer.seen, means, style=style)
    console.print(table, markup=False)
    verdicts: list[str] = [answer.verdict for answer in answers.answers]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in _STYLES)
    console.print(f"\n{len(verdicts)} questions: {counts}", markup=False)


@click.group()
def schema() -> None:
    """Look after the schemas of registries."""


@schema.command()
@click.option("--registry", default="oracle", show_default=True, help="Which registry's.")
@click.option("--user", default="BUTLER", show_default=True, help="Owner of the schema.")
@click.option("--tablespace", default="USERS", show_default=True, help="Where its tables go.")
@click.option("--quota", default="10G", show_default=True, help="How much of it.")
def ddl(registry: str, user: str, tablespace: str, quota: str) -> None:
    """Print all SQL of a registry, for a database administrator to review.

    First the user and its grants, which the administrator executes; then what
    `butler create` executes as that user.  Nothing is connected to.

    \b
    Example:
      gen3bed schema ddl --registry oracle --user BUTLER --tablespace BUTLER_DATA > butler.sql
    """
    from gen3bed.schemas import ddl_script  # noqa: PLC0415

    click.echo(ddl_script(registry, user=user, tablespace=tablespace, quota=quota), nl=False)
