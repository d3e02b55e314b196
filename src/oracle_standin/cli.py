"""The command ``oracle-standin``."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import click

from oracle_standin.errors import StandinError
from oracle_standin.profiles import PROFILES, profile_named

__all__ = ["cli", "main"]

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


@cli.command()
def fetch_h2() -> None:
    """Download the H2 library, once, and check it."""
    from oracle_standin.h2 import fetch_jar  # noqa: PLC0415

    click.echo(fetch_jar())


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--service", default="FREEPDB1", show_default=True, help="Service name.")
@click.option(
    "--profile", default="19", show_default=True, type=click.Choice(list(PROFILES)), help="Version."
)
@click.option("--tls", is_flag=True, help="Encrypt connections (TCPS); needs --wallet.")
@click.option(
    "--wallet",
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory with the server's ewallet.pem; made, with an authority for tests, if it is not there.",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Written with the connect string when clients may connect.",
)
def serve(
    *,
    host: str,
    port: int,
    service: str,
    profile: str,
    tls: bool,
    wallet: Path | None,
    ready_file: Path | None,
) -> None:
    r"""Serve a database in memory until Ctrl-C or SIGTERM.

    The users SYSTEM and SYS have the passwords "system" and "sys"; more by
    CREATE USER.

    \b
    Examples:
      oracle-standin serve --port 1521
      oracle-standin serve --profile 23 --tls --wallet ./wallet
    """
    if tls != (wallet is not None):
        raise click.UsageError("--tls and --wallet need each other.")
    from oracle_standin.h2 import open_database  # noqa: PLC0415
    from oracle_standin.server import Server, make_wallets, tls_context  # noqa: PLC0415

    context = None
    if wallet is not None:
        if not (wallet / "server").is_dir() and not (wallet / "ewallet.pem").exists():
            make_wallets(wallet, names=sorted({host, "localhost"}))
        context = tls_context(wallet / "server" if (wallet / "server").is_dir() else wallet)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    database = open_database(profile_named(profile), service=service)
    server = Server(database, host, port, tls=context)
    try:
        server.start()
        address = f"{host}:{server.port}/{service}"
        connect_string = f"tcps://{address}" if tls else address
        click.echo(database.profile.banner)
        click.echo(f"url: oracle+oracledb://USER@{host}:{server.port}/?service_name={service}")
        click.echo(f"connect string: {connect_string}")
        if wallet is not None and (wallet / "client").is_dir():
            click.echo(f"wallet for clients: {wallet / 'client'}")
        if ready_file is not None:
            ready_file.write_text(f"{connect_string}\n")
        sys.stdout.flush()
        stop.wait()
    finally:
        server.stop()
        database.close()


if __name__ == "__main__":
    main()
