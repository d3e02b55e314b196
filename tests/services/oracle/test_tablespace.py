"""Tests of the tablespace of a server that we started, on databases of several configurations."""

from __future__ import annotations

from typing import Any, Self

import oracledb
import pytest
import sqlalchemy

from gen3bed.services.oracle import _tablespace
from gen3bed.services.oracle._tablespace import make_tablespace

_URL = sqlalchemy.make_url("oracle+oracledb://system:secret-word@h/s")


class _Database:
    """A connection and its cursor, of a database whose parameter and files are given."""

    def __init__(self, destination: str | None, files: list[str], refusal: str = "") -> None:
        self.answers: dict[str, list[Any]] = {
            _tablespace._MANAGED: [(destination,)],
            _tablespace._EXISTING: [(f,) for f in files],
        }
        self.refusal = refusal
        self.rows: list[Any] = []
        self.made: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def cursor(self) -> _Database:
        return self

    def execute(self, text: str) -> None:
        if text in self.answers:
            self.rows = self.answers[text]
        elif self.refusal:
            raise oracledb.DatabaseError(self.refusal)
        else:
            self.made.append(text)

    def fetchall(self) -> list[Any]:
        return self.rows


@pytest.mark.parametrize(
    ("destination", "files", "clause"),
    [
        (None, ["/d/users01.dbf", "/e/users02.dbf"], "DATAFILE '/d/gen3bed.dbf' SIZE"),
        ("", ["+DATA/users.259.1", "/e/users02.dbf"], "DATAFILE '/e/gen3bed.dbf' SIZE"),
        ("/managed", ["/d/users01.dbf"], "TABLESPACE GEN3BED DATAFILE SIZE"),
        ("+DATA", [], "TABLESPACE GEN3BED DATAFILE SIZE"),
    ],
)
def test_the_file_is_beside_others_or_named_by_the_database(
    monkeypatch: pytest.MonkeyPatch, destination: str | None, files: list[str], clause: str
) -> None:
    """Where Oracle manages files it names this one; else it goes beside those of the default tablespace."""
    database = _Database(destination, files)
    monkeypatch.setattr(_tablespace, "connect", lambda _: database)
    assert make_tablespace(_URL) == {"tablespace": "GEN3BED"}
    (statement,) = database.made
    assert statement.startswith("CREATE BIGFILE TABLESPACE GEN3BED DATAFILE ")
    assert clause in statement


@pytest.mark.parametrize(
    ("database", "reason"),
    [
        (_Database(None, []), "db_create_file_dest is not set"),
        (_Database(None, ["+DATA/users.259.1"]), "db_create_file_dest is not set"),
        (_Database(None, ["/o'dd/users01.dbf"]), "db_create_file_dest is not set"),
        (_Database(None, ["/d/users01.dbf"], "ORA-01119: error in creating file"), "ORA-01119"),
    ],
)
def test_a_server_where_none_can_be_made_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, database: _Database, reason: str
) -> None:
    """The facts and the log have the reason; the run goes on in the database's default tablespace."""
    monkeypatch.setattr(_tablespace, "connect", lambda _: database)
    facts = make_tablespace(_URL)
    assert set(facts) == {"no_tablespace"}
    assert reason in facts["no_tablespace"]
    assert reason in caplog.text
    assert database.made == []
