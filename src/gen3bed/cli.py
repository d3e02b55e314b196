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
from gen3bed._signals import end_with_parent, interruptible
from gen3bed.errors import (
    ConfirmationError,
    ExitCode,
    Gen3bedError,
    LedgerError,
    LedgerGoneError,
    UsageError,
)
from gen3bed.matrix import load_matrix

__all__ = ["cli", "main"]

_CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_STATE_WIDTH = len("not answering")
"""Of the longest state that `ps` shows."""


def main() -> None:
    """Run the command line; end with one of `gen3bed.errors.ExitCode`."""
    end_with_parent()
    # Pulling or building an image takes half a minute, which is announced.
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("gen3bed").setLevel(logging.INFO)
    try:
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


class _UrlType(click.ParamType[Any]):
    """A database URL without a password: ``ps`` shows command lines."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        import sqlalchemy  # noqa: PLC0415

        from gen3bed.services import without_password  # noqa: PLC0415

        if isinstance(value, sqlalchemy.URL):
            return value
        try:
            url = sqlalchemy.make_url(value)
        except (sqlalchemy.exc.ArgumentError, ValueError) as err:
            raise UsageError(
                "URL",
                reason="it is not a database URL",
                hint="Write it like postgresql://user@host:5432/database.",
            ) from err
        if url.password is not None or any("pass" in key.lower() for key in url.query):
            raise UsageError(
                without_password(url),
                reason="a password stands in the URL, where `ps` and shell histories show it",
                hint="Change that password, put it into a db-auth file, and name the file in LSST_DB_AUTH.",
            )
        return url


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
      gen3bed up postgresql                   a server for the afternoon
      gen3bed reap                            remove what a crashed run left
    """


@cli.command()
@click.argument("names", nargs=-1, metavar="[REGISTRY|CELL]...")
@click.option("--provider", metavar="NAME", help="Where the server comes from: container, local or url.")
@click.option("--url", type=_UrlType(), help="Somebody's server, without a password; sets --provider url.")
@click.option("--profile", type=click.Choice(["fast", "durable"]), default="fast", show_default=True,
              help="Whether the server may lose data on a power cut.")  # fmt: skip
@click.option("--require", is_flag=True, help="Fail if a cell that CI runs cannot run on this machine.")
@_run_options
def run(names: tuple[str, ...], url: Any, provider: str | None, **options: Any) -> ExitCode:
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
    """
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
@click.argument("url", type=_UrlType())
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
    if not yes and not _said_yes(f"Make and drop namespaces named gen3bed_* on {without_password(url)}?"):
        raise ConfirmationError(
            without_password(url),
            reason="nobody said yes, so nothing was written",
            hint="Answer y, or give --yes where nobody can answer.",
        )
    return _run(names=(registry,), url=url, provider="url", profile="durable", require=True, **options)


@cli.command()
@click.argument("registry")
@click.option("--provider", metavar="NAME", help="Where the server comes from: container or local.")
@click.option("--profile", type=click.Choice(["fast", "durable"]), default="durable", show_default=True,
              help="Whether the server may lose data on a power cut.")  # fmt: skip
def up(registry: str, provider: str | None, profile: Any) -> None:
    """Start a server and keep it, for an afternoon's work.

    Prints the URL of a database for Butler repositories and the db-auth
    stanza with its password.  Take it down with `gen3bed down`.

    \b
    Example:
      gen3bed up postgresql --provider local
    """
    from gen3bed.kept import bring_up  # noqa: PLC0415

    with interruptible():
        kept = bring_up(registry, provider=provider, profile=profile)
    title = load_matrix().registries[registry].title
    click.echo(f"{title} {kept.service.version} ({kept.service.provider}) is up as {kept.run}.")
    click.echo(f"\nURL:        {kept.url}")
    click.echo(f"credentials: export LSST_DB_AUTH={kept.db_auth}")
    click.echo("\nor copy this stanza into your own db-auth file:\n")
    click.echo(kept.stanza)
    click.echo(f"Take it down with: gen3bed down {kept.run}")


@cli.command()
def ps() -> None:
    """List the kept services, and runs that left something behind.

    Each line has the name, whether it is a kept service or a run of tests,
    its state, and what it is or has.  What needs attention is followed by
    the command for it.
    """
    from gen3bed.kept import kept_services  # noqa: PLC0415
    from gen3bed.ledger import Ledger, open_ledgers  # noqa: PLC0415

    def show(run: str, kind: str, state: str, text: str, hint: str = "") -> None:
        click.echo(f"{run}  {kind:<4}  {state:<{_STATE_WIDTH}}  {text}")
        if hint:
            click.echo(f"{'':<{len(run)}}  next step: {hint}")

    def show_run(ledger: Ledger) -> None:
        if not ledger.keep:
            alive = ledger.owner.is_alive
            things = ", ".join(f"{e.kind} {e.name}" for e in ledger.outstanding()) or "nothing yet"
            show(ledger.run, "run", *(("running", things) if alive else ("crashed", things, "gen3bed reap")))

    for kept in kept_services():
        show(kept.run, "kept", kept.state, kept.shown, kept.hint)
    for ledger in open_ledgers():
        try:
            show_run(ledger)
        except LedgerGoneError:
            continue  # the run has ended and left nothing
        except LedgerError as err:
            show(ledger.run, "run", "damaged", f"{err.subject}: {err.reason}", err.hint)


@cli.command()
@click.argument("run", required=False)
@click.option("--all", "everything", is_flag=True, help="Take down every kept service.")
def down(run: str | None, *, everything: bool) -> ExitCode:
    """Take a kept service down, with all the data in it, and nothing else.

    What crashed runs left is not touched; `gen3bed reap` removes that.

    \b
    Examples:
      gen3bed down 3f9a2c71d0e4
      gen3bed down --all
    """
    from gen3bed.kept import kept_services, take_down  # noqa: PLC0415

    if (run is None) is not everything:
        raise UsageError(
            "gen3bed down",
            reason="name one kept service, or say --all",
            hint="`gen3bed ps` shows the names.",
        )
    runs = [k.run for k in kept_services() if k.state != "elsewhere"] if everything else [str(run)]
    return _show_reaped([reaped for name in runs for reaped in take_down(name)])


@cli.command()
@click.option("--kept", is_flag=True, help="Also take down the services of `gen3bed up`.")
def reap(*, kept: bool) -> ExitCode:
    """Remove what crashed runs left, as their ledgers say, and nothing else.

    Each run does this as it begins.  What cannot be removed now, for want of
    credentials or of Docker, stays in the ledger and is named.
    """
    from gen3bed.reap import listed, unfinished  # noqa: PLC0415
    from gen3bed.reap import reap as reap_ledgers  # noqa: PLC0415

    reaped = reap_ledgers(include_kept=kept)
    going = [] if reaped else unfinished()
    nothing = f"nothing was left by a crashed run; not ended yet: {listed(going)}, see `gen3bed ps`"
    return _show_reaped(reaped, nothing=nothing if going else "nothing was left")


def _show_reaped(reaped: list[Any], *, nothing: str = "nothing was left") -> ExitCode:
    for thing in reaped:
        click.echo(str(thing), err=not thing.gone)
        if not thing.gone:
            click.echo(f"  next step: {thing.hint}", err=True)
    if not reaped:
        click.echo(nothing)
    return ExitCode.OK if all(thing.gone for thing in reaped) else ExitCode.SERVICE


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


def _said_yes(question: str) -> bool:
    try:
        return click.confirm(question, err=True)
    except click.exceptions.Abort:  # the end of standard input, as in CI
        return False


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
