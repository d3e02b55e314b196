"""What Oracle refuses is refused to the real driver."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oracledb
import pytest

from oracle_standin.engines import open_database
from oracle_standin.profiles import PROFILES
from oracle_standin.server import Server

pytestmark = pytest.mark.h2

REFUSED: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("refused.toml").read_text())["refused"]
_BY_THE_DRIVER = ("nothing", "literal without end", "quoted name without end")
"""What the driver does not even send."""
_TABLES = (
    "create table t (a varchar2(20), b number, c clob, d blob, id number)",
    "create table u (a number, b number, n number)",
)


@pytest.fixture(params=PROFILES)
def connection(request: pytest.FixtureRequest) -> Iterator[oracledb.Connection]:
    """Give a connection to a server of each version, with the tables of the corpus."""
    database = open_database("h2", PROFILES[request.param])
    server = Server(database)
    server.start()
    with oracledb.connect(user="system", password="system", dsn=server.dsn) as opened:
        for text in _TABLES:
            opened.cursor().execute(text)
        yield opened
    server.stop()
    database.close()


def _number(connection: oracledb.Connection, text: str) -> int | None:
    """Return the number of the error that a statement ends with."""
    cursor = connection.cursor()
    try:
        cursor.prepare(text)
        cursor.execute(None, dict.fromkeys(cursor.bindnames()))
    except oracledb.DatabaseError as error:
        return int(error.args[0].code)
    return None


def test_every_statement_of_the_corpus(connection: oracledb.Connection) -> None:
    """A version refuses, with Oracle's number, each statement that it should, and the session lives."""
    profile = connection.version.split(".")[0]
    wrong = {}
    for case in REFUSED:
        expected = case.get(f"number{profile}", case["number"])
        if profile in case.get("profiles", PROFILES) and case["why"] not in _BY_THE_DRIVER:
            found = _number(connection, case["text"])
            if found != expected:
                wrong[case["why"]] = (found, expected)
    assert not wrong
    assert _number(connection, "select 1 from dual") is None
