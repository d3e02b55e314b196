"""The command ``oracle-standin``."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import re
import secrets
import signal
import socket
import ssl
import sys
import threading
from pathlib import Path

import click

from oracle_standin._cli_control import fault, health, session, stats
from oracle_standin._parent import watch_parent
from oracle_standin.control import TOKEN_VARIABLE, ControlServer, Ready, write_ready_file
from oracle_standin.engines import ENGINES, open_database
from oracle_standin.errors import StandinError
from oracle_standin.profiles import PROFILES, profile_named

__all__ = ["cli", "main"]

_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - to tell when somebody asks for it
_STANDARD_OUTPUT = Path("-")
_BAD_START = 3
"""Exit code for what cannot be had: a port, Java, the H2 library, a wallet."""


def main() -> None:
    """Run the command; an error of the stand-in's is two lines, not a traceback."""
    try:
        cli()
    except StandinError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(_BAD_START)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Serve Oracle's wire protocol to tests.  It is not an Oracle Database."""


cli.add_command(fault)
cli.add_command(health)
cli.add_command(session)
cli.add_command(stats)


def _service_name(_: click.Context, __: click.Parameter, value: str) -> str:
    """Refuse what would not come through a URL or a connect descriptor as it is."""
    if not re.fullmatch(r"[A-Za-z][\w.$#-]*", value, re.ASCII):
        raise click.BadParameter("use letters, digits and . _ - $ #, a letter first")
    return value


@cli.command()
def fetch_h2() -> None:
    """Download the H2 library, once, and check it."""
    from oracle_standin.h2 import fetch_jar  # noqa: PLC0415

    click.echo(fetch_jar())


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option(
    "--service", default="FREEPDB1", show_default=True, callback=_service_name, help="Service name."
)
@click.option(
    "--profile", default="19", show_default=True, type=click.Choice(list(PROFILES)), help="Version."
)
@click.option(
    "--engine", default="h2", show_default=True, type=click.Choice(list(ENGINES)), help="What runs the SQL."
)
@click.option(
    "--postgresql-url",
    help="A PostgreSQL server for --engine postgresql, by default one is started; its password is taken "
    "from PGPASSWORD or the file PGPASSFILE.",
)
@click.option("--tls", is_flag=True, help="Encrypt connections (TCPS); needs --wallet.")
@click.option(
    "--wallet",
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory with the server's ewallet.pem; made, with an authority for tests, if it is not there.",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Written as JSON, for you alone, when clients may connect: how to reach the server.  "
    "With - it is printed, on one line, instead of what is printed otherwise.",
)
@click.option(
    "--control-port",
    type=click.IntRange(0, 65535),
    help="Port on 127.0.0.1 for faults, counts and sessions; 0: a free one.  Its token is in the ready "
    f"file, or is taken from {TOKEN_VARIABLE}.",
)
@click.option(
    "--log",
    "log_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to add a line of JSON to for each call.",
)
@click.option("--end-with-parent", metavar="PID", type=int, help="End when this process, the parent, does.")
def serve(
    *,
    host: str,
    port: int,
    service: str,
    profile: str,
    engine: str,
    postgresql_url: str | None,
    tls: bool,
    wallet: Path | None,
    ready_file: Path | None,
    control_port: int | None,
    log_path: Path | None,
    end_with_parent: int | None,
) -> None:
    """Serve a database in memory until Ctrl-C or SIGTERM.

    The users SYSTEM and SYS have the passwords "system" and "sys"; more by
    CREATE USER.

    \b
    Examples:
      oracle-standin serve --port 1521
      oracle-standin serve --profile 23 --tls --wallet ./wallet
      oracle-standin serve --engine postgresql
      oracle-standin serve --ready-file ready.json --control-port 0 --log calls.jsonl
    """
    if tls != (wallet is not None):
        raise click.UsageError("--tls and --wallet need each other.")
    token = os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(32)
    if control_port is not None and ready_file is None and not os.environ.get(TOKEN_VARIABLE):
        raise click.UsageError(f"--control-port needs --ready-file, or a token in {TOKEN_VARIABLE}.")
    from oracle_standin.faults import Faults  # noqa: PLC0415
    from oracle_standin.server import Server  # noqa: PLC0415
    from oracle_standin.statement_log import LogFile, StatementLog  # noqa: PLC0415

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    context = _tls_context(wallet, host) if wallet is not None else None
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if end_with_parent is not None:
        watch_parent(end_with_parent, stop.set)
    with contextlib.ExitStack() as closing:
        file = LogFile(log_path) if log_path is not None else None
        if file is not None:
            closing.callback(file.close)
        database = open_database(
            engine, profile_named(profile), service=service, postgresql_url=postgresql_url
        )
        closing.callback(database.close)
        faults = Faults()
        log = StatementLog(faults, file)
        server = closing.enter_context(Server(database, host, port, tls=context, observer=log))
        control = None
        if control_port is not None:
            control = ControlServer(server, faults, log, token=token, port=control_port)
            closing.enter_context(control)
        name = _name_of(host)
        address = f"{name}:{server.port}/{service}"
        ready = Ready(
            connect_string=f"tcps://{address}" if tls else address,
            url=f"oracle+oracledb://USER@{name}:{server.port}/?service_name={service}",
            host=name,
            port=server.port,
            service=service,
            profile=profile,
            engine=database.engine,
            banner=database.profile.banner,
            pid=os.getpid(),
            wallet=str(wallet / "client") if wallet is not None and (wallet / "client").is_dir() else "",
            control_url=control.url if control else "",
            control_token=token if control else "",
        )
        if ready_file not in {None, _STANDARD_OUTPUT}:
            write_ready_file(ready_file, ready)
            closing.callback(ready_file.unlink, missing_ok=True)
        if ready_file == _STANDARD_OUTPUT:
            click.echo(json.dumps(dataclasses.asdict(ready)))
        else:
            _announce(ready)
        sys.stdout.flush()
        stop.wait()


def _name_of(host: str) -> str:
    """Return what clients call the server: the machine's or container's name if it listens everywhere."""
    return socket.gethostname() if host in _EVERYWHERE else host


def _tls_context(wallet: Path, host: str) -> ssl.SSLContext:
    """Return a context with the wallet's certificate, which is made if there is none."""
    from oracle_standin.server import make_wallets, tls_context  # noqa: PLC0415

    if not (wallet / "server").is_dir() and not (wallet / "ewallet.pem").exists():
        make_wallets(wallet, names=list(dict.fromkeys([_name_of(host), "localhost", "127.0.0.1"])))
    return tls_context(wallet / "server" if (wallet / "server").is_dir() else wallet)


def _announce(ready: Ready) -> None:
    """Print how to reach the server; not its token."""
    click.echo(ready.banner)
    click.echo(f"url: {ready.url}")
    click.echo(f"connect string: {ready.connect_string}")
    if ready.wallet:
        click.echo(f"wallet for clients: {ready.wallet}")
    if ready.control_url:
        click.echo(f"control port: {ready.control_url}")


if __name__ == "__main__":
    main()
