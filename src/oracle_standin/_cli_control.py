"""Commands that talk to a server's control port."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from oracle_standin.control import READY_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE, Control
from oracle_standin.errors import StandinError
from oracle_standin.faults import Action, Answer, Cut, Delay, Injected, Kill, Rule
from oracle_standin.server import CallKind
from oracle_standin.statement_log import Counts

__all__ = ["fault", "health", "session", "stats"]

_KINDS = [kind.value for kind in CallKind]
_ACTIONS = ["cut", "kill", "answer", "refuse", "delay"]
_SHOWN = 72
"""Characters of a statement on a line."""


def with_control(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which server is meant, and its `Control`."""

    @click.option(
        "--ready-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=READY_VARIABLE,
        show_envvar=True,
        help="The server's ready file.",
    )
    @click.option(
        "--control-url",
        envvar=URL_VARIABLE,
        show_envvar=True,
        help=f"Its control port, instead of a ready file; the token is taken from {TOKEN_VARIABLE}.",
    )
    @wraps(command)
    def wrapped(*, ready_file: Path | None, control_url: str | None, **options: Any) -> None:
        if control_url:
            control = Control(control_url, os.environ.get(TOKEN_VARIABLE, ""))
        elif ready_file:
            control = Control.from_ready_file(ready_file)
        else:
            raise StandinError(
                "control port",
                reason="it is not said where it is",
                hint=f"Give --ready-file, or set {READY_VARIABLE}.",
            )
        command(control, **options)

    return wrapped


for_user = click.option("--user", help="Only this user's.")
nth = click.option("-n", default=1, show_default=True, help="The first that is struck, from now on.")


# Faults.


@click.group()
def fault() -> None:
    """Inject faults into a server that runs."""


@fault.command()
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("action", type=click.Choice(_ACTIONS))
@click.argument("value", required=False)
@nth
@click.option("--times", default="1", show_default=True, help="How many are struck, or all.")
@click.option("--when", type=click.Choice(["before", "after"]), default="before", show_default=True,
              help="Before they are applied, or after that and before the answer.")  # fmt: skip
@for_user
@click.option("--client", help="Only those of clients that gave this connection_id_prefix.")
@click.option("--matching", help="Only those whose statement has this regular expression in it.")
@click.option("--text", default="", help="Text of an error; default: Oracle's.")
@with_control
def add(
    control: Control, *, kind: str, action: str, value: str | None, times: str, text: str, **more: Any
) -> None:
    """Do something to calls of a KIND.

    \b
    ACTION and VALUE:
      cut           close the client's socket
      kill          end the session with ORA-00028
      answer CODE   answer an ORA code
      refuse CODE   refuse a connect (12514, 12516, 12519) or a login (28000, 28001, 1033)
      delay SECONDS let the client wait

    \b
    Examples:
      oracle-standin fault add commit cut --when after
      oracle-standin fault add execute answer 60 -n 3 --matching "insert into t"
      oracle-standin fault add connect refuse 12519 --times all
      oracle-standin fault add fetch delay 2.5 --user scott
    """
    if times != "all" and not times.isdecimal():
        raise click.BadParameter("give a number, or all", param_hint="--times")
    rule = Rule(
        kind=CallKind(kind),
        action=_action(action, value, text),
        times=None if times == "all" else int(times),
        **more,
    )
    _show(control.add(rule))


def _action(name: str, value: str | None, text: str) -> Action:
    if name in {"cut", "kill"}:
        if value is not None:
            raise click.UsageError(f"{name} takes no value.")
        return Cut() if name == "cut" else Kill()
    try:
        if name == "delay":
            return Delay(float(value or ""))
        return Answer(int((value or "").upper().removeprefix("ORA-")), text)
    except ValueError:
        raise click.UsageError(
            f"{name} takes {'a number of seconds' if name == 'delay' else 'an ORA code'}."
        ) from None


@fault.command()
@nth
@for_user
@with_control
def lose_commit(control: Control, n: int, user: str | None) -> None:
    """Cut the connection before a commit is applied: the outcome is unknown, and all is undone.

    \b
    Example:
      oracle-standin fault lose-commit --user scott
    """
    _show(control.lose_commit(n=n, user=user))


@fault.command()
@nth
@for_user
@with_control
def lose_answer_of_commit(control: Control, n: int, user: str | None) -> None:
    """Cut the connection after a commit is applied: the outcome is unknown, and all is done.

    \b
    Example:
      oracle-standin fault lose-answer-of-commit -n 2
    """
    _show(control.lose_answer_of_commit(n=n, user=user))


