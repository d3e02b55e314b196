"""The commands about what outlives a run: up, ps, down, reap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gen3bed._signals import interruptible
from gen3bed.errors import ConfirmationError, ExitCode, LedgerError, LedgerGoneError, UsageError
from gen3bed.matrix import load_matrix

if TYPE_CHECKING:
    from gen3bed.ledger import Ledger

__all__ = ["down", "ps", "reap", "said_yes", "up"]

_STATE_WIDTH = len("not answering")
"""Of the longest state that `ps` shows."""


@click.command()
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


@click.command()
def ps() -> None:
    """List the kept services, and runs that left something behind.

    Each line has the name, whether it is a kept service or a run of tests,
    its state, and what it is or has.  What needs attention is followed by
    the command for it.
    """
    from gen3bed.kept import kept_services  # noqa: PLC0415
    from gen3bed.ledger import open_ledgers  # noqa: PLC0415

    for kept in kept_services():
        _show(kept.run, "kept", kept.state, kept.shown, kept.hint)
    for ledger in open_ledgers():
        try:
            _show_run(ledger)
        except LedgerGoneError:
            continue  # the run has ended and left nothing
        except LedgerError as err:
            _show(ledger.run, "run", "damaged", f"{err.subject}: {err.reason}", err.hint)


def _show_run(ledger: Ledger) -> None:
    if ledger.keep:
        return
    owner = ledger.owner
    things = ", ".join(f"{e.kind} {e.name}" for e in ledger.outstanding()) or "nothing yet"
    if not owner.is_here:
        _show(ledger.run, "run", "elsewhere", f"{things}  on {owner.host}")
    elif owner.is_alive:
        _show(ledger.run, "run", "running", things)
    else:
        _show(ledger.run, "run", "crashed", things, "gen3bed reap")


def _show(run: str, kind: str, state: str, text: str, hint: str = "") -> None:
    click.echo(f"{run}  {kind:<4}  {state:<{_STATE_WIDTH}}  {text}")
    if hint:
        click.echo(f"{'':<{len(run)}}  next step: {hint}")


@click.command()
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


@click.command()
@click.option("--kept", is_flag=True, help="Also take down the services of `gen3bed up`.")
@click.option("--forget", metavar="RUN", help="Give up what cannot be removed of this run, for good.")
@click.option("--yes", is_flag=True, help="Do not ask before giving it up.")
def reap(*, kept: bool, forget: str | None, yes: bool) -> ExitCode:
    """Remove what crashed runs left, as their ledgers say, and nothing else.

    Each run does this as it begins.  What cannot be removed now, for want of
    credentials or of Docker, stays in the ledger and is named.  If it never
    can be, as on a server that is gone for good, --forget removes what it can
    of that one run, names the rest, asks, and strikes it from the ledger.

    \b
    Examples:
      gen3bed reap
      gen3bed reap --forget 3f9a2c71d0e4
    """
    from gen3bed.reap import listed, unfinished  # noqa: PLC0415
    from gen3bed.reap import reap as reap_ledgers  # noqa: PLC0415

    if (kept and forget) or (yes and not forget):
        raise UsageError(
            "gen3bed reap",
            reason=f"{'--kept' if kept else '--yes'} {'does not go' if kept else 'goes only'} with --forget",
            hint="`gen3bed reap --help` shows what goes together.",
        )
    if forget:
        return _forget(forget, yes=yes)
    reaped = reap_ledgers(include_kept=kept)
    going = [] if reaped else unfinished()
    nothing = f"nothing was left by a crashed run; not ended yet: {listed(going)}, see `gen3bed ps`"
    code = _show_reaped(reaped, nothing=nothing if going else "nothing was left")
    for thing in reaped:
        if thing.holds:
            click.echo(f"If {thing.name} is gone for good: gen3bed reap --forget {thing.run}", err=True)
    return code


def _forget(run: str, *, yes: bool) -> ExitCode:
    from gen3bed.reap import find_lost, reap_run  # noqa: PLC0415
    from gen3bed.reap import forget as forget_run  # noqa: PLC0415

    ledger = find_lost(run)
    owner = ledger.owner
    if owner.is_here:
        code = _show_reaped(reap_run(ledger))
        if code is ExitCode.OK:
            return code
    else:
        click.echo(f"run {run} is of the host {owner.host}; whether it has ended is not known here", err=True)
    for entry in ledger.outstanding():
        place = f" on {entry.facts['server']}" if "server" in entry.facts else ""
        click.echo(f"to be given up: {entry.kind} {entry.name}{place}", err=True)
    if not yes and not said_yes("Strike them from the ledger, so that nobody will ever remove them?"):
        raise ConfirmationError(
            run,
            reason="nobody said yes, so nothing was given up",
            hint="Answer y, or give --yes where nobody can answer.",
        )
    for entry in forget_run(ledger):
        click.echo(f"given up {entry.kind} {entry.name} of run {run}")
    return ExitCode.OK


def _show_reaped(reaped: list[Any], *, nothing: str = "nothing was left") -> ExitCode:
    for thing in reaped:
        click.echo(str(thing), err=not thing.gone)
        if not thing.gone:
            click.echo(f"  next step: {thing.hint}", err=True)
    if not reaped:
        click.echo(nothing)
    return ExitCode.OK if all(thing.gone for thing in reaped) else ExitCode.SERVICE


def said_yes(question: str) -> bool:
    """Ask a question; only a yes is one (`bool`)."""
    try:
        return click.confirm(question, err=True)
    except click.exceptions.Abort:  # the end of standard input, as in CI
        click.echo(err=True)  # nobody ended the question's line
        return False
