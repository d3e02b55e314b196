"""The ``gen3bed`` command: parse, call, print."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import click
from rich.console import Console

from gen3bed import __version__
from gen3bed._cli_kept import down, ps, reap, said_yes, up
from gen3bed._cli_oracle import oracle, schema
from gen3bed._cli_url import UrlType
from gen3bed._signals import end_with_parent, interruptible
from gen3bed.errors import (
    ConfirmationError,
    ExitCode,
    Gen3bedError,
    UsageError,
)
from gen3bed.matrix import load_matrix

__all__ = ["cli", "main"]

_CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def main() -> None:
    """Run the command line; end with one of `gen3bed.errors.ExitCode`."""
    end_with_parent()
    # Pulling or building an image takes half a minute, which is announced.
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("gen3bed").setLevel(logging.INFO)
    try:
        # SIGTERM would end what is neither a run nor a service without
        # cleaning up, such as a look at a keyword.
        with interruptible():
            code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = ExitCode.INTERRUPTED
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except click.ClickException as err:
        err.show()
        code = ExitCode.USAGE
    except Gen3bedError as err:
        _print_error(err)
        code = err.exit_code
    sys.exit(int(code or 0))


def _print_error(err: Gen3bedError) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]error[/]: {_plain(err.subject)}: {_plain(err.reason)}")
    for note in getattr(err, "__notes__", ()):
        console.print(note, markup=False)
    console.print(f"[bold]next step[/]: {_plain(err.hint)}")
    # Last, as in the report: hints speak of the lines below.
    if err.detail:
        console.print(err.detail, markup=False, style="dim")


def _plain(text: str) -> str:
    from rich.markup import escape  # noqa: PLC0415

    return escape(text)


def _run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that `run` and `check` share."""
    matrix = load_matrix()
    options = [
        click.option("--suite", "suites", multiple=True, metavar="SUITE",
                     help=f"Run this suite only; repeatable: {', '.join(matrix.suites)}."),
        click.option("--conformance", "part", flag_value="conformance", help="Run upstream's suites only."),
        click.option("--pipeline", "part", flag_value="pipeline", help="Run the pipeline only."),
        click.option("-k", "keyword", default="", metavar="EXPRESSION",
                     help="Run tests that match, as pytest's -k; floors do not apply then."),
        click.option("-n", "--workers", type=click.IntRange(0, 64), default=None,
                     help="Processes to test with; default: one per processor, up to 8."),
        click.option("--report", type=click.Path(file_okay=False, path_type=Path), default=None,
                     help="Directory for the report; default: a new one under gen3bed-report/."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.group(context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="gen3bed")
def cli() -> None:
    """Try the Rubin Gen3 middleware on every registry database it can live on.

    \b
    Examples:
      gen3bed run sqlite                      all suites and a pipeline, no Docker
      gen3bed run postgresql --provider local
      gen3bed check postgresql://me@db.example.org/butler
      gen3bed oracle probe oracle://me@db.example.org/FREEPDB1
      gen3bed up postgresql                   a server for the afternoon
      gen3bed reap                            remove what a crashed run left
    """


@cli.command()
@click.argument("names", nargs=-1, metavar="[REGISTRY|CELL]...")
@click.option("--provider", metavar="NAME", help="Where the server comes from, such as container or url.")
@click.option(
    "--stand-in",
    is_flag=True,
    help="Use the stand-ins for Oracle, on each engine, as each version; sets --provider stand-in.",
)
@click.option("--url", type=UrlType(), help="Somebody's server, without a password; sets --provider url.")
@click.option("--profile", type=click.Choice(["fast", "durable"]), default="fast", show_default=True,
              help="Whether the server may lose data on a power cut.")  # fmt: skip
@click.option("--require", is_flag=True, help="Fail if a cell that CI runs cannot run on this machine.")
@_run_options
def run(
    names: tuple[str, ...], url: Any, provider: str | None, *, stand_in: bool, **options: Any
) -> ExitCode:
    """Run cells of the matrix and write a report.

    Without a name, all cells that this machine can run; of each other cell
    the report and the summary say why not.  A registry runs its cells; one
    that needs a server takes it from what the machine has, unless --provider
    says otherwise.

    \b
    Examples:
      gen3bed run sqlite --conformance
      gen3bed run sqlite-memory --suite database -k Timespan
      gen3bed run postgresql --provider container -n 4
      gen3bed run oracle --stand-in --suite database
      gen3bed run oracle-stand-in-h2-19
    """
    if stand_in:
        if provider is not None or url is not None:
            raise UsageError(
                "--stand-in",
                reason="another option says where the server comes from",
                hint="Leave --provider and --url out.",
            )
        provider = "stand-in"
    if url is not None:
        if provider not in {None, "url"}:
            raise UsageError(
                f"--provider {provider}",
                reason="--url names somebody's server, so nothing is to be started",
                hint="Leave one of the two options out.",
            )
        provider = "url"
    return _run(names=names, url=url, provider=provider, **options)


@cli.command()
@click.argument("url", type=UrlType())
@click.option("--yes", is_flag=True, help="Do not ask before writing to the server.")
@_run_options
def check(url: Any, *, yes: bool, **options: Any) -> ExitCode:
    """Run the suites against a registry database that somebody else runs.

    Credentials come from the db-auth file that LSST_DB_AUTH names.  Writes
    only to databases, roles or schemas whose names begin with ``gen3bed_`` and
    the number of the run, and drops what it made and nothing else.

    \b
    Examples:
      gen3bed check postgresql://me@db.example.org/butler
      gen3bed check --yes --suite database postgresql://me@db.example.org/butler
    """
    from gen3bed.runner import look_at_server  # noqa: PLC0415
    from gen3bed.services import without_password  # noqa: PLC0415

    registry = url.get_backend_name()
    load_matrix().cells_of(registry)
    # Nobody shall say yes to what cannot be done.
    look_at_server(url, load_matrix())
    if not yes and not said_yes(f"Make and drop namespaces named gen3bed_* on {without_password(url)}?"):
        raise ConfirmationError(
            without_password(url),
            reason="nobody said yes, so nothing was written",
            hint="Answer y, or give --yes where nobody can answer.",
        )
    return _run(names=(registry,), url=url, provider="url", profile="durable", require=True, **options)


for _command in (up, ps, down, reap, oracle, schema):
    cli.add_command(_command)


@cli.command()
def doctor() -> ExitCode:
    """Check what this machine has, and say how to get what it lacks."""
    from gen3bed.doctor import diagnose  # noqa: PLC0415

    styles = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[bold red]fail[/]"}
    console = Console(highlight=False, soft_wrap=True)
    findings = diagnose()
    for finding in findings:
        console.print(f"{styles[finding.level]:>4}  {_plain(finding.name)}: {_plain(finding.seen)}")
        for fix in finding.fix.splitlines():
            console.print(f"      {_plain(fix)}", style="bold")
    return ExitCode.SERVICE if any(f.level == "fail" for f in findings) else ExitCode.OK


@cli.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
def report(directory: Path) -> None:
    """Write the report of a run again, from the files in its directory."""
    from gen3bed.report import print_summary, write_report  # noqa: PLC0415

    write_report(directory)
    print_summary(directory, Console(highlight=False))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the cells for CI as JSON.")
@click.option("--write", is_flag=True, help="Rewrite the files that are derived from the matrix.")
@click.option("--check", is_flag=True, help="Fail if one of those files has drifted.")
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(),
              help="The checkout, for --write and --check; default: here.")  # fmt: skip
def matrix(*, as_json: bool, write: bool, check: bool, root: Path) -> ExitCode:
    """Show the cells, and which suites each of them runs."""
    from gen3bed import derive  # noqa: PLC0415

    if as_json:
        click.echo(derive.as_json(load_matrix()))
    elif write:
        for path in derive.write_derived(root):
            click.echo(f"wrote {path}")
    elif check:
        stale = derive.stale_files(root)
        for path in stale:
            click.echo(f"{path} has drifted from matrix.toml; run: gen3bed matrix --write", err=True)
        return ExitCode.FAILED if stale else ExitCode.OK
    else:
        click.echo(derive.cells_table(load_matrix()))
    return ExitCode.OK


def _run(
    *, report: Path | None, workers: int | None, part: str | None, require: bool, **options: Any
) -> ExitCode:
    from gen3bed.runner import Request, make_plan, run_plan  # noqa: PLC0415

    matrix = load_matrix()
    if report is None:
        # Two runs at once in one directory must not share a report.
        now = datetime.now().astimezone()
        report = Path("gen3bed-report") / f"{now:%Y%m%d-%H%M%S}-{os.getpid()}"
    if workers is None:
        workers = min(os.cpu_count() or 1, 8)
    request = Request(
        report=report.resolve(), workers=workers, part=cast("Any", part or "all"), required=require, **options
    )
    return run_plan(make_plan(request, matrix), matrix, Console(highlight=False))