@fault.command()
@click.argument("most", type=click.IntRange(0))
@click.option("--code", default=12519, show_default=True,
              help="12516, 12519 or 12520 by the listener; 18, 20 or 2391 at the login.")  # fmt: skip
@for_user
@with_control
def cap_sessions(control: Control, most: int, code: int, user: str | None) -> None:
    """Refuse sessions beyond MOST, until the fault is removed.

    \b
    Examples:
      oracle-standin fault cap-sessions 10
      oracle-standin fault cap-sessions 2 --code 2391 --user scott
    """
    _show(control.cap_sessions(most, code, user=user))


@fault.command(name="list")
@with_control
def list_faults(control: Control) -> None:
    """Show the faults, and how many calls each has struck."""
    for injected in control.injected():
        _show(injected)


@fault.command()
@click.argument("number", type=int)
@with_control
def remove(control: Control, number: int) -> None:
    """Remove the fault with a NUMBER."""
    control.remove(number)


@fault.command()
@with_control
def clear(control: Control) -> None:
    """Remove all faults."""
    control.clear()


def _show(injected: Injected) -> None:
    rule = injected.rule
    what = [type(rule.action).__name__.lower(), *map(str, filter(None, dataclasses.astuple(rule.action)))]
    times = "all" if rule.times is None else rule.times
    filters = [
        f"{name}={value}"
        for name in ("user", "client", "matching", "sessions")
        if (value := getattr(rule, name)) is not None
    ]
    click.echo(
        f"{injected.number}: {rule.when} {rule.kind.value} {' '.join(what)}, n={rule.n} times={times}"
        f"{''.join(' ' + each for each in filters)}; struck {injected.struck}"
    )


# Sessions.


@click.group()
def session() -> None:
    """Show and end the sessions of a server that runs."""


@session.command(name="list")
@for_user
@with_control
def list_sessions(control: Control, user: str | None) -> None:
    """Show number, user and what the client says it does."""
    for each in control.sessions(user):
        told = " ".join(f"{name}={value}" for name, value in each.attributes.items() if value)
        click.echo(f"{each.number}: {each.user} {told}".rstrip())


@session.command()
@click.argument("number", type=int)
@with_control
def kill(control: Control, number: int) -> None:
    """End the session with a NUMBER; its client is told by ORA-00028."""
    control.kill_session(number)


@session.command()
@click.argument("number", type=int)
@with_control
def cut(control: Control, number: int) -> None:
    """Close the socket of the session with a NUMBER."""
    control.cut_session(number)


# Counts and health.


@click.command()
@for_user
@click.option("--json", "as_json", is_flag=True, help="Print all counts as JSON.")
@click.option("--statements", default=20, show_default=True, help="How many statements to show.")
@with_control
def stats(control: Control, user: str | None, *, as_json: bool, statements: int) -> None:
    """Show what clients have asked a server for, since it started.

    \b
    Examples:
      oracle-standin stats --ready-file ready.json
      oracle-standin stats --user scott --json
    """
    summary = control.summary(user)
    if as_json:
        click.echo(json.dumps(summary.to_json(), indent=1))
        return
    for name, value in dataclasses.asdict(summary.totals).items():
        click.echo(f"{name.replace('_', ' '):12} {value:12.3f}" if name == "seconds" else
                   f"{name.replace('_', ' '):12} {value:12d}")  # fmt: skip
    often = sorted(summary.statements.items(), key=lambda item: -item[1].round_trips)[:statements]
    if often:
        click.echo("\nround trips  executions      rows  seconds  statement")
    for text, counts in often:
        click.echo(_line(text, counts))


def _line(text: str, counts: Counts) -> str:
    words = " ".join(text.split())
    shown = words if len(words) <= _SHOWN else f"{words[: _SHOWN - 3]}..."
    return (
        f"{counts.round_trips:11d}  {counts.executions:10d}  {counts.rows:8d}  {counts.seconds:7.3f}  {shown}"
    )


@click.command()
@with_control
def health(control: Control) -> None:
    """Ask a server whether it and its engine are well; the exit code is 0 if they are.

    \b
    Example:
      oracle-standin health --ready-file ready.json
    """
    told = control.health()
    click.echo(f"{told['banner']}, on {told['engine']}: {told['sessions']} sessions")
    if told["log_trouble"]:
        click.echo(f"warning: statement log: {told['log_trouble']}", err=True)
